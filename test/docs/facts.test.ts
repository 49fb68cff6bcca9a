import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, it } from 'vitest'
import { providerEntries } from '#providers/index.ts'
import { stories } from '#sandbox/stories.ts'
import { commonFields } from '#src/api/send-params.ts'
import { eventTypes } from '#src/model/event.ts'
import { messageStatuses } from '#src/model/message.ts'
import { createMetrics } from '#src/runtime/metrics.ts'
import { read } from './paper.ts'

const api = read('docs/api.md')
const operating = read('docs/operating.md')
const sandbox = read('docs/sandbox.md')

/** A step of an escalation is told so, and nobody outside. */
const codesWithin = ['escalation_over']

const code = (...globs: string[]) =>
  globs
    .flatMap((glob) => globSync(glob))
    .map(read)
    .join('\n')

/** The words that a page does not have, each as `code`. */
const missing = (page: string, words: readonly string[]) =>
  words.filter((word) => !page.includes(`\`${word}`))

/** What the rows of a page's tables are about: the words as code in their first cells. */
const rowsOf = (page: string) =>
  [...page.matchAll(/^\| ([^|]*) \|/gm)].flatMap(([, cell = '']) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, word]) => word),
  )

it('docs/api.md has every address below /api', () => {
  const addresses = addressesIn('routes/*.ts').filter(({ path }) => !path.startsWith('/health'))
  expect(addresses.length).toBeGreaterThan(15)
  const has = (method: string, path: string) => api.includes(`\`${method} ${path}`)
  expect(addresses.filter(({ method, path }) => !has(method, `/api${path}`) && !has(method, path))).toEqual(
    [],
  )
})

it('docs/api.md has a row of every action, and of every field that each send takes', () => {
  const actions = globSync('actions/*.ts').map((file) => basename(file, '.ts'))
  const named = actions.filter((name) => name !== 'index' && name !== 'tools')
  expect(named.length).toBeGreaterThanOrEqual(5)
  const words = [...named, ...Object.keys(commonFields)]
  expect(words.filter((word) => !rowsOf(api).includes(word))).toEqual([])
})

it('docs/api.md has every error code, beside its status', () => {
  const thrown = [...code('src/**/*.ts', 'routes/*.ts').matchAll(/new AppError\(\s*'(\w+)',\s*(\d{3})/g)]
  expect(thrown.length).toBeGreaterThan(20)
  const rows = api.split('\n')
  const has = (name: string, status: string) =>
    rows.some((row) => row.startsWith(`| ${status} | `) && row.includes(`\`${name}\``))
  expect(
    thrown
      .map(([, name = '', status = '']) => ({ name, status }))
      .filter(({ name, status }) => !codesWithin.includes(name) && !has(name, status)),
  ).toEqual([])
})

it('docs/api.md has a row of every status of a message, and names every kind of event', () => {
  const statuses = rowsOf(api.slice(api.indexOf('### Where it stands'), api.indexOf('### Lists')))
  expect(statuses.toSorted()).toEqual([...messageStatuses].toSorted())
  expect(missing(api, eventTypes)).toEqual([])
})

it('docs/operating.md has every metric', () => {
  const metrics = createMetrics()
  metrics.watchDatabase(() => ({ word: 'there', bytes: 0, oldestAt: undefined }))
  const names = metrics.registry.getMetricsAsArray().map(({ name }) => name)
  const ours = names.filter((name) => !/^comms_(process|nodejs)_/.test(name))
  expect(ours.length).toBeGreaterThan(8)
  expect(missing(operating, ours)).toEqual([])
})

it('docs/operating.md has every line of the log that warns', () => {
  const facts = [
    ...code('src/**/*.ts', 'routes/*.ts').matchAll(
      /log\.(?:warn|error)\(\s*(?:\w+ \? )?'(\w+)'(?: : '(\w+)')?/g,
    ),
  ].flatMap(([, one = '', other]) => (other === undefined ? [one] : [one, other]))
  expect(facts.length).toBeGreaterThan(20)
  expect(missing(operating, facts)).toEqual([])
})

it('docs/sandbox.md has every story', () => {
  const recipients = stories.flatMap((story) => [
    ...('email' in story ? [`${story.email}@…`] : []),
    ...('phone' in story ? [`…${story.phone}`] : []),
  ])
  expect(recipients.length).toBeGreaterThan(20)
  expect(missing(sandbox, recipients)).toEqual([])
})

it('docs/sandbox.md has every address of its control', () => {
  const addresses = addressesIn('sandbox/control.ts').filter(({ path }) => path !== '/')
  expect(addresses.length).toBeGreaterThan(5)
  expect(
    missing(
      sandbox,
      addresses.map(({ method, path }) => `${method} /sandbox${path}`),
    ),
  ).toEqual([])
})

it('docs/webhooks.md says where each provider’s webhook goes', () => {
  const paths = providerEntries.flatMap((entry) => entry.paths)
  expect(missing(read('docs/webhooks.md'), paths)).toEqual([])
})

/** The addresses for which Express routers of these files have a handler. */
function addressesIn(glob: string): { method: string; path: string }[] {
  return [...code(glob).matchAll(/\brouter\.(get|post|patch|delete)\('(\/[^']*)'/g)].map(
    ([, method = '', path = '']) => ({ method: method.toUpperCase(), path }),
  )
}
