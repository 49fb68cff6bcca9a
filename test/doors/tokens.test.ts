import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { olderTokensUntil } from '#src/api/token.ts'
import { startWorld, type World } from '#support/world.ts'
import { jwt, jwtSecret } from './jwt.ts'

const olderSecret = 'the-older-secret-of-the-tests-only-987654'
let world: World
beforeAll(async () => {
  world = await startWorld({ environment: { JWT_SECRET: `${jwtSecret},${olderSecret}` } })
})
afterAll(() => world.stop())

const silentNumber = '+33612345685'

describe('a token', () => {
  test('may say bearer in any case', async () => {
    const Authorization = `bearer ${await world.token('t1')}`
    expect((await world.call('GET', '/api/messages', undefined, { Authorization })).status).toBe(200)
  })

  test('without a tenant sends for the tenant that is named', async () => {
    const headers = { Authorization: `Bearer ${await world.token()}` }
    const params = { tenantId: 'named', to: silentNumber, body: 'b' }
    const sent = await world.call('POST', '/api/sms/send', params, headers)
    const kept = await world.call('GET', `/api/messages/${sent.body.messageId}`, undefined, headers)
    expect(kept.body.message.tenantId).toBe('named')
    expect((await world.call('GET', `/api/messages/${sent.body.messageId}`)).status).toBe(404)
  })

  test('with ops and without a tenant sees the quarantine', async () => {
    const headers = { Authorization: `Bearer ${await world.token(undefined, { ops: true })}` }
    const { status, body } = await world.call('GET', '/api/events?quarantined=1', undefined, headers)
    expect(status).toBe(200)
    expect(body).toEqual({ success: true, events: [], nextCursor: null })
  })

  test('of an older form opens, and the log names the date from which it does not', async () => {
    const Authorization = `Bearer ${jwt({ aud: undefined, tenantId: 't1' })}`
    expect((await world.call('GET', '/api/messages', undefined, { Authorization })).status).toBe(200)
    expect((await world.call('GET', '/api/messages', undefined, { Authorization })).status).toBe(200)
    const told = world.logLines.filter((line) => line.includes('"token_of_older_form"'))
    expect(told).toHaveLength(1)
    expect(told[0]).toContain(olderTokensUntil.toISOString())
  })

  test('for a hundred years opens, and the log says so once, without who has it', async () => {
    const day = 86_400
    const forDays = (days: number) => Math.floor(Date.now() / 1_000) + days * day
    const told = () => world.logLines.filter((line) => line.includes('"token_lasts_too_long"'))
    const open = async (claims: object) => {
      const Authorization = `Bearer ${jwt({ tenantId: 't1', sub: 'Claire', ...claims })}`
      expect((await world.call('GET', '/api/messages', undefined, { Authorization })).status).toBe(200)
    }
    await open({ exp: forDays(399) })
    expect(told()).toEqual([])
    const exp = forDays(36_500)
    await open({ exp })
    await open({ exp, sub: 'Anna' })
    expect(told()).toHaveLength(1)
    expect(told()[0]).toContain(new Date(exp * 1_000).toISOString())
    expect(told()[0]).not.toContain('Claire')
  })

  test('by the older secret is still good', async () => {
    const Authorization = `Bearer ${jwt({ tenantId: 't1' }, { secret: olderSecret })}`
    expect((await world.call('GET', '/api/messages', undefined, { Authorization })).status).toBe(200)
  })
})
