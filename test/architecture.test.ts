import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { circles, reduced, roomGraph } from '../scripts/rooms/graph.ts'
import { fileGraph, folders, importsOf, sourceFiles } from '../scripts/rooms/imports.ts'
import { withPicture } from '../scripts/rooms/picture.ts'

/** Who may import whom: ARCHITECTURE.md. Checked on the text, so that a file need not be loaded to be judged. */
const root = fileURLToPath(new URL('..', import.meta.url))
const judged = [...folders, 'scripts']
/** What stands at the top of `src`: what is started and put together, and our own numbers. */
const top = ['app', 'banner', 'config', 'house', 'patience', 'server'].map((name) => `src/${name}.ts`)
const longest = 200
const sqlFiles = globSync('migrations/functions/*.sql', { cwd: root }).toSorted()
const sqlFunctions = sqlFiles.flatMap((file) =>
  [...readFileSync(`${root}/${file}`, 'utf8').matchAll(/^create (?:or replace )?function (\w+)/gm)].map(
    ([, name = '']) => name,
  ),
)
const longestSql = 350

/** What is wrong with one file, each in one line. */
function offences(path: string, text: string): string[] {
  const targets = importsOf(path, text)
  const [room = '', place] = path.split('/')
  const of = (...names: string[]) => targets.filter((target) => names.includes(target.split('/')[0] ?? ''))
  const wrong: string[] = []
  const forbid = (rule: string, found: readonly string[]) =>
    wrong.push(...found.map((target) => `${path}: ${rule} (${target})`))

  const assembles = path === 'src/server.ts' || path === 'src/app.ts'
  if (room === 'src' && !assembles)
    forbid('src imports no room', of('routes', 'actions', 'providers', 'sandbox', 'scripts', 'test'))
  if (room === 'actions') forbid('actions import src only', of('routes', 'providers', 'sandbox', 'scripts'))
  if (room === 'routes') forbid('routes import actions and src only', of('providers', 'sandbox', 'scripts'))
  if (room === 'providers' && place !== 'index.ts') {
    forbid(
      'a provider imports src/model, src/contract and itself only',
      targets.filter(
        (target) =>
          [...judged, 'test', 'support'].includes(target.split('/')[0] ?? '') &&
          !['src/model/', 'src/contract/', `providers/${place}/`].some((room) => target.startsWith(room)),
      ),
    )
  }
  if (room === 'src' && !top.includes(path))
    forbid(
      'a room imports nothing that stands at the top of src but src/patience.ts',
      targets.filter((target) => top.includes(target) && target !== 'src/patience.ts'),
    )
  if (room === 'sandbox')
    forbid('the sandbox is a product apart', of('src', 'routes', 'actions', 'providers', 'scripts', 'test'))
  if (room !== 'test') forbid('nothing imports the tests', of('test', 'support'))
  if (!['routes', 'sandbox'].includes(room) && path !== 'src/app.ts')
    forbid('only routes and src/app.ts import express', of('express'))
  if (path !== 'src/store/store.ts' && !path.startsWith('src/store/calls/') && room !== 'sandbox')
    forbid(
      'only src/store/store.ts and its calls name a SQL function',
      sqlFunctions.filter((name) =>
        new RegExp(`['"\`.\\s]${name}\\b\\s*['"\`(]`).test(withoutComments(text)),
      ),
    )
  const environments = path === 'src/server.ts' || path === 'sandbox/main.ts' || room === 'scripts'
  if (!environments && /\bprocess\s*\.\s*env\b/.test(withoutComments(text)))
    wrong.push(`${path}: only src/server.ts, sandbox/main.ts and scripts read process.env`)
  const deciding = [
    'carriers',
    'crm',
    'escalation',
    'receiving',
    'reconciliation',
    'replay',
    'sending',
    'templates',
  ]
  if (room === 'src' && deciding.includes(place ?? '') && /const \w+(?:Ms|Seconds) = \d/.test(text))
    wrong.push(`${path}: how long and how often stand in src/patience.ts`)
  if (/^export default\b|\bas default\b/m.test(text)) wrong.push(`${path}: no default exports`)
  const lines = text.trimEnd().split('\n').length
  if (lines > longest) wrong.push(`${path}: has ${lines} lines, more than ${longest}`)
  return wrong
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

const files = sourceFiles(root, judged)
const graph = fileGraph(root, files)
const rooms = roomGraph(new Map([...graph].filter(([file]) => file.startsWith('src/'))))

test('the folders are all here', () => {
  for (const folder of judged) expect(files.some((file) => file.startsWith(`${folder}/`))).toBe(true)
  expect(files.length).toBeGreaterThan(80)
  expect(sqlFunctions).toContain('record_events')
})

test('every file keeps to who may import whom, reads no environment, exports nothing by default and has at most 200 lines', () => {
  expect(files.flatMap((file) => offences(file, readFileSync(`${root}/${file}`, 'utf8')))).toEqual([])
})

test('every file of SQL functions opens by what it promises and has at most 350 lines', () => {
  expect(sqlFiles.length).toBeGreaterThan(10)
  for (const file of sqlFiles) {
    const text = readFileSync(`${root}/${file}`, 'utf8')
    expect(text, file).toMatch(/^-- [A-Z].+\n(?:--.*\n)*\n/)
    expect(text.trimEnd().split('\n').length, file).toBeLessThanOrEqual(longestSql)
  }
})

test('SQL holds no span, and is told how many; but for the hour and the day that the send limits are named for, the hour by which messages are counted, how soon no person opens or clicks, how many reads of one mail are kept, and what a clock of whole seconds leaves open', () => {
  const spans = sqlFiles.flatMap((file) => [
    ...(readFileSync(`${root}/${file}`, 'utf8').match(/interval '.*?'|secs => [0-9]+|limit [0-9]{2,}/g) ??
      []),
  ])
  expect([...new Set(spans)].toSorted()).toEqual([
    "interval '0'",
    "interval '1 day'",
    "interval '1 hour'",
    "interval '1 microsecond'",
    "interval '1 millisecond'",
    "interval '1 second'",
    "interval '10 seconds'",
    "interval '2 seconds'",
    "interval '5 seconds'",
    "interval '999 milliseconds'",
    'limit 200',
  ])
})

/** What EspoCRM calls things: its folder among the providers translates them, and nothing else knows them. */
const wordsOfTheCrm = /\bLeads?\b|[Mm]eetings?\b|\bNot Held\b|['"`](?:Held|Planned)['"`]|[Ee]spo[Cc]/

test('src and the SQL functions know no word of EspoCRM', () => {
  const ours = [...files.filter((file) => file.startsWith('src/')), ...sqlFiles]
  const known = ours.flatMap((file) => foreignWords(file))
  expect(known).toEqual([])
})

function foreignWords(file: string): string[] {
  return readFileSync(`${root}/${file}`, 'utf8')
    .split('\n')
    .flatMap((line, index) => (wordsOfTheCrm.test(line) ? [`${file}:${index + 1}: ${line.trim()}`] : []))
}

test('no two files import each other in a circle, types included', () => {
  expect(circles(graph)).toEqual([])
})

test('the arrows between the rooms of src go one way, types included', () => {
  expect(rooms.size).toBeGreaterThan(15)
  expect(circles(rooms)).toEqual([])
})

test('at the top of src stands only what is started and put together', () => {
  expect(files.filter((file) => /^src\/[^/]+$/.test(file))).toEqual(top)
})

test('the picture in ARCHITECTURE.md shows the rooms as they are (npm run rooms)', () => {
  const page = readFileSync(`${root}/ARCHITECTURE.md`, 'utf8')
  expect(withPicture(page, rooms)).toBe(page)
})

describe('the checker finds', () => {
  test.each(
    [
      ['src/model/event.ts', `import { a } from '../../routes/guard.ts'`, 'src imports no room'],
      ['src/model/event.ts', `import type { A } from '#providers/twilio/form.ts'`, 'src imports no room'],
      ['src/model/event.ts', `const a = await import('../../actions/index.ts')`, 'src imports no room'],
      ['src/store/store.ts', `export { a } from '../../sandbox/start.ts'`, 'src imports no room'],
      ['src/model/event.ts', `import {\n  a,\n  b,\n} from '#actions/index.ts'`, 'src imports no room'],
      ['actions/sendSMS.ts', `import { a } from '#routes/guard.ts'`, 'actions import src only'],
      ['routes/webhooks.ts', `import { a } from '#providers/index.ts'`, 'routes import actions and src only'],
      ['providers/twilio/send.ts', `import { a } from '../sendgrid/send.ts'`, 'a provider imports'],
      ['providers/twilio/send.ts', `import { a } from '#providers/index.ts'`, 'a provider imports'],
      ['providers/twilio/send.ts', `import { a } from '#src/store/store.ts'`, 'a provider imports'],
      ['providers/twilio/send.ts', `import type { Log } from '#src/runtime/log.ts'`, 'a provider imports'],
      ['providers/twilio/send.ts', `import { a } from '#support/world.ts'`, 'a provider imports'],
      ['src/sending/deliver.ts', `import type { Config } from '#src/config.ts'`, 'at the top of src'],
      ['providers/twilio/send.ts', `import { Router } from 'express'`, 'import express'],
      ['actions/sendSMS.ts', `import express from 'express'`, 'import express'],
      ['src/house.ts', `import 'express'`, 'import express'],
      ['sandbox/start.ts', `import { a } from '#src/model/event.ts'`, 'a product apart'],
      ['src/sending/deliver.ts', `import { a } from '#support/world.ts'`, 'nothing imports the tests'],
      ['src/receiving/ingest.ts', `await database.call('record_events', {})`, 'name a SQL function'],
      ['src/sending/worker.ts', 'query(`select claim_due(1)`)', 'name a SQL function'],
      ['providers/smtp/index.ts', 'const a = process.env.SMTP_HOST', 'read process.env'],
      ['sandbox/start.ts', 'const a = process.env', 'read process.env'],
      ['src/sending/deliver.ts', 'const waitMs = 10_000', 'src/patience.ts'],
      ['src/crm/inbound.ts', 'const lateSeconds = 2 * 60', 'src/patience.ts'],
      ['src/model/event.ts', 'export default function a() {}', 'no default exports'],
      ['src/model/event.ts', 'export { a as default }', 'no default exports'],
      ['src/model/event.ts', 'const a = 1\n'.repeat(201), 'has 201 lines'],
    ].map(([path = '', text = '', rule = '']) => ({ path, text, rule })),
  )('$rule, in $path', ({ path, text, rule }) => {
    expect(offences(path, text).join('\n')).toContain(rule)
  })

  test('a circle of files, and one of rooms that is none of files', () => {
    const files = new Map([
      ['src/a/one.ts', ['src/b/one.ts']],
      ['src/b/one.ts', ['zod']],
      ['src/b/two.ts', ['src/a/two.ts']],
      ['src/a/two.ts', []],
    ])
    expect(circles(files)).toEqual([])
    expect(circles(roomGraph(files))).toEqual(['a → b → a'])
    expect(circles(new Map([...files, ['src/a/two.ts', ['src/b/two.ts']]]))).toEqual([
      'src/b/two.ts → src/a/two.ts → src/b/two.ts',
    ])
  })

  test('an import of types alone', () => {
    const text = `import type { A } from './b.ts'\nexport type { B } from '#src/c.ts'\ntype C = import('./d.ts').C`
    expect(importsOf('src/a.ts', text)).toEqual(['src/b.ts', 'src/c.ts', 'src/d.ts'])
  })

  test('which arrows follow from others', () => {
    const all = { a: ['b', 'c', 'd'], b: ['c'], c: ['d'], d: [] }
    expect(Object.fromEntries(reduced(new Map(Object.entries(all))))).toEqual({
      a: ['b'],
      b: ['c'],
      c: ['d'],
      d: [],
    })
  })

  test.each([
    ['src/app.ts', `import express from 'express'\nimport { a } from '../routes/guard.ts'`],
    ['src/server.ts', `import { a } from '../providers/index.ts'\nstart(process.env)`],
    ['providers/index.ts', `import { a } from './smtp/index.ts'`],
    ['providers/twilio/send.ts', `import { a } from './form.ts'\nimport { b } from '#src/model/event.ts'`],
    ['sandbox/start.ts', `import express from 'express'\nimport { a } from '#sandbox/world.ts'`],
    [
      'src/model/event.ts',
      '/** As record_events takes it; process.env is read by the server. */\n// claim_due(1)',
    ],
    ['src/model/event.ts', 'const a = 1\n'.repeat(200)],
  ])('nothing in a good %s', (path, text) => {
    expect(offences(path, text)).toEqual([])
  })
})
