import type { ShownRecord } from './espocrm/crm.ts'
import type { stories as all } from './stories.ts'
import type { ReceivedMessage } from './world.ts'

const shown = 200

/** The sandbox as a page for people: stories, newest messages, what is in the CRM. Everything foreign is escaped. */
export function page(
  stories: typeof all,
  received: readonly ReceivedMessage[],
  records: readonly ShownRecord[],
): string {
  const storyRows = stories.map((story) =>
    row([
      story.name,
      'email' in story ? `${story.email}@…` : '',
      'phone' in story ? `…${story.phone}` : '',
      story.description,
      story.exceptions,
    ]),
  )
  const newest = received.slice(-shown).reverse()
  const messageRows = newest.map((one) =>
    row([
      one.at,
      one.provider,
      one.channel,
      one.from,
      one.to,
      one.subject ?? '',
      one.text ?? one.html ?? '',
      one.story,
    ]),
  )
  const recordRows = records
    .slice(-shown)
    .reverse()
    .map(({ entity, id, name, post, status, cDeliveryStatus }) =>
      row([entity, id, String(name ?? post ?? ''), [status, cDeliveryStatus].filter(Boolean).join(', ')]),
    )
  return `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>max-comms sandbox</title>
<style>body{font:15px system-ui;margin:2rem;max-width:80rem}table{border-collapse:collapse;width:100%;margin-bottom:2rem}
td,th{border-bottom:1px solid #ddd;padding:.3rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}</style>
<h1>max-comms sandbox</h1>
<h2>Stories: the recipient decides</h2>
<table>${heading(['story', 'email', 'phone', 'what happens', 'except'])}${storyRows.join('')}</table>
<h2>Received: ${received.length}</h2>
<table>${heading(['at', 'provider', 'channel', 'from', 'to', 'subject', 'text', 'story'])}${messageRows.join('')}</table>
<h2>In the CRM: ${records.length}</h2>
<table>${heading(['entity', 'id', 'name or post', 'status'])}${recordRows.join('')}</table>
</html>`
}

function heading(names: string[]): string {
  return `<tr>${names.map((name) => `<th>${name}</th>`).join('')}</tr>`
}

function row(cells: string[]): string {
  return `<tr>${cells.map((cell) => `<td>${escaped(cell.slice(0, 500))}</td>`).join('')}</tr>`
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

function escaped(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => entities.get(character) ?? '')
}
