import type { Channel } from './model/message.ts'

// How often, how long and when. SQL takes these as arguments and holds none of them, but for its wait for a lock
// (migrations/functions/14_end.sql). What a provider's own API or a socket asks for stands with that; of a migration:
// src/store/migration-patience.ts.

export const second = 1_000
export const minute = 60 * second
export const hour = 60 * minute
export const day = 24 * hour

// A send and its attempts.

/** A message ends by its age, however often it was tried. Those that the releases without an age left: some two days of tries. */
export const mostTriesWithoutEnd = 56
/** What is to be sent cannot be read: so often that somebody may have mended it. */
export const mostUnread = 8
const firstBackoffMs = 15 * second
const longestBackoffMs = hour

/** How long what waits may wait from when it is due, where its caller does not say and no variable does (EXPIRY_*). */
export const reminderExpiresMs = day
export const textExpiresMs = hour
export const emailExpiresMs = 2 * day

/** Doubles with each attempt, with jitter so that what failed together does not come back together. */
export function backoffMs(tries: number, retryAfterMs = 0, random = Math.random()): number {
  const backoff = Math.min(firstBackoffMs * 2 ** (tries - 1), longestBackoffMs)
  return Math.max(retryAfterMs, backoff) * (1 + random / 4)
}

/** Outlasts the longest send (by SMTP: 90 s, with a login before it). After it the attempt's outcome is unknown. */
export const attemptLeaseMs = 180 * second
/**
 * No attempt is ended for its lease while the database lacks something for longer: it may be that attempt's outcome, which was told
 * when its longest send had ended.
 */
export const outcomesKnownWithinMs = minute
/** How long a provider that recognises repeats does so, with an hour to spare (Resend: 24 h). */
export const repeatableForMs = 23 * hour
/** A message that is due, and that nothing keeps from being sent, is sent within this time, or the server is not ready. */
export const dueWithinMs = 2 * minute
/** Sends of one provider that are under way at once: one that is slow to answer keeps nobody else waiting. */
export const placesAProvider = 20
/** Where a provider says that there are too many at once, and not for how long. */
export const slowedForMs = second
/** How long a key makes a second request the repeat of the first. */
export const keysKeptForMs = 7 * day
/** How long a repeat waits for the first request with its key. */
export const repeatWaitMs = 10 * second
/** How long an answer waits for the database to know of its message, and to say what follows it. */
export const followingWaitMs = 2 * second
/** The body of a request to the API comes within this time once it is read, or is cut: 25 MB by a line of 2 Mbit/s. */
export const bodyArrivesWithinMs = 100 * second
/** Between two looks whether an attempt that is under way has ended. */
export const attemptedLookMs = 100
/** A call whose answer was lost may still be on its way for so long; then what it does is done, or never will be. */
export const lostCallMs = minute

// A provider that takes nothing.

/** So many people whom it calls dead one after another, and it is more likely that something of ours is wrong. */
export const deadInARow = 3
/** So many mails to one address came back for now one after another, of the last ones looked at: nobody reads it. */
export const softBouncesInARow = 5
/** Many servers report no delivery, and none tries for longer. */
export const comesBackWithinMs = 7 * day
export const mailsLookedAt = 100

/** After so many proofs in a row that a provider takes nothing it is left alone, and asked by one message now and then. */
export const proofsUntilOpen = 3
export const firstOpenMs = 30 * second
export const longestOpenMs = 10 * minute
/**
 * What a provider keeps for a phone that is away is taken back after this time: longer than a phone's restart (Green-API:
 * up to five minutes), shorter than what makes a reminder untrue. Left there it would go out as late as a day after.
 */
export const staleQueueAfterMs = 10 * minute
/** How long after that it is looked at again, for what was not given back. */
export const staleQueueEveryMs = 5 * minute

// What is told, by webhooks above all.

/** A webhook is to be answered within 500 ms: what the database has not taken by then goes to the disk. */
export const commitLimitMs = 400
/** How long a large body waits for others before it is read. Where a webhook waited in vain its provider tells it again. */
export const bodyWaitMs = 10 * second
/** A webhook's body comes within this time once it is read, or is cut: its provider has a fast line, and others wait for its room. */
export const webhookArrivesWithinMs = 15 * second
/** How far two clocks, ours and a provider's, may be apart. */
export const clockSkewMs = 5 * minute
/** An event that names no message may be guessed to be about one that went to its address within this time before. */
export const guessedWithinMs = 7 * day
/** Two transactions that could not see each other, a receipt's and its message's, meet within moments; for the rest … */
export const parkedRecentlyMs = 2 * minute
/** … all receipts that are parked for no longer than this are gone through, so often, some at a time. */
export const parkedForMs = day
export const allParkedEveryMs = 5 * minute
export const parkedLookedAtOnce = 500
/**
 * How long a call waits for the database. What is begun for its caller (an attempt, a reservation, a claim) is not committed
 * after the shorter time: nobody would know of it. Between the two lies the time of a slow commit.
 */
