import { day, hour, minute, second } from '#src/patience.ts'

// How often a mailbox is looked at. How long one process has it, SQL is told: mailboxLeaseMs in src/patience.ts.

/** Without being told of a new mail, which not every server tells. */
export const lookEveryMs = 30 * second
/** Where it cannot be read, or another process reads it; the pause doubles, up to the longest. */
export const triedEveryMs = 15 * second
export const longestPauseMs = 5 * minute
/** A mail that cannot be read is tried so often in a row, then passed over. */
export const mostUnread = 3
/** How often one cause of failing is told again. */
export const toldEveryMs = hour
/** How far back the first look goes, and one after its mails were numbered anew: longer than mail servers try. */
export const lookBackMs = 7 * day
