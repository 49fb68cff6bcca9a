import type { Language } from '#src/model/language.ts'
import type { Details, FindingId } from './finding-kinds.ts'

interface Words {
  message: string
  fix: string
}

type Sentences = Readonly<Record<FindingId, (details: Details) => Words>>

const en: Sentences = {
  link_names_another_host: ({ count, hosts }) => ({
    message: `${count} link(s) show one address and lead to another, such as ${hosts?.shown}, which leads to ${hosts?.real}: filters take that for fraud`,
    fix: 'Show words instead of an address, or the address where the link leads.',
  }),
  no_text_part: () => ({
    message: 'the mail has no text part: filters mistrust it, and some people read nothing else',
    fix: 'Give the same as text (text, beside html).',
  }),
  no_language: () => ({
    message: 'the page does not say its language: screen readers read it with the wrong voice',
    fix: 'Write <html lang="en">, or the language that it is in.',
  }),
  images_without_alt: ({ count }) => ({
    message: `${count} image(s) have no alt text: who does not see them learns nothing`,
    fix: 'Say in alt what each shows; alt="" where it only decorates.',
  }),
  clipped_by_gmail: ({ kilobytes }) => ({
    message: `the page has ${kilobytes} kB: Gmail shows some 102 kB and cuts the rest off, and what stands at its end with it`,
    fix: 'Shorten it: styles once instead of in each tag, no images inside the page, fewer blocks.',
  }),
  links_without_https: ({ count }) => ({
    message: `${count} link(s) or image(s) go by http: they are read on the way, and browsers warn of them`,
    fix: 'Write https://.',
  }),
  no_unsubscribe: () => ({
    message:
      'it reads like a mail to many, and has no button to unsubscribe: Gmail and Yahoo ask for it, others mark it as spam',
    fix: 'Send it with "unsubscribe": true. A message about one person’s own affairs needs none.',
  }),
  many_share_one_mail: ({ count }) => ({
    message: `${count} people get one mail: none of them can unsubscribe, and each reply to all goes to all in cc`,
    fix: 'Send each a mail of their own, with "unsubscribe": true where they did not ask for it.',
  }),
  sender_unknown: () => ({
    message: 'no sender is known, so that its domain could not be looked at',
    fix: 'Give from, or set EMAIL_FROM.',
  }),
  spf_missing: ({ domain }) => ({
    message: `${domain} has no SPF record: it does not say which servers may send for it`,
    fix: `Publish a TXT record at ${domain} that names your mail server, such as "v=spf1 include:mx.ovh.com -all".`,
  }),
  spf_several: ({ domain }) => ({
    message: `${domain} has several SPF records: receivers then take none of them`,
    fix: 'Make one record of them: one "v=spf1", each include in it, one -all at its end.',
  }),
  spf_broken: ({ domain }) => ({
    message: `the SPF record of ${domain} cannot be used: it is misspelt, or asks for more than ten look-ups`,
    fix: 'Correct its spelling, and take out the includes of services that no longer send for you.',
  }),
  spf_allows_anybody: ({ domain }) => ({
    message: `the SPF record of ${domain} lets any server in the world send for it`,
    fix: 'End it with -all (or ~all) instead of +all, and without ptr or wide networks.',
  }),
  dkim_unknown: ({ domain }) => ({
    message: `whether mails of ${domain} are signed (DKIM) cannot be seen from its name: each signature names its own key (selector)`,
    fix: `Send yourself a mail and look at its headers: DKIM-Signature with d=${domain} (or a name above it), and dkim=pass in Authentication-Results.`,
  }),
  dmarc_missing: ({ domain }) => ({
    message: `${domain} has no DMARC record, nor has a domain above it: Gmail, Yahoo and Outlook refuse large senders without one`,
    fix: `Publish a TXT record at _dmarc.${domain}: "v=DMARC1; p=none; rua=mailto:dmarc@${domain}", and later p=quarantine or p=reject.`,
  }),
  dmarc_broken: ({ domain }) => ({
    message: `the DMARC record of ${domain} cannot be used: there are several, or its policy is not none, quarantine or reject`,
    fix: 'Keep one, with p=none, p=quarantine or p=reject right behind v=DMARC1.',
  }),
  dmarc_removed_tags: ({ domain, tags }) => ({
    message: `the DMARC record of ${domain} has ${tags}, which RFC 9989 removed (May 2026): receivers ignore it`,
    fix: 'Take it out. Instead of pct=0 write t=y, by which a policy is only tried.',
  }),
  dmarc_only_watches: ({ domain }) => ({
    message: `the DMARC record of ${domain} only watches (p=none or t=y): who forges your address is not stopped`,
    fix: 'When the reports show that all your own mail passes, write p=quarantine, then p=reject.',
  }),
  dns_silent: ({ domain }) => ({
    message: `the DNS did not answer in time for ${domain}: nothing is known of what it did not say`,
    fix: 'Ask again in a minute. Where it stays so, look at the name servers of the domain.',
  }),
}

