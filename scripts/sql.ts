import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { config as readDotenv } from 'dotenv'
import { readConfig } from '#src/config.ts'
import { runCommand } from './command.ts'
import { openConsole, type SqlConsole } from './sql/console.ts'
import { shown } from './sql/shown.ts'
import { statements } from './sql/statements.ts'

const usage = `usage: npm run sql [-- --write] ['select count(*) from messages']
  a prompt into the configured database: DATABASE_URL, or the embedded one in DATA_DIR
  --write  lets statements change something; without it each runs in a transaction that only reads
  at the prompt: a statement ends with ;   \\d lists tables and views   \\q ends`

const tables = `select table_name as name, case table_type when 'VIEW' then 'view' else 'table' end as kind
  from information_schema.tables where table_schema = 'public' order by kind, name`

interface Wish {
  write: boolean
  sql: string | undefined
}

function wished(): Wish {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { write: { type: 'boolean', default: false } },
  })
  if (positionals.length > 1) throw new TypeError('sql: give one text (put it in quotes)')
  return { write: values.write, sql: positionals[0] }
}

/** `npm run sql`: asks the configured database, whichever it is. */
async function sql({ write, sql: text }: Wish): Promise<void> {
  readDotenv({ quiet: true })
  const database = await openConsole(readConfig(process.env), write)
  try {
    if (text === undefined) await prompt(database, write)
    else for (const statement of statements(`${text};`).whole) await answer(database, statement, true)
  } finally {
    await database.close()
  }
}

/** Statements as they are written or piped in, until the end of the input or \q. */
async function prompt(database: SqlConsole, write: boolean): Promise<void> {
  const terminal = createInterface({
    input: process.stdin,
    ...(process.stdin.isTTY && { output: process.stdout }),
  })
  if (process.stdin.isTTY)
    console.log(`${database.name}, ${write ? 'changes are written' : 'read only (--write lets changes in)'}`)
  const invite = (pending: string) => {
    terminal.setPrompt(pending.trim() === '' ? 'sql> ' : '...> ')
    if (process.stdin.isTTY) terminal.prompt()
  }
  let pending = ''
  invite(pending)
  for await (const line of terminal) {
    const command = pending.trim() === '' ? line.trim() : ''
    if (command === '\\q') break
    const { whole, rest } = statements(command === '\\d' ? `${tables};` : `${pending}${line}\n`)
    pending = rest
    for (const statement of whole) await answer(database, statement)
    invite(pending)
  }
  if (pending.trim() !== '') await answer(database, pending)
  terminal.close()
}

/** A statement that fails is answered, and the next one may follow; where nobody types them, the command has failed. */
async function answer(database: SqlConsole, statement: string, alone = !process.stdin.isTTY): Promise<void> {
  try {
    console.log(shown(await database.query(statement)))
  } catch (error) {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`)
    if (alone) process.exitCode = 1
  }
}

await runCommand({ usage, read: wished, run: sql })
