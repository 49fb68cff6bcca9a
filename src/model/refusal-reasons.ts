import { sentences } from './refusal-sentences.ts'
import { sentInEnglish, sentInFrench } from './refusal-words.ts'

const yours = `(?: (?:de|d|avec|of|with|from|les|vos|tous|ces|your|these|al+|this|the))* ?(?:${sentInFrench}|${sentInEnglish}|votre spam|vous(?! aussi)|you(?! too)(?! as well))?`
const angry =
  '(?:lourds?|penibles?|relous?|chiants?|insup+ortables?|fatigants?|(?:trop|tres|vraiment) (?:lourds?|penibles?|relous?|chiants?|insistants?))'

/** It may answer what the message asked, too. */
export const declining = /^(?:non merci|no thanks|no thank (?:you|u)|no thx)$/

/** They are not whom we think, which somebody has to put right. */
export const elsewhere = sentences([
  '(?:vous (?:avez|faites) |c est |you have |this is )?(?:un |le |the |a )?(?:mauvais|faux|erreur de|wrong) (?:numero|num|number)|(?:vous vous )?tromp\\w* de (?:numero|num|person+e)|ce n ?est pas (?:mon|le bon) (?:numero|num)|(?:this is )?not my number',
])

/** Why somebody asks not to be written to, or what they threaten; beside a refusal nobody has to answer it. */
export const reasons: readonly RegExp[] = sentences([
  '(?:je ?)?(?:ne ?|n ?)?suis (?:plus|pas|pas du tout) interes+e[es]?',
  '(?:plus|pas) (?:du tout )?interes+e[es]?',
  '(?:ca|cela) (?:ne )?m ?interes+e (?:plus|pas|pas du tout)',
  `(?:ca|cela) suf+it(?: maintenant)?|as+ez(?:${yours})?|mar+e|(?:il )?y ?en a mar+e(?:${yours})?|j ?en ai (?:mar+e|as+ez|ras le bol|plein le dos)(?:${yours})?|trop c est trop`,
  `ras le bol(?:${yours})?|j ?en peux plus|je n ?en peux plus|c est trop|ca suf+it comme ca`,
  'c est (?:du |de la |trop |vraiment |un )?(?:spam+|pub|harcelement|penible|insup+ortable|relou|chiant|as+ez|abuse|honteux|scandaleux|il+egal|inadmis+ible)',
  `(?:vous etes|t es|tu es|you are|you re) (?:vraiment |trop |tres )?${angry}`,
  '(?:vous|tu) (?:me |m ?|nous )(?:harcele[sz]|saoule[sz]|soule[sz]|gonfle[sz]|em+erde[sz]|enerve[sz]|fatigue[sz]|faites chier|fais chier|cas+ez les (?:pieds|couil+es))' +
    `(?: avec (?:vos|ces|tes) ${sentInFrench})?`,
  '(?:(?:ou|sinon|ou sinon|ou alors|si non|autrement) )?(?:je |j )(?:vais |v )?(?:vous |te )?(?:bloque[rs]?|signale[rs]?|porte[rs]? plainte|denonce[rs]?|depose[rs]? plainte)(?: (?:a la|aupres de la) cnil)?',
  '(?:(?:or|or else|otherwise|else) )?(?:i |i ?l+ |im going to |i am going to |i m going to )(?:wil+ |have to |must )?(?:report|block|sue)(?: (?:you|this number|this))?',
  `(?:je n ?ai|j ?ai|je n ?avais) (?:rien|jamais|jamais rien) demande|i (?:never|didn ?t|did not) (?:ask(?:ed)?|sign(?:ed)? up|subscribe[d]?|consent(?:ed)?|agre+d?)(?: (?:for|to) (?:this|these|it|that|receive|your))*(?:${yours})?`,
  'c est (?:clair|compris|bien compris|ok)|(?:est ce (?:que c est )?)?clair|compris|tu comprends|vous comprenez|do you understand|is that clear|understood',
  '(?:i am |i ?m )?(?:not|no longer) interested(?: anymore| any more)?',
  `enough(?: is enough)?|this is (?:spam+|haras+ment|il+egal)|(?:i am |i m |im )?(?:fed up|sick)(?:${yours})?|you are haras+ing me`,
  'trop de (?:mes+ages?|sms|pub|pubs|mails?)|too many (?:texts|mes+ages|emails)',
  '(?:je (?:vous |l |le |te )*(?:ai )?)?(?:j ai )?(?:deja )?(?:dit|dis|repete)|i (?:already )?said',
  'je (?:ne )?suis (?:plus|pas) (?:votre )?(?:client|cliente|patient|patiente)(?: chez vous)?|je n ?ai (?:plus|pas) besoin(?: de (?:vos services|vous))?|i ?(?:am|m) no longer (?:a |your )?(?:client|customer|patient)|comme (?:demande|dit|convenu)|as (?:asked|requested)',
  'non merci|no thanks|no thank (?:you|u)|no thx',
  '(?:(?:ou|sinon|ou sinon) )?(?:je (?:vais )?)?(?:saisi[rst]*|contacte[rs]?|plainte (?:a|aupres de)|previens|averti[rs]*) (?:a )?(?:la )?cnil|(?:conformement au |en vertu du |under (?:the )?|selon le |au titre du )?(?:rgpd|gdpr)',
  'signe|signed|(?:je )?compte sur vous|dans l at+ente|in advance',
])

/** What may stand anywhere in a refusal and says nothing: courtesies, curses, words that only hurry. */
const saysNothing = new RegExp(
  `(?<= |^)(?:${[
    's il vous pla[iy]t|s il te pla[iy]t|sil (?:vous|te) pla[iy]t|svp|stp|please|pls|plz|plez|pleas',
    'je vous (?:en )?(?:prie|sup+lie)|je t en (?:prie|sup+lie)|i beg (?:you|of you)|de grace|par pitie|kindly',
    'putain|ptn|bordel|(?:de )?merde|bon sang|fuck(?:ing?|in)?|the fuck|the hel+|dam+n?|bloody|(?:vos |tes )?con+eries|de con|a la con|wtf|nom de dieu',
    'alors|donc|enfin|immediatement|im+ediately|definitivement|gentiment|juste|just|simplement|simply|vraiment|real+y|absolument|urgem+ent|vite|actual+y',
  ].join('|')})(?= |$)`,
  'g',
)
/** Before all else they say nothing either; within a sentence they turn it: "plus de SMS mais des mails". */
const before =
  /^(?:(?:mais|bon|eh|he|hey|ho|oh|and|but|et|so|look|ecoutez|alors|non mais|ah|wow|attention) )+(?=\S)/

/** Words without those that say nothing. */
export function bareOf(words: string): string {
  return words.replace(saysNothing, ' ').replace(/ +/g, ' ').trim().replace(before, '')
}
