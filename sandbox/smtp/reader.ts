import { emailStory } from '../stories.ts'
import type { World } from '../world.ts'

/** A person sees that there is mail, and opens it: sooner only a machine does. */
const opensAfterMs = 6_000
const agent =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15'

/**
 * Whoever gets a mail reads it: a person loads its pictures after a while; the gateway of the story `scanner` loads them at once,
 * and follows every link, by the agent of a browser. Nothing but the server under test is ever asked.
 */
export function readLater(world: World, to: string, html: string): void {
  const { baseUrl } = world
  if (baseUrl === undefined) return
  const ours = (pattern: RegExp) =>
    [...html.matchAll(pattern)]
      .map(([, url = '']) => url.replaceAll('&amp;', '&'))
      .filter((url) => url.startsWith(`${baseUrl}/`))
  const pictures = ours(/<img\b[^>]*?\ssrc="([^"]*)"/gi)
  const links = ours(/<a\b[^>]*?\shref="?([^\s">]*)/gi)
  if (emailStory(to) === 'scanner') world.post.track(Promise.all([...pictures, ...links].map(asked)))
  else if (pictures.length > 0)
    world.post.track(world.post.pause(opensAfterMs).then(() => Promise.all(pictures.map(asked))))

  async function asked(url: string): Promise<void> {
    const answer = await fetch(url, { headers: { 'User-Agent': agent }, redirect: 'manual' })
    await answer.arrayBuffer()
    const path = new URL(url).pathname.replace(/[^/]*$/, '…')
    world.log({ event: 'mail_read', provider: 'smtp', text: `${to} asked for ${path} ${answer.status}` })
  }
}
