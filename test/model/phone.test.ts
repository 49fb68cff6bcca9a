import { describe, expect, it } from 'vitest'
import { completeNumber, digitsWritten, e164 } from '#src/model/phone.ts'

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
    '33612345678@hosted',
    '33612345678:7@c.us',
    '33612345678:12@s.whatsapp.net',
    '33612345678.0:3@s.whatsapp.net',
    'rcs:+33612345678',
    '+33 06 12 34 56 78',
    '0033 (0)6 12 34 56 78',
    '612345678',
    '06 12 34 56 78 poste 5',
    '06 12 34 56 78 ext. 12',
    '+33612345678 ext 5',
    '06.12.34.56.78 x12',
    '+33612345678 #5',
  ])('written %j is one E.164 number', (writing) => {
    expect(e164(writing, 'FR')).toBe('+33612345678')
    expect(completeNumber(writing, 'FR')).toBe('+33612345678')
  })

  it.each([
    ['0692 12 34 56', '+262692123456'],
    ['0693 12 34 56', '+262693123456'],
    ['0639 12 34 56', '+262639123456'],
    ['0690 12 34 56', '+590690123456'],
    ['0691 12 34 56', '+590691123456'],
    ['0694 12 34 56', '+594694123456'],
    ['0696 12 34 56', '+596696123456'],
    ['0697 12 34 56', '+596697123456'],
    ['0262 20 30 40', '+262262203040'],
    ['0269 61 23 45', '+262269612345'],
    ['0590 12 34 56', '+590590123456'],
    ['0594 30 12 34', '+594594301234'],
    ['0596 12 34 56', '+596596123456'],
    ['+33 (0)692 12 34 56', '+262692123456'],
    ['0033692123456', '+262692123456'],
    ['+33 6 95 12 34 56', '+33695123456'],
  ])('of an overseas department, %j, is %s in all of France', (writing, number) => {
    for (const home of ['FR', 'RE', 'GP']) expect(completeNumber(writing, home)).toBe(number)
  })

  it('is what its plan has become', () => {
    expect(completeNumber('+229 97 12 34 56', 'FR')).toBe('+2290197123456')
    expect(completeNumber('97 12 34 56', 'BJ')).toBe('+2290197123456')
    expect(completeNumber('+225 07 12 34 56', 'FR')).toBe('+2250707123456')
    expect(completeNumber('(11) 8765-4322', 'BR')).toBe('+5511987654322')
    expect(completeNumber('044 55 1234 5678', 'MX')).toBe('+525512345678')
    expect(completeNumber('011 15 2345 6789', 'AR')).toBe('+5491123456789')
    expect(completeNumber('+54 11 15 2345 6789', 'FR')).toBe('+5491123456789')
  })

  it.each([
    ['06 12 34 56 7', 9],
    ['06 12 34 56 789', 11],
    ['+33 6 12 34 56 7', 10],
    ['+33 (0)6 12 34 56 7', 11],
    ['0033 6 12 34 56 789', 12],
    ['+1 415 523 888', 10],
    ['+44 7700 90012', 11],
    ['+49 151 2345678', 12],
    ['+225 07 12 34 5', 10],
    ['0692 12 34 5', 9],
  ])(
    'with a digit missing or too many, %j, is none that a person may give, of %i digits',
    (writing, digits) => {
      expect(completeNumber(writing, 'FR')).toBeUndefined()
      expect(digitsWritten(writing)).toBe(digits)
    },
  )

  it('of a range that was opened since may be given where it has the length of a mobile there', () => {
    for (const number of ['+33700000000', '+972501234567', '+447700900123', '+590691123456'])
      expect(completeNumber(number, 'FR')).toBe(number)
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
    'poste 5',
    '06 12 34 56 78 poste',
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
