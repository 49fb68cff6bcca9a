import { describe, expect, it } from 'vitest'
import { personNumber } from '#src/model/number-plans.ts'

describe('one person by number', () => {
  it.each([
    ['Mexico’s 1, which WhatsApp still writes', '+5215512345678', '+525512345678'],
    ['Mexico’s 1 in another city', '+5213312345678', '+523312345678'],
    ['Argentina’s 9 of mobiles', '+5491123456789', '+541123456789'],
    ['Argentina’s 9 in the provinces', '+5492235123456', '+542235123456'],
    ['Brazil without the ninth digit', '+551187654322', '+5511987654322'],
    ['Brazil without the ninth digit in the north', '+559288123456', '+5592988123456'],
    ['Brazil’s former Nextel', '+551178123456', '+5511978123456'],
    ['Benin before 2024', '+22997123456', '+2290197123456'],
    ['Benin, a line', '+22921301234', '+2290121301234'],
    ['Côte d’Ivoire, Orange', '+22507123456', '+2250707123456'],
    ['Côte d’Ivoire, MTN', '+22545123456', '+2250545123456'],
    ['Côte d’Ivoire, Moov', '+22541123456', '+2250141123456'],
    ['Côte d’Ivoire, a line', '+22520212345', '+2252720212345'],
    ['La Réunion as of France', '+33692123456', '+262692123456'],
    ['Mayotte as of France', '+33639123456', '+262639123456'],
    ['Guadeloupe as of France', '+33690123456', '+590690123456'],
    ['Guyane as of France', '+33694123456', '+594694123456'],
    ['Martinique as of France', '+33696123456', '+596696123456'],
  ])('%s: %s is %s', (_name, written, person) => {
    expect(personNumber(written)).toBe(person)
    expect(personNumber(person)).toBe(person)
  })

  it.each([
    ['a Brazilian line has eight digits', '+551131234567'],
    ['a Brazilian mobile has nine', '+5511987654322'],
    ['a Mexican number of ten', '+525512345678'],
    ['an Argentine number of ten', '+541123456789'],
    ['Benin’s ten digits', '+2290197123456'],
    ['Côte d’Ivoire’s ten digits', '+2250707123456'],
    ['metropolitan France', '+33612345678'],
    ['metropolitan France, 0595', '+33595123456'],
    ['metropolitan France, 0695', '+33695123456'],
    ['a short code', '36179'],
    ['a name', 'MaxComms'],
    ['a lid', '123456789012345@lid'],
    ['a user id', 'FR.1349120865530274'],
    ['nobody', ''],
  ])('%s: %s stays', (_name, number) => {
    expect(personNumber(number)).toBe(number)
  })
})
