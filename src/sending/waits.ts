import type { SendRequest } from '#src/model/send-request.ts'

/** What a message is for, as far as it says how long it may wait: a reminder is about an appointment, by whatever channel. */
export type Purpose = 'reminder' | 'text' | 'email'

/** How long a message of each purpose may wait from when it is due. */
export type Ages = Readonly<Record<Purpose, number>>

type Asked = Pick<SendRequest, 'message' | 'parentType' | 'template'>

/** A template of this type is about an appointment: its answers are (meant_appointment in SQL has the same word). */
const appointmentTemplate = 'appointment'

/**
 * How long a message may wait from when it is due, where its caller does not say (`expiresAt`). `appointmentTypes`: what a
 * message may be about that is an appointment (`parentType`).
 */
export function waitsMs(
  asked: Asked,
  { ages, appointmentTypes }: { ages: Ages; appointmentTypes: readonly string[] },
): number {
  return ages[purposeOf(asked, appointmentTypes)]
}

/** By our own clock, when a message comes to its end, of which the database tells how far ahead it is; undefined: never. */
export function endOf(inSeconds: number | null | undefined, at: Date): Date | undefined {
  return inSeconds == null ? undefined : new Date(at.getTime() + inSeconds * 1_000)
}

function purposeOf({ message, parentType, template }: Asked, appointmentTypes: readonly string[]): Purpose {
  if (parentType !== undefined && appointmentTypes.includes(parentType)) return 'reminder'
  if (template?.type === appointmentTemplate) return 'reminder'
  return message.channel === 'email' ? 'email' : 'text'
}
