import { drive } from '../drive.ts'
import { startHost } from '../host.ts'
import type { Row } from '../row.ts'
import { warmedUp } from '../traffic.ts'

export const nodeHttp = 'ceiling: node:http'
export const express = 'ceiling: Express 5'

export const ceilings: Row[] = [ceiling(nodeHttp, 'hosts/node-http.ts'), ceiling(express, 'hosts/express.ts')]

/** The same requests as ours, to something that only reads them. */
function ceiling(row: string, file: string): Row {
  return {
    group: 'ceiling',
    async run({ sizes, nodeOptions }) {
      const host = await startHost(file, null, nodeOptions)
      const { seconds, ...told } = await drive({
        url: host.url,
        connections: sizes.connections,
        stretches: warmedUp(sizes.ceiling),
        traffic: { of: 'twilio' },
      })
      await host.stop()
      return [{ row, perSecond: sizes.ceiling / seconds, ...told }]
    },
  }
}
