import type { Fields } from './report-fields.ts'

/** More recipients of one report are left out. */
export const mostRecipients = 100

/** What is told of one recipient. */
export interface ReportedRecipient {
  /** Whom it is about in the end; undefined: it is not told. */
  address: string | undefined
  /** Whom we had named: another one where that is an alias, or is passed on. Undefined: it is not told. */
  named: string | undefined
  /** `failed`, `delayed`, `delivered`, `relayed`, `expanded`; of a complaint the kind, such as `abuse`. In lower case. */
  action: string
  /** RFC 3463; undefined: none, or nothing that is one. */
  status: string | undefined
  /** What the mail server said, with what kind of words it is (`smtp; 550 …`). */
  diagnostic: string | undefined
  remoteServer: string | undefined
  attemptedAt: Date | undefined
}

/** A report on a mail, made by a machine for a machine: of its delivery (RFC 3464), or that somebody complained of it (RFC 5965). */
export interface Report {
  kind: 'delivery' | 'complaint'
  /** The report's own Message-ID. */
  id: string | undefined
  at: Date | undefined
  /** The addresses that it came to, and those that it says the mail came from: one of them may hold our token. */
  returnPaths: string[]
  envelopeId: string | undefined
  reportingServer: string | undefined
  /** What it returns of the mail's headers, by their names in lower case; empty: nothing. */
  returned: Fields
  /** What it says to people. */
  words: string
  recipients: ReportedRecipient[]
}
