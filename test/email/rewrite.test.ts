import fc from 'fast-check'
import { describe, expect, it, test } from 'vitest'
import { rewritten } from '#src/email/rewrite.ts'
import { nastyMails } from './nasty-mails.ts'

const mark = /https:\/\/t\.example\/(\d+)/g

/** A page with each of its links counted, and what they were. */
async function counted(html: string): Promise<{ page: string; links: string[] }> {
  const links: string[] = []
  const link = (url: string) => `https://t.example/${links.push(url) - 1}`
  return { page: await rewritten(html, { link }), links }
}

/** What stands in `html` where `page` has marks; throws where anything else is not the same. */
function replaced(html: string, page: string): string[] {
  const kept = page.split(mark).filter((_, index) => index % 2 === 0)
  const values: string[] = []
  let at = 0
  for (const [index, part] of kept.entries()) {
    const found =
      index === 0 ? 0 : index === kept.length - 1 ? html.length - part.length : html.indexOf(part, at)
    if (found < at || html.slice(found, found + part.length) !== part) throw new Error(`not kept: ${part}`)
    if (index > 0) values.push(html.slice(at, found))
    at = found + part.length
  }
  if (at !== html.length) throw new Error('not all of it is there')
  return values
}

describe('every link that a reader can follow leads elsewhere, and every other character stays', () => {
  it.each(nastyMails)('$what', async ({ html, links }) => {
    const found = await counted(html)
    expect(found.links).toEqual(links)
    expect(replaced(html, found.page)).toHaveLength(links.length)
    // Nobody may read what was put in as something else.
    expect((await counted(found.page)).links).toHaveLength(links.length)
  })

  it('also where a page of a million characters is read in pieces', async () => {
    const all = nastyMails.filter(({ html }) => !/<!-- <a[^>]*>$|\/4$/.test(html))
    const once = all.map(({ html }) => html).join('<p>·</p>')
    const times = Math.ceil(1_000_000 / once.length)
    const html = Array.from({ length: times }, () => once).join('<hr>')
    const { page, links } = await counted(html)
    expect(html.length).toBeGreaterThan(1_000_000)
    expect(links).toEqual(Array.from({ length: times }, () => all.flatMap((mail) => mail.links)).flat())
    expect(replaced(html, page)).toHaveLength(links.length)
  })
})

it('248 links of a page of 100 KB are 248', async () => {
  const cell = (n: number) =>
    `<tr><td style="padding:0 12px"><a style="color:#fff" href=${n % 2 ? `"https://shop.example/p/${n}?utm_source=mail&amp;utm_medium=email"` : `https://shop.example/p/${n}`}>Article ${n}</a>${'<p>Un texte.</p>'.repeat(18)}</td></tr>`
  const html = `<html><body><table>${Array.from({ length: 248 }, (_, n) => cell(n)).join('\n')}</table></body></html>`
  expect(html.length).toBeGreaterThan(100_000)
  const { page, links } = await counted(html)
  expect(links).toHaveLength(248)
  expect(replaced(html, page)).toHaveLength(248)
})

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...nastyMails.map(({ html }) => html)) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        '<a ',
        'href',
        '=',
        '"',
        "'",
        '>',
        '/>',
        '<',
        '</a>',
        '<!--',
        '-->',
        ' ',
        '\n',
        '&amp;',
        '&',
        '\u0000',
      ],
      ...[
        'http://a.example/',
        'https://é.example',
        'data-no-track',
        '<script>',
        '</script>',
        '<body>',
        '</body>',
      ],
      ...[
        '<![CDATA[',
        ']]>',
        '<?',
        '<!',
        '<svg>',
        '</svg>',
        '<plaintext',
        '\ud83d',
        '\ude00',
        '<title>',
        '</',
      ],
    ),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
)

test('whatever a page is made of, taking the links out again gives the page', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(piece, { maxLength: 40 }), async (pieces) => {
      const html = pieces.join('')
      const { page, links } = await counted(html)
      expect(replaced(html, page)).toHaveLength(links.length)
    }),
    { numRuns: 2_000 },
  )
})

describe('the picture', () => {
  const dot = '<img>'
  it.each([
    ['<body>a</body>', `<body>a${dot}</body>`],
    ['<BODY>a</BODY ></HTML>', `<BODY>a${dot}</BODY ></HTML>`],
    ['<body>a</body><p>b</p></body>\n', `<body>a</body><p>b</p>${dot}</body>\n`],
    ['<body>a</body><!-- </body> -->', `<body>a${dot}</body><!-- </body> -->`],
    ['<p>a</p>', `<p>a</p>${dot}`],
    ['', dot],
  ])('of %s stands before its end', async (html, page) => {
    expect(await rewritten(html, { atEnd: dot })).toBe(page)
  })
})
