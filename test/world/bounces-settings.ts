import { ownMain } from './postfix-settings.ts'

/** A relay that reports, and the mailbox that its reports come to: this machine's own, delivering to folders of the test. */
export function relayMain(folder: string, remotePort: number): string {
  return `${ownMain(folder, 'relay.cabinet.test')}mynetworks = 127.0.0.0/8
alias_maps =
transport_maps = inline:{ { remote.test = smtp:[127.0.0.1]:${remotePort} } }
virtual_mailbox_domains = cabinet.test, local.test
virtual_mailbox_base = ${folder}/mail
virtual_mailbox_maps = inline:{ { bounces@cabinet.test = bounces/ } { accueil@cabinet.test = accueil/ } { ok@local.test = ok/ } }
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
virtual_minimum_uid = 100
recipient_delimiter = +
smtpd_sender_restrictions = check_sender_access regexp:${folder}/config/senders
smtpd_recipient_restrictions = permit_mynetworks, reject
delay_warning_time = 1s
maximal_queue_lifetime = 8s
bounce_queue_lifetime = 8s
minimal_backoff_time = 2s
maximal_backoff_time = 2s
queue_run_delay = 1s
smtp_connect_timeout = 5s
disable_dns_lookups = yes
smtpd_peername_lookup = no
`
}

/** `plain` takes any sender; `strict` refuses a return path that is not a login's own. */
export function relayMaster(port: { plain: number; strict: number }): string {
  const service = (name: string, program = name) => `${name} unix - - n - 0 ${program}`
  return [
    `127.0.0.1:${port.plain} inet n - n - - smtpd -o smtpd_sender_restrictions=`,
    `127.0.0.1:${port.strict} inet n - n - - smtpd`,
    'pickup unix n - n 60 1 pickup',
    'qmgr unix n - n 1 1 qmgr',
    'cleanup unix n - n - 0 cleanup',
    'showq unix n - n - - showq',
    'postlog unix-dgram n - n - 1 postlogd',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'anvil unix - - n - 1 anvil',
    'virtual unix - n n - - virtual',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'flush unix n - n 1000? 0 flush',
    'retry unix - - n - - error',
    ...['proxymap', 'discard', 'error', 'bounce'].map((name) => service(name)),
    service('rewrite', 'trivial-rewrite'),
    service('defer', 'bounce'),
    service('trace', 'bounce'),
    '',
  ].join('\n')
}

export const senders = '/^bounces\\+/ REJECT\n'

export function dovecotSettings(folder: string, port: number): string {
  return `protocols = imap
listen = 127.0.0.1
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
mail_location = maildir:${folder}/mail/%n
first_valid_uid = 100
mail_max_userip_connections = 50
auth_mechanisms = plain login
passdb {
  driver = static
  args = password=the-password
}
userdb {
  driver = static
  args = uid=65534 gid=65534 home=${folder}/mail/%n
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service anvil {
  chroot =
}
`
}
