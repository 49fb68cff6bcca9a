/** A transparent picture of one dot: 43 bytes, the same for everybody who asks. */
export const pixel: Buffer = Buffer.from(
  'R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==',
  'base64',
)

/** As it stands in a mail. Shown, though nobody sees it: what is not displayed some readers never load. */
export function pixelTag(address: string): string {
  return `<img src="${address}" width="1" height="1" alt="" style="border:0">`
}
