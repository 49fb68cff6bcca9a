import { isbotMatch } from 'isbot'

/**
 * What opens mails and follows links without a person, by the word that its agent says: proxies that load images for a reader
 * they hide, gateways and scanners that look at mails before they are let in, previews, programs. One table for whoever tells
 * of opens and clicks. Barracuda Sentinel and others write their names beside those of a browser.
 */
const agents: readonly RegExp[] = [
  /\b(GoogleImageProxy|YahooMailProxy|ggpht\.com|YahooCacheSystem|DuckDuckGo-Email\w*|HeyImageProxy|Superhuman\w*Proxy|\w*ImageProxy)\b/i,
  /\b(Barracuda\w*(?: Sentinel)?|Proofpoint\w*|Mimecast\w*|MessageLabs|Symantec\w*|FireEye|Trellix|Trend ?Micro\w*|Sophos\w*|IronPort|Cisco\w*(?: Secure)?|Forcepoint|Websense|Zscaler|FortiMail|Fortinet|Cloudmark|Vade ?(?:Secure|Retro)\w*|Bitdefender|Kaspersky|ESET|Avanan|Abnormal\w*|Ironscales|Agari|SpamTitan|Hornetsecurity|Retarus|MailGuard|Mailinblack|SafeLinks|ATP|Existence Discovery|Defender)\b/i,
  /\b(?!cubot\b)(\w*(?:bot|crawler|spider|scanner|archiver))\b/i,
  /\b(urlscan|VirusTotal|Slurp|facebookexternalhit|BingPreview|SkypeUriPreview|LinkPreview\w*|Link Preview|WhatsApp\/[\d.]+|Slackbot\w*|HeadlessChrome|PhantomJS|Puppeteer|Playwright|Selenium)/i,
  /^(curl|Wget|python|Python-urllib|python-requests|aiohttp|Go-http-client|Java|okhttp|Apache-HttpClient|libwww-perl|axios|node-fetch|node|undici|got|Ruby|PHP|GuzzleHttp|Faraday|PostmanRuntime|HTTPie)\b/i,
]
/** Programs in which people read, though they name themselves as briefly as a robot does (isbot takes them for one). */
const readers =
  /^(YahooMobileMail|Spark|SamsungMail|com\.google\.android\.gm|com\.microsoft\.\w+|eM ?Client|Airmail|MailMate|BlueMail|Edison\w*|FairEmail|K-9 Mail|Outlook-\w+|Superhuman)\b(?!\w*Proxy)/i
/** Apple's Mail Privacy Protection says this and nothing more; a browser never does. */
const bare = /^Mozilla\/5\.0$/

/** Who opened or clicked, judged by the agent: with its reason where it is a machine. What tells nothing is left open. */
export function readBy(agent: string | null | undefined): { machine?: true; reason?: string } {
  const named = agent?.trim() ?? ''
  if (bare.test(named)) return { machine: true, reason: 'by a machine (a privacy proxy)' }
  // Ours has the better word where both know it.
  const ours = agents.map((known) => known.exec(named)?.[1]).find((found) => found !== undefined)
  const word = ours ?? (readers.test(named) ? undefined : isbotMatch(named)?.trim())
  return word ? { machine: true, reason: `by a machine (${word.slice(0, 40)})` } : {}
}
