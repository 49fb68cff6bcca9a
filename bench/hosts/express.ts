import express from 'express'
import { freePort } from '../../scripts/free-port.ts'
import { onLeash } from '../leash.ts'

/** The ceiling of whatever is built on Express 5: reads the body's bytes, answers 204. */
const app = express()
app.post('/{*path}', express.raw({ type: () => true }), (_request, response) => {
  response.status(204).send()
})
const port = await freePort()
app.listen(port, '127.0.0.1', () => onLeash({ url: `http://127.0.0.1:${port}` }, () => {}))
