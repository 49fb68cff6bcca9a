import { wordsOf } from './words.ts'

const data =
  '(?:don+e{1,2}s(?: a caractere)?(?: per+son+el+es?)?|infos?|informations?(?: per+son+el+es?)?|coordon+e{1,2}s|dos+ier|compte|fiche|historique|(?:personal |private |customer )?(?:data|information|info|details|records?|account|file))(?! (?:de |d )?(?:paiement|facturation|livraison|bancaires?|cart))'
const contact =
  '(?:(?:numero|num|nom)(?: de (?:telephone|portable|tel|mobile))?|tel|telephone|portable|adres+e|(?:phone |mobile )?number|name|contact)'
const mine =
  '(?:(?:tout|toute|toutes|tous|al+|any|every|of|l|la|les|the|ensemble|integralite|de) )*(?:mes|mon|ma|nos|my|our)'
const kept =
  '(?:per+son+al (?:data|information)|(?:don+e{1,2}s|data|infos|informations|information) (?:per+son+el+es|me concernant|about me|on me|you (?:have|hold|keep)|que vous (?:avez|detenez|pos+edez))|tout ce que vous avez sur moi|everything you have (?:on|about) me)'
const store =
  '(?:(?:de|dans|du|des|sur|from|in|out of)(?: (?:vos|votre|toutes?|tous|le|la|les|your|al+|the|any))* (?:fichiers?|bases?(?: de don+e{1,2}s| clients?)?|systemes?|registres?|records?|databases?|files?|systems?|crm))'
/** Not of those that also mean to fetch ("je passe retirer mon dossier"). */
const erasing = '(?:(?:sup+rim|ef+ac|detrui|anonymis|delet|eras|destroy|purg)\\w*|remove|wipe|forget|oubliez)'
const takingAway = '(?:(?:enlev|retir)\\w*|raye[rz]?|take|sorte[zr]|sortir)'
const naming =
  '(?:sup+res+ion|ef+acement|destruction|retrait|anonymisation|deletion|erasure|removal|deleting|erasing)'
const beErased =
  '(?: (?:be|to be|soi(?:en)?t|etre|is|are))+ (?:sup+rime\\w*|ef+ace\\w*|detrui\\w*|delet\\w*|eras\\w*|removed)'

/** Words that ask for it, and mean nothing else. */
const asks = anyOf([
  `${erasing} (?:moi )?(?:(?:l |la |les |the |al+ |toutes? )*${kept}|${mine} ${data})`,
  `${takingAway} (?:moi )?${mine} (?:don+e{1,2}s|coordon+e{1,2}s|infos?|informations?)`,
  `(?:${kept}|${mine} ${data})${beErased}`,
  `${naming} (?:of |de |d |du |des )*(?:${kept}|${mine} ${data})`,
  'droit (?:a l |d |de |a )?(?:l )?(?:oubli|ef+acement|sup+res+ion)|right (?:to (?:be forgotten|erasure|deletion)|of erasure)',
])
/** These too, or a number that changed. */
const perhapsAsks = anyOf([
  `${erasing} (?:moi )?${mine} (?:ancien |old )?${contact}`,
  `(?:${erasing}|${takingAway}) (?:(?:moi|me|us|nous|this number|ce numero|le numero|${mine} (?:ancien |old )?${contact})(?: (?:\\d+|of+))* )?(?:(?:definitivement|completely|completement) )?${store}`,
  `(?:me|m|nous) (?:sup+rimer|ef+acer|retirer|enlever|rayer) ${store}`,
  `${naming} (?:of |de |d |du |des )*${mine} (?:ancien |old )?${contact}`,
  `${mine} (?:ancien |old )?${contact}${beErased}`,
])
const law = anyOf([
  'rgpd',
  'gdpr',
  'rgdp',
  'gpdr',
  'data protection',
  'protection des don+e{1,2}s',
  'article 17',
])
/** Said of what was done, or is not to be done. */
const otherwise = anyOf([
  '(?:ne|n|pas|jamais|not|don ?t|never|didn ?t|ai|as|a|avez|avons|ont|have|has|had|sans|without)(?: (?:vous|you|encore|yet|me|m|deja|already|pas|les|bien|surtout|i|je))* (?:sup+rim|ef+ac|detrui|enlev|retir|delet|eras|remov|forget|wip|purg|destroy|oubli)\\w*',
  // Done already, or by mistake.
  '(?:deleted|erased|destroyed|removed|wiped|purged) (?:my|our|al+)',
  '(?:is|are|was|were|been) (?:already )?(?:deleted|erased|removed)(?= and| but)',
  '(?:vous|you) (?:oubli\\w*|forg[eo]t)',
  '(?:sup+rim|ef+ac|detrui|enlev|retir)\\w* (?:pas|jamais|plus|surtout pas)',
])

/**
 * What a message asks of what is kept of its person. `asked`: that it be erased. `perhaps`: that too, or something else that
 * a person has to read. To answer, the law gives a month (GDPR, article 12).
 */
export function erasureIn(text: string): 'asked' | 'perhaps' | undefined {
  const words = wordsOf(text).join(' ')
  if (asks.test(words)) return otherwise.test(words) ? 'perhaps' : 'asked'
  return perhapsAsks.test(words) || law.test(words) ? 'perhaps' : undefined
}

function anyOf(patterns: readonly string[]): RegExp {
  return new RegExp(`(?:^| )(?:${patterns.join('|')})(?= |$)`)
}
