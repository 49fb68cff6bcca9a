import { expect, it } from 'vitest'
import { preview } from '#src/model/preview.ts'

it('a preview says in one line what goes to whom, and how far it is', () => {
  const email = { channel: 'email', to: 'test@example.com', subject: 'Test' } as const
  expect(preview(email, 'sent', 'fr')).toBe('Email "Test" envoyé à test@example.com')
  expect(preview(email, 'unknown', 'en')).toBe(
    'Email "Test" may have been sent (to be checked) to test@example.com',
  )
})

it('what has no subject is told without one', () => {
  const sms = { channel: 'sms', to: '+33612345678' } as const
  expect(preview(sms, 'queued', 'fr')).toBe("SMS en attente d'envoi à +33612345678")
  expect(preview({ ...sms, channel: 'whatsapp' }, 'scheduled', 'en')).toBe(
    'WhatsApp scheduled for +33612345678',
  )
})

it('each state is another sentence in each language', () => {
  const states = ['sent', 'queued', 'scheduled', 'unknown', 'cancelled'] as const
  const told = states.flatMap((state) =>
    (['fr', 'en'] as const).map((language) => preview({ channel: 'sms', to: 'x' }, state, language)),
  )
  expect(new Set(told).size).toBe(states.length * 2)
})
