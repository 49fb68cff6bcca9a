import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { nextCursor, positionOf } from '#src/api/paging.ts'
import { keptSecret, signToken } from '#src/api/token.ts'
import { view } from '#src/api/view.ts'
import type { Config } from '#src/config.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { holderOf, lockFolder } from '#src/runtime/lock.ts'
import { schemaMismatch } from '#src/store/migrate.ts'
import { openDatabase } from '#src/store/open.ts'
import { createStore, type Store } from '#src/store/store.ts'
import { reachable } from '../replay/installation.ts'

const known = z.object({
  id: z.string(),
  tenantId: z.string(),
  name: z.string(),
  type: z.string(),
  messageText: z.string(),
  variables: z.array(z.string()),
  buttons: z.array(z.object({ id: z.string(), title: z.string() })),
  contentSid: z.string().nullable(),
  updatedAt: z.string(),
})
export type KnownTemplate = z.infer<typeof known>

const listed = z.object({ messages: z.array(known), nextCursor: z.string().nullable() })

/** Where the templates are kept: a database, or the server that has it open. Gives one the sid that Twilio gave it. */
export interface Installation {
  name: string
  /** All of them, or a tenant's. */
  templates(tenantId: string | undefined): Promise<KnownTemplate[]>
  /** `changed`: it is another template by now, or gone; nothing was written. */
  attach(template: KnownTemplate, contentSid: string): Promise<'attached' | 'changed'>
  close(): Promise<void>
}

const pageSize = 200
const answerWithinMs = 30_000
const errorBody = z.object({ error: z.object({ message: z.string() }) })

/**
 * The database itself where there is one of its own; the embedded one through the server that has it open, or, when none
 * runs, opened here. Throws ConfigurationError with one line.
 */
export async function openInstallation(config: Config): Promise<Installation> {
  const { supabaseUrl, databaseUrl } = config.database
  if (supabaseUrl !== undefined || databaseUrl !== undefined) return inDatabase(config)
  if (!existsSync(join(config.dataDir, 'db')))
    throw new ConfigurationError(
      `templates: nothing is kept in ${config.dataDir} (set DATA_DIR, DATABASE_URL or SUPABASE_URL to where it is)`,
    )
  const lock = lockFolder(config.dataDir)
  lock?.release()
  return lock ? inDatabase(config) : atServer(config)
}

async function inDatabase(config: Config): Promise<Installation> {
  const store = createStore(await openDatabase({ ...config.database, dataDir: config.dataDir }))
  const mismatch = await schemaMismatch(store).catch(async (cause) => {
    await store.close()
    throw new ConfigurationError(`${store.name}: cannot be reached (check the address, and that it runs)`, {
      cause,
    })
  })
  if (mismatch !== undefined) {
    await store.close()
    throw new ConfigurationError(mismatch)
  }
  return {
    name: store.name,
    templates: (tenantId) => everyPage((cursor) => storedPage(store, tenantId, cursor)),
    async attach({ id, updatedAt, ...state }, contentSid) {
      const change = { state: { ...state, contentSid }, expected: new Date(updatedAt) }
      const { outcome } = await store.changeTemplate(id, undefined, change)
      return outcome === 'changed' ? 'attached' : 'changed'
    },
    close: () => store.close(),
  }
}

async function storedPage(store: Store, tenantId: string | undefined, cursor: string | undefined) {
  const before = cursor === undefined ? undefined : positionOf(cursor)
  const rows = await store.listTemplates({ tenantId, before, limit: pageSize + 1 })
  return listed.parse({
    messages: rows.slice(0, pageSize).map(view),
    nextCursor: nextCursor(rows, pageSize),
  })
}

async function everyPage(
  page: (cursor: string | undefined) => Promise<z.infer<typeof listed>>,
): Promise<KnownTemplate[]> {
  const found: KnownTemplate[] = []
  let cursor: string | null | undefined
  while (cursor !== null) {
    const { messages, nextCursor: next } = await page(cursor)
    found.push(...messages)
    cursor = next
  }
  return found
}

async function atServer(config: Config): Promise<Installation> {
  const url = `http://${reachable(config.host)}:${config.port}`
  const secret = config.jwtSecrets[0] ?? keptSecret(config.dataDir)
  const token = await signToken(secret, { ops: true, expires: '1h' })

  async function ask(method: 'GET' | 'PATCH', path: string, body?: unknown) {
    const response = await fetch(`${url}/api/whatsapp/messages${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(answerWithinMs),
    }).catch((cause) => {
      const holder = `process ${holderOf(config.dataDir)} has ${config.dataDir} open`
      throw new ConfigurationError(`templates: ${url} does not answer (${holder}: check HOST and PORT)`, {
        cause,
      })
    })
    const json: unknown = await response.json().catch(() => undefined)
    if (response.ok || (method === 'PATCH' && [404, 409].includes(response.status)))
      return { status: response.status, json }
    const said = errorBody.safeParse(json).data?.error.message ?? 'not as this server does'
    throw new ConfigurationError(`templates: ${url} answered ${response.status}: ${said}`)
  }

  return {
    name: `the server at ${url}`,
    templates: (tenantId) =>
      everyPage(async (cursor) => {
        const query = new URLSearchParams({
          limit: String(pageSize),
          ...(tenantId !== undefined && { tenantId }),
          ...(cursor !== undefined && { cursor }),
        })
        const answer = listed.safeParse((await ask('GET', `?${query}`)).json)
        if (answer.success) return answer.data
        throw new ConfigurationError(`templates: ${url} answered not as this server does`)
      }),
    async attach({ id, updatedAt }, contentSid) {
      const { status } = await ask('PATCH', `/${id}`, { contentSid, updatedAt })
      return status === 200 ? 'attached' : 'changed'
    },
    close: async () => {},
  }
}
