import type { Language } from '../language.ts'
import { en } from './en.ts'
import { fr } from './fr.ts'
import type { Sentences } from './sentences.ts'

export const sentencesIn: Readonly<Record<Language, Sentences>> = { fr, en }
