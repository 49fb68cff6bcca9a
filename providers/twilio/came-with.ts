import type { CameKind, Media } from '#src/model/came.ts'
import type { Inbound } from '#src/model/event.ts'

type Fields = ReadonlyMap<string, string>

const mediaLimit = 20

/** Of MessageType, which captures show and no table documents: what a file's own type does not say, or where there is none. */
const kinds = new Map<string, CameKind>([
  ['audio', 'voice'],
  ['image', 'photo'],
  ['video', 'video'],
  ['document', 'document'],
  ['sticker', 'sticker'],
  ['location', 'location'],
  ['contact', 'contact'],
  ['contacts', 'contact'],
  ['reaction', 'reaction'],
  ['unsupported', 'unreadable'],
])

/** The words of a customer's message, and what came beside them or instead: a form without either was not readable. */
export function cameWith(fields: Fields): Pick<Inbound, 'text' | 'media'> {
  const said = fields.get('Body') ?? fields.get('ButtonText') ?? fields.get('ListTitle')
  const location = locationOf(fields)
  const answers = answersIn(fields.get('FlowData') ?? fields.get('InteractiveData'))
  const text = said ?? location ?? answers
  const kind = kinds.get(fields.get('MessageType')?.toLowerCase() ?? '')
  const files = mediaOf(fields)
  if (files.length > 0) return { text, media: files }
  if (location !== undefined) return { text, media: [{ kind: 'location' }] }
  // Beside the title of a button the form's answers are what was said.
  if (answers !== undefined) return { text: joined(said, answers), media: [{ kind: 'form' }] }
  if (kind !== undefined) return { text, media: [{ kind }] }
  const pressed = fields.has('ButtonPayload') || fields.has('ListId')
  return { text, media: text === undefined && !pressed ? [{ kind: 'unreadable' }] : undefined }
}

/** A shared location has no Body; this is what a person would read of it. */
function locationOf(fields: Fields): string | undefined {
  const [latitude, longitude] = [fields.get('Latitude'), fields.get('Longitude')]
  if (latitude === undefined || longitude === undefined) return undefined
  const named = [fields.get('Label'), fields.get('Address')].filter((part) => part !== undefined)
  return [...named, `${latitude},${longitude}`].join(', ')
}

/** What a person filled in, a line each; the text itself where it is not JSON. */
function answersIn(json: string | undefined): string | undefined {
  if (json === undefined) return undefined
  try {
    return linesOf(JSON.parse(json), '').join('\n') || undefined
  } catch {
    return json
  }
}

function linesOf(value: unknown, name: string): string[] {
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => linesOf(inner, Array.isArray(value) ? name : key))
  const written = String(value ?? '')
  // Names the form, not an answer.
  return written === '' || name === 'flow_token' ? [] : [name === '' ? written : `${name}: ${written}`]
}

function joined(said: string | undefined, answers: string): string {
  return said === undefined ? answers : `${said}\n${answers}`
}

function mediaOf(fields: Fields): Media[] {
  const media: Media[] = []
  for (let index = 0; index < mediaLimit; index += 1) {
    const url = fields.get(`MediaUrl${index}`)
    if (url !== undefined) media.push({ url, contentType: fields.get(`MediaContentType${index}`) })
  }
  return media
}
