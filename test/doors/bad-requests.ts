import { addresses } from './bad-requests/addresses.ts'
import type { BadRequest } from './bad-requests/bad-request.ts'
import { bodies } from './bad-requests/bodies.ts'
import { doors } from './bad-requests/doors.ts'
import { fields } from './bad-requests/fields.ts'
import { keys } from './bad-requests/keys.ts'
import { methods } from './bad-requests/methods.ts'
import { queries } from './bad-requests/queries.ts'
import { rawRequests } from './bad-requests/raw-requests.ts'
import { sizes } from './bad-requests/sizes.ts'
import { tenants } from './bad-requests/tenants.ts'
import { tokens } from './bad-requests/tokens.ts'
import { wrongTypes } from './bad-requests/wrong-types.ts'

/** Everything that strangers, mistakes and attackers send, each with the answer it must get. */
export const badRequests: readonly BadRequest[] = [
  ...wrongTypes(),
  ...fields(),
  ...addresses(),
  ...bodies(),
  ...sizes(),
  ...tokens(),
  ...tenants(),
  ...keys(),
  ...queries(),
  ...methods(),
  ...doors(),
  ...rawRequests(),
]
