import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, test, vi } from 'vitest'
import { createLog, type Fields, redacted, withLogFields } from '#src/runtime/log.ts'

function recorder() {
  const written: string[] = []
  const stream = new Writable({
    write(chunk, _encoding, done) {
      // close() waits for an empty write.
      if (chunk.length > 0) written.push(String(chunk))
      done()
    },
  })
  return { stream, written }
}

async function logged(
  write: (log: ReturnType<typeof createLog>) => void,
  level = 'debug',
): Promise<Fields[]> {
  const { stream, written } = recorder()
  const log = createLog({ level, runId: 'run-1', stream })
  write(log)
  await log.close()
  return written.map((line) => JSON.parse(line))
}

describe('a field is dropped by its name', () => {
  test.each([
    'authorization',
    'Authorization',
    'password',
    'SMTP_PASSWORD',
    'apiKey',
    'api_key',
    'authToken',
    'GREEN_API_TOKEN',
    'webhookSecret',
    'set-cookie',
    'x-twilio-signature',
    'to',
    'from',
    'cc',
    'bcc',
    'email',
    'phone',
    'recipient',
    'sender',
    'body',
    'text',
    'html',
    'subject',
    'address',
    'raw',
    'payload',
  ])('%s', (name) => {
    expect(redacted({ [name]: 'value-of-it', kept: 'yes' })).toEqual({ [name]: '<redacted>', kept: 'yes' })
    expect(
      JSON.stringify(redacted({ deep: { list: [{ [name]: { inner: 'value-of-it' } }] } })),
    ).not.toContain('value-of-it')
  })
})

describe('an address or a phone number is masked in any text', () => {
  test.each([
    ['550 5.1.1 <anna.muller+crm@example.co.uk>: unknown', 'anna.muller'],
    ['anna@example.com', 'example.com'],
    ['"Anna M" <anna@exämple.fr>', 'anna@'],
    ['GET /nowhere/anna%40example.com', 'anna'],
    ['to +33612345678 by SMS', '612345678'],
    ['whatsapp:+33612345678', '612345678'],
    ['to 06 12 34 56 78', '34 56'],
    ['to 06.12.34.56.78', '34.56'],
    ['33612345678@c.us', '612345678'],
    ['+1 (415) 523-8886', '523'],
    ['/x/%2B33612345678', '612345678'],
  ])('%s', (text, hidden) => {
    for (const line of [redacted({ reason: text }), redacted({ a: [text] }), redacted({ a: { b: text } })])
      expect(JSON.stringify(line)).not.toContain(hidden)
  })

  test('what only looks a little like one stays', () => {
    const fields = {
      reason: '550 5.1.1 unknown user',
      status: 404,
      durationMs: 1_234_567_890,
      path: '/webhooks/twilio-sms',
    }
    expect(redacted(fields)).toEqual(fields)
  })

  test('our own ids stay, made of digits as they are', () => {
    const fields = {
      messageId: '12345678-1234-4123-8123-123456789012',
      requestId: 'r-0612345678',
      id: '0612345678',
    }
    expect(redacted(fields)).toEqual(fields)
  })
})

describe('an Error', () => {
  const request = { headers: { Authorization: 'Basic c2VjcmV0' }, data: 'To=%2B33612345678&Body=Bonjour' }

  test('loses what an SDK hung on it: configuration, headers, request, response', async () => {
    const error = Object.assign(new Error('Request failed for anna@example.com'), {
      config: request,
      request,
      response: { body: 'Bonjour', headers: { 'set-cookie': 'session=1' } },
      code: 'EAUTH',
    })
    const [line] = await logged((log) => log.error('send_failed_unexpectedly', { error }))
    expect(line?.error).toEqual({
      name: 'Error',
      message: 'Request failed for <address>',
      stack: expect.arrayContaining([expect.stringContaining('log.test.ts')]),
    })
    expect(JSON.stringify(line)).not.toMatch(/c2VjcmV0|Bonjour|session|612345678/)
  })

  test('is described with its causes, which lose the same', async () => {
    const root = Object.assign(new Error('reading anna@example.com'), { config: request })
    const middle = Object.assign(new TypeError('fetch failed for +33612345678', { cause: root }), {
      config: request,
    })
    const [line] = await logged((log) =>
      log.error('request_failed', { error: new Error('outer', { cause: middle }) }),
    )
    expect(line?.error).toMatchObject({
      message: 'outer',
      cause: {
        name: 'TypeError',
        message: 'fetch failed for <number>',
        cause: { message: 'reading <address>' },
      },
    })
    expect(JSON.stringify(line)).not.toMatch(/c2VjcmV0|Bonjour|612345678|anna/)
  })

  test('whose cause is not an Error keeps none of it', async () => {
    const error = new Error('outer', { cause: { password: 'hunter22', body: 'Bonjour' } })
    expect(JSON.stringify(await logged((log) => log.error('request_failed', { error })))).not.toMatch(
      /hunter|Bonjour/,
    )
  })

  test('inside a list or an object is described too', async () => {
    const error = Object.assign(new Error('x'), { config: request })
    const [line] = await logged((log) =>
      log.error('round_failed', { errors: [error], by: { provider: error } }),
    )
    expect(JSON.stringify(line)).not.toMatch(/c2VjcmV0|Bonjour/)
    expect(line?.errors).toMatchObject([{ name: 'Error', message: 'x' }])
  })
})