export const databaseAnswersMs = 10 * second
export const databaseHeardMs = 8 * second
/** Expired attempts that one transaction settles. */
export const mostSettledAtOnce = 1_000
/** How long a process has the mailbox of reports: longer than between two looks (src/email/mailbox-patience.ts). */
export const mailboxLeaseMs = 90 * second

// Look-ups: a provider is asked what no webhook told.

/** When it is first asked what became of a message that no webhook has ended. */
export const firstCheckMs: Readonly<Record<Channel | 'unknown', number>> = {
  email: 30 * minute,
  whatsapp: 15 * minute,
  sms: 15 * minute,
  // Green-API's journal may lag by two minutes.
  unknown: 3 * minute,
}
/** How long after that it is asked again; the pause doubles each time, up to the longest. */
export const repeatCheckMs = 15 * minute
export const longestCheckPauseMs = 12 * hour
/** An older message is not asked about any more. */
export const checkedForMs = 3 * day
export const checksARound = 20
/** How often it is asked for what people wrote, and whether it takes messages. */
export const inboundListedEveryMs = hour
/** How far back the first listing goes: as far as every provider still tells. */
export const firstLookBackMs = day
/** How far each later listing overlaps the one before: providers list what was written some minutes late. */
export const lookBackMs = 10 * minute
/** How often the providers of email are asked whom they write to no more, and how far back. */
export const suppressedListedEveryMs = day
export const suppressedBackMs = 30 * day
export const reconciliationReportedEveryMs = day

// Work for the CRM.

/** Outlasts the slowest job: some ten calls of the CRM, each bounded. */
export const jobLeaseMs = 300 * second
export const jobsAtOnce = 5
/** How long work waits while the CRM is away, and the longest pause between two tries then. */
export const jobsKeptForMs = 36 * hour
export const longestPauseMs = 5 * minute
/** How often one is tried that fails by itself: with the pauses between, for 36 hours too. */
export const mostJobTries = 43
/** What a person writes may answer a message about an appointment that went out within this time before. */
export const appointmentAnsweredWithinMs = 72 * hour
/** What reached us later than this may have been overtaken by a telephone call: a person decides. */
export const lateAnswerMs = hour

// Escalations.

/** Outlasts a send: see attemptLeaseMs. A step whose process died is sent by another, under the same key: once. */
export const stepLeaseMs = 240 * second
export const stepsARound = 20
/** After we were away ourselves, receipts that were kept waiting may still be under way for as long. */
export const quietAfterOutageMs = 5 * minute
/** What the database has not known for longer was told in an outage, or under a load that comes near one; else a commit was slow. */
export const knownWithinMs = 10 * second

// What is counted, so that statistics read no messages.

/**
 * An hour is counted when it ended so long ago: longer than what the triggers of messages call late (twelve hours, in
 * migrations/017_counts.sql) by more than any transaction lasts.
 */
export const countedAfterMs = 13 * hour
/** Messages that one transaction counts, some milliseconds. */
export const countedAtOnce = 2_000
/** Likewise, of the two hours in which an event is told (migrations/018_told_once.sql). */
export const settledAfterMs = 3 * hour
export const settledAtOnce = 500
/** After a migration of a large database: so it has counted ten million messages in half an hour. */
export const countsARound = 100

// What goes.

/** What was to be sent (HTML, attachments) is kept for so long after its message has ended and nothing more was told of it. */
export const payloadsKeptForMs = 30 * day
/** Rows that one transaction looks at, and how many such transactions a round may have: a million rows in two hours. */
export const purgedAtOnce = 500
export const purgesARound = 10
/** Each table is gone through so often. */
export const purgedEveryMs = day

// Rounds, each this long after the one before has ended.

export const workEveryMs = second
export const drainEveryMs = second / 2
export const reconcileEveryMs = 5 * second
export const countEveryMs = 30 * second
export const purgeEveryMs = 30 * second
export const staleQueuesEveryMs = 15 * second
/** A worker that has not finished a round for so long is not ready. */
export const unhealthyAfterMs = minute
