import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { alsoApplied } from '#src/store/also-applied.ts'
import { migrate, printMigrations } from '#src/store/migrate.ts'
import { type Migration, numberedMigrations } from '#src/store/migrations.ts'
import { connectForMigration } from '#src/store/postgres.ts'
import { emptyDatabase, type TestDatabase } from '#support/database.ts'
import { dumpSchema } from '../../scripts/schema/dump.ts'
import { schemaFile } from '../../scripts/schema/made.ts'
import { supabaseDefaults } from '../../scripts/schema/supabase-defaults.ts'

/** Every numbered file, as databases have it. A new file is a new line; a line never changes. */
const shipped: Record<string, string> = {
  '001_messages.sql': '4a9ca36ca76da66af8af1ed26058775f56655310186d3a24110b5ee5d5b07e4d',
  '002_views_and_privileges.sql': 'f15f15f7d1f22ebcd4612162fef75c7d70a7b744a10f88a7b7f0d4502e57a112',
  '003_whatsapp_templates.sql': '06ef647e8116249cfc6eeb6d65fd37a79d655c459bab18e05d014b4882e30add',
  '004_circumstances.sql': '31258e3ce4c31cada3818a42a95b2a6acbf3584edcf60f3b2de62ab8812ddfe3',
  '005_jobs.sql': '78d75bad26626870f7626a91cdef9aba8967b03a931f9d2a0677819b8a19fc04',
  '006_aliases_and_queues.sql': '69ddac6551a802fb59d83d21356e73cdf03be71574eb5eb10ca7da3e2fba9a33',
  '007_escalations.sql': 'db9757c760fe223c69c8679a9b6ce59f3072ac239186504e649879be6dcebae3',
  '008_fallbacks.sql': '09aec536239a5672ca478d260bbc4afde848de7d418a1123b11f13aa9823281f',
  '009_readings.sql': '9bca302caa1e0a881fa3c1e47d011a75a0ba5027b1373ffc7c2b7c01062adeb5',
  '010_leaner_receipts.sql': 'f8cc5b439a915e644112bf937f53acbf60a5edcadd92435e9758b31eb01fb113',
  '011_withdrawal_in_doubt.sql': '9bc644e564a8c7ac851f83804f2b90dae085aaf37be304925610d13e7637b635',
  '012_due.sql': '215e9ddc0fdf1a0032def12cc350824dd9d84cfe9561901a3fc35f519cb9dcfc',
  '013_due_indexes.sql': 'b8f463950b221ac05c95fda00f08002ebe565cc1046388f98e12859695472261',
  '014_lanes.sql': '5acf66835b750d611db483bb57f6bec32eba8c79730257875f0e26deeb3bfd5c',
  '015_stopped_escalations.sql': 'e8852b4e6173408213f1486ca25ac1996dacc111cba5b5fc04750cfe61dad3dc',
  '016_stopped_escalations_indexes.sql': 'd7e02cdd8726c6c0cfbf5b6918ef2cee0e6e04c58d160577ef50cda1517acb73',
  '017_counts.sql': 'eba0c62f0f3772e8f2a1bbab484c762e61b24099bb255be6a6f0ea6a5eb8299d',
  '018_told_once.sql': '53f84192a45628bea3f6c6b92c5d8a753a61e25b1b2e837a0ff0c330d3426aaa',
  '019_told_once_index.sql': '6fd78bd63357003d41c0a248ee95213cb184f8a920a246bf914fcde625901fc3',
  '020_settled.sql': '6688eb0bf463b9f29a7119786b3606692263c83d7807f3f97616401b851b85f7',
  '021_own_expiry.sql': 'a43b16159c31bf254b382a9c0fd59263d0b7e6120d5ae4d7957affbb54fb7150',
  '022_copies.sql': 'ba5d1d26cc9b81720dde138b3dc7fad3fbf9ab2ac41f5fa29c27ada7d3570c00',
  '023_readers.sql': '77fbf1849cbc0138cdde914593c7727ad782abfd8ffc62e5eb384ecad6a39603',
  '024_urgency_and_waits.sql': '8314cfa94bcdbec36e1886be19648bab41e8260e8cb5154dda25c627423c2929',
  '025_urgency_index.sql': '92d304c6082c2d212c3eab797fced3cbbd7644135fe90c171108b751ac6c0517',
  '026_reminded_times.sql': '35709cb472d560a4e228f7d8f70f9a2093424db2b3512ff1197058a008922dec',
  '027_dead_or_alive.sql': '1c0fadf21de3a65e66cbc690b2a51aefb59f172ff877e6ff30cfe2a14ff00cc9',
  '028_told_of_ours_index.sql': '59bf19f784e4d176686fd36a4744d58d6efd94633bf190d762a1715e3aac5c24',
  '029_names.sql': '7a3adadcf360500ac7f89978bbb72ed0c3bf0b128dfd9301bfc345a88d510d4a',
  '030_waits_and_rates.sql': '4fffd85d033db43db10311db8118fd4417f68b65704c7e59956b2a86a6147ef9',
  '031_mail_tracking.sql': '87baa8722381d3635c037400f24e423585de3a845599de5ae6cf62a27c031461',
  '032_mailboxes.sql': 'a98c14bf67617e0a63886166a11185129a604a5bf3e28c8008e7c18671035504',
  '033_turns.sql': '56cefc0d7283d3df64321a9f1f8bf18e2f4b466eeda54058822ea36c2e6bbbf8',
}

