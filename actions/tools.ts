import type { Deliver } from '#src/sending/deliver.ts'
import type { Store } from '#src/store/store.ts'

/** What an action may use of the house. */
export interface ActionTools {
  store: Store
  deliver: Deliver
  /** The country that a national phone number means. */
  country: string
  now: () => Date
}
