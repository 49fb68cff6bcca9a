import { expect, it, vi } from 'vitest'
import { perObject } from '#src/model/per-object.ts'

it('an object is looked at once until another is, whatever that gave', () => {
  const look = vi.fn(({ name }: { name: string }) => (name === 'none' ? undefined : name.length))
  const lookOnce = perObject(look)
  const [some, none] = [{ name: 'some' }, { name: 'none' }]
  expect([some, some, none, none].map(lookOnce)).toEqual([4, 4, undefined, undefined])
  expect(look).toHaveBeenCalledTimes(2)
  expect([some, none].map(lookOnce)).toEqual([4, undefined])
})

it('another object of the same content is looked at by itself', () => {
  const lookOnce = perObject((value: { at: number }) => ({ seen: value.at }))
  const [one, other] = [{ at: 1 }, { at: 1 }]
  expect(lookOnce(one)).toBe(lookOnce(one))
  expect(lookOnce(one)).not.toBe(lookOnce(other))
})

it('what failed is tried again', () => {
  let fails = true
  const lookOnce = perObject((_key: object) => {
    if (fails) throw new Error('not now')
    return 'seen'
  })
  const key = {}
  expect(() => lookOnce(key)).toThrow('not now')
  fails = false
  expect(lookOnce(key)).toBe('seen')
})
