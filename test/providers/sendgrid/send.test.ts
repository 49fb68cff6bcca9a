import { describe, expect, it } from 'vitest'
import { localApi } from '#support/local-api.ts'
import { accepted, apiKey, message, send } from './sending.ts'

describe('sendgrid: an email that is accepted', () => {
  it('is one request, with our id on the personalization and every tracking off', async () => {
    const api = await localApi(() => accepted)
    const receipt = await send(api.url)
    expect(receipt).toEqual({
      providerMessageId: 'qNwBLgPQQjW6DJvKQwSAbw',
      eventId: `send:${message.id}`,
      type: 'sent',
      providerType: 'accepted',
      sender: 'max@comms.example',
      raw: { statusCode: 202, messageId: 'qNwBLgPQQjW6DJvKQwSAbw' },
    })
    expect(api.requests).toHaveLength(1)
    expect(api.requests[0]).toMatchObject({ method: 'POST', path: '/v3/mail/send' })
    expect(api.requests[0]?.headers.authorization).toBe(`Bearer ${apiKey}`)
    expect(bodyOf(api)).toEqual({
      from: { email: 'max@comms.example', name: 'Max' },
      subject: 'Rendez-vous',
      personalizations: [{ to: [{ email: 'zoe@customer.example' }], custom_args: { app_msg: message.id } }],
      content: [{ type: 'text/html', value: '<p>Très secret</p>' }],
      tracking_settings: {
        click_tracking: { enable: false, enable_text: false },
        open_tracking: { enable: false },
        subscription_tracking: { enable: false },
      },
    })
  })

  it('has its unsubscribe link in the mail, and not in the request', async () => {
    const api = await localApi(() => accepted)
    const unsubscribeUrl = 'https://comms.example/api/email/unsubscribe/a.b'
    await send(api.url, { ...message, unsubscribe: true, unsubscribeUrl })
    expect(bodyOf(api)).toMatchObject({
      personalizations: [
        {
          headers: {
            'List-Unsubscribe': `<${unsubscribeUrl}>`,
            'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
          },
        },
      ],
    })
    expect(Object.keys(api.requests[0]?.headers ?? {}).filter((name) => name.startsWith('list-'))).toEqual([])
  })

  it('carries copies, reply address, both bodies and attachments, each address once', async () => {
    const api = await localApi(() => accepted)
    await send(api.url, {
      ...message,
      from: '"Agence, Paris" <paris@comms.example>',
      replyTo: 'reply@comms.example',
      cc: ['cc@customer.example', 'ZOE@customer.example'],
      bcc: ['cc@customer.example', 'bcc@customer.example'],
      text: 'Bonjour',
      attachments: [{ filename: 'a.pdf', content: 'JVBERg==', contentType: 'application/pdf' }],
    })
    expect(bodyOf(api)).toMatchObject({
      from: { email: 'paris@comms.example', name: 'Agence, Paris' },
      reply_to: { email: 'reply@comms.example' },
      personalizations: [
        { cc: [{ email: 'cc@customer.example' }], bcc: [{ email: 'bcc@customer.example' }] },
      ],
      content: [{ type: 'text/plain', value: 'Bonjour' }, { type: 'text/html' }],
      attachments: [
        { filename: 'a.pdf', content: 'JVBERg==', type: 'application/pdf', disposition: 'attachment' },
      ],
    })
  })

  it('carries long texts and attachments whole', async () => {
    const api = await localApi(() => accepted)
    const html = `<p>${'é"\\\n👍'.repeat(30_000)}</p>`
    const contents = [100_000, 100_001].map((bytes) => Buffer.alloc(bytes, 'abcd').toString('base64'))
    await send(api.url, {
      ...message,
      html,
      attachments: contents.map((content, at) => ({ filename: `${at}.pdf`, content })),
    })
    expect(bodyOf(api)).toMatchObject({
      content: [{ type: 'text/html', value: html }],
      attachments: contents.map((content, at) => ({ filename: `${at}.pdf`, content })),
    })
  })

  it('may be text only', async () => {
    const api = await localApi(() => accepted)
    await send(api.url, { ...message, html: undefined, text: 'Bonjour' })
    expect(bodyOf(api)).toMatchObject({ content: [{ type: 'text/plain', value: 'Bonjour' }] })
  })

  it('is tracked where the recipient consented', async () => {
    const api = await localApi(() => accepted)
    await send(api.url, { ...message, tracking: { opens: true, clicks: true } })
    expect(bodyOf(api)).toMatchObject({
      tracking_settings: {
        click_tracking: { enable: true, enable_text: true },
        open_tracking: { enable: true },
      },
    })
  })

  it('is the same message afterwards: the SDK gets its own copy', async () => {
    const api = await localApi(() => accepted)
    await expect(send(api.url, Object.freeze({ ...message }))).resolves.toMatchObject({ type: 'sent' })
  })

  it('is accepted with 200 too, and then goes by our id', async () => {
    const api = await localApi(() => ({ status: 200 }))
    await expect(send(api.url)).resolves.toMatchObject({ type: 'sent', providerMessageId: message.id })
  })

  it('goes below a path of the API URL', async () => {
    const api = await localApi(() => accepted)
    await send(`${api.url}/sendgrid`)
    expect(api.requests[0]?.path).toBe('/sendgrid/v3/mail/send')
  })
})

function bodyOf(api: { requests: { body: string }[] }): unknown {
  return JSON.parse(api.requests[0]?.body ?? 'null')
}
