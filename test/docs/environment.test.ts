import { globSync, readFileSync } from 'node:fs'
import { parse } from 'dotenv'
import { describe, expect, it } from 'vitest'
import { crmEntries, providerEntries } from '#providers/index.ts'
import { openProviders } from '#src/carriers/providers.ts'
import { readConfig } from '#src/config.ts'
import type { Environment } from '#src/contract/provider.ts'
import { sentencesIn } from '#src/model/sentences/sentences-in.ts'

const read = (file: string) => readFileSync(file, 'utf8')

describe('.env.example', () => {
  const example = read('.env.example')
  const [built = '', later = ''] = example.split(/^# ---- Later.*$/m)

  it('names every variable that the code reads', async () => {
    expect([...(await variablesRead())].filter((name) => !namesIn(built).includes(name))).toEqual([])
  })

  it('names no variable that nothing reads', async () => {
    const known = await variablesRead()
    expect(namesIn(built).filter((name) => !known.has(name))).toEqual([])
  })

  it('calls nothing later that is read now', async () => {
    const known = await variablesRead()
    expect(namesIn(later).filter((name) => known.has(name))).toEqual([])
  })

  it('names each variable once', () => {
    const names = namesIn(example)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  it('explains each variable, or the one just above it', () => {
    const lines = example.split('\n')
    const unexplained = lines.filter((line, at) => isSetting(line) && !lines[at - 1]?.startsWith('# '))
    expect(unexplained).toEqual([])
  })

  it('starts a server as it is, with every provider off', async () => {
    const environment = parse(example)
    const config = readConfig(environment)
    const tools = {
      baseUrl: config.baseUrl,
      country: 'FR',
      now: () => new Date(),
      clock: () => performance.now(),
    }
    const { on } = await openProviders(providerEntries, environment, tools, config.wanted)
    expect([...on.keys()]).toEqual([])
  })

  it('shows no secret', () => {
    const secrets = Object.entries(uncommented(example)).filter(([name]) =>
      /SECRET|TOKEN|PASSWORD|KEY|SID$/.test(name),
    )
    expect(secrets.length).toBeGreaterThan(5)
    expect(secrets.filter(([, value]) => value !== '')).toEqual([])
  })

  it('shows defaults that are the code’s own', () => {
    const { PORT, HOST, LOG_LEVEL, DATA_DIR, DEFAULT_COUNTRY, TIME_ZONE } = uncommented(built)
    const { port, host, logLevel, dataDir, country, timeZone } = readConfig({})
    expect({ PORT, HOST, LOG_LEVEL, DATA_DIR, DEFAULT_COUNTRY, TIME_ZONE }).toEqual({
      PORT: String(port),
      HOST: host,
      LOG_LEVEL: logLevel,
      DATA_DIR: dataDir,
      DEFAULT_COUNTRY: country,
      TIME_ZONE: timeZone,
    })
  })
})

/** What configuration, providers, scripts, sandbox and docker-compose.yml ask an environment for. */
async function variablesRead(): Promise<Set<string>> {
  const names = new Set<string>()
  const recording: Environment = new Proxy<Record<string, string>>(
    {},
    {
      get(_target, name) {
        if (typeof name === 'string' && /^[A-Z][A-Z0-9_]*$/.test(name)) names.add(name)
        return undefined
      },
    },
  )
  readConfig(recording)
  for (const entry of providerEntries) {
    await entry.create(recording, {
      baseUrl: undefined,
      country: 'FR',
      now: () => new Date(),
      clock: () => performance.now(),
    })
    for (const name of [...entry.sendsWith, ...entry.hearsWith].flatMap((words) => words.split(' or ')))
      names.add(name)
  }
  for (const entry of crmEntries) {
    entry.create(recording, {
      country: 'FR',
      sentences: sentencesIn.fr,
      timeZone: 'Europe/Paris',
      now: () => new Date(),
      clock: () => performance.now(),
      found: () => undefined,
    })
    for (const name of entry.with) names.add(name)
  }
  for (const file of ['src', 'scripts', 'sandbox'].flatMap(codeIn))
    for (const [, name = ''] of read(file).matchAll(/(?:process\.env\.|portOf\(')([A-Z][A-Z0-9_]*)/g))
      names.add(name)
  for (const [, name = ''] of read('docker-compose.yml').matchAll(/\$\{([A-Z_]+)/g)) names.add(name)
  // The system's own, handed on to child processes.
  names.delete('PATH')
  return names
}

function isSetting(line: string): boolean {
  return /^(?:# )?[A-Z][A-Z0-9_]*=/.test(line)
}

function uncommented(text: string): Record<string, string> {
  return parse(
    text
      .split('\n')
      .filter(isSetting)
      .map((line) => line.replace(/^# /, ''))
      .join('\n'),
  )
}

function namesIn(text: string): string[] {
  return text
    .split('\n')
    .filter(isSetting)
    .map((line) => line.replace(/^# /, '').split('=', 1)[0] ?? '')
}

function codeIn(folder: string): string[] {
  return globSync(`${folder}/**/*.ts`)
}
