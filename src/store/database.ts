import type { Json, Written } from '#src/model/json.ts'

/**
 * The one contract with the database, whatever carries it (supabase-js, pg, PGlite): a SQL function called with named
 * arguments, jsonb back. Throws StoreError and nothing else.
 */
export interface Database {
  /** How a person would call it: `PostgreSQL at db.example.com`, `embedded database in ./data`. Never with credentials. */
  readonly name: string
  call(sqlFunction: string, args: Record<string, Written>): Promise<Json>
  close(): Promise<void>
}

/**
 * A call that failed. `sqlstate` is Postgres's own code (22P05, 40P01 …), a PostgREST code (PGRST202), or 08006 where
 * the database could not be reached and 57014 where it took too long. Carries no parameters: they hold personal data.
 */
export class StoreError extends Error {
  readonly sqlstate: string

  constructor(sqlstate: string, message: string, options: { cause?: unknown } = {}) {
    super(message, options)
    this.name = 'StoreError'
    this.sqlstate = sqlstate
  }

  /** The database is away, too slow, or takes nothing from us now: nothing is wrong with what was asked. */
  get away(): boolean {
    return this.refuses || /^(08|53|57P|57014|55P03|58|PGRST00[0-3])/.test(this.sqlstate)
  }

  /**
   * It answers, and takes nothing from us, whatever is asked, until somebody changes it: it is read-only (a standby, a disk
   * that is nearly full), the password, the role's rights or the key are others, or the functions are of another release.
   */
  get refuses(): boolean {
    return /^(25006|28|42501|3D000|42883|PGRST202|PGRST30[0-3])/.test(this.sqlstate)
  }

  /** Two transactions got in each other's way; the same call may succeed now. */
  get collided(): boolean {
    return this.sqlstate === '40P01' || this.sqlstate === '40001'
  }

  /** One of the values is at fault (jsonb refuses it, a constraint forbids it): the others may be fine. */
  get badValue(): boolean {
    return /^(22|23|54)/.test(this.sqlstate)
  }
}
