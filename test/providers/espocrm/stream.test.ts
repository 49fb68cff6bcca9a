import { describe, expect, it } from 'vitest'
import { sentencesIn } from '#src/model/sentences/sentences-in.ts'
import { atSandbox } from './at-sandbox.ts'
import { failure } from './crm-at.ts'

describe('a WhatsApp or SMS in EspoCRM', () => {
  it('is a post in the stream of its person, with the time when it was', async () => {
    const { crm, dana, inside, reports, whatsapp } = await atSandbox()
    await crm.trace(whatsapp())
    expect(inside.records('Note')).toMatchObject([
      {
        type: 'Post',
        parentType: 'Lead',
        parentId: dana.id,
        post: '**WhatsApp** envoyé à +33612345678 · 22 novembre 2026 à 10:30\n\nBonjour Dana\n\n[m:5f7a8b9c0d1e]',
      },
    ])
    expect(inside.records('Email')).toEqual([])
    expect(reports).toEqual([])
  })

  it('is dated where the company is, in the language of its team', async () => {
    const house = { sentences: sentencesIn.en, timeZone: 'America/Martinique' }
    const { crm, inside, whatsapp } = await atSandbox({}, {}, house)
    await crm.tell(whatsapp(), { status: 'failed', reason: '63016' })
    await crm.tell(whatsapp({ id: 'other', unsent: true }), { status: 'failed', reason: 'too late' })
    expect(inside.records('Note').map(({ post }) => String(post).split('\n\n[')[0])).toEqual([
      '**WhatsApp** sent to +33612345678 · 22 November 2026 at 05:30\n\nBonjour Dana',
      '**WhatsApp** not delivered to +33612345678: 63016',
      '**WhatsApp** not sent to +33612345678 · 22 November 2026 at 05:30\n\nReason: too late\n\nBonjour Dana',
    ])
  })

  it('says from whom it came', async () => {
    const { crm, inside, whatsapp } = await atSandbox()
    await crm.trace(
      whatsapp({
        channel: 'sms',
        direction: 'inbound',
        from: '+33612345678',
        to: '+33700000000',
        text: '*OUI*',
      }),
    )
    expect(inside.records('Note')).toMatchObject([
      { post: '**SMS** reçu de +33612345678 · 22 novembre 2026 à 10:30\n\n\\*OUI\\*\n\n[m:5f7a8b9c0d1e]' },
    ])
  })

  it('is in the stream of what it is about where nobody is known', async () => {
    const { crm, inside, whatsapp } = await atSandbox()
    const { id } = inside.meeting({ dateStart: '2026-11-25 08:00:00' })
    await crm.trace(whatsapp({ person: undefined, parent: { type: 'Meeting', id } }))
    expect(inside.records('Note')).toMatchObject([{ parentType: 'Meeting', parentId: id }])
  })

  it('is in the stream of its person where it is about something else', async () => {
    const { crm, dana, inside, whatsapp } = await atSandbox()
    const { id } = inside.meeting({ dateStart: '2026-11-25 08:00:00' })
    await crm.trace(whatsapp({ parent: { type: 'Meeting', id } }))
    expect(inside.records('Note')).toMatchObject([{ parentType: 'Lead', parentId: dana.id }])
  })

  it('is shown nowhere where nothing is known', async () => {
    const { crm, requests, whatsapp } = await atSandbox()
    await crm.trace(whatsapp({ person: undefined }))
    await crm.trace(whatsapp({ person: undefined, parent: { type: 'Rendez-vous', id: '../User' } }))
    expect(requests).toEqual([])
  })

  it('is written once, however often it is traced', async () => {
    const { crm, writes, whatsapp } = await atSandbox()
    await crm.trace(whatsapp())
    await crm.trace(whatsapp())
    expect(writes()).toEqual(['POST Note'])
  })

  it('is written once where the line was cut after it was taken', async () => {
    const { crm, inside, whatsapp } = await atSandbox()
    inside.unanswered('drop')
    expect(await failure(crm.trace(whatsapp()))).toMatchObject({ certainty: 'unknown' })
    await crm.trace(whatsapp())
    expect(inside.records('Note')).toHaveLength(1)
  })

  it('is written once, however much was written after it', async () => {
    const { crm, inside, writes, whatsapp } = await atSandbox()
    await crm.trace(whatsapp())
    for (let count = 0; count < 30; count++) await crm.trace(whatsapp({ id: `later ${count}` }))
    await crm.trace(whatsapp())
    expect(writes()).toHaveLength(31)
    expect(inside.records('Note')).toHaveLength(31)
  })

  it('is another one of another message with the same words', async () => {
    const { crm, inside, whatsapp } = await atSandbox()
    await crm.trace(whatsapp())
    await crm.trace(whatsapp({ id: '11111111-6a3d-4c8b-9e21-111111111111' }))
    expect(inside.records('Note')).toHaveLength(2)
  })

  it('is refused for good where its person is no longer there', async () => {
    const { crm, writes, whatsapp } = await atSandbox()
    expect(await failure(crm.trace(whatsapp({ person: { type: 'Lead', id: 'gone' } })))).toMatchObject({
      certainty: 'permanent',
      message: 'espocrm: there is no Lead with such an id',
    })
    expect(writes()).toEqual([])
  })

  it('waits where the role does not see the stream', async () => {
    const { crm, inside, whatsapp } = await atSandbox()
    inside.switches.forbiddenScopes = ['Lead.stream']
    expect(await failure(crm.trace(whatsapp()))).toMatchObject({
      certainty: 'retryable',
      message: 'espocrm: GET Lead posts: No stream access. (grant the role Stream on it)',
    })
  })

  it('whose words were dropped is reported', async () => {
    const { crm, reports, whatsapp } = await atSandbox({ says: (record) => ({ ...record, post: null }) })
    await crm.trace(whatsapp())
    expect(reports).toEqual(['espocrm: did not take Note.post as sent (let the role edit this field)'])
  })

  it('in which EspoCRM turns an address of its own into a link was taken', async () => {
    const { crm, reports, whatsapp } = await atSandbox({
      says: (record) => ({ ...record, post: `${record.post} [Lead](#Lead/view/1)` }),
    })
    await crm.trace(whatsapp())
    expect(reports).toEqual([])
  })
})

