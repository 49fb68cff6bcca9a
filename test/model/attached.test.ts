import { describe, expect, test } from 'vitest'
import { attachedText, base64At, isBase64, unescaped } from '#src/model/attached.ts'

const file = (bytes: number) => Buffer.alloc(bytes, 'abcé').toString('base64')

describe('base64', () => {
  test('is known by its characters, its length and its padding', () => {
    for (const good of ['', 'QUJD', 'QUI=', 'QQ==', '+/+/', file(100_000), file(100_001), file(100_002)])
      expect([good.slice(-9), isBase64(good)]).toEqual([good.slice(-9), true])
    for (const bad of [
      'Q',
      'QU',
      'QUJ',
      'QUJD=',
      '=QUJ',
      'Q=JD',
      'Q===',
      '====',
      'QU-D',
      'QU_D',
      'QU D',
      'QUJD\n',
      'QUJé',
      'QU"D',
    ])
      expect([bad, isBase64(bad)]).toEqual([bad, false])
    for (const wrong of [' ', '\n', '-', '\u0000', 'é', '"', '=']) {
      const text = file(99_000)
      expect([wrong, isBase64(`${text.slice(0, 50_000)}${wrong}${text.slice(50_001)}`)]).toEqual([
        wrong,
        false,
      ])
    }
  })
})

describe('base64 in a JSON text', () => {
  const at = (string: string) => base64At(Buffer.from(`{"content":"${string}","a":1}`), 12)

  test('ends at its quote', async () => {
    for (const good of ['QUJD', 'QUI=', 'QQ==', '+/+/', file(2_000_001)])
      expect(await at(good)).toEqual({ end: 12 + good.length, escapes: false })
  })

  test('is none with another character, padding within, or a length that is none', async () => {
    for (const bad of [
      '',
      '\\r\\n',
      'Q',
      'QUJ',
      'Q===',
      '====',
      'QQ==QQ==',
      'QU-D',
      'QU_D',
      'QU D',
      'QUJé',
      'QU\\\\D',
      '\\u0041QJD',
      '=\\/AA',
    ])
      expect([bad, await at(bad)]).toEqual([bad, undefined])
    expect(await base64At(Buffer.from('QUJD'), 0)).toBeUndefined()
    expect(await base64At(Buffer.from('QUJD\\'), 0)).toBeUndefined()
  })

  test('is read with lines and escaped slashes', async () => {
    for (const [written, meant] of [
      ['QU\\/D', 'QU/D'],
      ['QUJD\\r\\nQU\\/D\\r\\n', 'QUJDQU/D'],
      ['QU\\nJ\\nD\\n', 'QUJD'],
      ['\\/\\/\\/\\/', '////'],
      ['QQ==\\r\\n', 'QQ=='],
    ] as const) {
      const bytes = Buffer.from(`${written}"after`)
      const found = await base64At(bytes, 0)
      expect(found).toEqual({ end: written.length, escapes: true })
      expect(attachedText(await unescaped(bytes, 0, written.length))).toBe(meant)
      expect(bytes.toString().endsWith('"after')).toBe(true)
    }
  })
})
