import { describe, expect, it, onTestFinished } from 'vitest'
import { startSandbox } from '#sandbox/start.ts'
import { localApi, type Reply } from '#support/local-api.ts'
import { crmAt, failure, no } from './crm-at.ts'

const minute = 60_000

async function behind(answer: { reply: Reply }) {
  const api = await localApi(() => answer.reply)
  const at = crmAt(api.url)
  const ask = () => at.crm.appointment('m1')
  return {
    ...at,
    api,
    ask,
    refused: () => failure(ask()),
    pass: (ms: number) => {
      at.clock.now = new Date(at.clock.now.getTime() + ms)
    },
  }
}

async function times(count: number, call: () => Promise<unknown>) {
  for (let done = 0; done < count; done++) await call()
}

describe('a key that EspoCRM refuses', () => {
  it('is shown to it five times, and not ten, since it bans the address then', async () => {
    const { api, refused, reports } = await behind({ reply: { status: 401 } })
    await times(5, refused)
    const error = await refused()
    expect(api.requests).toHaveLength(5)
    expect(error).toMatchObject({
      certainty: 'retryable',
      stopsProvider: true,
      retryAfterMs: 15 * minute,
      message: 'espocrm: not asked, since it refuses our key (check ESPOCRM_API_KEY)',
    })
    expect(reports).toEqual([
      'espocrm: refuses our key, so that it is asked only every 15 minutes (check ESPOCRM_API_KEY and that the API user is active)',
    ])
  })

  it('is not shown ten times by many who ask at the same moment either', async () => {
    const { api, refused } = await behind({ reply: { status: 401 } })
    const errors = await Promise.all(Array.from({ length: 12 }, refused))
    expect(errors.every(({ certainty }) => certainty === 'retryable')).toBe(true)
    expect(api.requests).toHaveLength(5)
  })

  it('is tried once every quarter of an hour', async () => {
    const { api, refused, pass } = await behind({ reply: { status: 401 } })
    await times(5, refused)
    pass(15 * minute)
    await Promise.all([refused(), refused(), refused()])
    expect(api.requests).toHaveLength(6)
    pass(14 * minute)
    await refused()
    expect(api.requests).toHaveLength(6)
  })

  it('is used again as before once it is accepted', async () => {
    const answer: { reply: Reply } = { reply: { status: 401 } }
    const { api, ask, refused, pass } = await behind(answer)
    await times(5, refused)
    pass(15 * minute)
    answer.reply = no(404)
    await Promise.all([ask()])
    await Promise.all(Array.from({ length: 12 }, ask))
    expect(api.requests).toHaveLength(18)
  })

  it('that is refused now and then is not a reason to stop', async () => {
    const answer: { reply: Reply } = { reply: no(404) }
    const { api, ask, refused } = await behind(answer)
    await times(3, async () => {
      answer.reply = { status: 401 }
      await times(4, refused)
      answer.reply = no(404)
      await ask()
    })
    expect(api.requests).toHaveLength(15)
  })

  it('whose address is banned already, as EspoCRM 8.4 and later do it without a word, waits for a minute', async () => {
    const answer: { reply: Reply } = { reply: { status: 403 } }
    const { api, ask, refused, pass, reports } = await behind(answer)
    expect(await refused()).toMatchObject({ certainty: 'retryable', retryAfterMs: 65_000, onlyThis: false })
    expect(await refused()).toMatchObject({ retryAfterMs: 65_000 })
    expect(api.requests).toHaveLength(1)
    expect(reports[0]).toContain('does not say why')
    answer.reply = no(404)
    pass(65_001)
    expect(await ask()).toBeUndefined()
  })

  it('whose address is banned already is not shown again', async () => {
    const reply = no(403, 'Max failed login attempts exceeded for IP address 10.0.0.1.')
    const { api, refused } = await behind({ reply })
    expect(await refused()).toMatchObject({ certainty: 'retryable', retryAfterMs: 5 * minute })
    await refused()
    expect(api.requests).toHaveLength(1)
  })
})

it('a wrong key does not lock out those with the right one', async () => {
  const sandbox = await startSandbox()
  onTestFinished(() => sandbox.close())
  const url = `${sandbox.url}/espocrm`
  const wrong = crmAt(url, { ESPOCRM_API_KEY: 'another' })
  await times(20, () => failure(wrong.crm.appointment('m1')))
  const right = crmAt(url, sandbox.environment)
  expect(await right.crm.appointment('m1')).toBeUndefined()
})

it('what the role forbids is not a refused key', async () => {
  const { api, refused } = await behind({ reply: no(403, 'No read access.') })
  await times(12, refused)
  expect(api.requests).toHaveLength(12)
})

it('an EspoCRM that is away refuses no key', async () => {
  const { api, refused } = await behind({ reply: no(503) })
  await times(12, refused)
  expect(api.requests).toHaveLength(12)
})
