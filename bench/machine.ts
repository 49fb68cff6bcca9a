import { execFileSync } from 'node:child_process'
import { cpus, totalmem } from 'node:os'
import pg from 'pg'

/** Where, when and on what the figures were taken, as a list in Markdown. */
export async function machine(databaseUrl: string, command: string): Promise<string> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<{ version: string; fsync: string; commits: string }>(
    `select current_setting('server_version') as version, current_setting('fsync') as fsync,
       current_setting('synchronous_commit') as commits`,
  )
  await client.end()
  const [postgres] = rows
  const cores = cpus()
  const memory = Math.round(totalmem() / 1024 ** 3)
  return [
    `- ${new Date().toISOString().slice(0, 10)}, commit ${commit()}, \`${command}\``,
    `- ${cores.length} cores (${cores[0]?.model.trim()}), ${memory} GB of memory, ${process.platform}; the load, the server and PostgreSQL share them`,
    `- Node ${process.versions.node}, PostgreSQL ${postgres?.version} (fsync ${postgres?.fsync}, synchronous_commit ${postgres?.commits})`,
  ].join('\n')
}

function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim()
  try {
    const changed = git('status', '--porcelain', '--', 'src', 'routes', 'providers', 'migrations') !== ''
    return git('rev-parse', '--short', 'HEAD') + (changed ? ' and changes not committed' : '')
  } catch {
    // No git, no clone, or one that belongs to another account, which git refuses to read.
    return 'unknown'
  }
}
