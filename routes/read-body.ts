import type { Request, Response } from 'express'
import { invalid } from '#src/api/params.ts'
import { AppError } from '#src/model/errors.ts'
import { bodyWaitMs } from '#src/patience.ts'
import type { Room } from '#src/runtime/room.ts'

/** What a door takes of a body. */
export interface Intake {
  mostBytes: number
  /** What comes more slowly is cut. */
  arrivesWithinMs: number
  /** Where a large body waits until there is room for it, and what it is answered where there is none in time. */
  room: Room
  full: () => AppError
  /** Sees the bytes as they come; throws what they are refused with. */
  watch?: (bytes: Buffer) => void
}

/** A smaller body never waits: it takes less than its connection does. */
const largeBytes = 64 * 1024
/** So much of a body that is refused is read all the same, so that whoever sends it hears why. */
const mostDiscarded = 32 * 1024 * 1024

/**
 * A body's own bytes, never inflated. A large one is not read before there is room for it, which it has until its request is
 * answered. Throws AppError: 413 before the body has come, 415, 408, 503, and whatever `watch` throws.
 */
export async function readBody(request: Request, response: Response, intake: Intake): Promise<Buffer> {
  const { 'content-encoding': encoding = 'identity' } = request.headers
  if (encoding.toLowerCase() !== 'identity')
    throw new AppError('unsupported_encoding', 415, 'body: must not be compressed')
  const announced = announcedBytes(request)
  if (announced !== undefined && announced > intake.mostBytes) throw tooLarge(intake)
  if (announced !== undefined && announced >= largeBytes) await enter(announced, response, intake)
  return arrived(request, response, intake, announced === undefined)
}

/** Whether a body may come, even an empty one. */
export function hasBody(request: Request): boolean {
  return announcedBytes(request) !== 0 || request.headers['content-length'] !== undefined
}

/** Undefined: the request does not say. */
function announcedBytes({ headers }: Request): number | undefined {
  return headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : undefined
}

async function enter(bytes: number, response: Response, { room, full }: Intake): Promise<void> {
  // It went while its token was looked at: that it closes is told once.
  if (response.closed) throw ended()
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  const leave = await room.enter(bytes, AbortSignal.any([gone.signal, AbortSignal.timeout(bodyWaitMs)]))
  if (gone.signal.aborted) {
    leave?.()
    throw ended()
  }
  if (!leave) throw full()
  response.once('close', leave)
}

/** `unsaid`: nobody knows how large it will be, so that it waits for room once it is large. */
function arrived(request: Request, response: Response, intake: Intake, unsaid: boolean): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>()
  const arriving = createArriving(unsaid ? undefined : announcedBytes(request))
  let waits = unsaid
  const slow = setTimeout(() => fail(tooSlow()), intake.arrivesWithinMs)

  function take(chunk: Buffer): void {
    try {
      if (arriving.bytes() + chunk.length > intake.mostBytes) throw tooLarge(intake)
      arriving.add(chunk)
      intake.watch?.(chunk)
    } catch (error) {
      waits = false
      fail(error)
    }
    if (!waits || arriving.bytes() < largeBytes) return
    waits = false
    request.pause()
    enter(intake.mostBytes, response, intake).then(() => {
      arriving.makeRoom(intake.mostBytes)
      request.resume()
    }, fail)
  }

  function fail(error: unknown): void {
    clearTimeout(slow)
    request.off('data', take)
    discard(request)
    reject(error)
  }

  if (response.closed) {
    fail(ended())
    return promise
  }
  request.on('data', take)
  request.once('end', () => {
    clearTimeout(slow)
    resolve(arriving.whole())
  })
  request.once('error', () => fail(ended()))
  return promise
}

/** Bytes that come. Of many, each has its place from the start: to bring 24 MB together at the end takes 100 ms. */
function createArriving(announced: number | undefined) {
  let place = Buffer.allocUnsafe(announced ?? 0)
  let bytes = 0
  return {
    bytes: () => bytes,
    add(chunk: Buffer): void {
      if (bytes + chunk.length > place.length) this.makeRoom(2 * (bytes + chunk.length))
      chunk.copy(place, bytes)
      bytes += chunk.length
    },
    makeRoom(mostBytes: number): void {
      const before = place.subarray(0, bytes)
      place = Buffer.allocUnsafe(mostBytes)
      before.copy(place)
    },
    /** What is attached may be kept as a part of it, and would keep an empty rest with it. */
    whole: () =>
      2 * bytes < place.length ? Buffer.from(place.subarray(0, bytes)) : place.subarray(0, bytes),
  }
}

function tooLarge({ mostBytes }: Intake): AppError {
  return new AppError('too_large', 413, `body: larger than the limit of ${mostBytes} bytes`)
}

function tooSlow(): AppError {
  return new AppError('too_slow', 408, 'body: comes too slowly (send it again)')
}

function ended(): AppError {
  return invalid([{ path: '', message: 'ended before its length' }], 'body')
}

/** Whoever is refused may still be sending; who goes on and on is cut. */
function discard(request: Request): void {
  let left = mostDiscarded
  request.on('error', () => {})
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) request.destroy()
  })
  request.resume()
}
