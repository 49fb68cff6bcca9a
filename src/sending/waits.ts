import type { SendRequest } from '#src/model/send-request.ts'

/**
 * What a message is for, as far as it says how long it may wait and who goes first: a reminder is about an appointment, by
 * whatever channel.
 */
export type Purpose = 'reminder' | 'text' | 'email'

/** How long a message of each purpose may wait from when it is due, where its caller does not say (`expiresAt`). */
export type Ages = Readonly<Record<Purpose, number>>

type Asked = Pick<SendRequest, 'message' | 'parentType' | 'template'>

/** A template of this type is about an appointment: its answers are (meant_appointment in SQL has the same word). */
const appointmentTemplate = 'appointment'

/** Who goes first of those that wait for one provider: a code is wanted now, a reminder today, a mail has time. */
export const urgencies = { text: 0, reminder: 1, email: 2 } as const satisfies Record<Purpose, number>

/** `appointmentTypes`: what a message may be about that is an appointment (`parentType`). */
export function purposeOf(
  { message, parentType, template }: Asked,
  appointmentTypes: readonly string[],
): Purpose {
  if (parentType !== undefined && appointmentTypes.includes(parentType)) return 'reminder'
  if (template?.type === appointmentTemplate) return 'reminder'
  return message.channel === 'email' ? 'email' : 'text'
}

/** By our own clock, when a message comes to its end, of which the database tells how far ahead it is; undefined: never. */
export function endOf(inSeconds: number | null | undefined, at: Date): Date | undefined {
  return inSeconds == null ? undefined : new Date(at.getTime() + inSeconds * 1_000)
}