it.each(numberedMigrations())('$name is as it was shipped', ({ name, digest }) => {
  expect(
    shipped[name],
    `${name}: is not in the list of shipped files (add its line, with ${digest})`,
  ).toBeDefined()
  expect(
    digest,
    `${name}: was changed after databases had it (restore it, and write the change as a new numbered file)`,
  ).toBe(shipped[name])
})

it('no shipped file is gone', () => {
  expect(numberedMigrations().map(({ name }) => name)).toEqual(Object.keys(shipped))
})

let opened: TestDatabase | undefined
afterEach(async () => {
  await opened?.drop()
  opened = undefined
})

describe('a database whose first files were later edited', () => {
  it.each([
    ['of 22 November, 11:38 (0.1.0)', 'f16b1908', '9ea9fa26'],
    ['of 22 November, 11:58', '78828b3c', '9ea9fa26'],
    ['of 22 November, from 12:40 on', '', ''],
    ['of 26 November, 12:00', 'fbf90a07', '9c88fec5'],
    ['of 26 November, from 14:09 on', '24d2a678', '9c88fec5'],
  ])('%s has after a migration what a new one has', async (_when, first, second) => {
    opened = await databaseOf([
      edited('001_messages.sql', first),
      edited('002_views_and_privileges.sql', second),
    ])
    // Indexes of large tables are made last.
    expect((await migrated(opened)).toSorted()).toEqual(Object.keys(shipped).slice(2).toSorted())
    expect(await migrated(opened)).toEqual([])
    // In the first two, columns that came later stand behind the others.
    expect(inOrder(await dumpSchema(opened.query))).toEqual(inOrder(readFileSync(schemaFile, 'utf8')))
  })

  it.each(['f16b1908', '78828b3c'])('%s keeps what its messages are to be sent as', async (first) => {
    opened = await databaseOf([
      edited('001_messages.sql', first),
      edited('002_views_and_privileges.sql', '9ea9fa26'),
    ])
    await opened.query(`insert into messages
        (id, channel, direction, provider, recipient, phase, payload, created_at, updated_at)
      select gen_random_uuid(), 'sms', 'outbound', 'twilio', body, 'scheduled', jsonb_build_object('body', body), now(), now()
      from unnest(array['one', 'two']) body`)
    await migrated(opened)
    expect(
      await opened.query(`select recipient, payload from message_payloads p join messages m on m.id = p.message_id
        order by recipient`),
    ).toEqual([
      { recipient: 'one', payload: { body: 'one' } },
      { recipient: 'two', payload: { body: 'two' } },
    ])
  })

  it('is known by every edit that there ever was', () => {
    for (const [name, digests] of alsoApplied)
      for (const digest of digests) expect(edited(name, digest.slice(0, 8)).digest).toBe(digest)
  })
})

/** A shipped file as it stood when it had this digest; without one, as it is. */
function edited(name: string, digest: string): Migration {
  const file = numberedMigrations().find((one) => one.name === name)
  if (!file) throw new Error(`${name}: there is no such file`)
  if (digest === '') return file
  const text = readFileSync(
    new URL(`edited/${name.replace('.sql', `.${digest}.sql`)}`, import.meta.url),
    'utf8',
  )
  const sql = text.replaceAll('\r\n', '\n')
  return { ...file, sql, digest: createHash('sha256').update(sql).digest('hex') }
}

/** A database that has only these files, and today's functions, whose bodies know of later tables. */
async function databaseOf(files: Migration[]): Promise<TestDatabase> {
  const made = await emptyDatabase()
  await made.query(`${supabaseDefaults} set check_function_bodies to off; ${printMigrations(files)}`)
  return made
}

async function migrated({ url }: TestDatabase): Promise<string[]> {
  const connection = await connectForMigration(url)
  try {
    return await migrate(connection)
  } finally {
    await connection.close()
  }
}

function inOrder(schema: string): string[] {
  return schema.split('\n').toSorted()
}
