import { serve } from '@hono/node-server'
import { App } from '@supabase/lite'
import { createPostgresConnection } from '@supabase/lite/postgres'

export const secretKey = 'sb_secret_test'
export const publishableKey = 'sb_publishable_test'

/**
 * A PostgREST-compatible server (Supabase's own, in alpha) in front of a PostgreSQL database. On its first request it
 * grants everything on all tables to anon: a test of privileges revokes again afterwards, or looks past it.
 */
export async function startSupabaseLite(
  databaseUrl: string,
): Promise<{ url: string; close(): Promise<void> }> {
  const connection = createPostgresConnection({
    url: databaseUrl,
    postgresOptions: { max: 4, onnotice: () => {}, types: { json: jsonType(114), jsonb: jsonType(3802) } },
  })
  const app = new App({
    connection,
    auth: { enabled: false, publishable_key: publishableKey, secret_key: secretKey },
  })
  await app.init()
  const { server, port } = await listen(app)
  return {
    url: `http://127.0.0.1:${port}`,
    async close() {
      await new Promise((done) => server.close(done))
      await connection.close()
    },
  }
}

/** Lite hands over JSON text already; its default serializer would make a JSON string of it. */
function jsonType(oid: number) {
  return {
    to: oid,
    from: [oid],
    serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
    parse: (text: string): unknown => JSON.parse(text),
  }
}

function listen(app: App): Promise<{ server: ReturnType<typeof serve>; port: number }> {
  return new Promise((resolve) => {
    const server = serve(
      {
        port: 0,
        hostname: '127.0.0.1',
        fetch: (request, env) =>
          app.fetch(request, { peerAddress: env.incoming.socket.remoteAddress ?? null }),
      },
      ({ port }) => resolve({ server, port }),
    )
  })
}
