import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { runCommand } from './command.ts'
import { madeSchema, schemaFile } from './schema/made.ts'

const usage = `usage: npm run schema
  writes what the migrations make into migrations/schema.txt, for git to compare`

/** `npm run schema`: the schema as a text that a person can read. */
async function renew(): Promise<void> {
  const schema = await madeSchema()
  const renewed = schema !== readFileSync(schemaFile, 'utf8')
  writeFileSync(schemaFile, schema)
  console.log(`migrations/schema.txt: ${renewed ? 'renewed (see git diff)' : 'is what the migrations make'}`)
}

await runCommand({ usage, read: () => parseArgs({}), run: renew })
