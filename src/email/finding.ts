import type { Language } from '#src/model/language.ts'
import { type FindingId, type Found, type Level, levels } from './finding-kinds.ts'
import { findingWords } from './finding-words.ts'

/** One thing that a receiver would object to, with its remedy. */
export interface Finding {
  id: FindingId
  level: Level
  message: string
  fix: string
}

const order: readonly Level[] = ['critical', 'warning', 'info']

/** What was found in words, the worst first. */
export function findingsIn(found: readonly Found[], language: Language): Finding[] {
  const told = found.map(({ id, details }) => ({
    id,
    level: levels[id],
    ...findingWords[language][id](details),
  }))
  return told.toSorted((left, right) => order.indexOf(left.level) - order.indexOf(right.level))
}
