import type { NextFunction, Request, Response } from 'express'
import type { ProviderName } from './line.ts'
import type { Story } from './stories.ts'
import type { World } from './world.ts'

/** How a provider words its failures. */
export interface Wording {
  down(response: Response): void
  refuse(response: Response): void
}

/** Stands before a provider's API: lines for refused calls, and the outages. */
export function door(
  world: World,
  provider: ProviderName,
  sends: (request: Request) => boolean,
  wording: Wording,
) {
  return (request: Request, response: Response, next: NextFunction): void => {
    response.on('finish', () => {
      // Never the path: Green-API's holds the token.
      if (response.statusCode >= 400)
        world.log({
          event: 'request_refused',
          provider,
          text: `${response.statusCode} ${reasonOf(response)}`,
        })
    })
    const outage = world.outages.meet(provider, sends(request))
    if (outage !== undefined) because(response, `outage: ${outage}`)
    if (outage === undefined) next()
    else if (outage === 'timeout') hold(world, response)
    else if (outage === 'down') wording.down(response)
    else wording.refuse(response)
  }
}

/** Says in the log why a call is about to be refused; the first reason given stands. */
export function because(response: Response, reason: string): void {
  response.locals.reason ??= reason
}

function reasonOf(response: Response): string {
  return String(response.locals.reason ?? '')
}

/** Ends an accepted call as its story wants: an answer, silence, or a broken line. */
export function conclude(world: World, response: Response, story: Story, answer: () => void): void {
  if (story === 'timeout') hold(world, response)
  else if (story === 'drop') response.socket?.resetAndDestroy()
  else answer()
}

function hold(world: World, response: Response): void {
  const timer = setTimeout(() => response.socket?.destroy(), world.holdMs)
  response.on('close', () => clearTimeout(timer))
}
