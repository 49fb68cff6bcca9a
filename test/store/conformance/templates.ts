import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { NewTemplate, TemplateFilter } from '#src/store/kept.ts'
import type { TestStore } from '#support/database.ts'
import { at, messageOf, newMessage, reserving } from '#support/facts.ts'

const contentSid = `HX${'0'.repeat(32)}`

function newTemplate(fields: Partial<NewTemplate> = {}): NewTemplate {
  return {
    id: randomUUID(),
    tenantId: 'acme',
    name: 'Reminder',
    type: 'appointment',
    messageText: 'Bonjour {{prenom}}, à {{date}}.',
    variables: ['prenom', 'date', 'meetingId'],
    buttons: [{ id: 'confirm:{{meetingId}}', title: 'Oui' }],
    contentSid: null,
    ...fields,
  }
}

const updatedAt = (row: { updated_at: string } | undefined) => new Date(row?.updated_at ?? Number.NaN)

export function templateSuite(current: () => TestStore): void {
  it('a template comes back as it was made', async () => {
    const { store } = current()
    const { id, ...wanted } = newTemplate({ messageText: 'it\'s "so" \\ $1\nété {{prenom}} 👍', contentSid })
    const created = await store.createTemplate({ id, ...wanted }, at(0))
    expect(created).toMatchObject({ outcome: 'created', template: { id, tenant_id: 'acme' } })
    const row = await store.getTemplate(id, 'acme')
    expect(row).toEqual(created.template)
    expect(row).toMatchObject({
      name: wanted.name,
      type: wanted.type,
      message_text: wanted.messageText,
      variables: wanted.variables,
      buttons: wanted.buttons,
      content_sid: contentSid,
      updated_at: expect.stringMatching(/\+00:00$/),
    })
    expect(updatedAt(row)).toEqual(at(0))
  })

  it('a name is taken once a tenant', async () => {
    const { store } = current()
    const first = newTemplate()
    await store.createTemplate(first)
    const again = newTemplate({ type: 'other' })
    expect(await store.createTemplate(again)).toEqual({ outcome: 'name_taken' })
    expect(await store.getTemplate(again.id, undefined)).toBeUndefined()
    expect(await store.createTemplate(newTemplate({ tenantId: 'other' }))).toMatchObject({
      outcome: 'created',
    })
    expect(await store.createTemplate(newTemplate({ name: 'reminder' }))).toMatchObject({
      outcome: 'created',
    })
  })

  it('of twenty made at once under one name one is made', async () => {
    const { store } = current()
    const made = await Promise.all(Array.from({ length: 20 }, () => store.createTemplate(newTemplate())))
    expect(made.filter(({ outcome }) => outcome === 'created')).toHaveLength(1)
    expect(await store.listTemplates({ limit: 30 })).toHaveLength(1)
  })

  it("another tenant's template is not there", async () => {
    const { store } = current()
    const wanted = newTemplate()
    await store.createTemplate(wanted, at(0))
    expect(await store.getTemplate(wanted.id, 'other')).toBeUndefined()
    const change = { state: { ...wanted, name: 'Mine' }, expected: at(0) }
    expect(await store.changeTemplate(wanted.id, 'other', change)).toEqual({ outcome: 'missing' })
    expect(await store.deleteTemplate(wanted.id, 'other')).toBe(0)
    expect(await store.getTemplate(wanted.id, undefined)).toMatchObject({ name: 'Reminder' })
  })

  it('a change replaces everything it may, and no later state than the one it was made for', async () => {
    const { store } = current()
    const wanted = newTemplate()
    await store.createTemplate(wanted, at(0))
    const state = {
      ...wanted,
      name: 'N',
      type: 't',
      messageText: 'M',
      variables: [],
      buttons: [],
      contentSid,
    }
    const changed = await store.changeTemplate(wanted.id, 'acme', { state, expected: at(0), now: at(5) })
    expect(changed).toMatchObject({
      outcome: 'changed',
      template: {
        id: wanted.id,
        tenant_id: 'acme',
        name: 'N',
        type: 't',
        message_text: 'M',
        variables: [],
        buttons: [],
        content_sid: contentSid,
      },
    })
    expect(updatedAt(changed.template)).toEqual(at(5))
    expect(new Date(changed.template?.created_at ?? '')).toEqual(at(0))
    const late = await store.changeTemplate(wanted.id, 'acme', { state: wanted, expected: at(0) })
    expect(late).toEqual({ outcome: 'stale', template: changed.template })
    expect(await store.getTemplate(wanted.id, 'acme')).toEqual(changed.template)
  })

  it('two changes within one millisecond are two states', async () => {
    const { store } = current()
    const wanted = newTemplate()
    await store.createTemplate(wanted, at(0))
    const first = await store.changeTemplate(wanted.id, 'acme', {
      state: wanted,
      expected: at(0),
      now: at(0),
    })
    expect(updatedAt(first.template).getTime()).toBe(at(0).getTime() + 1)
    const second = { state: wanted, expected: updatedAt(first.template), now: at(0) }
    expect(await store.changeTemplate(wanted.id, 'acme', second)).toMatchObject({ outcome: 'changed' })
    expect(await store.changeTemplate(wanted.id, 'acme', second)).toMatchObject({ outcome: 'stale' })
  })

  it('a change to a name that another has is refused, and changes nothing', async () => {
    const { store } = current()
    const [one, other] = [newTemplate(), newTemplate({ name: 'Other' })]
    await store.createTemplate(one, at(0))
    await store.createTemplate(other, at(0))
    const change = { state: { ...other, type: 'x', name: 'Reminder' }, expected: at(0) }
    expect(await store.changeTemplate(other.id, 'acme', change)).toEqual({ outcome: 'name_taken' })
    expect(await store.getTemplate(other.id, 'acme')).toMatchObject({ name: 'Other', type: 'appointment' })
  })

  it('a deleted template is gone once', async () => {
    const { store } = current()
    const wanted = newTemplate()
    await store.createTemplate(wanted)
    expect(await store.deleteTemplate(wanted.id, 'acme')).toBe(1)
    expect(await store.deleteTemplate(wanted.id, 'acme')).toBe(0)
    expect(await store.getTemplate(wanted.id, 'acme')).toBeUndefined()
    expect(await store.createTemplate(newTemplate())).toMatchObject({ outcome: 'created' })
  })

  it('the list has the newest first, of the tenant and type asked for, in pages without gap or repeat', async () => {
    const { store } = current()
    for (const [index, seconds] of [0, 1, 1, 2].entries())
      await store.createTemplate(newTemplate({ name: `T${index}`, type: `type-${index % 2}` }), at(seconds))
    await store.createTemplate(newTemplate({ tenantId: 'other' }), at(9))
    const names = async (filter: Omit<TemplateFilter, 'limit'>) =>
      (await store.listTemplates({ limit: 10, ...filter })).map(({ name }) => name)
    expect(await names({})).toHaveLength(5)
    const whole = await names({ tenantId: 'acme' })
    expect([whole[0], whole[3]]).toEqual(['T3', 'T0'])
    expect(await names({ tenantId: 'acme', type: 'type-1' })).toEqual(['T3', 'T1'])
    expect(await names({ tenantId: 'other' })).toEqual(['Reminder'])
    const seen: string[] = []
    let before: TemplateFilter['before']
    for (let page = 0; page < 2; page++) {
      const rows = await store.listTemplates({ tenantId: 'acme', limit: 2, before })
      seen.push(...rows.map(({ name }) => name))
      const last = rows.at(-1)
      before = { createdAt: last?.created_at ?? '', id: last?.id ?? '' }
    }
    expect(seen).toEqual(whole)
  })

  it('a message says which template it was made from, also when that is gone', async () => {
    const { store } = current()
    const wanted = newTemplate()
    await store.createTemplate(wanted)
    const message = newMessage({ template: { id: wanted.id, type: wanted.type } })
    await store.reserveMessage(message, reserving)
    await store.deleteTemplate(wanted.id, 'acme')
    expect(await messageOf(store, message.message.id)).toMatchObject({
      template_id: wanted.id,
      template_type: 'appointment',
    })
    const plain = newMessage()
    await store.reserveMessage(plain, reserving)
    expect(await messageOf(store, plain.message.id)).toMatchObject({ template_id: null, template_type: null })
  })
}
