// The SDK's own types say `export =` one instance beside named exports (under a ts-ignore), which TypeScript cannot
// import by name from an ES module although Node can. These are the parts that send.ts uses.

declare module '@sendgrid/client' {
  export class Client {
    setDefaultHeader(name: string, value: string): this
    setDefaultRequest(request: { url: string; baseUrl: string }): this
  }
}

declare module '@sendgrid/mail' {
  import type { Client } from '@sendgrid/client'

  export interface MailDataRequired {
    from: { email: string; name?: string }
    subject: string
    replyTo?: { email: string; name?: string }
    personalizations: { to: string; cc?: string[]; bcc?: string[]; customArgs: Record<string, string> }[]
    content: { type: string; value: string }[]
    attachments?: {
      filename: string
      content: string
      disposition: string
      content_id?: string
      type?: string
    }[]
    trackingSettings: {
      clickTracking: { enable: boolean; enableText: boolean }
      openTracking: { enable: boolean }
      subscriptionTracking: { enable: boolean }
    }
  }

  export class MailService {
    setClient(client: Client): this
    send(data: MailDataRequired): Promise<[response: unknown, body: unknown]>
  }
}
