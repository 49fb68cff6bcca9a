import { createServer } from 'node:http'
import { freePort } from '../../scripts/free-port.ts'
import { onLeash } from '../leash.ts'

/** The ceiling of all: reads the body, answers 204. */
const server = createServer((request, response) => {
  const parts: Buffer[] = []
  request.on('data', (part: Buffer) => parts.push(part))
  request.on('end', () => {
    Buffer.concat(parts)
    response.writeHead(204).end()
  })
})
const port = await freePort()
server.listen(port, '127.0.0.1', () => onLeash({ url: `http://127.0.0.1:${port}` }, () => {}))
