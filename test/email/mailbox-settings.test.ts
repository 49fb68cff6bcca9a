import { describe, expect, test } from 'vitest'
import { bouncesOf } from '#src/email/bounces.ts'
import { mailboxSettings } from '#src/email/mailbox-settings.ts'

const login = { host: 'imap.example', port: undefined, secure: undefined, user: 'u', password: 'p' }
const none = { host: undefined, port: undefined, secure: undefined, user: undefined, password: undefined }

describe('a mailbox', () => {
  test.each([
    [{}, { port: 993, secure: true }],
    [{ secure: 'false' }, { port: 143, secure: false }],
    [{ port: '1143' }, { port: 1143, secure: false }],
    [
      { port: '1993', secure: 'true' },
      { port: 1993, secure: true },
    ],
  ])('with %j is read at %o', (more, expected) => {
    expect(mailboxSettings('BOUNCE_IMAP', { ...login, ...more })).toMatchObject(expected)
  })

  test('is off where nothing of it is set, whatever its port', () => {
    expect(mailboxSettings('BOUNCE_IMAP', { ...none, port: '993' })).toBeUndefined()
  })

  test.each([
    [{ password: undefined }, 'BOUNCE_IMAP_PASSWORD is missing'],
    [{ host: undefined }, 'BOUNCE_IMAP_HOST is missing'],
    [{ user: undefined, password: undefined }, 'BOUNCE_IMAP_USER and BOUNCE_IMAP_PASSWORD are missing'],
    [{ secure: 'yes' }, 'BOUNCE_IMAP_SECURE'],
    [{ port: '0' }, 'BOUNCE_IMAP_PORT'],
  ])('with %j stops the boot', (more, reason) => {
    expect(() => mailboxSettings('BOUNCE_IMAP', { ...login, ...more })).toThrow(reason)
  })
})

test('tokens are believed by the secret that signs them, and by none where there is none', () => {
  const id = '7f1c2d3e-4b5a-4c6d-8e7f-901a2b3c4d5e'
  const BOUNCE_ADDRESS = 'bounces@comms.example'
  const token = bouncesOf({ BOUNCE_ADDRESS, JWT_SECRET: 'a' }).paths?.of(id) ?? ''
  expect(bouncesOf({ BOUNCE_ADDRESS, JWT_SECRET: 'b,a' }).paths?.messageIn(token)).toBe(id)
  expect(
    bouncesOf({ BOUNCE_ADDRESS, TRACKING_SECRET: 'b', JWT_SECRET: 'a' }).paths?.messageIn(token),
  ).toBeUndefined()
  expect(bouncesOf({ BOUNCE_ADDRESS }).paths?.messageIn(token)).toBeUndefined()
  expect(bouncesOf({}).paths).toBeUndefined()
})
