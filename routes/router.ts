import { Router } from 'express'

/** Where a door stands: its path exactly, in its own case and without a slash at the end, as the proxy's rules have it. */
export function exactRouter(): Router {
  return Router({ caseSensitive: true, strict: true })
}
