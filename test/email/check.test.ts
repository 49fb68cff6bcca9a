import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Finding } from '#src/email/finding.ts'
import { startWorld, type World } from '#support/world.ts'

/** What the DNS of the test says: TXT records by name; a name that is not here has none; `hang` never answers, `fail` breaks. */
let records: Record<string, string[] | 'hang' | 'fail' | 'gone'> = {}
let asked: string[] = []
const failed = (code: string) => Promise.reject(Object.assign(new Error(code), { code }))
async function resolve(name: string, type: string): Promise<string[][]> {
  asked.push(`${type} ${name}`)
  const found = records[name] ?? 'gone'
  if (found === 'hang') return new Promise(() => {})
  if (found === 'fail') return failed('ESERVFAIL')
  return found === 'gone' || type !== 'TXT' ? failed('ENOTFOUND') : found.map((text) => [text])
}

let world: World
beforeAll(async () => {
  world = await startWorld({ resolve })
})
afterAll(() => world.stop())
beforeEach(() => {
  records = { ...good }
  asked = []
})

const domain = 'cabinet.example'
const good = {
  [domain]: ['v=spf1 ip4:198.51.100.7 -all', 'some-verification=1'],
  [`_dmarc.${domain}`]: ['v=DMARC1; p=reject; rua=mailto:d@cabinet.example'],
}
const mail = {
  to: 'anna@customers.example',
  from: `Cabinet <max@${domain}>`,
  subject: 'Votre rendez-vous',
  html: '<html lang="fr"><body><p>Bonjour <img src="https://a.example/b.png" alt=""> <a href="https://cabinet.example/rdv">votre rendez-vous</a></p></body></html>',
  text: 'Bonjour',
  provider: 'smtp',
}

async function check(more: object = {}, query = '?lang=en'): Promise<Finding[]> {
  const { status, body } = await world.ask('POST', `/api/email/check${query}`, { ...mail, ...more })
  expect({ status, body }).toMatchObject({ status: 200, body: { success: true } })
  return body.findings
}
const ids = async (more: object = {}) => (await check(more)).map(({ id }) => id)
/** But for what nobody can see from outside. */
const found = async (more: object = {}) => (await ids(more)).filter((id) => id !== 'dkim_unknown')
const page = (inside: string) => ({ html: `<html lang="fr"><body>${inside}</body></html>` })

test('nothing speaks against a good mail but that its signature cannot be seen, and nothing is sent or kept', async () => {
  const before = (await world.call('GET', '/api/messages')).body.messages.length
  expect(await check()).toEqual([
    {
      id: 'dkim_unknown',
      level: 'info',
      message: expect.stringContaining('cabinet.example'),
      fix: expect.stringContaining('DKIM-Signature'),
    },
  ])
  expect((await world.call('GET', '/api/messages')).body.messages).toHaveLength(before)
  expect(world.sandbox.received()).toEqual([])
})

