import { describe, expect, test } from 'vitest'
import type { Crm, DeliveryFacts } from '#src/contract/crm.ts'
import { workOf } from '#src/crm/work.ts'
import type { Language } from '#src/model/language.ts'
import { sentencesIn } from '#src/model/sentences/sentences-in.ts'
import type { Job } from '#src/store/calls/jobs.ts'

/** What the CRM is told of a message that stands there. */
async function toldOf(
  status: string,
  message: object,
  language: Language = 'fr',
): Promise<DeliveryFacts | undefined> {
  let told: DeliveryFacts | undefined
  const crm = {
    personBy: async () => undefined,
    tell: async (_message: unknown, facts: DeliveryFacts) => (told = facts),
  }
  const tools = { crm: crm as unknown as Crm, sentences: sentencesIn[language] } as Parameters<
    typeof workOf
  >[0]
  const row = {
    id: 'm1',
    channel: 'sms',
    direction: 'inbound',
    recipient: '+33600000000',
    sender: '+33600000001',
  }
  const created_at = new Date('2026-11-22T07:15:00Z')
  await workOf(tools).get('tell')?.({
    payload: { status },
    message: { ...row, created_at, ...message },
  } as unknown as Job)
  return told
}

test('what held a message up for a while is not a reason for what became of it', async () => {
  const message = { delivered_at: new Date('2026-11-22T08:00:00Z'), error_message: '451 4.7.1 greylisted' }
  expect(await toldOf('delivered', message)).toEqual({
    status: 'delivered',
    deliveredAt: new Date('2026-11-22T08:00:00Z'),
    openedAt: undefined,
    reason: undefined,
  })
})

test.each([
  ['bounced', 'bounced'],
  ['failed', 'failed'],
  ['rejected', 'failed'],
  ['complained', 'complained'],
])('why it %s is said, in the provider’s words', async (status, shown) => {
  const message = { error_code: '550 5.1.1', error_message: 'no such user' }
  expect(await toldOf(status, message)).toMatchObject({ status: shown, reason: 'no such user' })
})

test.each([
  ['opened', 'read'],
  ['read', 'read'],
  ['clicked', 'clicked'],
  ['sent', 'sent'],
])('%s is %s in the CRM', async (status, shown) => {
  expect(await toldOf(status, {})).toMatchObject({ status: shown })
})

describe('what we refuse or give up ourselves is said in the team’s language', () => {
  test.each([
    ['suppressed', 'cette adresse ne doit plus recevoir de messages'],
    ['expired', 'le délai d’envoi était dépassé'],
    [
      'outside_whatsapp_window',
      'plus de 24 heures sans message de cette personne (WhatsApp n’accepte alors qu’un modèle approuvé)',
    ],
    ['provider_off', 'ce moyen d’envoi est désactivé'],
    ['cleared', 'retiré de la file d’attente avant l’envoi'],
    ['resolved_as_failed', 'une personne a constaté que le message n’est pas parti'],
    ['attempts_exhausted', 'tous les essais ont échoué : 503 busy'],
  ])('%s in French', async (code, reason) => {
    const message = { error_code: code, error_message: '503 busy' }
    expect(await toldOf('failed', message)).toMatchObject({ reason })
  })

  test.each([
    ['suppressed', 'this address is not to be written to any more'],
    ['attempts_exhausted', 'every attempt failed: 503 busy'],
  ])('%s in English', async (code, reason) => {
    const message = { error_code: code, error_message: '503 busy' }
    expect(await toldOf('failed', message, 'en')).toMatchObject({ reason })
  })

  test('that every attempt failed, also where nobody said why', async () => {
    const message = { error_code: 'attempts_exhausted', error_message: null }
    expect(await toldOf('failed', message)).toMatchObject({ reason: 'tous les essais ont échoué' })
  })
})
