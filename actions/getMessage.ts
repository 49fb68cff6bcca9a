import { z } from 'zod'
import type { Action } from '#src/api/action.ts'
import { noSuchMessage } from '#src/api/no-such-message.ts'
import { messageId, parsed } from '#src/api/params.ts'
import { escalationView, view } from '#src/api/view.ts'
import type { ActionTools } from './tools.ts'

const schema = z.strictObject({
  id: messageId,
  raw: z.boolean().optional(),
})

/** One message with all that happened to it, oldest first. Another tenant's is not found. */
export function getMessage({ store }: ActionTools): Action {
  return async (params, { access }) => {
    const { id, raw } = parsed(schema, params)
    const timeline = await store.getMessage(id, access.tenantId, raw ?? false)
    if (!timeline) throw noSuchMessage()
    return {
      status: 200,
      body: {
        success: true,
        message: view(timeline.message),
        events: timeline.events.map(view),
        attempts: timeline.attempts.map(view),
        ...(timeline.escalation ? { escalation: escalationView(timeline.escalation) } : {}),
      },
    }
  }
}
