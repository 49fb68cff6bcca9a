import type { Channel, OutgoingEmail, OutgoingMessage } from '#src/model/message.ts'
import type { Reply } from '#support/local-api.ts'
import { failuresOverHttp, overHttpBeside } from '#support/over-http.ts'
import { secretEmail, secretText } from '#support/secret-message.ts'
import type { SendingCases } from '#support/sending-cases.ts'
import { sendingConformance } from '#support/sending-conformance.ts'
import { crmAt, traced, tracedEmail } from './crm-at.ts'

const apiKey = 'c0d9e8f7a6b5c4f3b1a07c5e2d4896b1'
const id = '6695b1c2d3e4f5a68'

/** EspoCRM's no: its reason is a header, in UTF-8. */
function no(status: number, words: string): Reply {
  return { status, headers: { 'x-status-reason': Buffer.from(words).toString('latin1') } }
}

/** The CRM finds nothing, so that it is written: an email as a record, a text as a post. */
const nothingThere = { status: 200, body: { list: [], acl: { table: {} } } }
const overHttp = overHttpBeside(nothingThere)

/** What the CRM shows of an email. */
const { id: messageId, tenantId, createdAt, tracking, to, subject, html } = secretEmail
const shownEmail: OutgoingEmail = {
  id: messageId,
  tenantId,
  createdAt,
  tracking,
  channel: 'email',
  to,
  subject,
  html,
}

function written(message: OutgoingMessage) {
  const { to } = message
  const person = { type: 'Lead', id }
  if (message.channel !== 'email') return traced({ to, person, text: message.body })
  const { subject, html, text } = message
  return tracedEmail({ to, person, subject, html, text })
}

function casesOn(channel: Channel): SendingCases<Reply> {
  return {
    channel,
    message: channel === 'email' ? shownEmail : secretText(channel),
    // It looks first whether the message is there; and what is before the CRM did nothing with it.
    protocol: { ...overHttp, proves: { redirect: 'retryable', resetAtOnce: 'retryable' } },
    open: async (at) => {
      const { crm } = crmAt(at, { ESPOCRM_API_KEY: apiKey })
      return (message) => crm.trace(written(message))
    },
    keys: [apiKey],
    accepted: { status: 200, body: { id } },
    decorated: [
      { status: 200, body: { id, post: 7, name: { text: 'x' }, createdAt: 1_795_341_600, teamsIds: 'none' } },
      { status: 201, body: { id, cMessageId: [] } },
    ],
    withoutAnId: ['', '<html>', {}, { id: '' }, { id: 7 }, [id]].map((body) => ({ status: 200, body })),
    failures: [
      ...failuresOverHttp(no),
      {
        what: 'a field that is not valid',
        answer: no(400, 'Field validation failure'),
        certainty: 'permanent',
      },
      { what: 'a right that is missing', answer: no(403, 'No create access.'), certainty: 'retryable' },
      { what: 'a conflict', answer: no(409, 'duplicate'), certainty: 'permanent' },
    ],
    quoting: (words) => ({
      refused: [no(400, words)],
      later: [no(403, words), no(503, words)],
      accepted: [{ status: 200, body: { id, post: words } }],
    }),
  }
}

for (const channel of ['email', 'whatsapp'] as const) sendingConformance('espocrm', casesOn(channel))
