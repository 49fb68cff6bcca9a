import { stop, unsubscribe } from './refusal-words.ts'
import { saidIn } from './sayings.ts'
import { wordsOf } from './words.ts'

/** Nobody answers at greater length: what is longer is not looked through while a webhook waits. */
const longest = 4_000

/** Where what somebody else wrote begins: what a reply quotes, in French and English clients, and a message sent on. */
const quotes: readonly RegExp[] = [
  /^[ \t]*>/m,
  /^[ \t]*(?:le|on)\b[^\n]{6,160}(?:\n[^\n]{0,160})?\b(?:a [eé]crit|wrote)\s*:/im,
  /^[ \t]*-{2,}\s*(?:message (?:d['’]origine|original|transf[eé]r[eé])|(?:original|forwarded) message)/im,
  /^[ \t]*(?:de|from)\s?:[^\n]+\n[ \t]*(?:envoy[eé]|sent|date|à|to)\s?:/im,
]

/** Where a signature begins: a line that says only so, or what a phone puts there. */
const signatures: readonly RegExp[] = [
  /^[ \t]*(?:-{2,}|—|–|_{2,})[ \t]*$/m,
  /^[ \t]*(?:envoy[eé]|sent|get|obtenir|obtenez|t[eé]l[eé]charge[rz])[ \t]+(?:de|depuis|[aà] partir|avec|from|via|with|outlook|yahoo)\b/im,
]

/** After these nothing follows but a name. */
const closings = /\b(?:cordialement|cdlt|cdt|bien à vous|salutations|regards|sincerely)\b/gi
const mostOfAName = 6
const ofAName =
  /^(?:\p{Lu}[\p{L}.'’-]*|(?:de|du|des|la|le|van|von|d['’]\p{L}+)|[\d+(][\d().+/-]*|\S+@\S+)[,;.]?$/u
/** Words that begin no name, however they are written: "Cdt, Stop". */
const noName = new RegExp(`^(?:${stop}|${unsubscribe})(?= |$)`)

const titled =
  /(?<!\p{L})(M\.|M|[Mm]r|[Mm]me|MME|[Mm]lle|[Mm]onsieur|[Mm]adame|[Mm]ademoiselle|[Dd]octeur|[Dd]r)(\.?[ \t]+)(\p{Lu}\p{Ll}+(?:-\p{Lu}\p{Ll}+)?)(?!\p{L})/gu

/**
 * What a person says in a message: without what is quoted below, without a signature, without the name after a title. It is
 * what a reader would take as their answer; what could be a word of it stays.
 */
export function ownWords(written: string): string {
  const text = written.slice(0, longest)
  const ends = [...quotes, ...signatures].map((mark) => text.search(mark)).filter((at) => at > 0)
  const own = text.slice(0, Math.min(text.length, ...ends))
  const unsigned = withoutName(own.trim() === '' ? text : own)
  return unsigned.replace(titled, (whole, title: string, _space, name: string) =>
    isUnknown(name) ? title : whole,
  )
}

/** Whether these are words that a signature may be made of, and none that says something. */
export function isSignature(line: string): boolean {
  const parts = line.trim().split(/\s+/)
  return (
    parts.length <= mostOfAName &&
    parts.every((part) => ofAName.test(part)) &&
    isUnknown(line) &&
    !noName.test(wordsOf(line).join(' '))
  )
}

function withoutName(text: string): string {
  const last = [...text.matchAll(closings)].at(-1)
  if (!last) return text
  const end = last.index + last[0].length
  const rest = text.slice(end).replace(/^[\s,.!:;-]+/, '')
  const lines = rest.split('\n').filter((line) => line.trim() !== '')
  return /\p{Lu}\p{Ll}/u.test(rest) && lines.every(isSignature) ? text.slice(0, end) : text
}

function isUnknown(words: string): boolean {
  return saidIn(wordsOf(words)).every(({ meaning }) => meaning === 'unknown' || meaning === 'polite')
}
