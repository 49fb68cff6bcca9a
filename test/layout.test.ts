import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { sourceFiles } from '../scripts/rooms/imports.ts'

/** Where a test stands, so that the test of a file is found by the file's name. */
const root = fileURLToPath(new URL('..', import.meta.url))

/** Folders of tests that are not of one room. */
const suites = new Map([
  ['doors', 'what is asked over HTTP, by what is asked'],
  ['trials', 'faults of real systems'],
  ['world', 'what needs other programs, or minutes of load: the drills of npm run chaos, short'],
  ['docs', 'what the pages say'],
  ['support', 'what tests share'],
  ['server', 'what stands at the top of src'],
  ['patience', 'the numbers of src/patience.ts, each by what it changes'],
])
/** Tests of what lies at the root, or of the code as a whole. */
const alone = ['architecture', 'layout', 'nginx', 'schema']

/** What decides something and is tested by a test of another name, since it is a part of what that one asks for. */
const testedBy: Record<string, string> = {
  'actions/': 'doors/send',
  'routes/actions.ts': 'doors/send',
  'routes/body.ts': 'doors/bad-input',
  'routes/email-check.ts': 'email/check',
  'routes/email.ts': 'email/tracking',
  'routes/errors.ts': 'doors/bad-input',
  'routes/guard.ts': 'doors/tokens',
  'routes/health.ts': 'trials/first-start',
  'routes/messages.ts': 'doors/listMessages',
  'routes/ops.ts': 'sending/dead-letters',
  'routes/read-body.ts': 'doors/bodies',
  'routes/replay.ts': 'replay/replay',
  'routes/router.ts': 'doors/headers',
  'routes/webhooks.ts': 'receiving/ingest-door',
  'src/carriers/release-there.ts': 'reconciliation/suppressed-there',
  'routes/whatsapp-templates.ts': 'doors/templates',
  'src/app.ts': 'doors/headers',
  'src/banner.ts': 'trials/first-start',
  'src/house.ts': 'server/server',
  'src/api/escalate-params.ts': 'escalation/sends',
  'src/api/no-such-message.ts': 'doors/getMessage',
  'src/api/params.ts': 'doors/bad-input',
  'src/carriers/failed-over.ts': 'sending/fail-over',
  'src/carriers/providers.ts': 'server/config',
  'src/carriers/ways.ts': 'sending/fail-over',
  'src/contract/json-body.ts': 'doors/bodies',
  'src/contract/provider.ts': 'providers/sendgrid/event',
  'src/contract/reach.ts': 'providers/twilio/callable',
  'src/contract/unsubscribe-headers.ts': 'doors/unsubscribe',
  'src/contract/variables.ts': 'server/config',
  'src/contract/weak-secrets.ts': 'server/config',
  'src/crm/came.ts': 'crm/not-understood',
  'src/crm/other-appointment.ts': 'crm/not-understood',
  'src/crm/answer-appointment.ts': 'crm/appointment',
  'src/crm/appointment-over.ts': 'crm/escalation',
  'src/crm/ask-somebody.ts': 'crm/appointment',
  'src/crm/auto-reply.ts': 'crm/appointment',
  'src/crm/inbound.ts': 'crm/appointment',
  'src/crm/open.ts': 'server/config',
  'src/crm/refused.ts': 'crm/refusing',
  'src/email/': 'email/tracking',
  'src/email/domain-findings.ts': 'email/check',
  'src/email/finding.ts': 'email/check',
  'src/email/unsubscribe-link.ts': 'doors/unsubscribe',
  'src/email/unsubscribe-page.ts': 'doors/unsubscribe',
  'src/model/erasures.ts': 'model/refusals',
  'src/model/refusal-reasons.ts': 'model/refusals',
  'src/model/refusal-sentences.ts': 'model/refusals',
  'src/model/refusal-subjects.ts': 'model/refusals',
  'src/email/bounces.ts': 'email/mailbox-settings',
  'src/email/report-reader.ts': 'world/bounces',
  'src/email/subject.ts': 'email/report-events',
  'src/email/report-fields.ts': 'email/report',
  'src/email/text-report.ts': 'email/report',
  'src/model/errors.ts': 'sending/copies-refused',
  'src/model/mail-reply.ts': 'providers/smtp/reply',
  'src/model/event.ts': 'receiving/ingest',
  'src/model/markup.ts': 'doors/emails',
  'src/model/quotes.ts': 'model/public-reason',
  'src/model/readable.ts': 'model/public-reason',
  'src/model/send-request.ts': 'escalation/escalation',
  'src/patience.ts': 'patience/backoff',
  'src/sending/dead-runs.ts': 'sending/smtp-fault',
  'src/sending/doubt.ts': 'sending/smtp-fault',
  'src/sending/sender.ts': 'sending/smtp-fault',
  'src/receiving/': 'receiving/ingest',
  'src/replay/': 'replay/replay',
  'src/runtime/lock.ts': 'store/embedded',
  'src/runtime/metrics.ts': 'doors/metrics',
  'src/sending/answer.ts': 'doors/send',
  'src/sending/attempted.ts': 'doors/idempotency',
  'src/sending/attempt-events.ts': 'sending/attempt',
  'src/sending/attempt-record.ts': 'sending/attempt',
  'src/sending/copy-events.ts': 'sending/copies-refused',
  'src/sending/cancel.ts': 'sending/resolve',
  'src/sending/deliver.ts': 'doors/send',
  'src/sending/following.ts': 'escalation/sends',
  'src/sending/others-first.ts': 'sending/turns',
  'src/sending/parked.ts': 'trials/unmatched',
  'src/sending/left-out.ts': 'sending/copies',
  'src/sending/over-limit.ts': 'doors/limits',
  'src/sending/phantoms.ts': 'sending/restart',
  'src/sending/refused.ts': 'sending/attempt',
  'src/sending/revive.ts': 'sending/dead-letters',
  'src/sending/said-by-a-person.ts': 'sending/resolve',
  'src/sending/standing.ts': 'doors/send',
  'src/spool/': 'spool/spool',
  'src/store/calls/': 'store/conformance',
  'src/store/columns.ts': 'store/newer-server',
  'src/store/message-row.ts': 'store/conformance',
  'src/store/call.ts': 'store/conformance',
  'src/store/isolate.ts': 'trials/batch',
  'src/store/migrations.ts': 'store/migrate',
  'src/store/open.ts': 'store/embedded',
  'src/store/pglite.ts': 'store/drivers',
  'src/store/postgres.ts': 'store/drivers',
  'src/store/rows.ts': 'store/conformance',
  'src/store/store.ts': 'store/conformance',
  'src/store/supabase.ts': 'store/drivers',
  'src/store/threaded.ts': 'store/embedded',
  'src/templates/': 'doors/templates',
}