describe('what became of a WhatsApp or SMS', () => {
  it.each(['sent', 'delivered', 'read', 'clicked'] as const)(
    'is not noted where it is %s',
    async (status) => {
      const { crm, requests, whatsapp } = await atSandbox()
      await crm.tell(whatsapp(), { status })
      expect(requests).toEqual([])
    },
  )

  it('is one more post where it failed, once, behind the message itself', async () => {
    const { crm, inside, whatsapp } = await atSandbox()
    await crm.tell(whatsapp(), { status: 'failed', reason: '63016: *outside* the window' })
    await crm.tell(whatsapp(), { status: 'failed', reason: '63016: *outside* the window' })
    expect(inside.records('Note')).toMatchObject([
      { post: expect.stringContaining('Bonjour Dana\n\n[m:5f7a8b9c0d1e]') },
      {
        post: '**WhatsApp** non remis à +33612345678 : 63016: \\*outside\\* the window\n\n[f:5f7a8b9c0d1e]',
      },
    ])
  })

  it('is one more post where the line was cut after it was taken', async () => {
    const { crm, inside, whatsapp } = await atSandbox()
    await crm.trace(whatsapp())
    inside.unanswered('drop')
    await failure(crm.tell(whatsapp(), { status: 'failed' }))
    await crm.tell(whatsapp(), { status: 'failed' })
    expect(inside.records('Note')).toHaveLength(2)
  })
})

describe('a WhatsApp or SMS that no provider took', () => {
  it('is one post that says so and why, however often it is told', async () => {
    const { crm, inside, whatsapp } = await atSandbox()
    const message = whatsapp({ unsent: true })
    await crm.trace(message)
    for (let times = 0; times < 2; times++)
      await crm.tell(message, { status: 'failed', reason: 'Invalid *To* number' })
    expect(inside.records('Note')).toMatchObject([
      {
        post: '**WhatsApp** non envoyé à +33612345678 · 22 novembre 2026 à 10:30\n\nMotif : Invalid \\*To\\* number\n\nBonjour Dana\n\n[u:5f7a8b9c0d1e]',
      },
    ])
  })

  it('has a post of its own when it is sent after all, and another where that fails too', async () => {
    const { crm, inside, whatsapp } = await atSandbox()
    await crm.tell(whatsapp({ unsent: true }), { status: 'failed', reason: 'trop tard' })
    await crm.trace(whatsapp())
    await crm.tell(whatsapp(), { status: 'failed', reason: 'retiré' })
    expect(inside.records('Note')).toMatchObject([
      { post: expect.stringContaining('[u:5f7a8b9c0d1e]') },
      { post: expect.stringContaining('envoyé à +33612345678') },
      {
        post: '**WhatsApp** non remis à +33612345678 : retiré\n\n[f:5f7a8b9c0d1e]',
      },
    ])
  })
})

describe('a note of the house', () => {
  it('is written once for each key, and is not a post of the message itself', async () => {
    const { crm, dana, inside, whatsapp } = await atSandbox()
    await crm.trace(whatsapp())
    await crm.note(dana, whatsapp().id, 'Réponse hors délai')
    await crm.note(dana, whatsapp().id, 'Réponse hors délai')
    await crm.note(dana, 'other', 'Réponse hors délai')
    expect(inside.records('Note').slice(1)).toMatchObject([
      { parentType: 'Lead', parentId: dana.id, post: 'Réponse hors délai\n\n[n:5f7a8b9c0d1e]' },
      { post: expect.stringMatching(/\[n:[0-9a-f]{12}\]$/) },
    ])
  })

  it('notifies nobody whose name a customer wrote', async () => {
    const { crm, dana, inside } = await atSandbox()
    await crm.note(dana, 'a', 'le client écrit « @admin »')
    expect(inside.records('Note')[0]?.post).not.toMatch(/@[\w@.-]+/)
  })
})
