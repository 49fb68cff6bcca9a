import { createClient } from '@supabase/supabase-js'
import express from 'express'
import pg from 'pg'
import { validateRequest } from 'twilio/lib/webhooks/webhooks.js'
import { z } from 'zod'
import { freePort } from '../../scripts/free-port.ts'
import { onLeash } from '../leash.ts'

/**
 * The handler that the audit proposes: Express, the SDK's validateRequest, then one awaited insert for the event, by a
 * pool of pg or by supabase-js.
 */
const options = z
  .object({
    baseUrl: z.string(),
    authToken: z.string(),
    databaseUrl: z.string().optional(),
    supabase: z.object({ url: z.string(), key: z.string() }).optional(),
  })
  .parse(JSON.parse(process.argv[2] ?? '{}'))

interface Row {
  message_sid: string
  phone_number: string
  event_type: string
  event_data: unknown
}

const insert = options.supabase ? bySupabase(options.supabase) : byPg(options.databaseUrl ?? '')
const app = express()
app.post('/webhooks/:path', express.urlencoded({ extended: false }), async (request, response) => {
  const url = options.baseUrl + request.originalUrl
  const signature = request.get('x-twilio-signature') ?? ''
  if (!validateRequest(options.authToken, signature, url, request.body)) {
    response.status(403).send('Forbidden')
    return
  }
  const { MessageSid, MessageStatus, To } = request.body
  await insert({
    message_sid: MessageSid,
    phone_number: To,
    event_type: MessageStatus,
    event_data: request.body,
  })
  response.status(204).send()
})
const port = await freePort()
app.listen(port, '127.0.0.1', () => onLeash({ url: `http://127.0.0.1:${port}` }, () => {}))

function byPg(connectionString: string): (row: Row) => Promise<void> {
  const pool = new pg.Pool({ connectionString })
  return async (row) => {
    await pool.query(
      'insert into audit_events (message_sid, phone_number, event_type, event_data) values ($1, $2, $3, $4)',
      [row.message_sid, row.phone_number, row.event_type, JSON.stringify(row.event_data)],
    )
  }
}

function bySupabase({ url, key }: { url: string; key: string }): (row: Row) => Promise<void> {
  const client = createClient(url, key, { auth: { persistSession: false, autoRefreshToken: false } })
  return async (row) => {
    const { error } = await client.from('audit_events').insert(row)
    if (error) throw new Error(error.message)
  }
}
