import type { Inbound } from '#src/model/event.ts'

const pressed = { text: 'Oui', buttonPayload: 'confirm:42', repliedTo: 'BAE5B' }

/** The fixtures in which a customer says something, and what. */
export const customers = [
  said('text', { text: 'Oui, à demain' }),
  said('extended-text', { text: 'https://example.test' }),
  said('quoted', { text: 'Non', repliedTo: 'BAE5Q' }),
  said('image', {
    text: 'Voici',
    media: [{ url: 'https://media.example.test/a.jpg', contentType: 'image/jpeg' }],
  }),
  said('location', { text: 'Cabinet, 1 rue de Rivoli, 48.85,2.35', media: [{ kind: 'location' }] }),
  said('contact', { text: 'Paul', media: [{ kind: 'contact' }] }),
  said('contacts', { text: 'Paul, Léa', media: [{ kind: 'contact' }] }),
  said('buttons-response', pressed),
  said('template-buttons-reply', pressed),
  said('template-button-reply', pressed),
  said('interactive-buttons-response', pressed),
  said('list-response', { text: 'Mardi 10 h', buttonPayload: 'slot-2', repliedTo: 'BAE5B' }),
  said('undecryptable', { media: [{ kind: 'unreadable' }] }),
  said('too-large-file', { text: 'Regardez', media: [{ contentType: 'video/mp4', kind: 'video' }] }),
  said('reaction', { text: '👍', media: [{ kind: 'reaction' }], repliedTo: 'F7AE' }),
  said('poll-update', { text: 'Green', media: [{ kind: 'vote' }] }),
  said('edited', { text: 'New', media: [{ kind: 'edit' }] }),
  said('deleted', { media: [{ kind: 'deletion' }] }),
  said('lid', { sender: '123456789012345@lid', text: 'Bonjour' }),
]

/** A customer's message. */
function said(file: string, inbound: Partial<Inbound>) {
  const both = { sender: '+33612345678', recipient: '+33757000000', ...inbound }
  return {
    file: `fixtures/${file}.json`,
    expected: {
      type: 'received',
      providerType: 'incomingMessageReceived',
      channel: 'whatsapp',
      inbound: both,
    } as const,
  }
}
