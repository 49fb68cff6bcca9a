import { codeWord, ours, type PublicReason } from '#src/model/public-reason.ts'

const nobody = ours`is vouched for by nobody we trust (name its authority in SMTP_CA, or see SMTP_TLS)`

/** What is wrong with a mail server's certificate, by the code that OpenSSL and Node have for it, with the remedy. */
const certificateFaults = new Map([
  ['DEPTH_ZERO_SELF_SIGNED_CERT', ours`is its own (name it in SMTP_CA, or see SMTP_TLS)`],
  ['SELF_SIGNED_CERT_IN_CHAIN', nobody],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', nobody],
  ['UNABLE_TO_GET_ISSUER_CERT', nobody],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', nobody],
  ['CERT_HAS_EXPIRED', ours`has expired (have it renewed)`],
  ['CERT_NOT_YET_VALID', ours`is not valid yet (check the clocks)`],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    ours`is for another name than SMTP_HOST (set SMTP_HOST to a name that it has, or see SMTP_TLS)`,
  ],
])

/** The same of its TLS. */
const tlsFaults = new Map([
  ['ERR_SSL_WRONG_VERSION_NUMBER', ours`speaks no TLS at this port (check SMTP_PORT and SMTP_SECURE)`],
  ['EREQUIRETLS', ours`offers no STARTTLS (check SMTP_PORT, or see SMTP_TLS)`],
])

/** Why there is no connection, where the certificate or TLS is why. */
export function tlsFault(code: string): PublicReason | undefined {
  const certificate = certificateFaults.get(code)
  if (certificate) return ours`smtp: the certificate of the mail server ${certificate} (${codeWord(code)})`
  const tls = tlsFaults.get(code)
  return tls && ours`smtp: the mail server ${tls} (${codeWord(code)})`
}
