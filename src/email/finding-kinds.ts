/** `critical`: receivers refuse it, or take it for fraud. `warning`: it costs readers or trust. `info`: good to know. */
export type Level = 'critical' | 'warning' | 'info'

export const levels = {
  link_names_another_host: 'critical',
  spf_several: 'critical',
  spf_broken: 'critical',
  spf_allows_anybody: 'critical',
  spf_missing: 'warning',
  dmarc_missing: 'warning',
  dmarc_broken: 'warning',
  no_text_part: 'warning',
  no_language: 'warning',
  images_without_alt: 'warning',
  clipped_by_gmail: 'warning',
  links_without_https: 'warning',
  no_unsubscribe: 'warning',
  many_share_one_mail: 'warning',
  dmarc_removed_tags: 'info',
  dmarc_only_watches: 'info',
  dkim_unknown: 'info',
  dns_silent: 'info',
  sender_unknown: 'info',
} as const satisfies Record<string, Level>

export type FindingId = keyof typeof levels

/** What a finding tells of this mail. */
export interface Details {
  count?: number
  kilobytes?: number
  hosts?: { shown: string; real: string } | undefined
  domain?: string
  tags?: string
}

export interface Found {
  id: FindingId
  details: Details
}
