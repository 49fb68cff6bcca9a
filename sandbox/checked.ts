import type { Request, Response } from 'express'
import type { z } from 'zod'

/** The body where it fits; else answers 400 naming the field and the remedy. */
export function checked<T>(schema: z.ZodType<T>, request: Request, response: Response): T | undefined {
  const read = schema.safeParse(request.body ?? {})
  if (read.success) return read.data
  const [issue] = read.error.issues
  const field =
    issue?.path.join('.') || (issue?.code === 'unrecognized_keys' ? issue.keys.join(', ') : 'body')
  response.status(400).json({ error: `${field}: ${issue?.message ?? 'is wrong'}`, field })
  return undefined
}