describe('the content', () => {
  test.each([
    ['without a text part', 'no_text_part', { text: undefined }],
    ['with a blank text part', 'no_text_part', { text: ' \n' }],
    ['without a language', 'no_language', { html: '<html><body><p>Bonjour</p></body></html>' }],
    [
      'with an empty language',
      'no_language',
      { html: '<html lang=" "><body><p lang="fr">Bonjour</p></body></html>' },
    ],
    ['that is a part of a page, without a language', 'no_language', { html: '<p>Bonjour</p>' }],
    ['with an image that says nothing', 'images_without_alt', page('<img src="https://a.example/b.png">')],
    ['with an image in odd spelling', 'images_without_alt', page("<IMG\nSRC='https://a.example/b.png'/>")],
    ['larger than Gmail shows', 'clipped_by_gmail', page(`<p>${'é'.repeat(52_300)}</p>`)],
    ['with a link by http', 'links_without_https', page('<a href="http://cabinet.example">rdv</a>')],
    [
      'with a link by http, in capitals and without quotes',
      'links_without_https',
      page('<a href= HTTP://cabinet.example/x>rdv</a>'),
    ],
    ['with an image by http', 'links_without_https', page('<img alt="" src="http://cabinet.example/a.png">')],
    [
      'with a link whose entities hide its scheme',
      'links_without_https',
      page('<a href="&#104;ttp://cabinet.example/">rdv</a>'),
    ],
    [
      'that shows another host',
      'link_names_another_host',
      page('<a href="https://evil.example/login">https://www.bank.com/login</a>'),
    ],
    [
      'that shows another host inside of tags',
      'link_names_another_host',
      page('<a href="https://evil.example"><b>www.</b><span>bank.fr</span></a>'),
    ],
    [
      'that shows another host without a scheme',
      'link_names_another_host',
      page('<a href="https://bank.com.evil.example">bank.com</a>'),
    ],
    ['that is a newsletter', 'no_unsubscribe', { subject: 'Notre newsletter de mai' }],
    [
      'that only says how to leave',
      'no_unsubscribe',
      page('<p>Pour vous d&eacute;sabonner, r&eacute;pondez</p>'),
    ],
    [
      'that many get',
      'many_share_one_mail',
      { bcc: Array.from({ length: 9 }, (_, at) => `p${at}@customers.example`) },
    ],
  ])('of a mail %s: %s', async (_what, id, more) => {
    expect(await found(more)).toEqual([id])
  })

  test.each([
    ['a text alone', { html: undefined }],
    ['a language of a part of a page', { html: '<div lang="fr">Bonjour</div>' }],
    ['images that only decorate', page('<img src="cid:a" alt>')],
    ['just what Gmail shows', page('a'.repeat(102 * 1024 - 60))],
    [
      'mailto, tel, anchors and comments',
      page(
        '<a href="mailto:a@b.fr">a@b.fr</a><a href="tel:+33">tel</a><a href="#x">x</a><!-- <img src="http://x"> <a href="http://x"> -->',
      ),
    ],
    [
      'styles and scripts that look like tags',
      page(
        '<style>p{background:url(x)} /* <img src="http://x"> */</style><script>var a="<a href=http://x>"</script>',
      ),
    ],
    [
      'the same host with www, or one under it',
      page(
        '<a href="https://cabinet.example/x">www.cabinet.example</a><a href="https://clic.cabinet.fr/1">https://cabinet.fr</a>',
      ),
    ],
    ['a file that looks like a host', page('<a href="https://cabinet.example/f">facture.pdf</a>')],
    ['an accented host', page('<a href="https://xn--mller-kva.de/">https://müller.de/</a>')],
    ['a newsletter with the button', { subject: 'Notre newsletter', unsubscribe: true }],
    ['a few copies', { cc: ['a@customers.example'] }],
    [
      'a link without a text',
      page('<a href="https://cabinet.example"><img src="https://a.example/b" alt="rdv"></a>'),
    ],
  ])('with %s is not complained of', async (_what, more) => {
    expect(await found(more)).toEqual([])
  })

  test('that is bad throughout has all of it, the worst first, each with its remedy', async () => {
    const html = `<p>newsletter</p><img src=http://a.example>${'<a href="https://evil.example">bank.com</a>'.repeat(3)}`
    const findings = await check({ html, text: undefined })
    expect(findings.map(({ id }) => id)).toEqual([
      'link_names_another_host',
      'no_text_part',
      'no_language',
      'images_without_alt',
      'links_without_https',
      'no_unsubscribe',
      'dkim_unknown',
    ])
    expect(findings[0]?.message).toMatch(/^3 link\(s\).*bank\.com.*evil\.example/)
    for (const { message, fix } of findings)
      expect([message.length, fix.length].every((length) => length > 10)).toBe(true)
  })
})

