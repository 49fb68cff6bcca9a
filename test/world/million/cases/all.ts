import type { Store } from '#src/store/store.ts'
import type { Cases } from './case.ts'
import { lists } from './lists.ts'
import { others } from './others.ts'
import { sends } from './sends.ts'
import { told } from './told.ts'

/** Everything that is asked of a store: a call without a case does not compile. */
export const cases: Record<Exclude<keyof Store, 'name' | 'close'>, Cases> = {
  ...lists,
  ...sends,
  ...told,
  ...others,
}
