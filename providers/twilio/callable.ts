import { reachOf } from '#src/contract/reach.ts'

/**
 * Whether an API can call this server's public address: Twilio needs https there and an address of the public internet, one of the
 * same machine or network may call what is there.
 */
export function callable(baseUrl: string, apiUrl: string): boolean {
  const { protocol, hostname } = new URL(baseUrl)
  const reach = reachOf(hostname)
  return reach === 'world' ? protocol === 'https:' : reach === reachOf(new URL(apiUrl).hostname)
}
