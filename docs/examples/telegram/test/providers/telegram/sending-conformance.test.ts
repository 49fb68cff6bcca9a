import { sendingConformance } from '#support/sending-conformance.ts'
import { cases } from './sending-cases.ts'

sendingConformance('telegram', cases)
