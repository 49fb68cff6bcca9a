import { expect, it } from 'vitest'
import { htmlText } from '#providers/espocrm/html-text.ts'

it('an HTML email is what a person would read of it, its paragraphs and lines apart', () => {
  const html = `<!doctype html><html><head><title>Devis</title><style>p { color: red }</style></head>
    <body class="mail"><h1>Votre devis</h1>
    <p>Bonjour   <b>Dana</b>,<br>
    voici :</p><ul><li>un</li><li>deux</li></ul><!-- <p>caché</p> --><script>if (1 < 2) run()</script></body></html>`
  expect(htmlText(html)).toBe('Votre devis\n\nBonjour Dana,\nvoici :\n\n * un\n * deux')
})

it.each([
  ['1 &lt; 2 &amp;&amp; 3', '1 < 2 && 3'],
  ['&eacute;t&#233; &#xE9;&nbsp;!', 'été é\u00a0!'],
  ['&amp;lt;', '&lt;'],
  ['&unknown; AT&T', '&unknown; AT&T'],
  ['1 < 2 et 3 > 2', '1 < 2 et 3 > 2'],
])('%s is read as %s', (html, text) => {
  expect(htmlText(html)).toBe(text)
})

it.each([
  ['tags within tags', '<b>'.repeat(500_000)],
  ['tags within tags, and others that end', '<b>'.repeat(250_000) + '</i>'.repeat(250_000)],
  ['tables within tables', '<table><tr><td>'.repeat(100_000)],
  ['lists within lists', '<ul><li>a'.repeat(100_000)],
  ['paragraphs', '<p>a</p>'.repeat(200_000)],
  ['lines', 'a<br>'.repeat(300_000)],
  ['what may begin a tag', '<'.repeat(1_500_000)],
  ['attributes', `<a ${'x=1 '.repeat(400_000)}>`],
])('1.5 MB of %s is read to where a person would have stopped', (_what, html) => {
  const text = htmlText(html)
  expect(text.length).toBeLessThanOrEqual(100_001)
  expect(text.endsWith('…')).toBe(true)
  // Counted by what is handed to the parser, not by time: 3,000 tags take some ten milliseconds.
  expect(text.split('\n').length).toBeLessThanOrEqual(6_001)
})

it('a page of 3,000 tags within tags loses no word before its depth', () => {
  expect(htmlText(`Bonjour ${'<span>'.repeat(50)}Dana${'<i>'.repeat(3_000)}`)).toMatch(/^Bonjour Dana/)
})

it.each([
  ['a<!-- no end', 'a'],
  ['a<style>p {', 'a'],
  ['<head><title>x</title><body>Bonjour', 'Bonjour'],
  ['<header>Bonjour</header>', 'Bonjour'],
])('what is not seen is left out, also where it does not end: %s', (html, text) => {
  expect(htmlText(html)).toBe(text)
})
