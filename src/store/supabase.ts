import { createClient, type PostgrestError } from '@supabase/supabase-js'
import { attachedText } from '#src/model/attached.ts'
import { withOthers } from '#src/model/large-json.ts'
import { databaseAnswersMs } from '#src/patience.ts'
import { callFailed } from './call.ts'
import type { Database, StoreError } from './database.ts'

/** Supabase through its REST interface, as the service role. */
export function createSupabaseDatabase(
  supabaseUrl: string,
  serviceRoleKey: string,
  options: { timeoutMs?: number } = {},
): Database {
  const timeoutMs = options.timeoutMs ?? databaseAnswersMs
  const client = createClient(supabaseUrl, serviceRoleKey, {
    auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
  })
  return {
    name: `Supabase at ${new URL(supabaseUrl).host}`,
    // Requests are all that it holds.
    close: async () => {},
    async call(sqlFunction, args) {
      const signal = AbortSignal.timeout(timeoutMs)
      const { data, error, status } = await client
        .rpc(sqlFunction, Object(withOthers(args, (content) => attachedText(content))))
        .abortSignal(signal)
      if (error) throw failure(sqlFunction, error, status, signal.aborted)
      return data
    },
  }
}

function failure(sqlFunction: string, error: PostgrestError, status: number, timedOut: boolean): StoreError {
  // Only PostgREST's own answers have a code; a gateway's may be a page of HTML, a failed fetch has status 0.
  if (error.code) return callFailed(sqlFunction, error.code, error.message)
  if (status !== 0) return callFailed(sqlFunction, sqlstateFor(status), `Supabase answered HTTP ${status}`)
  if (timedOut) return callFailed(sqlFunction, '57014', 'took too long')
  return callFailed(sqlFunction, '08006', 'Supabase could not be reached')
}

function sqlstateFor(status: number): string {
  if (status >= 500) return '08006'
  if (status === 429) return '53300'
  // No or a wrong key: the gateway says so before PostgREST is asked.
  return status === 401 || status === 403 ? '28000' : 'XX000'
}
