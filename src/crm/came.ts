import { cameKind } from '#src/model/came.ts'
import type { Sentences } from '#src/model/sentences/sentences.ts'
import type { JobMessage } from '#src/store/calls/jobs.ts'

/** What a person sent as the team reads it: what came, a line each with its link, and the words. */
export function cameText({ text, media }: JobMessage, { came }: Sentences): string | undefined {
  const lines = (media ?? []).map((one) => [`[${came[cameKind(one)]}]`, one.url].filter(Boolean).join(' '))
  return [...lines, ...(text ? [text] : [])].join('\n') || undefined
}