const tests = globSync('test/**/*.test.ts', { cwd: root }).map((path) =>
  path.slice('test/'.length, -'.test.ts'.length),
)
/** Types, tables and schemas decide nothing. */
const deciding = sourceFiles(root, ['src', 'actions', 'routes']).filter((path) =>
  /^export (async )?function |^export const \w+ = (async )?\(/m.test(readFileSync(`${root}/${path}`, 'utf8')),
)

/** Of `fail-over.ts`: `fail-over.test.ts` and `fail-over-carried.test.ts`, in the room's folder. */
function testsOf(path: string): string[] {
  const room = dirname(path)
    .replace(/^src$/, 'server')
    .replace(/^src\//, '')
    .replace(/^(routes|actions)$/, 'doors')
  const name = `${room}/${basename(path, '.ts')}`
  return tests.filter((test) => test === name || test.startsWith(`${name}-`))
}

function misplaced(test: string): boolean {
  const [folder = ''] = test.split('/')
  if (!test.includes('/')) return !alone.includes(test)
  return !(
    suites.has(folder) ||
    existsSync(`${root}/src/${dirname(test)}`) ||
    existsSync(`${root}/${dirname(test)}`)
  )
}

test('every test stands in the folder of its room, or in a suite that has a name', () => {
  expect(tests.length).toBeGreaterThan(150)
  expect(tests.filter(misplaced)).toEqual([])
})

test('what decides something has a test of its name, or one that is named here', () => {
  expect(deciding.length).toBeGreaterThan(100)
  const named = (path: string) => testedBy[path] ?? testedBy[`${dirname(path)}/`]
  expect(deciding.filter((path) => testsOf(path).length === 0 && named(path) === undefined)).toEqual([])
})

test('what is named here is there, and is needed', () => {
  expect(Object.values(testedBy).filter((test) => !tests.includes(test))).toEqual([])
  const untested = deciding.filter((path) => testsOf(path).length === 0)
  const needed = (key: string) =>
    key.endsWith('/') ? untested.some((path) => path.startsWith(key)) : untested.includes(key)
  expect(Object.keys(testedBy).filter((key) => !needed(key))).toEqual([])
})

describe('the checker finds', () => {
  test.each(['nowhere/attempt', 'attempt', 'providers/nobody/send'])('%s misplaced', (test) => {
    expect(misplaced(test)).toBe(true)
  })

  test('the test of a file by its name, in its room only', () => {
    expect(testsOf('src/sending/fail-over.ts')).toContain('sending/fail-over-carried')
    expect(testsOf('src/crm/fail-over.ts')).toEqual([])
    expect(testsOf('src/config.ts')).toEqual(['server/config'])
  })
})