const fr: Sentences = {
  link_names_another_host: ({ count, hosts }) => ({
    message: `${count} lien(s) montrent une adresse et mènent à une autre, par exemple ${hosts?.shown}, qui mène à ${hosts?.real} : les filtres y voient une fraude`,
    fix: 'Montrez des mots plutôt qu’une adresse, ou l’adresse où le lien mène.',
  }),
  no_text_part: () => ({
    message: 'l’e-mail n’a pas de partie texte : les filtres s’en méfient, et certains ne lisent que cela',
    fix: 'Donnez la même chose en texte (text, à côté de html).',
  }),
  no_language: () => ({
    message: 'la page ne dit pas sa langue : les lecteurs d’écran la lisent avec la mauvaise voix',
    fix: 'Écrivez <html lang="fr">, ou la langue dans laquelle elle est.',
  }),
  images_without_alt: ({ count }) => ({
    message: `${count} image(s) n’ont pas de texte alt : qui ne les voit pas n’en sait rien`,
    fix: 'Dites dans alt ce que chacune montre ; alt="" si elle ne fait que décorer.',
  }),
  clipped_by_gmail: ({ kilobytes }) => ({
    message: `la page pèse ${kilobytes} ko : Gmail en montre quelque 102 et coupe le reste, avec ce qui se trouve à la fin`,
    fix: 'Raccourcissez-la : les styles une fois plutôt que dans chaque balise, pas d’image dans la page, moins de blocs.',
  }),
  links_without_https: ({ count }) => ({
    message: `${count} lien(s) ou image(s) passent par http : on les lit en chemin, et les navigateurs avertissent`,
    fix: 'Écrivez https://.',
  }),
  no_unsubscribe: () => ({
    message:
      'il se lit comme un e-mail envoyé à beaucoup de monde, sans bouton de désinscription : Gmail et Yahoo le demandent, d’autres le classent en indésirable',
    fix: 'Envoyez-le avec "unsubscribe": true. Un message qui concerne les affaires d’une seule personne n’en a pas besoin.',
  }),
  many_share_one_mail: ({ count }) => ({
    message: `${count} personnes reçoivent un même e-mail : aucune ne peut se désinscrire, et chaque « répondre à tous » va à tous ceux en cc`,
    fix: 'Envoyez à chacune le sien, avec "unsubscribe": true si elle ne l’a pas demandé.',
  }),
  sender_unknown: () => ({
    message: 'aucun expéditeur n’est connu : son domaine n’a pas pu être regardé',
    fix: 'Donnez from, ou réglez EMAIL_FROM.',
  }),
  spf_missing: ({ domain }) => ({
    message: `${domain} n’a pas d’enregistrement SPF : il ne dit pas quels serveurs peuvent envoyer pour lui`,
    fix: `Publiez à ${domain} un enregistrement TXT qui nomme votre serveur d’e-mail, par exemple "v=spf1 include:mx.ovh.com -all".`,
  }),
  spf_several: ({ domain }) => ({
    message: `${domain} a plusieurs enregistrements SPF : les serveurs qui reçoivent n’en prennent alors aucun`,
    fix: 'N’en faites qu’un : un seul "v=spf1", tous les include dedans, un seul -all à la fin.',
  }),
  spf_broken: ({ domain }) => ({
    message: `l’enregistrement SPF de ${domain} est inutilisable : mal écrit, ou plus de dix interrogations`,
    fix: 'Corrigez-le, et retirez les include des services qui n’envoient plus pour vous.',
  }),
  spf_allows_anybody: ({ domain }) => ({
    message: `l’enregistrement SPF de ${domain} laisse n’importe quel serveur du monde envoyer pour lui`,
    fix: 'Terminez-le par -all (ou ~all) et non par +all, sans ptr ni réseaux trop larges.',
  }),
  dkim_unknown: ({ domain }) => ({
    message: `on ne peut pas voir, d’après le nom ${domain}, si ses e-mails sont signés (DKIM) : chaque signature nomme sa propre clé (sélecteur)`,
    fix: `Envoyez-vous un e-mail et regardez ses en-têtes : DKIM-Signature avec d=${domain} (ou un nom au-dessus), et dkim=pass dans Authentication-Results.`,
  }),
  dmarc_missing: ({ domain }) => ({
    message: `${domain} n’a pas d’enregistrement DMARC, ni aucun domaine au-dessus : Gmail, Yahoo et Outlook refusent les gros expéditeurs qui n’en ont pas`,
    fix: `Publiez à _dmarc.${domain} un enregistrement TXT : "v=DMARC1; p=none; rua=mailto:dmarc@${domain}", puis p=quarantine ou p=reject.`,
  }),
  dmarc_broken: ({ domain }) => ({
    message: `l’enregistrement DMARC de ${domain} est inutilisable : il y en a plusieurs, ou sa politique n’est ni none, ni quarantine, ni reject`,
    fix: 'N’en gardez qu’un, avec p=none, p=quarantine ou p=reject juste après v=DMARC1.',
  }),
  dmarc_removed_tags: ({ domain, tags }) => ({
    message: `l’enregistrement DMARC de ${domain} contient ${tags}, que la RFC 9989 a supprimé (mai 2026) : il est ignoré`,
    fix: 'Retirez-le. Au lieu de pct=0 écrivez t=y, qui ne fait qu’essayer une politique.',
  }),
  dmarc_only_watches: ({ domain }) => ({
    message: `l’enregistrement DMARC de ${domain} ne fait qu’observer (p=none ou t=y) : qui usurpe votre adresse n’est pas arrêté`,
    fix: 'Quand les rapports montrent que tous vos e-mails passent, écrivez p=quarantine, puis p=reject.',
  }),
  dns_silent: ({ domain }) => ({
    message: `le DNS n’a pas répondu à temps pour ${domain} : on ne sait rien de ce qu’il n’a pas dit`,
    fix: 'Redemandez dans une minute. Si cela dure, regardez les serveurs de noms du domaine.',
  }),
}

/** What is found, for whoever mends it. */
export const findingWords: Readonly<Record<Language, Sentences>> = { en, fr }
