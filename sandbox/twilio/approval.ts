import { z } from 'zod'
import { type Approval, type ContentRecord, contentType } from './content-record.ts'

const submission = z.object({
  name: z.string().regex(/^[a-z0-9_]{1,512}$/),
  category: z.enum(['UTILITY', 'MARKETING', 'AUTHENTICATION']),
})

/**
 * Submits content to WhatsApp, or gives what Twilio says is wrong. A name is of one content a language, also after it was
 * rejected.
 */
export function submitted(
  record: ContentRecord,
  body: unknown,
  others: readonly ContentRecord[],
): Approval | { complaint: string } {
  const read = submission.safeParse(body)
  if (!read.success) {
    const field = read.error.issues[0]?.path.join('.') || 'body'
    return {
      complaint: `Invalid ${field}. A name has lower case letters, digits and _ ; a category is known`,
    }
  }
  if (record.approval) return { complaint: 'Template has already been submitted for approval' }
  const { name, category } = read.data
  const taken = others.some((other) => other.language === record.language && other.approval?.name === name)
  if (taken) return { complaint: `Template name ${name} already exists for language ${record.language}` }
  record.approval = { name, category, status: 'received', rejectionReason: '' }
  return record.approval
}

/** WhatsApp looks at it: received, pending, and at the second look the verdict. */
export function looked(record: ContentRecord): void {
  const { approval } = record
  if (!approval) return
  if (approval.status === 'pending') {
    approval.rejectionReason = objection(record) ?? ''
    approval.status = approval.rejectionReason ? 'rejected' : 'approved'
  }
  if (approval.status === 'received') approval.status = 'pending'
}

/** As the API shows it; content that nobody submitted has a request all the same. */
export function approvalResource(record: ContentRecord) {
  const { approval } = record
  return {
    type: 'whatsapp',
    name: approval?.name ?? '',
    category: approval?.category ?? '',
    content_type: contentType(record),
    status: approval?.status ?? 'unsubmitted',
    rejection_reason: approval?.rejectionReason ?? '',
    allow_category_change: true,
  }
}

/** Why WhatsApp rejects a template: its form, or (so that one can see a rejection) a name that begins with `rejected`. */
function objection({ types, approval }: ContentRecord): string | undefined {
  const body = (types['twilio/quick-reply']?.body ?? types['twilio/text']?.body ?? '').trim()
  const numbers = [...body.matchAll(/\{\{(\d+)\}\}/g)].map(([, number]) => Number(number))
  const highest = Math.max(0, ...numbers)
  if (/^\{\{\w+\}\}|\{\{\w+\}\}$/.test(body))
    return 'Variables can not be at the start or end of the template'
  if (/\}\}\s*\{\{/.test(body)) return 'Variables can not be next to each other'
  if (new Set(numbers).size < highest) return 'Variables are not sequential'
  return approval?.name.startsWith('rejected') ? 'INVALID_FORMAT' : undefined
}
