export const languages = ['fr', 'en'] as const
export type Language = (typeof languages)[number]

/** French unless the caller prefers English (`Accept-Language: en`). */
export function languageOf(acceptLanguage: string | undefined): Language {
  return /^en\b/i.test(acceptLanguage?.trim() ?? '') ? 'en' : 'fr'
}
