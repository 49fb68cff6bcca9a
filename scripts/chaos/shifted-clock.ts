import { readFileSync } from 'node:fs'

// Loaded before the server (`--import`): its clock is wrong by as many ms as a file says (`?says=`), until that says
// otherwise. What is monotonic goes on as it was, as on a machine whose time somebody sets.

const file = new URL(import.meta.url).searchParams.get('says') ?? ''
const Actual = Date
let offset = 0

setInterval(() => {
  offset = Number(readFileSync(file, 'utf8'))
}, 20).unref()

globalThis.Date = new Proxy(Actual, {
  construct: (_target, given: [], shifted) =>
    Reflect.construct(Actual, given.length === 0 ? [Actual.now() + offset] : given, shifted),
  get: (target, name) => (name === 'now' ? () => Actual.now() + offset : Reflect.get(target, name)),
})
