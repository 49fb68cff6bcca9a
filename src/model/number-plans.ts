/** A number as a network or a person may still write it, and what it is now. */
type Rule = [written: RegExp, now: (groups: string[]) => string]

const to =
  (prefix: string) =>
  ([, rest]: string[]) =>
    `${prefix}${rest}`

/**
 * Overseas numbers are dialled from anywhere in France as national ones (0692 …), and have a country code of their own:
 * https://www.arcep.fr/demarches-et-services/professionnels/numerotation.html
 */
const overseas: Rule[] = [
  [/^\+33((?:26[239]|639|69[23])\d{6})$/, to('+262')],
  [/^\+33((?:590|69[01])\d{6})$/, to('+590')],
  [/^\+33([56]94\d{6})$/, to('+594')],
  [/^\+33((?:596|69[67])\d{6})$/, to('+596')],
]

/** Côte d'Ivoire, 31 January 2021: two digits of the operator, which the second digit named before, in front. */
const ivorian: Rule[] = [
  [/^\+225([04-9][789]\d{6})$/, to('+22507')],
  [/^\+225([04-9][456]\d{6})$/, to('+22505')],
  [/^\+225([04-9][0-3]\d{6})$/, to('+22501')],
  [/^\+225([23][0-5][1-79]\d{5})$/, to('+22527')],
]

const rules: Rule[] = [
  ...overseas,
  ...ivorian,
  // Mexico abolished the 1 in 2019, and the 044, 045 and 01 in front; WhatsApp still writes the 1 (chatwoot/chatwoot#14048).
  [/^\+52(?:1|01|04[45])(\d{10})$/, to('+52')],
  // Benin, 30 November 2024: 01 in front of all.
  [/^\+229(\d{8})$/, to('+22901')],
  // Brazil gave its mobiles, which began with 6 to 9, a ninth digit; old WhatsApp accounts lack it.
  [/^\+55([1-9]{2})([6-9]\d{7})$/, ([, area, rest]) => `+55${area}9${rest}`],
]

/** The number that this one (E.164) is today: an abolished or too short writing of it is read as what became of it. */
export function numberNow(number: string): string {
  for (const [written, now] of rules) {
    const groups = written.exec(number)
    if (groups) return now([...groups])
  }
  return number
}

/**
 * The one writing by which a person is known, whoever wrote the number (E.164). Argentine mobiles are dialled with a 9 from
 * abroad and without it at home, and WhatsApp always writes it. What is no number stays as it is.
 */
export function personNumber(number: string): string {
  if (!/^\+\d+$/.test(number)) return number
  return numberNow(number).replace(/^\+549(?=\d{10}$)/, '+54')
}

/** The same number (as personNumber has it) as it was written before, or is still written by some: each in E.164's form. */
export function formerWritings(number: string): string[] {
  const written = [
    number.replace(/^\+52(?=\d{10}$)/, '+521'),
    number.replace(/^\+54(?=\d{10}$)/, '+549'),
    number.replace(/^(\+55[1-9]{2})9(?=[6-9]\d{7}$)/, '$1'),
    number.replace(/^\+22901(?=\d{8}$)/, '+229'),
    number.replace(/^\+225(?:01|05|07|27)(?=\d{8}$)/, '+225'),
    number.replace(/^\+(?:262|59[046])(?=\d{9}$)/, '+33'),
  ]
  return written.filter((one) => one !== number && personNumber(one) === number)
}
