import { type BadRequest, wrong } from './bad-request.ts'

export function addresses(): BadRequest[] {
  const phones = [
    ...[
      '',
      ' ',
      '0',
      '+',
      '+33',
      '12',
      '+0612345678',
      '++33612345678',
      '+33612345678 ext.',
      '06 12 34 56 7',
      '+33 6 12 34 56 789',
      '0612345678;0612345679',
    ],
    ...[
      '٠٦١٢٣٤٥٦٧٨',
      '+３３６１２３４５６７８',
      '+33６12345678',
      '\u202e+33612345678x',
      '+336123456789012345',
    ],
    ...['1'.repeat(300), '+33 6 12 34 56 7O', 'anna@example.com', "'; drop table messages; --", 'NaN'],
  ]
  const mails = [
    ...[
      '',
      ' ',
      '@',
      'anna',
      'anna@',
      '@example.com',
      'anna@localhost',
      'anna@@example.com',
      'anna@example..com',
    ],
    ...[
      'anna@example.com, eve@example.com',
      'Anna <anna@example.com>',
      '<anna@example.com>',
      'anna example@example.com',
    ],
    ...[
      'anna@exa mple.com',
      'anna@-example.com',
      '.anna@example.com',
      'anna..b@example.com',
      'anna@example.com.',
    ],
    ...[
      'аnna@example.com',
      'anna\u200f@example.com',
      'anna@example.com\u202e',
      'anna@１２７.0.0.1',
      'anna@[127.0.0.1]',
    ],
    ...[
      `${'a'.repeat(288)}@example.com`,
      `anna@${'a'.repeat(290)}.com`,
      'mailto:anna@example.com',
      '"anna"@example.com',
    ],
  ]
  return [
    ...phones.flatMap((to) => [wrong('sendSMS', 'to', to), wrong('sendWhatsApp', 'to', to)]),
    ...mails.flatMap((address) => [
      wrong('sendEmail', 'to', address),
      wrong('sendEmail', 'cc', ['anna@example.com', address], 'cc.1'),
    ]),
  ]
}
