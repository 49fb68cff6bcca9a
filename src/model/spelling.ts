/** Shorter words have too many neighbours that say something else. */
const shortest = 7
/** An ending tells who speaks and when ("confirmez", "confirmer"): it is not mended. */
const ending = 2

/** Mends one slip (a letter too many, too few, another, or two exchanged) within long words of this vocabulary. */
export function speller(vocabulary: Iterable<string>): (word: string) => string {
  const known = new Set(vocabulary)
  const long = [...known].filter((word) => word.length >= shortest)
  return (word) => {
    if (word.length < shortest - 1 || known.has(word)) return word
    const [found, ...others] = long.filter((right) => isSlipOf(word, right))
    return found !== undefined && others.length === 0 ? found : word
  }
}

function isSlipOf(word: string, right: string): boolean {
  if (word[0] !== right[0] || word.slice(-ending) !== right.slice(-ending)) return false
  if (Math.abs(word.length - right.length) > 1) return false
  let from = 0
  while (from < word.length && word[from] === right[from]) from += 1
  const after = (text: string, taken: number) => text.slice(from + taken)
  if (after(word, 1) === after(right, 1) || after(word, 1) === after(right, 0)) return true
  if (after(word, 0) === after(right, 1)) return true
  const exchanged = word[from] === right[from + 1] && word[from + 1] === right[from]
  return exchanged && after(word, 2) === after(right, 2)
}
