import { z } from 'zod'

/** The settings of this CRM and of the role of its API user. They outlive what is forgotten. */
export const switchOrder = z.strictObject({
  fields: z.enum(['installed', 'missing']),
  internationalPhones: z.boolean(),
  assignment: z.enum(['all', 'no']),
  forbiddenScopes: z.array(z.string().regex(/^[A-Z]\w*(\.(create|read|edit|delete|stream))?$/)),
  forbiddenFields: z.array(z.string().regex(/^[A-Z]\w*\.\w+(:read)?$/)),
})

export interface Switches {
  /** Whether Email has the custom fields `cMessageId`, `cDeliveryStatus`, `cDeliveredAt`, `cOpenedAt`, `cBounceReason`. */
  fields: 'installed' | 'missing'
  /** `phoneNumberInternational`: on in fresh installations, off in upgraded ones. */
  internationalPhones: boolean
  /** Whether the role may assign records to others. */
  assignment: 'all' | 'no'
  /**
   * What the role may not: `Lead`, or one action such as `Lead.stream`. Without `Import` an email's `from` must be the
   * API user's own address.
   */
  forbiddenScopes: string[]
  /** Fields that the role may not edit (`Email.cMessageId`), or not even read (`Email.cMessageId:read`). */
  forbiddenFields: string[]
}

export function createSwitches(): Switches {
  return {
    fields: 'installed',
    internationalPhones: true,
    assignment: 'all',
    forbiddenScopes: [],
    forbiddenFields: [],
  }
}
