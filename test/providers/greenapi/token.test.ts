import { describe, expect, it } from 'vitest'
import { verifyToken } from '#providers/greenapi/token.ts'
import { NotProven } from '#src/model/errors.ts'
import { token } from './posted.ts'

describe('the token', () => {
  const accepts = (authorization: string, tokens = [token]) => {
    try {
      verifyToken(authorization, tokens)
      return true
    } catch (error) {
      if (error instanceof NotProven) return false
      throw error
    }
  }

  it.each([`Bearer ${token}`, `Bearer Bearer ${token}`, `Bearer  ${token}`, token])(
    'may come as %s',
    (authorization) => {
      expect(accepts(authorization)).toBe(true)
      expect(accepts(authorization, [`Bearer ${token}`])).toBe(true)
    },
  )

  it.each([
    `Bearer Bearer Bearer ${token}`,
    `Basic ${token}`,
    'Bearer',
    'Bearer ',
    ' ',
    `Bearer ${token}x`,
    `Bearer ${token}, Bearer ${token}`,
  ])('may not come as %j', (authorization) => {
    expect(accepts(authorization)).toBe(false)
  })

  it('may be a whole Basic value', () => {
    expect(accepts('Basic dTpw', ['Basic dTpw'])).toBe(true)
    expect(accepts('Bearer Basic dTpw', ['Basic dTpw'])).toBe(true)
    expect(accepts('Bearer dTpw', ['Basic dTpw'])).toBe(false)
  })

  it('may be any of a list, for rotation', () => {
    expect(accepts('Bearer next', [token, 'next'])).toBe(true)
    expect(accepts(`Bearer ${token}`, [token, 'next'])).toBe(true)
    expect(accepts('Bearer undefined', [])).toBe(false)
  })
})
