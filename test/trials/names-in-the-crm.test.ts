import { afterAll, beforeAll, expect, test } from 'vitest'
import type { World } from '#support/world.ts'
import { notes, startCrmWorld, writes } from '../crm/crm-world.ts'

/** Numbers of an upgraded CRM, whose phone numbers are not international: espocrm/espocrm#406, #2896, #3781. */

let world: World
beforeAll(async () => {
  ;({ world } = await startCrmWorld())
  world.sandbox.crm.switches.internationalPhones = false
})
afterAll(() => world.stop())

test.each([
  { typed: '+33 (0)6 12 72 01 85', from: '+33612720185' },
  { typed: '0033 6 12 72 02 85', from: '+33612720285' },
  { typed: '612720385', from: '+33612720385' },
  { typed: '0612720985 poste 12', from: '+33612720985' },
  { typed: '+33 0612721185', from: '+33612721185' },
  { typed: '0033 (0)612721285', from: '+33612721285' },
  { typed: '06.12.72.13.85', from: '+33612721385' },
  { typed: '06 12 72 14 85 (bureau)', from: '+33612721485' },
  { typed: '0692 72 15 85', from: '+262692721585' },
])(
  'what somebody writes from $from is shown with the lead whose number is typed «$typed»',
  async ({ typed, from }) => {
    const lead = world.sandbox.crm.lead({ firstName: 'Anna', lastName: `L ${from}`, phone: typed })
    await writes(world, { channel: 'whatsapp', from, text: 'Une question' })
    expect(notes(world, lead.id).join()).toContain('Une question')
  },
)
