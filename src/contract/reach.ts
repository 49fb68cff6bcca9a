import { BlockList, isIP } from 'node:net'

/** Networks that only whoever is in them can call (RFC 1918, 3927, 4193, 4291, 6598). */
const inside = blockList([
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['fc00::', 7],
  ['fe80::', 10],
])
const thisMachine = blockList([
  ['127.0.0.0', 8],
  ['::1', 128],
])

const localNames = /^localhost$|\.localhost$/
/** A name of one word, and those that no public DNS has. */
const insideNames = /^[^.]+$|\.(?:local|lan|internal|intranet|home|corp|home\.arpa)$/

/** From where an address can be called: its own machine, its network, anywhere. */
type Reach = 'machine' | 'network' | 'world'

/** Who can call what is at this host. */
export function reachOf(hostname: string): Reach {
  const host = hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')
  if (isIP(host) === 0)
    return localNames.test(host) ? 'machine' : insideNames.test(host) ? 'network' : 'world'
  const family = familyOf(host)
  return thisMachine.check(host, family) ? 'machine' : inside.check(host, family) ? 'network' : 'world'
}

/** Whether anybody may follow a link there, and nobody on the way reads it. */
export function isPublic(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' && reachOf(hostname) === 'world'
}

function blockList(networks: readonly [string, number][]): BlockList {
  const list = new BlockList()
  for (const [network, bits] of networks) list.addSubnet(network, bits, familyOf(network))
  return list
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
