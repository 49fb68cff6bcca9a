import type { CrmTools } from '#src/contract/crm.ts'
import type { ProviderResponse } from '#src/contract/http.ts'
import { ProviderError } from '#src/model/errors.ts'
import { isBan, isLoginRefused, isSilentBan, silentBanMs } from './refusal.ts'

/** Half of what EspoCRM allows in 60 s (`authMaxFailedAttemptNumber`, 10) before it bans our address for everybody. */
const most = 5
const pauseMs = 15 * 60_000
const soonMs = 5_000
/** Longer than one request lasts: the request that probes has its answer by then. */
const probeMs = 30_000

/** Keeps a key that EspoCRM refuses from being shown to it again and again. */
export interface LoginGuard {
  /** Before each request. Throws ProviderError where none may be made now. */
  enter(): void
  heard(response: ProviderResponse): void
  leave(): void
}

export function loginGuard(clock: () => number, report: CrmTools['found']): LoginGuard {
  let refused = 0
  let pending = 0
  let proven = false
  let closedUntil = Number.NEGATIVE_INFINITY
  let bannedUntil = Number.NEGATIVE_INFINITY

  function close(): void {
    closedUntil = clock() + pauseMs
    report(
      `espocrm: refuses our key, so that it is asked only every ${pauseMs / 60_000} minutes (check ESPOCRM_API_KEY and that the API user is active)`,
    )
  }

  return {
    enter() {
      const banned = bannedUntil - clock()
      if (banned > 0) throw stopped(banned)
      const left = closedUntil - clock()
      if (refused >= most && left > 0) throw stopped(left)
      // One asks, the others wait for what it hears.
      if (refused >= most) closedUntil = clock() + probeMs
      else if (!proven && refused + pending >= most) throw doubted()
      pending += 1
    },
    heard(response) {
      if (isSilentBan(response)) {
        proven = false
        bannedUntil = clock() + silentBanMs
        report(
          'espocrm: answers 403 and does not say why, as when too many wrong keys came from this address, so that it is asked again after a minute (check ESPOCRM_API_KEY, and what stands before EspoCRM)',
        )
      } else if (isLoginRefused(response)) {
        proven = false
        refused = isBan(response) ? most : refused + 1
        if (refused >= most) close()
      } else if (response.status < 500) {
        proven = true
        refused = 0
      }
    },
    leave() {
      pending -= 1
    },
  }
}

function stopped(leftMs: number): ProviderError {
  return new ProviderError(
    'espocrm',
    'retryable',
    'espocrm: not asked, since it refuses our key (check ESPOCRM_API_KEY)',
    {
      providerCode: '401',
      retryAfterMs: leftMs,
      stopsProvider: true,
    },
  )
}

function doubted(): ProviderError {
  return new ProviderError('espocrm', 'retryable', 'espocrm: not asked before it has accepted our key once', {
    retryAfterMs: soonMs,
  })
}
