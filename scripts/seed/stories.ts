/** One thing that a provider tells of a message, in its own words. */
export interface Word {
  word: string
  /** From the word before; the first: from the acceptance. */
  afterSeconds: number
  /** What else the provider says with it. */
  with?: Readonly<Record<string, unknown>>
}

/** How an attempt of ours ended where no webhook tells more. */
export type End = 'accepted' | 'unknown' | 'exhausted' | 'rejected' | 'scheduled' | 'sending' | 'cancelled'

export interface Story {
  /** How many of a hundred messages of its kind go so, about. */
  share: number
  end: End
  told: readonly Word[]
}

const minute = 60
const hour = 60 * minute

const ours: readonly Story[] = [
  { share: 1, end: 'unknown', told: [] },
  { share: 1, end: 'exhausted', told: [] },
  { share: 1, end: 'rejected', told: [] },
  { share: 1, end: 'scheduled', told: [] },
  { share: 1, end: 'sending', told: [] },
  { share: 1, end: 'cancelled', told: [] },
]

const bySendgrid: readonly Story[] = [
  { share: 2, end: 'accepted', told: [] },
  { share: 38, end: 'accepted', told: [processed(), delivered()] },
  { share: 26, end: 'accepted', told: [processed(), delivered(), { word: 'open', afterSeconds: 3 * hour }] },
  {
    share: 6,
    end: 'accepted',
    told: [
      processed(),
      delivered(),
      { word: 'open', afterSeconds: 4, with: { sg_machine_open: true } },
      { word: 'open', afterSeconds: 9 * hour },
    ],
  },
  {
    share: 9,
    end: 'accepted',
    told: [
      processed(),
      delivered(),
      { word: 'open', afterSeconds: hour },
      { word: 'click', afterSeconds: minute, with: { url: 'https://agence.example.com/rendez-vous' } },
    ],
  },
  {
    share: 3,
    end: 'accepted',
    told: [
      processed(),
      { word: 'deferred', afterSeconds: minute, with: { response: '451 4.7.1 Greylisted, try again later' } },
    ],
  },
  {
    share: 4,
    end: 'accepted',
    told: [
      processed(),
      {
        word: 'bounce',
        afterSeconds: 5,
        with: {
          type: 'bounce',
          status: '5.1.1',
          reason: '550 5.1.1 no such mailbox',
          bounce_classification: 'Invalid Address',
        },
      },
    ],
  },
  {
    share: 2,
    end: 'accepted',
    told: [
      processed(),
      {
        word: 'bounce',
        afterSeconds: 20,
        with: {
          type: 'blocked',
          status: '5.7.1',
          reason: '554 5.7.1 poor reputation',
          bounce_classification: 'Reputation',
        },
      },
    ],
  },
  {
    share: 1,
    end: 'accepted',
    told: [{ word: 'dropped', afterSeconds: 1, with: { reason: 'Bounced Address' } }],
  },
  {
    share: 1,
    end: 'accepted',
    told: [processed(), delivered(), { word: 'spamreport', afterSeconds: 20 * hour }],
  },
]

const byTwilioSms: readonly Story[] = [
  { share: 2, end: 'accepted', told: [] },
  { share: 84, end: 'accepted', told: [sent(), { word: 'delivered', afterSeconds: 4 }] },
  { share: 4, end: 'accepted', told: [sent()] },
  {
    share: 4,
    end: 'accepted',
    told: [sent(), { word: 'undelivered', afterSeconds: 40, with: { ErrorCode: '30003' } }],
  },
]

const byTwilioWhatsapp: readonly Story[] = [
  { share: 2, end: 'accepted', told: [] },
  { share: 28, end: 'accepted', told: [sent(), { word: 'delivered', afterSeconds: 3 }] },
  {
    share: 60,
    end: 'accepted',
    told: [sent(), { word: 'delivered', afterSeconds: 3 }, { word: 'read', afterSeconds: 25 * minute }],
  },
  {
    share: 4,
    end: 'accepted',
    told: [{ word: 'undelivered', afterSeconds: 2, with: { ErrorCode: '63016', EventType: 'UNDELIVERED' } }],
  },
]

const byGreenapi: readonly Story[] = [
  { share: 4, end: 'accepted', told: [] },
  { share: 25, end: 'accepted', told: [sent(), { word: 'delivered', afterSeconds: 2 }] },
  {
    share: 65,
    end: 'accepted',
    told: [sent(), { word: 'delivered', afterSeconds: 2 }, { word: 'read', afterSeconds: 12 * minute }],
  },
  { share: 2, end: 'accepted', told: [{ word: 'noAccount', afterSeconds: 2 }] },
]

/** Every provider on each of its channels, and what becomes of messages there. Plain SMTP is silent once it has accepted. */
export const carriers = [
  {
    share: 12,
    channel: 'email',
    provider: 'smtp',
    stories: [{ share: 94, end: 'accepted', told: [] }, ...ours],
  },
  { share: 28, channel: 'email', provider: 'sendgrid', stories: [...bySendgrid, ...ours] },
  { share: 20, channel: 'sms', provider: 'twilio', stories: [...byTwilioSms, ...ours] },
  { share: 25, channel: 'whatsapp', provider: 'twilio', stories: [...byTwilioWhatsapp, ...ours] },
  { share: 15, channel: 'whatsapp', provider: 'greenapi', stories: [...byGreenapi, ...ours] },
] as const satisfies readonly {
  share: number
  channel: string
  provider: string
  stories: readonly Story[]
}[]
export type Carrier = (typeof carriers)[number]

function processed(): Word {
  return { word: 'processed', afterSeconds: 1 }
}

function delivered(): Word {
  return { word: 'delivered', afterSeconds: 4, with: { response: '250 2.0.0 OK' } }
}

function sent(): Word {
  return { word: 'sent', afterSeconds: 1 }
}
