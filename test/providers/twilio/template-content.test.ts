import { describe, expect, it } from 'vitest'
import { type NamedTemplate, objections, templateContent } from '#providers/twilio/template-content.ts'

function template(fields: Partial<NamedTemplate> = {}): NamedTemplate {
  return {
    id: '0b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10',
    name: 'Rappel de RDV (été)',
    messageText: 'Bonjour {{prenom}}, votre RDV est le {{ date }}.',
    variables: ['date', 'prenom'],
    buttons: [],
    ...fields,
  }
}

const nameOf = (fields: Partial<NamedTemplate>, language = 'fr') =>
  templateContent(template(fields), language).friendly_name

describe("a template as Twilio's content", () => {
  it('has its variables by number, in the order declared, and samples for all of them', () => {
    expect(templateContent(template(), 'fr')).toEqual({
      friendly_name: expect.stringMatching(/^rappel_de_rdv_ete_[0-9a-f]{10}$/),
      language: 'fr',
      variables: { '1': 'date', '2': 'prenom' },
      types: { 'twilio/text': { body: 'Bonjour {{2}}, votre RDV est le {{1}}.' } },
    })
  })

  it('keeps the numbers of variables that are called by them', () => {
    const numbered = template({ messageText: 'RDV {{2}} pour {{1}}.', variables: ['2', '1'] })
    expect(templateContent(numbered, 'fr')).toMatchObject({
      variables: { '1': '1', '2': '2' },
      types: { 'twilio/text': { body: 'RDV {{2}} pour {{1}}.' } },
    })
  })

  it('with buttons is a quick reply', () => {
    const buttons = [{ id: 'confirm:{{meetingId}}', title: 'Oui' }]
    const { types } = templateContent(template({ variables: ['prenom', 'date', 'meetingId'], buttons }), 'fr')
    expect(types).toEqual({
      'twilio/quick-reply': {
        body: 'Bonjour {{1}}, votre RDV est le {{2}}.',
        actions: [{ type: 'QUICK_REPLY', title: 'Oui', id: 'confirm:{{3}}' }],
      },
    })
  })

  it('has the same name each time, and another for other texts, templates and languages', () => {
    const names = [
      nameOf({}),
      nameOf({ messageText: 'Bonjour {{prenom}}, le {{date}}.' }),
      nameOf({ id: '1b9c1f9e-6f0e-4d5a-9d0e-3b1f1f6a7c10' }),
      nameOf({ variables: ['prenom', 'date'] }),
      nameOf({ buttons: [{ id: 'a', title: 'A' }] }),
      nameOf({}, 'en'),
    ]
    expect(new Set(names).size).toBe(names.length)
    expect(nameOf({})).toBe(names[0])
  })

  it.each([
    ['日本', /^template_[0-9a-f]{10}$/],
    ['x'.repeat(100), /^x{60}_[0-9a-f]{10}$/],
    ['--A--', /^a_[0-9a-f]{10}$/],
  ])('has a name of lower case letters, digits and underscores only: %s', (name, shape) => {
    expect(nameOf({ name })).toMatch(shape)
  })
})

describe('what WhatsApp would reject', () => {
  const objectionsTo = (messageText: string, variables: string[]) =>
    objections(template({ messageText, variables }))

  it.each<[string, string[]]>([
    ['Bonjour {{prenom}}, le {{date}}.', ['prenom', 'date']],
    ['Bonjour {{prenom}}, le {{date}}.', ['date', 'prenom']],
    ['Bonjour.', []],
  ])('is nothing in %j', (text, variables) => {
    expect(objectionsTo(text, variables)).toEqual([])
  })

  it.each<[string, string[], RegExp]>([
    ['{{prenom}}, bonjour.', ['prenom'], /begins or ends/],
    ['Bonjour {{prenom}} ', ['prenom'], /begins or ends/],
    ['Bonjour {{prenom}} {{nom}}.', ['prenom', 'nom'], /side by side/],
    ['Bonjour {{prenom}}.', ['meetingId', 'prenom'], /declare them last/],
    ['x'.repeat(1_025), [], /1024 characters/],
    ['Voir https://wa.me/33612345678 !', [], /wa\.me/],
    ['🎉'.repeat(11), [], /10 emoji/],
  ])('is told of %j', (text, variables, objection) => {
    expect(objectionsTo(text, variables)).toEqual([expect.stringMatching(objection)])
  })
})
