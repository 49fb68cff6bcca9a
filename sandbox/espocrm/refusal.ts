/** EspoCRM's "no": it becomes the status, the header `X-Status-Reason` and a body, which is mostly empty. */
export class EspoRefusal extends Error {
  readonly status: 400 | 401 | 403 | 404 | 409 | 500 | 503
  readonly body: unknown
  /** Not even an empty reason. */
  readonly silent: boolean

  constructor(status: EspoRefusal['status'], reason: string, body?: unknown, silent = false) {
    super(reason)
    this.name = 'EspoRefusal'
    this.status = status
    this.body = body
    this.silent = silent
  }
}

/** An address is banned, without a word (since 8.4). */
export function banned(): EspoRefusal {
  return new EspoRefusal(403, '', undefined, true)
}

export function badRequest(reason: string): EspoRefusal {
  return new EspoRefusal(400, reason)
}

export function forbidden(reason: string, body?: unknown): EspoRefusal {
  return new EspoRefusal(403, reason, body)
}

export function notFound(reason: string): EspoRefusal {
  return new EspoRefusal(404, reason)
}

/** A field that does not hold what it may; only the first one is ever told. */
export function invalid(entity: string, field: string, type: string): EspoRefusal {
  return new EspoRefusal(
    400,
    `Field validation failure; entityType: ${entity}, field: ${field}, type: ${type}.`,
    translated('validationFailure', { field, type }),
  )
}

/** The body of which EspoCRM's own pages make a sentence. */
export function translated(label: string, data: Record<string, string>): unknown {
  return { messageTranslation: { label, scope: null, data } }
}
