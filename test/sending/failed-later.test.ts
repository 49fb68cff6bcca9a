import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type FakeApi, startFakeApi } from '#support/fake-api.ts'
import { becomes, bySms, byTwilio, person, send, shown, type Way } from '#support/sends.ts'
import { fromTwilio, post } from '#support/signed.ts'
import { startWorld, type World } from '#support/world.ts'

/** What Twilio tells later of a message that it had accepted: a failure, with or without its reason. */
let api: FakeApi
let world: World
beforeAll(async () => {
  api = await startFakeApi()
  world = await startWorld({ environment: api.environment, workerEveryMs: 20 })
})
afterAll(async () => {
  await world.stop()
  await api.away()
})

async function sent(way: Way) {
  const to = person(way, 'ok')
  const { status, body } = await send(world, way, to)
  expect(status).toBe(200)
  const { providerMessageId: sid } = (await shown(world, body.messageId)).message
  const channel = way.action === 'sendSMS' ? 'sms' : 'whatsapp'
  const addressed = channel === 'sms' ? to : `whatsapp:${to}`
  return {
    to,
    messageId: String(body.messageId),
    sid: String(sid),
    tells: async (fields: Record<string, string>) => {
      const form = { MessageSid: String(sid), SmsSid: String(sid), To: addressed, ...fields }
      const path = `/webhooks/twilio-${channel}?m=${body.messageId}`
      const answer = await post(world.url, fromTwilio(form, { baseUrl: world.url, path }))
      expect(answer.status).toBe(204)
      await world.settled()
    },
  }
}

const lookUps = (sid: string) =>
  api.calls('twilio').filter(({ path, body }) => body === '' && path.includes(sid)).length

/** What Twilio answers when it is asked about a message. */
function isLookedUp({ sid, to }: Awaited<ReturnType<typeof sent>>, code: number | null) {
  const about = { sid, to, from: '+14155550123', direction: 'outbound-api' }
  api.replies.set('twilio', { status: 200, body: { ...about, status: 'undelivered', error_code: code } })
}

describe('a failure', () => {
  test.each(['undelivered', 'failed'])(
    'that is %s without a code shows what the channel says',
    async (status) => {
      const message = await sent(byTwilio)
      await message.tells({
        MessageStatus: status,
        ChannelStatusMessage: `Message undeliverable to ${message.to}`,
      })
      const { errorMessage } = (await shown(world, message.messageId)).message
      expect(errorMessage).toContain('Message undeliverable')
      expect(errorMessage).not.toContain(message.to)
    },
  )

  test.each([
    ['30007', 'undelivered'],
    ['63024', 'undelivered'],
    ['30008', 'failed'],
  ])('whose code (%s) is told the second time has it', async (code, status) => {
    const message = await sent(bySms)
    await message.tells({ MessageStatus: status })
    await message.tells({ MessageStatus: status, ErrorCode: code })
    await message.tells({ MessageStatus: status })
    expect((await shown(world, message.messageId)).message).toMatchObject({
      status: 'failed',
      errorCode: code,
    })
  })

  test('whose code is never told is asked about, once', async () => {
    const message = await sent(bySms)
    const { sid, messageId } = message
    isLookedUp(message, 30005)
    await message.tells({ MessageStatus: 'undelivered' })
    await becomes(world, messageId, { errorCode: '30005' })
    api.replies.clear()
    expect(lookUps(sid)).toBe(1)
    expect(await world.database.query('select check_at from messages where id = $1', [messageId])).toEqual([
      { check_at: null },
    ])
  })

  test('that Twilio cannot explain either is asked about once', async () => {
    const message = await sent(bySms)
    const { sid, messageId } = message
    isLookedUp(message, null)
    await message.tells({ MessageStatus: 'undelivered' })
    await expect.poll(() => lookUps(sid), { timeout: 15_000 }).toBe(1)
    await message.tells({ MessageStatus: 'undelivered' })
    expect(await world.database.query('select check_at from messages where id = $1', [messageId])).toEqual([
      { check_at: null },
    ])
    api.replies.clear()
  })
})

describe('"nobody has this number"', () => {
  const writes = async (from: string, text: string) => {
    const form = {
      MessageSid: `SM${Date.now().toString(16).padStart(32, '0')}`,
      From: `whatsapp:${from}`,
      To: 'whatsapp:+14155238886',
      Body: text,
    }
    expect((await post(world.url, fromTwilio(form, { baseUrl: world.url }))).status).toBe(200)
    await world.settled()
  }
  const again = async (to: string) => (await send(world, byTwilio, to)).status

  async function dead(code = '63024') {
    const message = await sent(byTwilio)
    await message.tells({ MessageStatus: 'undelivered', ErrorCode: code })
    expect(await again(message.to)).toBe(422)
    return message
  }

  test.each(['63024', '63003'])('(%s) ends when that person writes', async (code) => {
    const { to } = await dead(code)
    await writes(to, 'Bonjour, pouvez-vous me rappeler ?')
    expect(await again(to)).toBe(200)
  })

  test('ends when a later message arrives', async () => {
    const later = await sent(byTwilio)
    const message = await sent(byTwilio)
    await world.database.query('update messages set recipient = $1 where id = $2', [
      later.to,
      message.messageId,
    ])
    await message.tells({ MessageStatus: 'undelivered', ErrorCode: '63024', To: `whatsapp:${later.to}` })
    expect(await again(later.to)).toBe(422)
    await later.tells({ MessageStatus: 'delivered' })
    expect(await again(later.to)).toBe(200)
  })

  test('does not end with what that person had written before', async () => {
    const message = await sent(byTwilio)
    await writes(message.to, 'Bonjour')
    await message.tells({ MessageStatus: 'undelivered', ErrorCode: '63024' })
    expect(await again(message.to)).toBe(422)
  })

  test('is followed by a STOP, which holds', async () => {
    const { to } = await dead()
    await writes(to, 'STOP')
    expect(await again(to)).toBe(422)
  })

  test.each(['21610', '63014'])(
    'is not "wants no messages" (%s), which writing does not end',
    async (code) => {
      const { to } = await dead(code)
      await writes(to, 'Bonjour')
      expect(await again(to)).toBe(422)
      await writes(to, 'START')
      expect(await again(to)).toBe(200)
    },
  )

  test('said before a STOP ends with what they write, and the STOP stays', async () => {
    const { to } = await dead()
    await writes(to, 'STOP')
    await writes(to, 'Bonjour, vous êtes là ?')
    expect(await again(to)).toBe(422)
  })
})
