import type { Response } from 'express'
import { because } from '../door.ts'

/** Twilio's own words by code (twilio.com/docs/api/errors); `$` stands for the value complained about. */
const messages = new Map<number, [status: number, message: string]>([
  [20001, [400, '$']],
  [20003, [401, 'Authenticate']],
  [20404, [404, 'The requested resource $ was not found']],
  [20429, [429, 'Too Many Requests']],
  [20500, [500, 'An internal server error has occurred']],
  [21211, [400, "The 'To' number $ is not a valid phone number."]],
  [21212, [400, "The 'From' number $ is not a valid phone number, shortcode, or alphanumeric sender ID."]],
  [
    21408,
    [400, "Permission to send an SMS has not been enabled for the region indicated by the 'To' number: $"],
  ],
  [21602, [400, 'Message body is required.']],
  [21603, [400, "A 'From' phone number is required."]],
  [21604, [400, "A 'To' phone number is required."]],
  [
    21606,
    [
      400,
      "The 'From' phone number provided ($) is not a valid message-capable Twilio phone number for this destination",
    ],
  ],
  [21609, [400, "The 'StatusCallback' URL $ is not a valid URL."]],
  [21610, [400, 'Attempt to send to unsubscribed recipient']],
  [21611, [429, "This 'From' number $ has exceeded the maximum number of queued messages"]],
  [21612, [400, "Message cannot be sent with the current combination of 'To' ($) and/or 'From' parameters"]],
  [21614, [400, "'To' number: $, is not a valid mobile number"]],
  [21617, [400, 'The concatenated message body exceeds the 1600 character limit']],
  [21620, [400, 'Invalid media URL(s): $']],
  [21623, [400, 'Number of media files exceeds allowed limit']],
  [21655, [400, 'The ContentSid $ is Invalid']],
  [21656, [400, 'The ContentVariables Parameter is invalid']],
  [21705, [400, 'The Messaging Service Sid $ is invalid']],
  [21910, [400, 'Invalid From and To pair. From and To should be of the same channel']],
  [63007, [400, 'Twilio could not find a Channel with the specified From address']],
])

/** Answers as Twilio does when it refuses. */
export function refuse(response: Response, code: number, value = '', hint = ''): void {
  const [status, message] = messages.get(code) ?? [400, 'Bad Request']
  because(response, `code ${code}${hint && `: ${hint}`}`)
  if (status === 401) response.setHeader('WWW-Authenticate', 'Basic realm="Twilio API"')
  response.status(status).json({
    code,
    message: message.replace('$', () => value) + (hint && ` (sandbox: ${hint})`),
    more_info: `https://www.twilio.com/docs/errors/${code}`,
    status,
  })
}
