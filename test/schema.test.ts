import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { testDatabase } from '#support/database.ts'
import { dumpSchema } from '../scripts/schema/dump.ts'
import { madeSchema, schemaFile } from '../scripts/schema/made.ts'

const inGit = () => readFileSync(schemaFile, 'utf8')
const remedy = 'migrations/schema.txt is not what the migrations make: npm run schema'

it('the schema in git is what the migrations make', async () => {
  const opened = await testDatabase()
  const dump = await dumpSchema(opened.query)
  await opened.drop()
  expect(dump, remedy).toBe(inGit())
})

// Starts an embedded database: seconds, more on a busy machine.
it('npm run schema, on the embedded database, writes the same', async () => {
  expect(await madeSchema(), remedy).toBe(inGit())
}, 180_000)
