import { randomBytes, randomInt } from 'node:crypto'
import { play, type Step, stepTimes } from '../play.ts'
import { emailStory, type Story } from '../stories.ts'
import type { World } from '../world.ts'
import type { Batch } from './batch.ts'
import type { Suppressions } from './suppressions.ts'

/** One recipient of one accepted mail. */
export interface Parcel {
  /** The X-Message-Id of the answer. */
  id: string
  email: string
  categories: string[] | undefined
  customArgs: Record<string, string>
  /** Opens and clicks are told only where the request asked for it. */
  opens: boolean
  /** The first link, where clicks are tracked. */
  link: string | undefined
}

type Fields = Record<string, unknown>

const reader = {
  useragent: 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)',
  ip: '203.0.113.20',
}

/** What SendGrid writes down. */
export interface Books {
  world: World
  batch: Batch
  suppressions: Suppressions
}

/** Lets a recipient's story happen; resolves when the API may answer. */
export function playParcel({ world, batch, suppressions }: Books, parcel: Parcel): Promise<void> {
  const story = emailStory(parcel.email)
  const kinds = course(story, parcel)
  const times = stepTimes(world, story, kinds.length, 1_000)
  const smtpId = `<${randomBytes(16).toString('base64url')}@geopod-ismtpd-sandbox>`
  const steps: Step[] = kinds.map((fields, index) => {
    const event = eventOf(parcel, smtpId, index, fields, times[index] ?? world.now())
    return {
      happen: () => suppressed(suppressions, parcel.email, fields),
      tell: async () => batch.add(event, story === 'twice'),
    }
  })
  return play(world, story, steps, story === 'early' ? () => batch.flush() : undefined)
}

function suppressed(
  suppressions: Suppressions,
  email: string,
  { event, type, reason, status }: Fields,
): void {
  if (event === 'spamreport') suppressions.add('spam_reports', email)
  if (event !== 'bounce') return
  const why = { reason: String(reason), status: String(status) }
  suppressions.add(type === 'blocked' ? 'blocks' : 'bounces', email, why)
}

/** The events of a story, in the order in which they happen. */
function course(story: Story, { opens, link }: Parcel): Fields[] {
  const processed = { event: 'processed' }
  const delivered = { event: 'delivered', response: '250 OK', ip: '198.51.100.7', tls: 1 }
  const open = { event: 'open', sg_machine_open: false, sg_content_type: 'html', ...reader }
  const click = { event: 'click', url: link, url_offset: { index: 0, type: 'html' }, ...reader }
  switch (story) {
    case 'bounce':
      return [
        processed,
        bounce('bounce', '5.1.1', '550 5.1.1 The email account does not exist', 'Invalid Address'),
      ]
    case 'full':
      return [
        processed,
        { event: 'deferred', attempt: '1', response: '452 4.2.2 The email account is over quota' },
        bounce('blocked', '5.2.2', '552 5.2.2 The email account is over quota', 'Mailbox Unavailable'),
      ]
    case 'blocked':
      return [
        processed,
        bounce('blocked', '5.7.1', '554 5.7.1 Message blocked due to spam content', 'Content'),
      ]
    case 'spam':
      return [processed, delivered, { event: 'spamreport' }]
    default:
      return [processed, delivered, ...(opens ? [open] : []), ...(link ? [click] : [])]
  }
}

function bounce(type: 'bounce' | 'blocked', status: string, reason: string, classification: string): Fields {
  return {
    event: 'bounce',
    type,
    status,
    reason,
    bounce_classification: classification,
    tls: 1,
    ip: '198.51.100.7',
  }
}

/** A person sees that there is mail, and reads it for a while: at once only a scanner does either. */
const secondsUntil = new Map<unknown, number>([
  ['open', 20],
  ['click', 50],
])

/** Custom args lie flat beside SendGrid's own fields, which win. */
function eventOf(parcel: Parcel, smtpId: string, index: number, fields: Fields, at: Date): Fields {
  const { id, email, categories, customArgs } = parcel
  const readers = fields.event === 'open' || fields.event === 'click' || fields.event === 'spamreport'
  return {
    ...customArgs,
    email,
    timestamp: Math.floor(at.getTime() / 1_000) + (secondsUntil.get(fields.event) ?? 0),
    ...(!readers && { 'smtp-id': smtpId }),
    ...(categories && { category: categories }),
    ...fields,
    sg_event_id: Buffer.from(`${fields.event}-${index}-19942112-${id}-${randomInt(1_000_000)}`).toString(
      'base64url',
    ),
    sg_message_id: `${id}.filterdrecv-5f6c7b8d9-sandbox-1-${id.slice(0, 8).toUpperCase()}-1.0`,
  }
}
