import { expect, it } from 'vitest'
import { createRoom } from '#src/runtime/room.ts'

/** A room of ten bytes, and who is in it, by name. */
function roomOfTen() {
  const room = createRoom(10)
  const inside = new Map<string, () => void>()
  const enter = (name: string, bytes: number, patience = new AbortController().signal) =>
    room.enter(bytes, patience).then((leave) => {
      if (leave) inside.set(name, leave)
      return leave !== undefined
    })
  const leave = (name: string) => {
    inside.get(name)?.()
    inside.delete(name)
  }
  return { enter, leave, names: () => [...inside.keys()] }
}

it('whoever fits enters at once, and is out of it when it leaves', async () => {
  const { enter, leave, names } = roomOfTen()
  await enter('a', 6)
  await enter('b', 4)
  expect(names()).toEqual(['a', 'b'])
  const third = enter('c', 5)
  leave('b')
  await enter('d', 4)
  expect(names()).toEqual(['a', 'd'])
  leave('a')
  await third
  expect(names()).toEqual(['d', 'c'])
})

it('those who wait enter in their order, but nobody waits for somebody larger', async () => {
  const { enter, leave, names } = roomOfTen()
  await enter('a', 8)
  const large = enter('large', 9)
  await enter('small', 2)
  const waiting = [enter('first', 3), enter('second', 3)]
  leave('a')
  await Promise.all(waiting)
  expect(names()).toEqual(['small', 'first', 'second'])
  for (const name of names()) leave(name)
  await large
  expect(names()).toEqual(['large'])
})

it('a caller that has lost patience does not enter, and takes no room', async () => {
  const { enter, leave, names } = roomOfTen()
  await enter('a', 10)
  const patience = new AbortController()
  const lost = enter('lost', 10, patience.signal)
  patience.abort()
  expect(await lost).toBe(false)
  leave('a')
  await enter('b', 10)
  expect(names()).toEqual(['b'])
})
