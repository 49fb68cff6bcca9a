import { setTimeout as pause } from 'node:timers/promises'
import { query } from '../postgres/query.ts'
import type { Figures } from './account.ts'
import { accountOnTime } from './on-time.ts'
import { startReminders } from './reminders.ts'
import { type Drill, startChaosWorld } from './world.ts'

const seconds = 60
const latestSeconds = 15

/** At its end each transaction that wrote one of these waits for 300 to 900 ms, once: a disk that is too slow. */
const slowly = `
  create function chaos_slow() returns trigger language plpgsql as $$
  begin
    if coalesce(current_setting('chaos.waited', true), '') <> 'yes' then
      perform set_config('chaos.waited', 'yes', true);
      perform pg_sleep(0.3 + random() * 0.6);
    end if;
    return null;
  end $$;
  create constraint trigger chaos_slow after insert or update on messages
    deferrable initially deferred for each row execute function chaos_slow();
  create constraint trigger chaos_slow after insert or update on message_attempts
    deferrable initially deferred for each row execute function chaos_slow();
  create constraint trigger chaos_slow after insert on message_events
    deferrable initially deferred for each row execute function chaos_slow();`

/** Every commit takes 300 to 900 ms, under load: webhooks are still answered, and what is due still goes out. */
export async function slowDrill({ postgres, random, say, share }: Drill): Promise<Figures> {
  const world = await startChaosWorld(postgres, 1)
  const lasts = Math.max(10, seconds * share)
  try {
    await world.boot(0)
    await query(world.databaseUrl, slowly)
    const loads = [world.load(random, Math.min(share, 0.5)), startReminders(world, random)]
    for (let passed = 0; passed < lasts; passed += 5) {
      await pause(5_000)
      say(`${world.ledger.events.size} events and ${world.ledger.sends.size} sends so far`)
    }
    return await accountOnTime('slow', world, loads, { latestSeconds })
  } finally {
    await world.close()
  }
}
