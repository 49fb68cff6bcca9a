import { StoreError } from './database.ts'

/** What a call to the database gives, or StoreError 57014 when it takes too long; it may still end well later. */
export async function within<T>(call: Promise<T>, limitMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new StoreError('57014', `no answer within ${limitMs} ms`)), limitMs)
  })
  try {
    return await Promise.race([call, late])
  } finally {
    clearTimeout(timer)
    call.catch(() => {})
  }
}
