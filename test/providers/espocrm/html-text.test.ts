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
  ['a<!-- no end', 'a'],
  ['a<style>p {', 'a'],
  ['<head><title>x</title><body>Bonjour', 'Bonjour'],
  ['<header>Bonjour</header>', 'Bonjour'],
])('what is not seen is left out, also where it does not end: %s', (html, text) => {
  expect(htmlText(html)).toBe(text)
})
