export interface Mailbox {
  name: string | undefined
  address: string
}

const shape = /^(?:"?([^"<>\r\n]*?)"?\s*<([^<>\s@,]+@[^<>\s@,]+)>|([^<>\s@,]+@[^<>\s@,]+))$/

/** `Name <a@b>` or `a@b`, taken apart; undefined where it is neither. */
export function mailboxOf(text: string): Mailbox | undefined {
  const [, name, named, bare] = shape.exec(text.trim()) ?? []
  const address = named ?? bare
  return address === undefined ? undefined : { name: name?.trim() || undefined, address }
}

/** The address of `Name <a@b>` or `a@b`; undefined where it is neither. */
export function addressOf(text: string): string | undefined {
  return mailboxOf(text)?.address
}

/** The domain of an address, in lower case. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1).toLowerCase()
}
