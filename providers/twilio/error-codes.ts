import type { Certainty, ProviderError } from '#src/model/errors.ts'
import type { Hidden } from '#src/model/hidden.ts'
import { codeWord, ours, type PublicReason, publicReason } from '#src/model/public-reason.ts'

/** What of ours a code says no to: `right` stops nothing, since others may be reached. */
export type Ours = 'account' | 'sender' | 'quota' | 'right'

export interface ErrorCode {
  /** What the code proves when the API answers with it. Told later by a callback it is a failure in any case. */
  certainty: Certainty
  meaning: PublicReason
  /** It is about us, neither about the message nor about its person. */
  ours?: Ours
}

const permanent = [
  ['21211', 'the recipient is not a valid phone number'],
  ['21610', 'the recipient has opted out (STOP)'],
  ['21612', 'this sender cannot reach this recipient'],
  ['21614', 'the recipient is not a mobile number'],
  ['21617', 'the text is longer than 1600 characters'],
  ['21619', 'the text is empty'],
  ['21620', 'a media URL is not valid'],
  ['21623', 'more than 10 media'],
  ['21635', 'the recipient is a landline'],
  ['21654', 'the template is missing or not usable (ContentSid)'],
  ['21655', 'the template is not valid (ContentSid)'],
  ['21656', "the template's variables are not valid (ContentVariables)"],
  ['21658', 'a parameter is too long'],
  ['30004', 'blocked by the carrier or the recipient'],
  ['30005', 'unknown handset: the number no longer exists'],
  ['30006', 'landline or unreachable carrier'],
  ['30007', 'filtered by the carrier for its content'],
  ['30008', 'failed for a reason the carrier does not tell'],
  ['35111', 'the scheduled time is outside what Twilio accepts'],
  ['35114', 'the scheduled time is too near or too far'],
  ['35115', 'the scheduled time is too near or too far'],
  ['35118', 'scheduling needs a Messaging Service'],
  ['63003', 'the recipient is not on WhatsApp'],
  ['63005', 'the channel refused the content'],
  ['63006', 'the channel cannot show the content'],
  ['63013', "against the channel's policy"],
  ['63014', 'blocked by the recipient'],
  ['63015', 'the recipient has not joined the WhatsApp sandbox'],
  ['63016', 'outside the 24 h window: only an approved template may be sent'],
  ['63019', 'the media could not be downloaded'],
  ['63021', 'the channel calls the content invalid'],
  ['63024', 'the recipient cannot receive WhatsApp messages'],
  ['63027', 'the template does not exist in this language'],
  ['63028', 'wrong number of template variables'],
  ['63030', 'the channel does not support a parameter'],
  ['63032', 'withheld by Meta: the recipient is in an experiment'],
  ['63033', 'blocked by the recipient'],
  ['63034', 'the media is too large'],
  ['63041', 'the template is paused'],
  ['63042', 'the template is disabled'],
  ['63049', 'withheld by Meta: marketing template'],
] as const

const retryable = [
  ['20429', 'too many requests at once'],
  ['21611', "the sender's queue is full"],
  ['30001', "the sender's queue overflowed"],
  ['30003', 'handset unreachable or off'],
  ['30022', "the carrier's rate limit"],
  ['30023', "the carrier's daily limit"],
  ['30027', "the carrier's daily limit for this brand"],
  ['30450', 'held by SMS pumping protection'],
  ['63017', 'rate limit'],
  ['63018', "the channel's rate limit"],
] as const

/** It says no to our account, whatever is sent: https://www.twilio.com/docs/api/errors, each by its number. */
const ofAccount = [
  ['10001', 'the account is not active (see the Twilio Console)'],
  ['20003', 'wrong credentials or suspended account (check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN)'],
  ['20005', 'the account is not active (see the Twilio Console)'],
  ['20006', 'access denied (check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN)'],
  ['20008', 'not with test credentials (check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN)'],
  ['20404', 'account or resource not found (check TWILIO_ACCOUNT_SID)'],
  ['21609', 'the status callback URL is not valid (check BASE_URL)'],
  ['30002', 'the account is suspended (see the Twilio Console)'],
] as const

