import { domainToASCII } from 'node:url'
import type { SendableMessage } from '#src/model/message.ts'
import type { Found } from './finding-kinds.ts'
import { type PageLink, pageFacts } from './page-facts.ts'

export type Email = Extract<SendableMessage, { channel: 'email' }>

/** Gmail shows so much of a page and no more: "[Message clipped]" at some 102 kB. */
const clippedBytes = 102 * 1024
/** Of a text, as of a page: what makes a newsletter stands in it by then. */
const readCharacters = 100_000
/** A mail that goes to so many is no letter. */
const manyPeople = 10

/** Words of mails that go to many, and that people want to be able to end. */
const newsletterWords =
  /\bnewsletter|\binfolettre|\blettre d[’']information|\bunsubscribe|\bse d[ée]sinscrire|\bd[ée]sinscription|\bd[ée]sabonn|\bplus recevoir (?:nos|ces)|\bview (?:it )?in (?:your|the) browser|\bvoir (?:\S+ ){0,3}dans (?:votre|le|un) navigateur/i

/** What a receiver would object to in what is sent. */
export async function contentFindings(email: Email): Promise<Found[]> {
  const { html, text = '' } = email
  const page = html === undefined ? undefined : await pageFacts(html)
  const found: Found[] = []
  const say = (id: Found['id'], is: boolean, details: Found['details'] = {}) => {
    if (is) found.push({ id, details })
  }
  if (page && html !== undefined) {
    const bytes = Buffer.byteLength(html)
    const plain = insecure(page.sources.concat(page.links.map(({ href }) => href)))
    const elsewhere = page.links.filter(namesAnother)
    say('link_names_another_host', elsewhere.length > 0, {
      count: elsewhere.length,
      hosts: hostsOf(elsewhere[0]),
    })
    say('no_text_part', text.trim() === '')
    say('no_language', !page.language)
    say('images_without_alt', page.imagesWithoutAlt > 0, { count: page.imagesWithoutAlt })
    say('clipped_by_gmail', bytes > clippedBytes, { kilobytes: Math.round(bytes / 1_024) })
    say('links_without_https', plain > 0, { count: plain })
  }
  const people = 1 + (email.cc?.length ?? 0) + (email.bcc?.length ?? 0)
  const words = `${email.subject}\n${page?.words ?? text.slice(0, readCharacters)}`
  if (!email.unsubscribe) {
    if (people >= manyPeople) say('many_share_one_mail', true, { count: people })
    else say('no_unsubscribe', newsletterWords.test(words))
  }
  return found
}

function insecure(addresses: readonly string[]): number {
  return addresses.filter((address) => /^\s*http:/i.test(address)).length
}

/** What people take for an address: with its scheme, with www, or under one of the usual endings. */
const addressShape =
  /^(?:https?:\/\/((?:[^\s/:?#@.]+\.)+[^\s/:?#@.]+)|(www\.(?:[^\s/:?#@.]+\.)+[^\s/:?#@.]+)|((?:[^\s/:?#@.]+\.)+(?:com|net|org|fr|eu|io|info|biz|be|ch|ca|uk|de|es|it|lu|gouv|app|shop|paris|bank)))(?::\d+)?(?:[/?#]\S*)?$/i

/** The host that its reader sees, and the one where it leads; undefined: it shows none, or leads nowhere. */
function hostsOf(link: PageLink | undefined): { shown: string; real: string } | undefined {
  const match = addressShape.exec(link?.text.trim().replaceAll('\u00ad', '') ?? '')
  const shown = match?.[1] ?? match?.[2] ?? match?.[3]
  if (!link || shown === undefined || !/^https?:/i.test(link.href) || !URL.canParse(link.href))
    return undefined
  return { shown: bare(domainToASCII(shown.toLowerCase())), real: bare(new URL(link.href).hostname) }
}

/** One under the other is the same house. */
function namesAnother(link: PageLink): boolean {
  const { shown = '', real = '' } = hostsOf(link) ?? {}
  return shown !== real && !real.endsWith(`.${shown}`) && !shown.endsWith(`.${real}`)
}

function bare(host: string): string {
  return host.replace(/^www\./, '')
}
