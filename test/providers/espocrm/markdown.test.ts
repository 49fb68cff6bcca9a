import { describe, expect, it } from 'vitest'
import { plainText } from '#providers/espocrm/markdown.ts'

describe('a stranger’s text in the stream', () => {
  it.each([
    ['*oui* _non_ ~~peut-être~~', '\\*oui\\* \\_non\\_ \\~\\~peut-être\\~\\~'],
    ['`code` [ici](javascript:alert(1))', '\\`code\\` \\[ici\\](javascript:alert(1))'],
    ['<b>gras</b> &amp; \\', '\\<b\\>gras\\</b\\> \\&amp; \\\\'],
    ['a | b', 'a \\| b'],
    ['# titre', '\\# titre'],
    ['- un', '\\- un'],
    ['+33 6', '\\+33 6'],
    ['12. novembre', '12\\. novembre'],
    ['1) oui', '1\\) oui'],
    ['> cité', '\\> cité'],
    ['Titre\n===', 'Titre\n\\==='],
    ['    du code', 'du code'],
    ['un\r\ndeux\rtrois', 'un\ndeux\ntrois'],
    ['rendez-vous à 10.30', 'rendez-vous à 10.30'],
  ])('shows %j as it was written', (text, escaped) => {
    expect(plainText(text)).toBe(escaped)
  })

  it('notifies nobody whose name stands in it', () => {
    // The pattern of EspoCRM's NoteMentionHookProcessor.
    const mention = /@[\w@.-]+/
    const text = 'dites à @admin, anna@example.com ou https://example.com/@admin'
    expect(plainText(text)).not.toMatch(mention)
    expect(plainText(text)).toBe('dites à &#64;admin, anna&#64;example.com ou https://example.com/%40admin')
  })

  it('keeps links as they are', () => {
    const link = 'https://example.com/a_b/c*d?x=1&y=[2'
    expect(plainText(`voir ${link}`)).toBe('voir https://example.com/a_b/c\\*d?x=1\\&y=\\[2')
    expect(plainText('voir https://example.com/a_b?x=1&y=2 !')).toBe('voir https://example.com/a_b?x=1&y=2 !')
  })
})