/** It says no to what we send from: a number, WhatsApp's sender, or a Messaging Service. */
const ofSender = [
  ['21212', 'the sender is not a valid number (check TWILIO_WHATSAPP_FROM and TWILIO_SMS_FROM)'],
  ['21603', 'the sender is missing (check TWILIO_WHATSAPP_FROM and TWILIO_SMS_FROM)'],
  ['21606', 'the sender does not belong to the account or cannot send this (check TWILIO_SMS_FROM)'],
  ['21607', 'the sender is not valid for this account (check TWILIO_SMS_FROM)'],
  ['21659', 'the sender is not a number of Twilio (check TWILIO_SMS_FROM)'],
  ['21660', 'the sender belongs to another account (check TWILIO_SMS_FROM)'],
  ['21661', 'the sender cannot send SMS (check TWILIO_SMS_FROM)'],
  ['21701', 'there is no such Messaging Service (check TWILIO_MESSAGING_SERVICE_SID)'],
  ['21703', 'the Messaging Service has no usable sender (check TWILIO_MESSAGING_SERVICE_SID)'],
  ['21704', 'the Messaging Service has no sender (check TWILIO_MESSAGING_SERVICE_SID)'],
  ['21705', 'the Messaging Service is not valid (check TWILIO_MESSAGING_SERVICE_SID)'],
  ['63001', 'the channel refuses our credentials (check TWILIO_WHATSAPP_FROM)'],
  ['63007', 'no WhatsApp sender with this number (check TWILIO_WHATSAPP_FROM)'],
  ['63008', "the channel's configuration is not complete (check TWILIO_WHATSAPP_FROM)"],
  ['63020', 'the invitation of the WhatsApp account has not been accepted (check TWILIO_WHATSAPP_FROM)'],
  ['63022', 'the WhatsApp sender has no verified name (check TWILIO_WHATSAPP_FROM)'],
  ['63051', 'the WhatsApp sender or account is locked by Meta (check TWILIO_WHATSAPP_FROM)'],
] as const

/** How much we may send of a day: it comes back by itself. */
const ofQuota = [['63038', "the account's daily limit"]] as const

/** Ours too, and yet others may be reached: a country, or whom a trial account may write to. */
const ofRight = [
  ['21408', 'sending to this country is not enabled (Messaging geo permissions)'],
  ['21608', 'the recipient is not verified (trial account or no compliance profile)'],
  ['30018', 'this sender must be registered for the country'],
  ['30024', 'this numeric sender is not registered for the country'],
  ['30032', 'the toll-free sender is not verified'],
  ['30034', 'the sender is not registered (10DLC)'],
  ['30035', "the sender's registration is not complete (10DLC)"],
] as const

const unknown = [
  ['20500', 'internal error of Twilio'],
  ['20502', 'bad gateway at Twilio'],
  ['20503', 'Twilio is unavailable'],
  ['20504', 'timeout inside Twilio'],
  ['30410', 'timeout at the carrier; Twilio does not repeat it, to send nothing twice'],
  ['63009', 'error of the channel'],
  ['63010', 'internal error of Twilio'],
  ['63012', "internal error of the channel's provider"],
] as const

/** Twilio's documented codes (https://www.twilio.com/docs/api/errors), by the number as text. */
export const errorCodes: ReadonlyMap<string, ErrorCode> = new Map([
  ...rows('permanent', permanent),
  ...rows('retryable', retryable),
  ...rows('retryable', ofAccount, 'account'),
  ...rows('retryable', ofSender, 'sender'),
  ...rows('retryable', ofQuota, 'quota'),
  ...rows('retryable', ofRight, 'right'),
  ...rows('unknown', unknown),
])

const nobody = new Set(['21211', '21614', '21635', '30005', '30006', '63003', '63024'])
const optedOut = new Set(['21610', '63014', '63033'])

/** What a code, told at once or by a callback, says of writing to this person again on this channel. */
export function suppresses(code: string): ProviderError['suppresses'] {
  if (optedOut.has(code)) return 'opted_out'
  return nobody.has(code) ? 'nobody' : undefined
}

/** One line about a code, such as "30003: handset unreachable or off"; `text` is Twilio's text for one we lack. */
export function failureReason(code: string, text: string | null | undefined, hidden: Hidden): PublicReason {
  const number = codeWord(code)
  const meaning = errorCodes.get(code)?.meaning ?? publicReason(text ?? '', hidden)
  return ours`${number}: ${meaning || ours`see https://www.twilio.com/docs/api/errors/${number}`}`
}

type Row = (
  | typeof permanent
  | typeof retryable
  | typeof ofAccount
  | typeof ofSender
  | typeof ofQuota
  | typeof ofRight
  | typeof unknown
)[number]

function rows(certainty: Certainty, codes: readonly Row[], about?: Ours): [string, ErrorCode][] {
  return codes.map(([code, meaning]) => [
    code,
    { certainty, meaning: ours`${meaning}`, ...(about && { ours: about }) },
  ])
}
