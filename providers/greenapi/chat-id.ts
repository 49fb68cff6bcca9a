/** The chat of two with this number (E.164): https://green-api.com/en/docs/api/chat-id/ */
export function chatIdOf(number: string): string {
  return `${number.replace(/^\+/, '')}@c.us`
}
