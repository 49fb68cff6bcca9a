import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { fromSendgrid } from '#support/signed.ts'
import { startWorld, type World } from '#support/world.ts'

/** A world, its data folder, and one connection to its database on which a test holds a table. */
async function opened() {
  const dataDir = mkdtempSync(join(tmpdir(), 'max-comms-door-'))
  const world = await startWorld({ environment: { DATA_DIR: dataDir } })
  const blocker = new pg.Client({ connectionString: world.database.url })
  blocker.on('error', () => {})
  await blocker.connect()
  onTestFinished(async () => {
    await blocker.end().catch(() => {})
    await world.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return { world, dataDir, blocker }
}

async function told(world: World, id: string) {
  const { path, headers, body } = fromSendgrid([
    { email: 'a@example.com', event: 'delivered', sg_event_id: id, timestamp: 1_790_000_000 },
  ])
  const response = await fetch(`${world.url}${path}`, { method: 'POST', headers, body: new Uint8Array(body) })
  return response
}

async function readiness(world: World): Promise<{ status: number; reasons: string }> {
  const response = await fetch(`${world.url}/health/ready`)
  return { status: response.status, reasons: await response.text() }
}

test('a database that does not answer for a while: 200 without waiting for it, not ready, then everything is there', async () => {
  const { world, blocker } = await opened()
  await told(world, 'warm')
  await blocker.query('begin; lock table message_events in access exclusive mode')
  for (const id of ['a', 'b', 'c']) {
    // The table is held until after the last of them: whoever waited for it would never be answered.
    const response = await told(world, id)
    expect(response.status).toBe(200)
  }
  expect(await readiness(world)).toMatchObject({ status: 503, reasons: expect.stringContaining('spool') })
  await blocker.query('commit')
  await expect.poll(() => readiness(world), { timeout: 15_000 }).toMatchObject({ status: 200 })
  const rows = await world.database.query(
    `select event_id from message_events where source = 'webhook' order by event_id`,
  )
  expect(rows.map(({ event_id: id }) => id)).toEqual(['a', 'b', 'c', 'warm'])
})

test('neither the database nor the disk: 503 with Retry-After, and 200 when one of them is back', async () => {
  const { world, dataDir, blocker } = await opened()
  await blocker.query('begin; lock table message_events in access exclusive mode')
  rmSync(join(dataDir, 'spool'), { recursive: true })
  const response = await told(world, 'a')
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await response.json()).toMatchObject({ success: false, error: { code: 'store_unavailable' } })
  await blocker.query('rollback')
  await expect.poll(async () => (await told(world, 'a')).status, { timeout: 15_000 }).toBe(200)
})
