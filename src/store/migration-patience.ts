const second = 1_000
const minute = 60 * second

/** While it waits for a lock, whoever comes after it waits too: a moment, and then all others go on … */
export const migrationLockWaitMs = 2 * second
/** … for so long, before it tries again, so often. */
export const migrationPauseMs = 3 * second
export const migrationTries = 10
/** An index that is made while others write waits for those who began before it, and nobody waits for it. */
export const concurrentLockWaitMs = minute
