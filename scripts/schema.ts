import { readFileSync, writeFileSync } from 'node:fs'
import { madeSchema, schemaFile } from './schema/made.ts'

/** `npm run schema`: writes what the migrations make into migrations/schema.txt, for git to compare. */
const schema = await madeSchema()
const renewed = schema !== readFileSync(schemaFile, 'utf8')
writeFileSync(schemaFile, schema)
console.log(`migrations/schema.txt: ${renewed ? 'renewed (see git diff)' : 'is what the migrations make'}`)
