import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { deliveryWords } from '#providers/espocrm/delivery-words.ts'

const resources = 'providers/espocrm/metadata/Resources'
const read = <T>(file: string, shape: z.ZodType<T>): T =>
  shape.parse(JSON.parse(readFileSync(`${resources}/${file}`, 'utf8')))

const { fields } = read(
  'metadata/entityDefs/Email.json',
  z.object({ fields: z.record(z.string(), z.looseObject({ type: z.string(), isCustom: z.boolean() })) }),
)
const names = Object.keys(fields)

describe('the fields that are to be installed', () => {
  it('are those that are written', () => {
    expect(names).toEqual(['cMessageId', 'cDeliveryStatus', 'cDeliveredAt', 'cOpenedAt', 'cBounceReason'])
  })

  it('are marked as custom: EspoCRM reverts any other field of a sent email', () => {
    expect(names.filter((name) => !fields[name]?.isCustom)).toEqual([])
  })

  it('take every word of a delivery', () => {
    expect(fields.cDeliveryStatus?.options).toEqual(['', ...Object.values(deliveryWords)])
  })

  it.each(['fr_FR', 'en_US'])('have labels in %s', (language) => {
    const labels = read(
      `i18n/${language}/Email.json`,
      z.object({
        fields: z.record(z.string(), z.string().min(1)),
        options: z.object({ cDeliveryStatus: z.record(z.string(), z.string()) }),
      }),
    )
    expect(Object.keys(labels.fields)).toEqual(names)
    expect(Object.keys(labels.options.cDeliveryStatus)).toEqual(['', ...Object.values(deliveryWords)])
  })

  it('are what the install page names', () => {
    const page = readFileSync('docs/espocrm.md', 'utf8')
    expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
  })
})
