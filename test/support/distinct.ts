import { z } from 'zod'

/**
 * A value of a schema in which every field is set, each to something of its own, named by where it stands; `given` names
 * those that must be something else, by their path. Throws where a schema is of a kind that it does not know: what it
 * cannot set, a test cannot prove.
 */
export function distinct(schema: z.core.$ZodType, given: Record<string, unknown> = {}, path = ''): unknown {
  if (Object.hasOwn(given, path)) return given[path]
  const inside = (inner: z.core.$ZodType, name: string | number) =>
    distinct(inner, given, path === '' ? String(name) : `${path}.${name}`)
  if (schema instanceof z.ZodOptional) return distinct(schema.unwrap(), given, path)
  if (schema instanceof z.ZodObject)
    return Object.fromEntries(
      Object.entries(schema.shape).map(([name, field]) => [name, inside(field, name)]),
    )
  if (schema instanceof z.ZodArray) return [inside(schema.element, 0), inside(schema.element, 1)]
  if (schema instanceof z.ZodRecord) return { [`${path} key`]: inside(schema.valueType, 'value') }
  if (schema instanceof z.ZodLiteral) return schema.value
  if (schema instanceof z.ZodEnum) return schema.options.at(-1)
  if (schema instanceof z.ZodBoolean) return true
  if (schema instanceof z.ZodNumber) return path.length
  if (schema instanceof z.ZodDate) return new Date(Date.UTC(2100, 0, 1) + path.length)
  if (schema instanceof z.ZodString) return `<${path}>`
  // What is attached: as text, like all else.
  if (schema instanceof z.ZodUnion && schema.options[0]) return distinct(schema.options[0], given, path)
  // z.json()
  if (schema instanceof z.ZodLazy) return { [`${path} of any kind`]: [true, null, 1] }
  throw new Error(`test: ${path} is of a kind that cannot be set yet (${schema._zod.def.type})`)
}
