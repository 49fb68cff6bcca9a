import { openDatabase } from '#src/store/open.ts'
import { createStore } from '#src/store/store.ts'
import { newMessage, reserving } from './facts.ts'

/** Opens the embedded database of a folder, writes one message, prints its id and holds the folder until it is killed. */
const store = createStore(await openDatabase({ dataDir: process.argv[2] ?? '' }))
const wanted = newMessage()
await store.reserveMessage(wanted, reserving)
process.stdout.write(`${wanted.message.id}\n`)
// Named in here, it is not garbage: a collected store has let its folder go.
setInterval(() => store.name, 60_000)
