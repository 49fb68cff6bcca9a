import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { sendError as byGreenapi } from '#providers/greenapi/send-error.ts'
import { sendError as byResend } from '#providers/resend/send-error.ts'
import { sendError as bySendgrid } from '#providers/sendgrid/send-error.ts'
import { sendError as bySmtp } from '#providers/smtp/send-error.ts'
import { errorCodes } from '#providers/twilio/error-codes.ts'
import { answered, sendError as byTwilio } from '#providers/twilio/send-error.ts'
import { jsonIn, type ProviderResponse, quotaMs } from '#src/contract/http.ts'
import type { ProviderError } from '#src/model/errors.ts'

const page = readFileSync(new URL('../../docs/failures.md', import.meta.url), 'utf8')
const now = new Date('2026-11-30T10:00:00Z')
const hidden = { texts: [], numbers: [], secrets: [] }
const sections = new Map(page.split(/^## /m).map((part) => [part.slice(0, part.indexOf('\n')), part]))

/** Of a section's table: what stands before whose fault it is, and each thing that is said, between backticks. */
function rowsOf(section: string): { at: string; said: string; fault: string }[] {
  const lines = (sections.get(section) ?? '').split('\n').filter((line) => /^\|.*`/.test(line))
  return lines.flatMap((line) => {
    const cells = line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim())
    const [fault = '', words = '', at = ''] = cells.toReversed()
    return [...words.matchAll(/`([^`]+)`/g)].map(([, said = '']) => ({ at, said, fault }))
  })
}

function faultOf(error: ProviderError): string {
  const { certainty, bounced, suppresses, stopsProvider, ofSender, retryAfterMs } = error
  if (certainty === 'unknown') return 'nobody knows'
  if (certainty === 'permanent') {
    if (suppresses === 'opted_out') return 'the person'
    return bounced || suppresses === 'nobody' ? 'the address' : 'the message'
  }
  if (!stopsProvider) return 'the moment'
  if (retryAfterMs === quotaMs) return 'our quota'
  return ofSender ? 'our sender' : 'our account'
}

function answerOf(said: string): ProviderResponse {
  const [, status = '', text = ''] = /^(\d{3})\s?(.*)$/.exec(said) ?? []
  return { status: Number(status), headers: new Headers(), text, json: jsonIn(text) }
}

const overHttp = {
  SendGrid: (answer: ProviderResponse) => {
    const { status: statusCode, json, text } = answer
    return bySendgrid({ statusCode, body: json ?? text, headers: {} }, hidden, now)
  },
  Resend: (answer: ProviderResponse) => byResend(answer, hidden, now),
  'Green-API': (answer: ProviderResponse) => byGreenapi(answer, hidden, now),
}
const twilio = (answer: ProviderResponse) => byTwilio(answered(answer), hidden, now)

describe.each(Object.entries(overHttp))('%s', (section, errorOf) => {
  test.each(rowsOf(section))('$said: $fault', ({ said, fault }) => {
    expect(faultOf(errorOf(answerOf(said)))).toBe(fault)
  })
})

describe('whoever it is', () => {
  const everybody = [...Object.entries(overHttp), ['Twilio', twilio] as const]
  const rows = rowsOf('Over HTTP, whoever it is').flatMap((row) =>
    everybody.map(([who, errorOf]) => ({ ...row, who, errorOf })),
  )
  test.each(rows)('$who $said: $fault', ({ said, fault, errorOf }) => {
    expect(faultOf(errorOf(answerOf(said)))).toBe(fault)
  })
})

test.each(rowsOf('SMTP'))('smtp at $at $said: $fault', ({ at, said, fault }) => {
  const failure = {
    code: at === 'AUTH' ? 'EAUTH' : 'EENVELOPE',
    responseCode: Number(said.slice(0, 3)),
    response: said,
    command: at,
  }
  const parties = { sender: 'max@comms.example', recipient: 'zoe@customer.example', hidden }
  expect(faultOf(bySmtp(failure, false, parties))).toBe(fault)
})

describe('Twilio', () => {
  const rows = rowsOf('Twilio')

  test.each(rows)('$said: $fault', ({ said, fault }) => {
    const error = twilio(answerOf(`400 {"code":${said},"message":"no","status":400}`))
    const known = errorCodes.get(said)
    expect(known?.ours === 'right' ? 'our rights' : faultOf(error)).toBe(fault)
    if (known?.ours === 'right') expect(faultOf(error)).toBe('the moment')
  })

  test('every code that we know has its place', () => {
    expect(rows.map(({ said }) => said).toSorted()).toEqual([...errorCodes.keys()].toSorted())
  })
})

test('the page has a row for each class, and each class is said by somebody', () => {
  const named = [...page.slice(0, page.indexOf('\n## ')).matchAll(/^\| (the \w+|our \w+|nobody knows) \|/gm)]
  const classes = named.map(([, fault]) => fault)
  const said = [...sections.keys()].flatMap((section) => rowsOf(section).map(({ fault }) => fault))
  expect([...new Set(said)].filter((fault) => /^(the|our|nobody)/.test(fault)).toSorted()).toEqual(
    classes.toSorted(),
  )
})
