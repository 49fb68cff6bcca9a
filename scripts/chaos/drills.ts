import type { Figures } from './account.ts'
import { clockDrill } from './clock.ts'
import { diskDrill } from './disk.ts'
import { doorsDrill } from './doors.ts'
import { fuzzDrill } from './fuzz.ts'
import { instancesDrill } from './instances.ts'
import { killDrill } from './kill.ts'
import { lockDrill } from './lock.ts'
import { outageDrill } from './outages.ts'
import { repliesDrill } from './replies.ts'
import { slowDrill } from './slow.ts'
import { stopDrill } from './stop.ts'
import { weekDrill } from './week.ts'
import type { Drill } from './world.ts'

/** Every drill by the name that `--only` takes. */
export const drills: ReadonlyMap<string, readonly ((drill: Drill) => Promise<Figures>)[]> = new Map([
  ['kill', [killDrill]],
  ['postgres', [outageDrill]],
  ['instances', [instancesDrill(2), instancesDrill(4)]],
  ['disk', [diskDrill]],
  ['fuzz', [fuzzDrill]],
  ['doors', [doorsDrill]],
  ['clock', [clockDrill]],
  ['lock', [lockDrill]],
  ['replies', [repliesDrill]],
  ['slow', [slowDrill]],
  ['stop', [stopDrill]],
  ['week', [weekDrill]],
])
