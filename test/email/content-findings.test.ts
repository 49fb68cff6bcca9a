import { monitorEventLoopDelay } from 'node:perf_hooks'
import { expect, test } from 'vitest'
import { contentFindings } from '#src/email/content-findings.ts'

const long = 2_000_000
const mail = {
  channel: 'email' as const,
  tenantId: 't1',
  to: 'a@customers.example',
  subject: 'Test',
  tracking: { opens: false, clicks: false },
}

test.each([
  ['tags in one another', { html: '<b>'.repeat(long / 3) }],
  ['ends of tags that never began', { html: '</b>'.repeat(long / 4) }],
  ['links that never end', { html: '<a href=x>'.repeat(long / 10) }],
  [
    'links with long texts',
    { html: `<a href=https://a.example>${'a.'.repeat(500)}</a>`.repeat(long / 1_030) },
  ],
  ['one link with a long text', { html: `<a href=https://a.example>${'a.'.repeat(long / 2 - 20)}</a>` }],
  ['one attribute', { html: `<a href="${'http://a'.repeat(long / 8 - 2)}">` }],
  ['attributes of one tag', { html: `<a ${'b=c '.repeat(long / 4 - 1)}>` }],
  ['entities', { html: '&amp;'.repeat(long / 5) }],
  ['entities of one attribute', { html: `<a href="${'&amp;'.repeat(long / 5 - 3)}">` }],
  ['one comment that is not closed', { html: `<!--${'<'.repeat(long - 4)}` }],
  ['words of a page', { html: '<p>'.concat('voir '.repeat(long / 5 - 1)) }],
  ['words of a text', { text: 'voir dans '.repeat(long / 10) }],
  ['blanks', { text: ' '.repeat(long), html: ' '.repeat(long) }],
])('2 million characters of %s hold nobody up', async (_what, content) => {
  let longest = Number.POSITIVE_INFINITY
  for (let tries = 0; tries < 6 && longest > 50; tries += 1) {
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    await contentFindings({ ...mail, ...content })
    await new Promise((resolve) => setTimeout(resolve, 20))
    delay.disable()
    longest = Math.min(longest, delay.max / 1_000_000)
  }
  expect(longest).toBeLessThan(50)
})
