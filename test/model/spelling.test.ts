import { expect, test } from 'vitest'
import { speller } from '#src/model/spelling.ts'

const mended = speller(['confirme', 'confirmer', 'annulation', 'impossible', 'possible', 'oui', 'parfait'])

test.each([
  ['confime', 'confirme'],
  ['confrime', 'confirme'],
  ['comfirme', 'confirme'],
  ['annullation', 'annulation'],
  ['anulation', 'annulation'],
  ['inpossible', 'impossible'],
])('a slip in %s is mended', (word, right) => {
  expect(mended(word)).toBe(right)
})

test.each(['confirmez', 'confirmes', 'possible', 'ouii', 'forfait', 'annulations', 'xyzzyxyzzy'])(
  '%s says something else, or nothing',
  (word) => {
    expect(mended(word)).toBe(word)
  },
)
