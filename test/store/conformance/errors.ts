import { expect, it, vi } from 'vitest'
import type { Json } from '#src/model/json.ts'
import { StoreError } from '#src/store/database.ts'
import type { TestStore } from '#support/database.ts'

interface Refused {
  what: string
  sqlstate: string
  sqlFunction: string
  args: Record<string, Json>
}

const nothing = { outcomes: [], quarantined: [], follows: null, guess_seconds: 0, skew_seconds: 0 }
const refused: Refused[] = [
  {
    what: 'a value that its type cannot read',
    sqlstate: '22P02',
    sqlFunction: 'get_message',
    args: { wanted: 'the "secret" of "somebody"', tenant: null, with_raw: false },
  },
  {
    what: 'a value inside a batch',
    sqlstate: '22P02',
    sqlFunction: 'record_events',
    args: { events: [{ provider: 'p', event_id: 'e', message_id: 'secret' }], ...nothing },
  },
  {
    what: 'a time out of range',
    sqlstate: '22008',
    sqlFunction: 'longest_due',
    args: { left_out: [], as_of: '2026-13-45 00:00' },
  },
  {
    what: 'a missing column value',
    sqlstate: '23502',
    sqlFunction: 'record_events',
    args: { events: [{ provider: 'p', event_id: 'secret', raw: { text: 'secret' } }], ...nothing },
  },
]

export function errorSuite(current: () => TestStore): void {
  it.each(refused)('$what is a StoreError with its SQLSTATE and without the value', async (given) => {
    const error = await failed(current(), given.sqlFunction, given.args)
    expect(error).toMatchObject({ sqlstate: given.sqlstate, badValue: true, away: false, collided: false })
    expect(error.message).toMatch(new RegExp(`^${given.sqlFunction}: `))
    expect(`${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toMatch(/secret|2026-13/)
  })

  it('a function that is not there is told as such', async () => {
    const error = await failed(current(), 'no_such_function', { argument: 1 })
    expect(['42883', 'PGRST202']).toContain(error.sqlstate)
    expect(error).toMatchObject({ away: true, refuses: true })
  })
}

async function failed(
  { database }: TestStore,
  sqlFunction: string,
  args: Record<string, Json>,
): Promise<StoreError> {
  // @supabase/lite prints every error with its parameters.
  const printed = vi.spyOn(console, 'error').mockImplementation(() => {})
  const error: unknown = await database.call(sqlFunction, args).catch((thrown) => thrown)
  printed.mockRestore()
  if (!(error instanceof StoreError)) throw new Error(`test: not a StoreError: ${String(error)}`)
  return error
}