describe('a line', () => {
  test('is one line of JSON whatever is in it', async () => {
    const { stream, written } = recorder()
    const log = createLog({ level: 'info', runId: 'run-1', stream })
    log.info('request_refused', { reason: 'a\nb\r\n{"level":"error"}\u2028' })
    await log.close()
    expect(written.join('').trim().split('\n')).toHaveLength(1)
    expect(JSON.parse(written.join(''))).toMatchObject({ level: 'info', message: 'request_refused' })
  })

  test('cannot have its level, fact or run overwritten by a field', async () => {
    const [line] = await logged((log) => log.warn('provider_checked', { level: 'error', message: 'x' }))
    expect(line).toMatchObject({ level: 'warn', message: 'provider_checked', runId: 'run-1' })
  })

  test('carries the fields of the work that it belongs to, and not those of its neighbours', async () => {
    const lines = await logged((log) => {
      withLogFields({ requestId: 'request-1' }, () => {
        withLogFields({ messageId: 'message-1' }, () => log.info('inner'))
        log.info('outer')
      })
      log.info('outside')
    })
    expect(lines.map(({ requestId, messageId }) => [requestId, messageId])).toEqual([
      ['request-1', 'message-1'],
      ['request-1', undefined],
      [undefined, undefined],
    ])
  })

  test('below the level is not written', async () => {
    const lines = await logged((log) => {
      log.debug('one')
      log.info('two')
      log.warn('three')
      log.error('four')
    }, 'warn')
    expect(lines.map(({ message }) => message)).toEqual(['three', 'four'])
  })
})

test('close resolves when LOG_FILE holds every line', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'max-comms-'))
  const file = join(folder, 'message_events.log')
  const { stream } = recorder()
  const log = createLog({ level: 'info', runId: 'run-1', file, stream })
  for (let index = 0; index < 2_000; index += 1) log.info('fact', { index })
  await log.close()
  const lines = (await readFile(file, 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(2_000)
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ index: 1_999 })
  await rm(folder, { recursive: true })
})

test('where a LOG_FILE cannot be opened anew that is said, and the old one is still written', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'max-comms-'))
  const [file, moved] = [join(folder, 'log'), join(folder, 'log.1')]
  const { stream, written } = recorder()
  const log = createLog({ level: 'info', runId: 'run-1', file, stream })
  log.info('before')
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toContain('before'))
  await rename(file, moved)
  await mkdir(file)
  log.reopen()
  log.info('after')
  await log.close()
  const facts = (text: string) => [...text.matchAll(/"message":"(\w+)"/g)].map(([, fact]) => fact)
  expect(facts(written.join(''))).toEqual(['before', 'log_not_reopened', 'after'])
  expect(facts(await readFile(moved, 'utf8'))).toEqual(['before', 'log_not_reopened', 'after'])
  await rm(folder, { recursive: true })
})

test('a LOG_FILE that cannot be written is told at once, by its name', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'max-comms-'))
  expect(() => createLog({ level: 'info', runId: 'run-1', file: folder, stream: recorder().stream })).toThrow(
    /LOG_FILE .*EISDIR/,
  )
  await rm(folder, { recursive: true })
})
