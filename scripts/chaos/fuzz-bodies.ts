import { randomUUID } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { Random } from '../random.ts'
import { damaged, type Json, mutated } from './mutate.ts'
import {
  fromGreenapi,
  fromResend,
  fromSendgrid,
  fromTwilio,
  fromTwilioJson,
  greenapiNotification,
  messageSid,
  ownSids,
  resendEvent,
  type Signed,
  sendgridEvent,
  twilioForm,
} from './signed.ts'

/** A webhook, and what must be kept of it: its items, or its bytes where they are not JSON. */
export interface FuzzedWebhook {
  webhook: Signed
  items: Json[] | undefined
}

type JsonObject = { [key: string]: Json }

const root = fileURLToPath(new URL('../../test/providers/', import.meta.url))
const json: z.ZodType<Json> = z.custom<Json>()
const objects = z.record(z.string(), json)

/** The true payloads that the providers' tests read, as the ground from which mutations start. */
function payloads(provider: string, made: JsonObject): JsonObject[] {
  const files = globSync([`${provider}/*.json`, `${provider}/fixtures/*.json`], { cwd: root })
  const read = files.sort().flatMap((file) => {
    const content = objects.safeParse(JSON.parse(readFileSync(`${root}${file}`, 'utf8')))
    if (!content.success) return []
    const item = objects.safeParse(content.data.item ?? content.data)
    return item.success ? [item.data] : []
  })
  return [made, ...read]
}

/** Gives one mutated, signed webhook after another, of every provider in turn; each about a thing of its own. */
export function createFuzzer(random: Random, baseUrl: string): () => FuzzedWebhook {
  const ground = {
    sendgrid: payloads('sendgrid', sendgridEvent('x')),
    resend: payloads('resend', resendEvent('x')),
    twilio: payloads('twilio', twilioForm('x')),
    greenapi: payloads('greenapi', greenapiNotification('x')),
  }
  let turn = 0

  function sendgrid(): FuzzedWebhook {
    const batch = Array.from({ length: 1 + random.below(5) }, () => ({
      ...random.pick(ground.sendgrid),
      sg_event_id: randomUUID(),
    }))
    const body = changed(
      random.below(2) ? batch.map((event) => mutated(event, random)) : mutated(batch, random),
    )
    return { webhook: fromSendgrid(body), items: itemsOf(body) }
  }

  function resend(): FuzzedWebhook {
    const body = changed(mutated(random.pick(ground.resend), random))
    return { webhook: fromResend(body, `msg_${randomUUID()}`), items: wholeOf(body) }
  }

  function greenapi(): FuzzedWebhook {
    const body = changed(mutated({ ...random.pick(ground.greenapi), idMessage: randomUUID() }, random))
    return { webhook: fromGreenapi(body), items: wholeOf(body) }
  }

  function twilio(): FuzzedWebhook {
    const value = mutated(random.pick(ground.twilio), random)
    if (random.below(4) === 0 || typeof value !== 'object' || value === null) {
      const body = changed(value)
      // Without a body its content type says nothing: it is a form without fields.
      return { webhook: fromTwilioJson(body, baseUrl), items: body.length === 0 ? [{}] : itemsOf(body) }
    }
    const fields = Object.entries(value).map(([name, field]) => [wellFormed(name), textOf(field)] as const)
    // A sid of another shape, or a name run together with one, is refused: Twilio sends none.
    const sids = /(Message|Sms)(Sid|Status)/
    const others = fields.filter(
      ([name, field]) => !sids.test(field) && (!sids.test(name) || /^(Message|Sms)Status$/.test(name)),
    )
    const form = { ...Object.fromEntries(others), ...ownSids(messageSid(randomUUID())) }
    return { webhook: fromTwilio(form, baseUrl), items: [form] }
  }

  /** One in five is damaged in its bytes too. */
  function changed(value: Json): Buffer {
    const body = Buffer.from(JSON.stringify(value))
    return random.below(5) === 0 ? damaged(body, random) : body
  }

  const kinds = [sendgrid, resend, twilio, greenapi]
  return () => random.pick([kinds[turn++ % kinds.length] ?? sendgrid])()
}

function textOf(value: Json): string {
  return wellFormed(typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 60_000)
}

/** A form is percent-encoded UTF-8: it cannot carry half a character. */
function wellFormed(text: string): string {
  return text.toWellFormed()
}

function wholeOf(body: Buffer): Json[] | undefined {
  try {
    return [JSON.parse(body.toString())]
  } catch {
    return undefined
  }
}

function itemsOf(body: Buffer): Json[] | undefined {
  const whole = wholeOf(body)
  return Array.isArray(whole?.[0]) ? whole[0] : whole
}
