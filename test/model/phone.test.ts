import { describe, expect, it } from 'vitest'
import { e164 } from '#src/model/phone.ts'

describe('a phone number', () => {
  it.each([
    '+33612345678',
    '+33 6 12 34 56 78',
    '+33 (0)6 12 34 56 78',
    '(+33) 6.12.34.56.78',
    '0033612345678',
    '00 33 6 12 34 56 78',
    '0612345678',
    '06 12 34 56 78',
    '06.12.34.56.78',
    '06-12-34-56-78',
    '06/12/34/56/78',
    '06\u00a012\u202f34\u00a056\u202f78',
    '06\u201112\u201134\u201156\u201178',
    '\u202a+33 6 12 34 56 78\u202c',
    '33612345678',
    ' +33612345678\n',
    'tel:+33612345678',
    'whatsapp:+33612345678',
    'WhatsApp: +33 6 12 34 56 78',
    '33612345678@c.us',
    '33612345678@s.whatsapp.net',
  ])('written %j is one E.164 number', (writing) => {
    expect(e164(writing, 'FR')).toBe('+33612345678')
  })

  it('is read in the country that is meant', () => {
    expect(e164('(415) 523-8886', 'US')).toBe('+14155238886')
    expect(e164('0612345678', 'fr')).toBe('+33612345678')
    expect(e164('+14155238886', 'FR')).toBe('+14155238886')
    expect(e164('+39 06 1234567', 'FR')).toBe('+39061234567')
    expect(e164('0612345678', 'XX')).toBeUndefined()
    expect(e164('+33612345678', 'XX')).toBe('+33612345678')
  })

  it('of a Mexican mobile is the same with and without the 1 of WhatsApp', () => {
    expect(e164('5215512345678@c.us', 'FR')).toBe('+525512345678')
    expect(e164('525512345678@c.us', 'FR')).toBe('+525512345678')
  })

  it('stays what it is when it is read again', () => {
    for (const writing of ['0612345678', '5215512345678@c.us', '+15005550006'])
      expect(e164(e164(writing, 'FR') ?? '', 'FR')).toBe(e164(writing, 'FR'))
  })

  it.each([
    '',
    ' ',
    '+',
    '--',
    '()',
    'test@example.test',
    'MaxComms',
    '0612ABCDEF',
    '06 12 34 56 78 poste 5',
    '+33612345678 ext 5',
    '123456789012345@lid',
    '120363020000000000@g.us',
    '33612345678-1600000000@g.us',
    'status@broadcast',
    '12@c.us',
    '36179',
    '+33 6 12',
    '+336123456789012345',
    '0612345678 0698765432',
    '06+12345678',
    '++33612345678',
    '+999123456789',
    '1'.repeat(10_000),
    '+33612345678<script>',
    "' or 1=1",
    'whatsapp:',
    'sms:+33612345678',
  ])('is not what is written %j', (writing) => {
    expect(e164(writing, 'FR')).toBeUndefined()
  })
})
