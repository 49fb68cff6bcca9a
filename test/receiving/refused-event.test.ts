import { afterAll, beforeAll, expect, test } from 'vitest'
import { logged } from '#support/sends.ts'
import { fromTwilio, post } from '#support/signed.ts'
import { twilioInbound } from '#support/told.ts'
import { startWorld, type World } from '#support/world.ts'

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(() => world.stop())

test('an event that the database refuses is quarantined, counted as that, and warned of', async () => {
  // The first call of a connection plans: on a busy machine it would outlast a commit's limit, and be told again from the disk.
  await post(world.url, fromTwilio(twilioInbound('+33612345685', 'Allô'), { baseUrl: world.url }))
  const form = twilioInbound('+33612345685', 'Bonjour')
  await world.database.query(
    `alter table message_events add constraint none_such check (provider_message_id <> '${form.MessageSid}')`,
  )
  const answer = await post(world.url, fromTwilio(form, { baseUrl: world.url }))
  expect(answer).toMatchObject({ status: 200 })
  expect(
    await world.database.query('select provider, event_id, reason from quarantined_events'),
  ).toMatchObject([
    {
      provider: 'twilio',
      event_id: `${form.MessageSid}:received`,
      reason: expect.stringContaining('none_such'),
    },
  ])
  expect(logged(world, 'event_refused')).toMatchObject([
    { level: 'warn', provider: 'twilio', eventId: `${form.MessageSid}:received`, sqlstate: '23514' },
  ])
  expect(logged(world, 'webhook_recorded').at(-1)).toMatchObject({
    provider: 'twilio',
    events: 0,
    quarantined: 1,
  })
  expect(world.logLines.join('')).not.toContain('Bonjour')
})

test('its neighbour is not', async () => {
  const answer = await post(
    world.url,
    fromTwilio(twilioInbound('+33612345685', 'Salut'), { baseUrl: world.url }),
  )
  expect(answer).toMatchObject({ status: 200 })
  expect(logged(world, 'webhook_recorded').at(-1)).toMatchObject({ events: 1, quarantined: 0 })
})
