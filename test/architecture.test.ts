import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

/** Who may import whom: ARCHITECTURE.md. Checked on the text, so that a file need not be loaded to be judged. */
const root = fileURLToPath(new URL('..', import.meta.url))
const rooms = ['src', 'routes', 'actions', 'providers', 'sandbox', 'scripts']
const longest = 200
const sqlFunctions = [
  ...readFileSync(`${root}/migrations/functions.sql`, 'utf8').matchAll(/^create function (\w+)/gm),
].map(([, name]) => name ?? '')

interface Import {
  /** The file's path from the root, or the package's name. */
  target: string
  typeOnly: boolean
}

/** Everything that a file says it imports: statically, dynamically, for its types, or to export it again. */
function imports(path: string, text: string): Import[] {
  const found = [
    ...text.matchAll(/^(?:import|export)\s(type\s)?[^'"]*?from\s+['"]([^'"]+)['"]/gm),
    ...text.matchAll(/^import\s()['"]([^'"]+)['"]/gm),
    ...text.matchAll(/\bimport\(()\s*['"]([^'"]+)['"]/g),
  ]
  return found.map(([, type, target = '']) => ({ target: resolved(path, target), typeOnly: Boolean(type) }))
}

function resolved(path: string, target: string): string {
  if (target.startsWith('#')) return target.slice(1)
  if (!target.startsWith('.')) return target
  return new URL(target, `file:///${path}`).pathname.slice(1)
}

/** What is wrong with one file, each in one line. */
function offences(path: string, text: string): string[] {
  const targets = imports(path, text).map(({ target }) => target)
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
      'a provider imports src and itself only',
      [...of('routes', 'actions', 'sandbox', 'scripts', 'test'), ...of('providers')].filter(
        (target) => !target.startsWith(`providers/${place}/`),
      ),
    )
    forbid(
      'a provider never imports the store',
      targets.filter((target) =>
        /^src\/(store\/|deliver|ingest|receive|worker|app|server|house)/.test(target),
      ),
    )
  }
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
  if (/^export default\b|\bas default\b/m.test(text)) wrong.push(`${path}: no default exports`)
  const lines = text.trimEnd().split('\n').length
  if (lines > longest) wrong.push(`${path}: has ${lines} lines, more than ${longest}`)
  return wrong
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1')
}

const files = rooms.flatMap((room) => globSync(`${room}/**/*.ts`, { cwd: root })).toSorted()

test('the rooms are all here', () => {
  for (const room of rooms) expect(files.some((file) => file.startsWith(`${room}/`))).toBe(true)
  expect(files.length).toBeGreaterThan(80)
  expect(sqlFunctions).toContain('record_events')
})

test('every file keeps to who may import whom, reads no environment, exports nothing by default and has at most 200 lines', () => {
  expect(files.flatMap((file) => offences(file, readFileSync(`${root}/${file}`, 'utf8')))).toEqual([])
})

test('in none of the rooms two files import each other in a circle', () => {
  expect(circles(new Map(files.map((file) => [file, dependencies(file)])))).toEqual([])
})

function dependencies(file: string): string[] {
  const all = imports(file, readFileSync(`${root}/${file}`, 'utf8'))
  return all.filter(({ typeOnly }) => !typeOnly).map(({ target }) => target)
}

function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>()
  const found: string[] = []
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' → '))
    else if (!done.has(file)) for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of graph.keys()) visit(file, [])
  return found
}

describe('the checker finds', () => {
  test.each(
    [
      ['src/event.ts', `import { a } from '../routes/guard.ts'`, 'src imports no room'],
      ['src/event.ts', `import type { A } from '#providers/twilio/form.ts'`, 'src imports no room'],
      ['src/event.ts', `const a = await import('../actions/index.ts')`, 'src imports no room'],
      ['src/store/store.ts', `export { a } from '../../sandbox/start.ts'`, 'src imports no room'],
      ['src/event.ts', `import {\n  a,\n  b,\n} from '#actions/index.ts'`, 'src imports no room'],
      ['actions/sendSMS.ts', `import { a } from '#routes/guard.ts'`, 'actions import src only'],
      ['routes/webhooks.ts', `import { a } from '#providers/index.ts'`, 'routes import actions and src only'],
      ['providers/twilio/send.ts', `import { a } from '../sendgrid/send.ts'`, 'a provider imports'],
      ['providers/twilio/send.ts', `import { a } from '#providers/index.ts'`, 'a provider imports'],
      ['providers/twilio/send.ts', `import { a } from '#src/store/store.ts'`, 'never imports the store'],
      ['providers/twilio/send.ts', `import { Router } from 'express'`, 'import express'],
      ['actions/sendSMS.ts', `import express from 'express'`, 'import express'],
      ['src/house.ts', `import 'express'`, 'import express'],
      ['sandbox/start.ts', `import { a } from '#src/event.ts'`, 'a product apart'],
      ['src/deliver.ts', `import { a } from '#support/world.ts'`, 'nothing imports the tests'],
      ['src/ingest.ts', `await database.call('record_events', {})`, 'name a SQL function'],
      ['src/worker.ts', 'query(`select claim_due(1)`)', 'name a SQL function'],
      ['providers/smtp/index.ts', 'const a = process.env.SMTP_HOST', 'read process.env'],
      ['sandbox/start.ts', 'const a = process.env', 'read process.env'],
      ['src/event.ts', 'export default function a() {}', 'no default exports'],
      ['src/event.ts', 'export { a as default }', 'no default exports'],
      ['src/event.ts', 'const a = 1\n'.repeat(201), 'has 201 lines'],
    ].map(([path = '', text = '', rule = '']) => ({ path, text, rule })),
  )('$rule, in $path', ({ path, text, rule }) => {
    expect(offences(path, text).join('\n')).toContain(rule)
  })

  test('a circle', () => {
    const graph = { 'src/a.ts': ['src/b.ts'], 'src/b.ts': ['zod', 'src/c.ts'], 'src/c.ts': ['src/a.ts'] }
    expect(circles(new Map(Object.entries(graph)))).toEqual(['src/a.ts → src/b.ts → src/c.ts → src/a.ts'])
  })

  test.each([
    ['src/app.ts', `import express from 'express'\nimport { a } from '../routes/guard.ts'`],
    ['src/server.ts', `import { a } from '../providers/index.ts'\nstart(process.env)`],
    ['providers/index.ts', `import { a } from './smtp/index.ts'`],
    ['providers/twilio/send.ts', `import { a } from './form.ts'\nimport { b } from '#src/event.ts'`],
    ['sandbox/start.ts', `import express from 'express'\nimport { a } from '#sandbox/world.ts'`],
    ['src/event.ts', '/** As record_events takes it; process.env is read by the server. */\n// claim_due(1)'],
    ['src/event.ts', 'const a = 1\n'.repeat(200)],
  ])('nothing in a good %s', (path, text) => {
    expect(offences(path, text)).toEqual([])
  })
})
