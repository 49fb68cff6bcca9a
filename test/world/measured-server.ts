import { readFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { startServer } from '#src/server.ts'

/**
 * A server in a process of its own, from its environment, whose memory and whose loop can be asked for by IPC: `{ url }` when it
 * listens, `{ heap, resident, peak }` (bytes, the first two right after a collection) for each `memory`, and for each `loop`
 * `{ heldUpMs }`, the longest that its event loop was held up since the last. Ends when its parent does.
 */
const server = await startServer(process.env)
const inspector = new Session()
inspector.connect()
const delay = monitorEventLoopDelay({ resolution: 2 })
delay.enable()
process.on('message', async (asked) => {
  if (asked === 'loop') {
    process.send?.({ heldUpMs: delay.max / 1e6 })
    delay.reset()
    return
  }
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
