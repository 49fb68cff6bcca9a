import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { startServer } from '#src/server.ts'

/**
 * A server in a process of its own, from its environment, whose memory can be asked for by IPC: `{ url }` when it
 * listens, `{ heap, resident, peak }` (bytes, the first two right after a collection) for each message. Ends when its parent does.
 */
const server = await startServer(process.env)
const inspector = new Session()
inspector.connect()
process.on('message', async () => {
  // What is garbage says nothing: without a collection the figure depends on when the last one was.
  await inspector.post('HeapProfiler.collectGarbage')
  const { heapUsed, rss } = process.memoryUsage()
  process.send?.({ heap: heapUsed, resident: rss, peak: peak() })
})
process.once('disconnect', () => void server.stop().finally(() => process.exit(0)))
process.send?.({ url: server.url })

/** The most that was ever resident. getrusage would count what the parent had when it forked this one. */
function peak(): number {
  return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) * 1_024
}
