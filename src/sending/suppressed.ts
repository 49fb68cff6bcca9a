import type { Channel } from '#src/model/message.ts'

/** An address is a mistake, or somebody's after all: whoever writes from it proves that, and so does what arrives there. */
const endOfDeath =
  'correct it in the CRM; that its person writes, that a later message arrives, or POST /api/suppressions/release ends it'

/** What was said, and what ends it, by the value of `suppressions.reason`. */
const said = new Map([
  ['received', 'they wrote STOP (a START from them ends it)'],
  ['unsubscribed', 'they unsubscribed (a new subscription of theirs ends it)'],
  ['complained', 'they complained of a message (a START or a new subscription of theirs ends it)'],
  ['bounced', `nobody has this address (${endOfDeath})`],
  ['soft_bounces', `the last mails to it came back one after another (${endOfDeath})`],
  ['person', 'somebody entered it by hand (POST /api/suppressions/release ends it)'],
  ['withdrawn', 'they withdrew their consent (a START from them ends it)'],
])

/** What a provider's code may look like: anything else could hold an address. */
const code = /^[\w. -]{1,40}$/

/** Why somebody is not written to on this channel, and what ends it; never whose address it is. */
export function whySuppressed(channel: Channel, reason: string): string {
  const why = said.get(reason) ?? leftGroup(reason) ?? byItsProvider(channel, reason)
  return `this address is not to be written to on ${channel}: ${why}`
}

function leftGroup(reason: string): string | undefined {
  const [, group] = /^group (\d+)$/.exec(reason) ?? []
  return group && `they left the unsubscribe group ${group} (a new subscription to it ends it)`
}

function byItsProvider(channel: Channel, reason: string): string {
  const shown = code.test(reason) ? ` (${reason})` : ''
  return channel === 'email'
    ? `nobody has it, as a message that came back proved${shown} (${endOfDeath})`
    : `nobody has it or they want no messages, as its provider told${shown} (a START from them ends it; where nobody has it: ${endOfDeath})`
}
