/** Why a message did not go out, where we say so ourselves: the codes that are not a provider's. */
const ownReasons = [
  'expired',
  'suppressed',
  'outside_whatsapp_window',
  'attempts_exhausted',
  'provider_off',
  'cleared',
  'unreadable',
  'resolved_as_failed',
] as const
export type OwnReason = (typeof ownReasons)[number]

/** The code, where it is one of ours. */
export function ownReason(code: string | undefined): OwnReason | undefined {
  return ownReasons.find((own) => own === code)
}
