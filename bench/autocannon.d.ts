// The parts that load.ts uses; the package brings no types.
declare module 'autocannon' {
  import type { EventEmitter } from 'node:events'

  interface PreparedRequest {
    method: string
    path: string
    headers: Record<string, string>
    body?: Buffer | string
  }
  interface Client {
    setRequests(requests: PreparedRequest[]): void
  }
  interface Result {
    '2xx': number
    non2xx: number
    errors: number
    timeouts: number
  }
  function autocannon(options: {
    url: string
    connections: number
    amount: number
    sampleInt?: number
    timeout?: number
    setupClient(client: Client): void
  }): EventEmitter & PromiseLike<Result>
  export = autocannon
}
