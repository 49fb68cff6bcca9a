import { setImmediate as breathe } from 'node:timers/promises'
import { Tokenizer, type TokenizerCallbacks } from 'htmlparser2'

/** A link as its reader sees it, and where it leads. */
export interface PageLink {
  href: string
  /** The beginning of its text. */
  text: string
}

/** What a page is made of, as far as receivers look at it. */
export interface PageFacts {
  /** Whether its language is said: of the page where it has an element for that, else of anything in it. */
  language: boolean
  images: number
  imagesWithoutAlt: number
  /** Addresses of what it loads. */
  sources: string[]
  links: PageLink[]
  /** The beginning of what a person reads. */
  words: string
}

/** So much is read at once: some two milliseconds. */
const pieceCharacters = 32 * 1024
const most = { links: 2_000, sources: 2_000, linkText: 300, words: 100_000, value: 2_048 }

/**
 * Reads a page tag by tag, in pieces between which others have their turn: however long it is, and however deep its tags stand in one
 * another, the time for each piece is the same. Nothing of what it names is fetched.
 */
export async function pageFacts(html: string): Promise<PageFacts> {
  const { callbacks, facts } = reader(html)
  const tokenizer = new Tokenizer({ decodeEntities: true }, callbacks)
  for (let at = 0; at < html.length; at += pieceCharacters) {
    tokenizer.write(html.slice(at, at + pieceCharacters))
    await breathe()
  }
  tokenizer.end()
  return facts()
}

function reader(html: string): { callbacks: TokenizerCallbacks; facts: () => PageFacts } {
  const found: PageFacts = {
    language: false,
    images: 0,
    imagesWithoutAlt: 0,
    sources: [],
    links: [],
    words: '',
  }
  const languages = { page: undefined as boolean | undefined, anywhere: false }
  let tag = { name: '', attributes: new Map<string, string>() }
  let attribute = { name: '', value: '' }
  let link: PageLink | undefined
  let unread = false

  function text(piece: string): void {
    if (unread) return
    found.words += piece.slice(0, Math.max(most.words - found.words.length, 0))
    if (link) link.text += piece.slice(0, Math.max(most.linkText - link.text.length, 0))
  }

  function endLink(): void {
    if (link && found.links.length < most.links) found.links.push(link)
    link = undefined
  }

  function opened(): void {
    const { name, attributes } = tag
    unread = name === 'style' || name === 'script' || name === 'title'
    const said = (attributes.get('lang') ?? '').trim() !== ''
    if (name === 'html') languages.page = said
    languages.anywhere ||= said
    const source = attributes.get('src')
    if (source !== undefined && found.sources.length < most.sources) found.sources.push(source)
    if (name === 'img') {
      found.images += 1
      if (!attributes.has('alt')) found.imagesWithoutAlt += 1
    }
    if (name === 'a' || name === 'area') {
      endLink()
      link = { href: attributes.get('href')?.trim() ?? '', text: '' }
    }
    // Words on two sides of a tag are two, but for those that are marked inside a line.
    if (!/^(?:a|b|i|em|strong|span|font|u)$/.test(name)) text(' ')
  }

  const callbacks: TokenizerCallbacks = {
    onopentagname(start, end) {
      tag = { name: html.slice(start, end).toLowerCase(), attributes: new Map() }
    },
    onattribname(start, end) {
      attribute = { name: html.slice(start, end).toLowerCase(), value: '' }
    },
    onattribdata(start, end) {
      attribute.value += html.slice(
        start,
        Math.min(end, start + Math.max(most.value - attribute.value.length, 0)),
      )
    },
    onattribentity(code) {
      if (attribute.value.length < most.value) attribute.value += String.fromCodePoint(code)
    },
    onattribend() {
      // The first one counts, as in browsers.
      if (!tag.attributes.has(attribute.name)) tag.attributes.set(attribute.name, attribute.value)
    },
    onopentagend: opened,
    onselfclosingtag: opened,
    onclosetag(start, end) {
      unread = false
      if (html.slice(start, end).toLowerCase() === 'a') endLink()
    },
    ontext: (start, end) => text(html.slice(start, end)),
    ontextentity: (code) => text(String.fromCodePoint(code)),
    oncdata() {},
    oncomment() {},
    ondeclaration() {},
    onprocessinginstruction() {},
    onend: endLink,
  }
  return { callbacks, facts: () => ({ ...found, language: languages.page ?? languages.anywhere }) }
}
