import { z } from 'zod'
import { AppError } from '#src/model/errors.ts'
import { codeWord } from '#src/model/public-reason.ts'
import { StoreError } from '#src/store/database.ts'

/** Why a mailbox cannot be read. */
export interface MailboxFault {
  code: string
  remedy: string
}

const failed = z.object({
  code: z.string().nullish(),
  authenticationFailed: z.boolean().nullish(),
  serverResponseCode: z.string().nullish(),
})

const address = 'check BOUNCE_IMAP_HOST, BOUNCE_IMAP_PORT and BOUNCE_IMAP_SECURE'

/** Of an error of IMAP only its code is told: it carries the login. Undefined: it is our own house's. */
export function mailboxFault(error: unknown): MailboxFault | undefined {
  if (error instanceof StoreError || error instanceof AppError) return undefined
  const { code, authenticationFailed, serverResponseCode } = failed.safeParse(error).data ?? {}
  if (authenticationFailed)
    return {
      code: codeWord(serverResponseCode ?? 'AUTHENTICATIONFAILED'),
      remedy: 'check BOUNCE_IMAP_USER and BOUNCE_IMAP_PASSWORD',
    }
  return { code: codeWord(code ?? serverResponseCode ?? 'unknown'), remedy: address }
}
