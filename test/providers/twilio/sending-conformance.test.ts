import { sendingConformance } from '#support/sending-conformance.ts'
import { casesOn } from './sending-cases.ts'

for (const channel of ['whatsapp', 'sms'] as const) sendingConformance('twilio', casesOn(channel))