describe('the sender’s domain', () => {
  const dmarc = `_dmarc.${domain}`
  test.each<[string, string[], typeof records]>([
    ['no SPF record', ['spf_missing'], { [domain]: ['nothing of the kind'] }],
    ['several SPF records', ['spf_several'], { [domain]: ['v=spf1 -all', 'v=spf1 mx -all'] }],
    ['a misspelt SPF record', ['spf_broken'], { [domain]: ['v=spf1 ipv4:1.2.3.4 -all'] }],
    ['an SPF record that turns in a circle', ['spf_broken'], { [domain]: [`v=spf1 include:${domain} -all`] }],
    ['an SPF record that lets anybody send', ['spf_allows_anybody'], { [domain]: ['v=spf1 +all'] }],
    [
      'an SPF record that lets anybody send by another',
      ['spf_allows_anybody'],
      { [domain]: ['v=spf1 include:all.example -all'], 'all.example': ['v=spf1 ip4:0.0.0.0/0 -all'] },
    ],
    ['no DMARC record', ['dmarc_missing'], { [dmarc]: 'gone' }],
    ['two DMARC records', ['dmarc_broken'], { [dmarc]: ['v=DMARC1; p=none', 'v=DMARC1; p=reject'] }],
    ['a DMARC record without a policy', ['dmarc_broken'], { [dmarc]: ['v=DMARC1; p=refuse'] }],
    [
      'a DMARC record that only watches',
      ['dmarc_only_watches'],
      { [dmarc]: ['v=DMARC1; p=none; rua=mailto:a@b.c'] },
    ],
    ['a DMARC record that is tried', ['dmarc_only_watches'], { [dmarc]: ['v=DMARC1; p=quarantine; t=y'] }],
    [
      'tags that are gone',
      ['dmarc_removed_tags'],
      { [dmarc]: ['v=DMARC1; p=reject; pct=50; RI=3600 ; rf=afrf'] },
    ],
    ['a DNS that breaks', ['dns_silent'], { [domain]: 'fail', [dmarc]: 'fail' }],
  ])('with %s: %j', async (_what, expected, said) => {
    records = { ...good, ...said }
    expect(await found()).toEqual(expected)
  })

  test('the tags that are gone are named', async () => {
    records = { ...good, [dmarc]: ['v=DMARC1; p=reject; pct=50; ri=3600; rf=afrf'] }
    const [finding] = await check()
    expect(finding).toMatchObject({
      id: 'dmarc_removed_tags',
      message: expect.stringMatching(/pct, ri, rf.*RFC 9989/),
    })
  })

  test('takes its policy from the domain above, as the tree walk finds it, and asks no more than eight names', async () => {
    const deep = 'a.b.c.d.e.f.g.h.cabinet.example'
    records = { ...good, [deep]: ['v=spf1 -all'] }
    expect(await found({ from: `max@${deep}` })).toEqual([])
    const walked = asked.filter((name) => name.startsWith('TXT _dmarc.'))
    expect(walked).toContain(`TXT ${dmarc}`)
    expect(walked.length).toBeLessThanOrEqual(8)
  })

  test('is not asked for SPF where SendGrid or Resend sends, which is in its own name', async () => {
    records = { [dmarc]: good[dmarc] ?? [] }
    for (const provider of ['sendgrid', 'resend']) expect(await found({ provider })).toEqual([])
    expect(await found({ provider: 'smtp' })).toEqual(['spf_missing'])
  })

  test('is that of the configured sender where the mail names none', async () => {
    records = {}
    const findings = await check({ from: undefined })
    expect(findings[0]).toMatchObject({ id: 'spf_missing' })
    expect(findings[0]?.message).not.toContain(domain)
  })

  test('is waited for a few seconds, and not longer', async () => {
    records = { [domain]: 'hang', [dmarc]: 'hang' }
    const begunAt = performance.now()
    expect(await found()).toEqual(['dns_silent'])
    expect(performance.now() - begunAt).toBeLessThan(15_000)
  })
})

test('is told in French or English, as asked, else as the caller reads', async () => {
  records = {}
  const first = async (query: string, headers: Record<string, string> = {}) =>
    (await world.ask('POST', `/api/email/check${query}`, mail, headers)).body.findings[0].message
  expect(await first('?lang=fr')).toContain('n’a pas d’enregistrement SPF')
  expect(await first('?lang=en')).toContain('has no SPF record')
  expect(await first('')).toContain('n’a pas')
  expect(await first('', { 'Accept-Language': 'en' })).toContain('has no SPF record')
  expect((await world.ask('POST', '/api/email/check?lang=de', mail)).status).toBe(400)
})

test('takes what sendEmail takes, and refuses what that refuses', async () => {
  const ask = async (body: unknown, headers: Record<string, string> = {}) =>
    (await world.ask('POST', '/api/email/check', body, headers)).status
  expect(
    await ask({
      ...mail,
      sendAt: new Date().toISOString(),
      leadId: 'l1',
      attachments: [{ filename: 'a.txt', content: 'QQ==' }],
    }),
  ).toBe(200)
  expect(await ask({ ...mail, to: 'nobody' })).toBe(400)
  expect(await ask({ ...mail, odd: 1 })).toBe(400)
  expect(await ask({})).toBe(400)
  expect(await ask({ ...mail, tenantId: 't2' })).toBe(403)
  expect(await ask(mail, { Authorization: 'Bearer wrong' })).toBe(401)
})
