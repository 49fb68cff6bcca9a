import { describe, expect, it } from 'vitest'
import { credentials } from '#sandbox/credentials.ts'
import { atSandbox, person } from './at-sandbox.ts'
import { failure } from './crm-at.ts'

const { assignedUserId, teamId, userId } = credentials.espocrm
const owned = { ESPOCRM_ASSIGNED_USER_ID: assignedUserId, ESPOCRM_TEAM_ID: teamId }
const id = '0b9c1f2e-6a3d-4c8b-9e21-5f7a8b9c0d1e'

describe('a task in EspoCRM', () => {
  it('is for the configured user, about the record', async () => {
    const { crm, dana, inside, reports } = await atSandbox({}, owned)
    await crm.task(dana, id, 'Répondre au client', 'réponse à interpréter : « *bof* @admin »')
    expect(inside.records('Task')).toMatchObject([
      {
        name: 'Répondre au client',
        status: 'Not Started',
        priority: 'Normal',
        description: 'réponse à interpréter : « \\*bof\\* &#64;admin »\n\n[t:5f7a8b9c0d1e]',
        parentType: 'Lead',
        parentId: dana.id,
        assignedUserId,
        teamsIds: [teamId],
      },
    ])
    expect(reports).toEqual([])
  })

  it('is for the user whose record it is where nobody is configured', async () => {
    const { crm, inside } = await atSandbox()
    const theirs = { type: 'Lead', id: person(inside, 'lead', { assignedUserId: userId }) }
    await crm.task(theirs, id, 'Répondre', 'oui mais')
    expect(inside.records('Task')).toMatchObject([{ assignedUserId: userId }])
  })

  it('for nobody is refused, with what to set', async () => {
    const { crm, dana } = await atSandbox()
    const error = await failure(crm.task(dana, id, 'Répondre', 'oui mais'))
    expect(error).toMatchObject({ certainty: 'permanent' })
    expect(error.message).toContain('(set ESPOCRM_ASSIGNED_USER_ID)')
  })

  it('is made once for each key', async () => {
    const { crm, dana, inside } = await atSandbox({}, owned)
    await crm.task(dana, id, 'Répondre', 'oui mais')
    await crm.task(dana, id, 'Répondre', 'oui mais')
    await crm.task(dana, 'another', 'Répondre', 'oui mais')
    expect(inside.records('Task')).toHaveLength(2)
  })

  it('is made once where the line was cut after it was taken', async () => {
    const { crm, dana, inside } = await atSandbox({}, owned)
    inside.unanswered('drop')
    expect(await failure(crm.task(dana, id, 'Répondre', 'oui mais'))).toMatchObject({ certainty: 'unknown' })
    await crm.task(dana, id, 'Répondre', 'oui mais')
    expect(inside.records('Task')).toHaveLength(1)
  })

  it('links to what may be no parent of it', async () => {
    const { crm, inside } = await atSandbox({}, owned)
    await crm.task({ type: 'Meeting', id: 'm1' }, id, 'Répondre', 'oui mais')
    expect(inside.records('Task')).toMatchObject([
      { description: 'oui mais\n\n[Meeting](#Meeting/view/m1)\n\n[t:5f7a8b9c0d1e]', parentId: null },
    ])
  })

  it('may be about nothing', async () => {
    const { crm, inside } = await atSandbox({}, owned)
    await crm.task(undefined, id, 'Répondre', 'oui mais')
    await crm.task(undefined, id, 'Répondre', 'oui mais')
    expect(inside.records('Task')).toHaveLength(1)
  })

  it('has a name that EspoCRM takes', async () => {
    const { crm, inside } = await atSandbox({}, owned)
    await crm.task(undefined, id, ' <b>a = b</b>\nc ', 'x')
    await crm.task(undefined, 'empty', '<>', 'x')
    await crm.task(undefined, 'long', 'é'.repeat(300), 'x')
    expect(inside.records('Task').map(({ name }) => name)).toEqual([
      'b a b /b c',
      'max-comms',
      'é'.repeat(255),
    ])
  })
})
