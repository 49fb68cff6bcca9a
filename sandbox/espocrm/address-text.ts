/** Has it the form of one email address? */
export function isEmailAddress(text: string): boolean {
  return /^[^\s@<>;,"]+@[^\s@<>;,".]+(\.[^\s@<>;,".]+)+$/.test(text)
}

/** In international mode E.164 only; else anything that looks like a number. */
export function isPhoneNumber(text: string, international: boolean): boolean {
  return international ? /^\+[1-9]\d{6,14}$/.test(text) : /^[0-9A-Za-z_@:#+()\-. ]+$/.test(text)
}
