import { expect, test } from 'vitest'
import { pageFacts } from '#src/email/page-facts.ts'

test('a page is read the same wherever it is cut into pieces', async () => {
  const inside = '<a href="http://x.example/?a=1&amp;b=2">caf&eacute; <b>là</b></a><img src=cid:1 alt=a>'
  for (const filler of [0, 1, 2, 3, 5, 8, 13, 21, 34, 55].map((less) => 32 * 1024 - less)) {
    const { links, images, imagesWithoutAlt, sources } = await pageFacts(`${' '.repeat(filler)}${inside}`)
    expect({ links, images, imagesWithoutAlt, sources }).toEqual({
      links: [{ href: 'http://x.example/?a=1&b=2', text: 'café là' }],
      images: 1,
      imagesWithoutAlt: 0,
      sources: ['cid:1'],
    })
  }
})

test('of a long page others have their turn while it is read', async () => {
  let turns = 0
  let reading = true
  const others = () => {
    turns += 1
    if (reading) setImmediate(others)
  }
  setImmediate(others)
  await pageFacts('<p>Bonjour</p>'.repeat(140_000))
  reading = false
  expect(turns).toBeGreaterThan(30)
})

test('of what is endless the beginning is kept', async () => {
  const endless = 'a'.repeat(200_000)
  const { links, words, sources } = await pageFacts(
    `<img src="${endless}"><a href="${endless}">${endless}</a>`,
  )
  expect([words.length, sources[0]?.length, links[0]?.href.length, links[0]?.text.length]).toEqual([
    100_000, 2_048, 2_048, 300,
  ])
})
