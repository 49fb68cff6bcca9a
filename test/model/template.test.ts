import { describe, expect, it } from 'vitest'
import {
  filled,
  plainText,
  rendered,
  type TemplateContent,
  templateIssues,
  valueIssues,
  variablesIn,
} from '#src/model/template.ts'

function template(fields: Partial<TemplateContent> = {}): TemplateContent {
  return {
    messageText: 'Bonjour {{prenom}}, votre RDV est le {{date}}.',
    variables: ['prenom', 'date'],
    buttons: [],
    ...fields,
  }
}

const values = (given: Record<string, string>) => new Map(Object.entries(given))

describe('the variables of a text', () => {
  it.each<[string, string[]]>([
    ['Bonjour {{prenom}}, le {{date}} ou le {{date}}', ['prenom', 'date']],
    ['{{ prenom }} {{prénom}} {{a_1}} {{1}}', ['prenom', 'prénom', 'a_1', '1']],
    ['{{_a}} {{a b}} {{}} {prenom} {{a-b}} {{ab', []],
    ['', []],
  ])('of %j are %j', (text, names) => {
    expect(variablesIn(text)).toEqual(names)
  })
})

describe('a template', () => {
  it.each<[string, Partial<TemplateContent>]>([
    ['whose names are those of its text', {}],
    ['without variables', { messageText: 'Bonjour.', variables: [] }],
    [
      'with a variable only in a button',
      { variables: ['prenom', 'date', 'id'], buttons: [button('c:{{id}}')] },
    ],
    ['with single braces', { messageText: 'a {b} {{prenom}} {{date}} }c{' }],
  ])('%s is right', (_what, fields) => {
    expect(templateIssues(template(fields))).toEqual([])
  })

  it.each<[string, Partial<TemplateContent>, string, RegExp]>([
    [
      'a name that is not declared',
      { variables: ['prenom'] },
      'variables',
      /must have date, which messageText/,
    ],
    [
      'a name of a button that is not declared',
      { buttons: [button('{{x}}')] },
      'variables',
      /x, which buttons\.0\.id/,
    ],
    [
      'a declared name that is not used',
      { variables: ['prenom', 'date', 'heure'] },
      'variables.2',
      /used neither/,
    ],
    ['a name declared twice', { variables: ['prenom', 'date', 'prenom'] }, 'variables.2', /twice/],
    [
      'a variable that is none',
      { messageText: '{{prenom}} {{date}} {{first name}}' },
      'messageText',
      /\{\{name\}\}/,
    ],
    ['an open brace', { messageText: '{{prenom}} {{date}} {{heure' }, 'messageText', /\{\{name\}\}/],
    ['a variable that is none in a button', { buttons: [button('{{}}')] }, 'buttons.0.id', /\{\{name\}\}/],
    ['two buttons of one id', { buttons: [button('a', 'A'), button('a', 'B')] }, 'buttons.1.id', /twice/],
    [
      'two buttons of one title',
      { buttons: [button('a', 'A'), button('b', 'A')] },
      'buttons.1.title',
      /twice/,
    ],
  ])('with %s is told so', (_what, fields, path, message) => {
    expect(templateIssues(template(fields))).toEqual([{ path, message: expect.stringMatching(message) }])
  })

  it('with many things wrong is told all of them', () => {
    const issues = templateIssues(template({ messageText: '{{a}} {{b}}', variables: ['b', 'c'] }))
    expect(issues.map(({ path }) => path)).toEqual(['variables', 'variables.1'])
  })
})

describe('the values of one message', () => {
  it('are right where each variable has one', () => {
    expect(valueIssues(['prenom'], values({ prenom: 'Anna' }))).toEqual([])
  })

  it('are told what lacks and what is too many', () => {
    expect(valueIssues(['prenom', 'date'], values({ date: 'demain', heure: '14h' }))).toEqual([
      { path: 'variables.prenom', message: 'is required' },
      { path: 'variables.heure', message: 'is not a variable of this template (remove it)' },
    ])
  })

  it('take no name of every object for a variable', () => {
    expect(valueIssues(['constructor'], values({}))).toMatchObject([{ path: 'variables.constructor' }])
  })
})

describe('a rendered template', () => {
  it('has its values in the text, in the ids of its buttons, and by number in the order declared', () => {
    const buttons = [button('confirm:{{meetingId}}', 'Oui'), button('cancel', 'Non')]
    const wanted = template({ variables: ['meetingId', 'date', 'prenom'], buttons })
    expect(rendered(wanted, values({ prenom: 'Anna', date: 'demain', meetingId: '42' }))).toEqual({
      body: 'Bonjour Anna, votre RDV est le demain.',
      buttons: [
        { id: 'confirm:42', title: 'Oui' },
        { id: 'cancel', title: 'Non' },
      ],
      numbered: { '1': '42', '2': 'demain', '3': 'Anna' },
    })
  })

  it('takes a value as it is: dollars, and what looks like a variable', () => {
    const { body } = rendered(template(), values({ prenom: '{{date}}', date: "$& $1 $' demain" }))
    expect(body).toBe("Bonjour {{date}}, votre RDV est le $& $1 $' demain.")
  })

  it('fills every place of a variable', () => {
    expect(filled('{{a}}{{ a }} {{b}}', (name) => name.toUpperCase())).toBe('AA B')
  })
})

describe('a text without buttons to press', () => {
  it('shows their titles below it', () => {
    const buttons = [button('confirm', 'Oui'), button('cancel', 'Non')]
    expect(plainText({ body: 'Confirmez-vous ?', buttons })).toBe('Confirmez-vous ?\n\n• Oui\n• Non')
  })

  it.each([undefined, []])('is the text itself where there are none: %j', (buttons) => {
    expect(plainText({ body: 'Bonjour', buttons })).toBe('Bonjour')
  })
})

function button(id: string, title = 'Oui') {
  return { id, title }
}
