import { expect, test } from 'vitest'
import { cameKind, isWritten } from '#src/model/came.ts'

test.each([
  ['audio/ogg; codecs=opus', 'voice'],
  ['image/jpeg', 'photo'],
  ['image/webp', 'sticker'],
  ['VIDEO/MP4', 'video'],
  ['text/vcard', 'contact'],
  ['text/x-vcard', 'contact'],
  ['application/pdf', 'document'],
  [undefined, 'document'],
])('a file of type %s is a %s', (contentType, kind) => {
  expect(cameKind({ contentType })).toBe(kind)
})

test('a kind that is told outweighs the type', () => {
  expect(cameKind({ kind: 'sticker', contentType: 'image/png' })).toBe('sticker')
})

test('a caption is written, the name of a place or a card and a symbol are not', () => {
  expect(isWritten(undefined)).toBe(true)
  expect(isWritten([{ contentType: 'image/jpeg' }, { kind: 'edit' }])).toBe(true)
  for (const kind of ['location', 'contact', 'reaction', 'vote', 'form', 'deletion', 'unreadable'] as const)
    expect(isWritten([{ contentType: 'image/jpeg' }, { kind }])).toBe(false)
})
