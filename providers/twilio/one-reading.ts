import { NotProven } from '#src/model/errors.ts'
import { type Form, valuesOf } from './form.ts'

/**
 * The parameters that decide what a form is about. What Twilio signs is names and values without a separator
 * (https://www.twilio.com/docs/usage/security), so whoever captured a request may divide its text anew under the same
 * signature: `MessageSid=SM…NumMedia0` would be another message, `MessageStatusd=elivered` an inbound one.
 */
const decisive = ['MessageSid', 'SmsSid', 'MessageStatus', 'SmsStatus'] as const

const messageSid = /^[SM]M[0-9a-f]{32}$/i
const shapes = new Map([
  ['MessageSid', messageSid],
  ['SmsSid', messageSid],
  ['SmsMessageSid', messageSid],
  ['OriginalRepliedMessageSid', /^([SM]M[0-9a-f]{32})?$/i],
])

/** What people write: it may hold the name of a parameter. */
const written =
  /^(Body|ProfileName|Button(Text|Payload)|List(Id|Title|Description)|Label|Address|Latitude|Longitude)$/

/**
 * Throws NotProven where a proven form may be another one, divided anew: a sid without its exact shape, a decisive name
 * within another parameter, or an account that is not `accountSid` (undefined: not known here).
 */
export function refuseAnotherDivision(form: Form, accountSid: string | undefined): void {
  for (const [name, values] of Object.entries(form))
    for (const value of valuesOf(values)) {
      const shape = shapes.get(name)
      if (shape ? !shape.test(value) : hidesDecisive(name, value))
        throw new NotProven('twilio: a form that Twilio does not send (a captured one, divided anew?)')
    }
  const { AccountSid } = form
  if (accountSid !== undefined && AccountSid !== undefined && AccountSid !== accountSid)
    throw new NotProven('twilio: of another account (check TWILIO_ACCOUNT_SID)')
}

function hidesDecisive(name: string, value: string): boolean {
  const text = written.test(name) ? name : name + value
  return decisive.some((one) => name !== one && text.includes(one))
}
