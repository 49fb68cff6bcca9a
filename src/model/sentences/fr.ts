import type { Sentences } from './sentences.ts'

export const fr: Sentences = {
  language: 'fr',
  locale: 'fr-FR',
  channels: { email: 'Email', sms: 'SMS', whatsapp: 'WhatsApp' },
  standings: {
    sent: (whom) => `envoyé à ${whom}`,
    queued: (whom) => `en attente d'envoi à ${whom}`,
    scheduled: (whom) => `programmé pour ${whom}`,
    unknown: (whom) => `peut-être envoyé (à vérifier) à ${whom}`,
    cancelled: (whom) => `annulé pour ${whom}`,
    received: (whom) => `reçu de ${whom}`,
    unsent: (whom) => `non envoyé à ${whom}`,
    failed: (whom) => `non remis à ${whom}`,
    bounced: (whom) => `refusé par la messagerie de ${whom}`,
    complained: (whom) => `signalé comme indésirable par ${whom}`,
  },
  reasons: {
    expired: 'le délai d’envoi était dépassé',
    suppressed: 'cette adresse ne doit plus recevoir de messages',
    outside_whatsapp_window:
      'plus de 24 heures sans message de cette personne (WhatsApp n’accepte alors qu’un modèle approuvé)',
    attempts_exhausted: 'tous les essais ont échoué',
    provider_off: 'ce moyen d’envoi est désactivé',
    cleared: 'retiré de la file d’attente avant l’envoi',
    unreadable: 'le contenu à envoyer n’a pas pu être lu',
    resolved_as_failed: 'une personne a constaté que le message n’est pas parti',
  },
  because: (reason) => `Motif : ${reason}`,
  withReason: (sentence, reason) => `${sentence} : ${reason}`,
  noSubject: '(sans objet)',
  questions: {
    unclear: 'réponse à interpréter',
    no_appointment_ahead: 'réponse sans rendez-vous à venir',
    late: 'réponse reçue en retard',
    unknown_number: 'réponse d’un numéro inconnu',
    refusal: 'ne souhaite peut-être plus recevoir de messages',
  },
  toAnswer: (question) => `Répondre au client (${question})`,
  customerWrote: (question, words) => `${question} : « ${words} »`,
  severalPeople:
    'Plusieurs fiches ont cette adresse : celle-ci a été choisie (le prospect ouvert le plus récent, sinon un contact).',
}
