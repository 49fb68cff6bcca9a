import type { Espo } from './espo.ts'
import { isInTeam, userOf } from './user.ts'

const narrow =
  'espocrm: the role does not let us see the emails that we write, so that emails are shown as notes (let it read all emails, or put the API user into the team of ESPOCRM_TEAM_ID: docs/espocrm.md)'
const againMs = 10 * 60_000

/**
 * Whether emails can be found again by `cMessageId`. Where they cannot they are not written as records: each repeat would
 * write another.
 */
export interface MessageIdField {
  usable(): Promise<boolean>
  /** EspoCRM does not know the field: it is tried again after a while, since a look-up alone writes nothing. */
  missing(): void
  /** A record was written without it: not tried again by this process. */
  dropped(): void
  /** Whether a record that was just written is found again, which is looked at once. */
  proven(finds: () => Promise<boolean>): Promise<void>
}

export function messageIdField({ api, report, clock, owner }: Espo): MessageIdField {
  let missingSince: number | undefined
  let editable: boolean | undefined
  let proven = false

  return {
    async usable() {
      if (missingSince !== undefined && clock() - missingSince < againMs) return false
      // Asked before the first email: a role that lets us read the field and not write it shows only in a record too many.
      editable ??= await mayEdit()
      return editable
    },
    missing() {
      missingSince = clock()
      report(
        'espocrm: Email has no field cMessageId that we may read, so that emails are shown as notes (install the fields, or let the role see them: docs/espocrm.md)',
      )
    },
    dropped() {
      editable = false
    },
    async proven(finds) {
      if (proven || editable === false) return
      // What cannot be asked now is asked after the next one.
      const found = await finds().catch(() => undefined)
      if (found === undefined) return
      proven = found
      editable = found
      if (!found) report(narrow)
    },
  }

  async function mayEdit(): Promise<boolean> {
    const user = await userOf(api)
    if (user.level('Email', 'read') === 'team' && isInTeam(user, owner.teamsIds?.[0]) === false) {
      report(narrow)
      return false
    }
    if (user.fieldLevel('Email', 'cMessageId', 'edit') !== 'no') return true
    report(
      'espocrm: the role forbids to edit Email.cMessageId, so that emails are shown as notes (let the role edit it: docs/espocrm.md)',
    )
    return false
  }
}
