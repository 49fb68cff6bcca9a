import { setImmediate as turn } from 'node:timers/promises'
import { QuoteType, Tokenizer } from 'htmlparser2'

/** What is to be put in. */
export interface Rewriting {
  /** Where a link leads instead; undefined: it stays as it is. */
  link?: ((url: string) => string | undefined) | undefined
  /** Put before the end of the page's body; else after all there is. */
  atEnd?: string | undefined
}

interface Edit {
  from: number
  to: number
  text: string
}

/** Read in one go: a page of the largest size would hold everybody up. */
const pieceCharacters = 128 * 1024
const linked = new Set(['a', 'area'])
/** Written between an attribute's name and its value. */
const beforeValue = /[\t\n\f\r ]*=[\t\n\f\r ]*["']?/y

/**
 * A page with other links, and every other character as it was: what is not a link (comments with Outlook's own markup among
 * it, scripts, styles, unclosed quotes) is never written anew. Only `<a href>` and `<area href>` with http(s) are links here, and
 * not what its author marked with `data-no-track`.
 */
export async function rewritten(html: string, { link, atEnd }: Rewriting): Promise<string> {
  const page = readPage(html, link)
  for (let at = 0; at < html.length; at += pieceCharacters) {
    if (at > 0) await turn()
    page.read(html.slice(at, at + pieceCharacters))
  }
  const { edits, bodyEnd } = page.end()
  if (atEnd !== undefined) edits.push({ from: bodyEnd, to: bodyEnd, text: atEnd })
  return spliced(html, edits)
}

function readPage(html: string, link: Rewriting['link']) {
  const edits: Edit[] = []
  let bodyEnd = html.length
  /** Where the tag that is open leads, and where that stands: whether it may, its other attributes say. */
  let target: { from: number; to: number; url: string } | undefined
  let inLink = false
  let named = new Set<string>()
  let attribute = ''
  let nameEnd = 0
  let value = ''

  function tagEnded(): void {
    const text = target && !named.has('data-no-track') ? link?.(target.url) : undefined
    if (target && text !== undefined) edits.push({ from: target.from, to: target.to, text })
    target = undefined
    inLink = false
  }

  const tokenizer = new Tokenizer(
    { xmlMode: false, decodeEntities: true },
    {
      onopentagname(start, end) {
        inLink = linked.has(html.slice(start, end).toLowerCase())
        target = undefined
        named = new Set()
      },
      onattribname(start, end) {
        if (!inLink) return
        attribute = html.slice(start, end).toLowerCase()
        nameEnd = end
        value = ''
      },
      onattribdata(start, end) {
        if (inLink) value += html.slice(start, end)
      },
      onattribentity(codepoint) {
        if (inLink) value += String.fromCodePoint(codepoint)
      },
      onattribend(quote, end) {
        if (!inLink) return
        // Of an attribute that stands twice the first counts.
        if (attribute === 'href' && !named.has('href')) target = targetOf(quote, end)
        named.add(attribute)
      },
      onopentagend: tagEnded,
      onselfclosingtag: tagEnded,
      onclosetag(start, end) {
        if (html.slice(start, end).toLowerCase() === 'body') bodyEnd = html.lastIndexOf('<', start)
      },
      oncdata() {},
      oncomment() {},
      ondeclaration() {},
      onend() {},
      onprocessinginstruction() {},
      ontext() {},
      ontextentity() {},
    },
  )

  /** Between the quotes, where there are any: the new value needs none. */
  function targetOf(quote: QuoteType, end: number): typeof target {
    beforeValue.lastIndex = nameEnd
    const before = beforeValue.exec(html)?.[0]
    const url = webAddress(value)
    if (before === undefined || url === undefined) return undefined
    return { from: nameEnd + before.length, to: isQuoted(quote) ? end - 1 : end, url }
  }

  return {
    read: (piece: string) => tokenizer.write(piece),
    end() {
      tokenizer.end()
      return { edits, bodyEnd }
    },
  }
}

/** https://html.spec.whatwg.org/#links-created-by-a-and-area-elements: as a browser would follow it. */
function webAddress(value: string): string | undefined {
  const absolute = /^https?:\/\//i.test(value.replaceAll(/^[\0- ]+|[\t\n\r]+/g, ''))
  return absolute && URL.canParse(value) ? new URL(value).href : undefined
}

function isQuoted(quote: QuoteType): boolean {
  return quote === QuoteType.Double || quote === QuoteType.Single
}

function spliced(html: string, edits: readonly Edit[]): string {
  const parts: string[] = []
  let at = 0
  for (const { from, to, text } of edits.toSorted((left, right) => left.from - right.from)) {
    parts.push(html.slice(at, from), text)
    at = to
  }
  return parts.join('') + html.slice(at)
}
