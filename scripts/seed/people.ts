import type { Random } from '../random.ts'

export interface Person {
  leadId: string
  name: string
  email: string
  phone: string
}

const names = [
  'Marie Dupont',
  'Ahmed Benali',
  'Chloé Martin',
  'Luc Moreau',
  'Inès Garcia',
  'Hugo Petit',
  'Zoé Laurent',
  'Noé Roux',
  'Fatou Diallo',
  'Jean-Luc Blanc',
  'Éléonore Girard',
  'Mathis Faure',
  'Léa Rousseau',
  'Yanis Mercier',
  'Anaïs Colin',
]

/** What customers write; the last ones withdraw. */
const answers = [
  'OUI',
  'Oui !',
  'ok pour moi',
  'NON',
  'Je ne pourrai pas venir, désolé',
  'C’est à quelle adresse ?',
  'Merci beaucoup',
  '👍',
  'STOP',
]

/**
 * Customers that do not exist: addresses of example.com, and numbers that ARCEP keeps for fiction (06 39 98 00 00 to 99 99:
 * https://www.arcep.fr/uploads/tx_gsavis/18-0881.pdf).
 */
export function people(count: number): Person[] {
  return Array.from({ length: count }, (_, index) => ({
    leadId: `seed-lead-${index}`,
    name: names[index % names.length] ?? '',
    email: `client-${index}@example.com`,
    phone: `+3363998${String(index % 10_000).padStart(4, '0')}`,
  }))
}

export function answerOf(random: Random): string {
  return random.pick(answers)
}

const subjects = [
  'Votre rendez-vous est confirmé',
  'Votre devis',
  'Votre facture',
  'Compte rendu de notre visite',
  'Bienvenue',
]
const texts = [
  'Rappel : votre rendez-vous est demain à 14 h. Répondez OUI ou NON.',
  'Votre dossier est complet, merci.',
  'Notre technicien passera entre 9 h et 11 h.',
]

export function subjectOf(random: Random): string {
  return random.pick(subjects)
}

export function textOf(random: Random): string {
  return random.pick(texts)
}
