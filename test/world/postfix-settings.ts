/**
 * `plain` offers no STARTTLS; `tls` does, with a certificate of its own; `onlyTls` takes no mail without. `strict` takes none from
 * this machine, `named` none from a machine of its name, and `slow` two a minute.
 */
export const ports = ['plain', 'tls', 'onlyTls', 'strict', 'named', 'slow'] as const
export type Port = (typeof ports)[number]

/** Postfix puts words of its own around these texts; here it is only said whom they are about. */
export const maps = {
  known:
    '/^(accueil|interdit|sansdomaine|depense)@cabinet/ x\n/^(client|gris|plein|complet|rythme|quota|ferme)/ x\n',
  senders: `/^interdit@/ REJECT
/^sansdomaine@/ 550 5.1.8 Domain not found
/^depense@/ 550 5.4.5 Daily user sending limit exceeded
`,
  recipients: `/^gris/ 450 4.2.0 Greylisted, see http://postgrey.schweikert.ch/help/remote.test.html
/^plein/ 452 4.2.2 The email account that you tried to reach is over quota
/^complet/ 552 5.2.2 Mailbox full
/^rythme/ 550 5.2.1 The user you are trying to contact is receiving mail at a rate that prevents delivery
/^quota/ 550 5.4.5 Daily user sending limit exceeded
/^ferme/ REJECT
`,
  names: '/./ 504 5.5.2 need fully-qualified hostname\n',
  // Its log tells what stood in a header.
  headers: '/^Subject: .*casino/ REJECT Message content rejected\n/^(Date|To|Cc):/ INFO\n',
}

/** Of a Postfix in folders of its own, on loopback, that is nobody's mail server. */
export function ownMain(folder: string, name: string): string {
  return `compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
maillog_file = ${folder}/mail.log
maillog_file_prefixes = ${folder}
myhostname = ${name}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
`
}

export function mainOf(folder: string): string {
  const map = (name: keyof typeof maps) => `regexp:${folder}/config/${name}`
  return `${ownMain(folder, 'mail.cabinet.test')}mynetworks =
alias_maps =
local_transport = discard:
virtual_transport = discard:
virtual_mailbox_domains = cabinet.test, remote.test, xn--mnchen-3ya.test
virtual_mailbox_maps = ${map('known')}
smtpd_reject_unlisted_sender = yes
smtpd_relay_restrictions = reject_unauth_destination
smtpd_sender_restrictions = check_sender_access ${map('senders')}
smtpd_recipient_restrictions = check_recipient_access ${map('recipients')}
names = ${map('names')}
header_checks = ${map('headers')}
message_size_limit = 100000
virtual_mailbox_limit = 100000
smtputf8_enable = no
smtpd_tls_cert_file = ${folder}/config/localhost.pem
smtpd_tls_key_file = ${folder}/config/localhost.pem
smtpd_tls_security_level = none
smtpd_peername_lookup = no
disable_dns_lookups = yes
`
}

export function masterOf(port: Readonly<Record<Port, number>>): string {
  const smtpd = (name: Port, options = '') => `127.0.0.1:${port[name]} inet n - n - - smtpd ${options}`
  const service = (name: string, program = name) => `${name} unix - - n - 0 ${program}`
  return [
    smtpd('plain'),
    smtpd('tls', '-o smtpd_tls_security_level=may'),
    smtpd('onlyTls', '-o smtpd_tls_security_level=encrypt'),
    smtpd('strict', '-o smtpd_client_restrictions=reject'),
    smtpd('named', '-o { smtpd_helo_restrictions = check_helo_access $names }'),
    smtpd('slow', '-o smtpd_client_message_rate_limit=2'),
    'pickup unix n - n 60 1 pickup',
    'qmgr unix n - n 300 1 qmgr',
    'cleanup unix n - n - 0 cleanup',
    'showq unix n - n - - showq',
    'postlog unix-dgram n - n - 1 postlogd',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'anvil unix - - n - 1 anvil',
    ...['proxymap', 'discard', 'error', 'bounce'].map((name) => service(name)),
    service('rewrite', 'trivial-rewrite'),
    service('defer', 'bounce'),
    service('trace', 'bounce'),
    '',
  ].join('\n')
}
