import { expect, it } from 'vitest'
import { tenantFor, visibleTenant } from '#src/api/access.ts'

const own = { tenantId: 'acme', ops: false }
const everybodys = { tenantId: undefined, ops: true }

it.each([
  [own, undefined, 'acme'],
  [own, 'acme', 'acme'],
  [everybodys, 'globex', 'globex'],
])('%j, naming %s, acts for %s', (access, named, tenant) => {
  expect(tenantFor(access, named)).toBe(tenant)
  expect(visibleTenant(access, named)).toBe(tenant)
})

it('a token of one tenant may not name another', () => {
  for (const ask of [tenantFor, visibleTenant])
    expect(() => ask(own, 'globex')).toThrow(expect.objectContaining({ code: 'forbidden', status: 403 }))
})

it('a token of no tenant sees every one’s rows, but has to name one to act for', () => {
  expect(visibleTenant(everybodys, undefined)).toBeUndefined()
  expect(() => tenantFor(everybodys, undefined)).toThrow(/tenantId.*is required/)
})
