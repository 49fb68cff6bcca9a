import { readFileSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { testDatabase } from '#support/database.ts'
import { dumpSchema } from '#support/schema-dump.ts'

const file = new URL('../migrations/schema.snapshot', import.meta.url)
const remedy = 'migrations/schema.snapshot is not current: UPDATE_SCHEMA=1 npx vitest run test/schema.test.ts'

it('the snapshot of the schema in git is what the migrations make', async () => {
  const opened = await testDatabase()
  const dump = await dumpSchema(opened)
  await opened.drop()
  if (process.env.UPDATE_SCHEMA) writeFileSync(file, dump)
  expect(dump, remedy).toBe(readFileSync(file, 'utf8'))
})
