/** What may come beside words, or instead of them. `edit`, `deletion`, `reaction`: said of an older message. */
export const cameKinds = [
  'voice',
  'photo',
  'video',
  'document',
  'sticker',
  'location',
  'contact',
  'reaction',
  'edit',
  'deletion',
  'vote',
  'form',
  'unreadable',
] as const
export type CameKind = (typeof cameKinds)[number]

/** One thing that came with a message: a file, or what is none. Without a kind its type says it. */
export interface Media {
  url?: string | undefined
  contentType?: string | undefined
  kind?: CameKind | undefined
}

/** Beside these a text is what the person wrote; beside any other it stands for what came: a place, a name, a symbol. */
const beside: ReadonlySet<CameKind> = new Set(['voice', 'photo', 'video', 'document', 'sticker', 'edit'])

export function cameKind({ kind, contentType = '' }: Media): CameKind {
  if (kind !== undefined) return kind
  const type = contentType.toLowerCase()
  if (type.startsWith('audio/')) return 'voice'
  if (type.startsWith('image/')) return type.startsWith('image/webp') ? 'sticker' : 'photo'
  if (type.startsWith('video/')) return 'video'
  return /^text\/(?:x-)?vcard/.test(type) ? 'contact' : 'document'
}

/** Whether the text of a message is what its person wrote. */
export function isWritten(media: readonly Media[] | undefined): boolean {
  return (media ?? []).every((one) => beside.has(cameKind(one)))
}
