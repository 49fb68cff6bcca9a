import { expect, it } from 'vitest'
import { type Database, StoreError } from '#src/store/database.ts'
import { repeatCollisions } from '#src/store/repeat.ts'

/** A database that fails with these, one call after the other, and then answers; how often it was called. */
function failing(...errors: Error[]) {
  let calls = 0
  const database: Database = {
    name: 'failing',
    close: async () => {},
    async call() {
      const error = errors[calls++]
      if (error) throw error
      return 'answer'
    },
  }
  return { call: () => repeatCollisions(database).call('claim_due', {}), calls: () => calls }
}

const deadlock = () => new StoreError('40P01', 'deadlock detected')

it.each(['40P01', '40001'])('a call that collided (%s) is made again', async (code) => {
  const { call, calls } = failing(new StoreError(code, 'collided'), new StoreError(code, 'collided'))
  expect(await call()).toBe('answer')
  expect(calls()).toBe(3)
})

it('it is made five times at most', async () => {
  const { call, calls } = failing(...Array.from({ length: 9 }, deadlock))
  await expect(call()).rejects.toThrow('deadlock detected')
  expect(calls()).toBe(5)
})

it.each([new StoreError('22P02', 'bad value'), new StoreError('08006', 'away'), new TypeError('ours')])(
  '%s is not repeated',
  async (error) => {
    const { call, calls } = failing(error)
    await expect(call()).rejects.toBe(error)
    expect(calls()).toBe(1)
  },
)
