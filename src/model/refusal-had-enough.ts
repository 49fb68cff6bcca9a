import { listed, politely, sentInEnglish, stop, tail, unasked } from './refusal-words.ts'

/** Nobody asks for these, and nobody answers a question by refusing them. */
const pushed =
  '(?:pubs?|publicites?|spams?|newslet+ers?|demarchages?|prospections?|sol+icitations?|reclames?|harcelements?)'
const pushedInEnglish = '(?:ads?|adverts?|advertising|spam+(?:ing)?|junk|marketing|newslet+ers?|haras+ment)'
const vos = '(?:(?:la|les|l|le|vos|votre|tes|ces|cet+e|toutes?|tous) )*'
const your = '(?:(?:al+|of|with|the|your|these|those|this|getting|receiving|recieving|any) )*'
const wants = '(?:just |real+y )?(?:want|wan+a|would like|d like)'
const leftAlone = '(?:tranquil+es?|en paix)'

/** How people say that they have had enough of what we send, each a sentence that asks for an end of it. */
export const hadEnough: readonly string[] = [
  // Non à la pub; halte au démarchage. "Non à votre message" may answer it.
  `(?:non|halte|basta|as+ez) (?:a|au|aux|avec|de|d)? ?${vos}${pushed}${tail}`,
  // Assez de vos SMS; j'en ai marre de recevoir vos messages; ça suffit avec vos mails.
  `(?:as+ez|mar+e|ras le bol|basta|(?:(?:il )?y ?en a|j ?en ai|on en a) (?:mar+e|as+ez|ras le bol|plein le dos)|(?:ca|cela) suf+it)(?: (?:avec|de|d|des|recevoir))* ${vos}(?:${unasked}|rap+els?)${tail}`,
  `(?:gardez|garde) (?:vos|votre|tes|ta) ${pushed}(?: pour (?:vous|toi))?`,
  `vos ${unasked} je n ?en veux (?:plus|pas)`,
  `(?:je n ai |j ai )?(?:pas|aucun) besoin de (?:vos|votre|ces) ${pushed}`,
  `faites que (?:ca|cela) (?:s ar+ete|ces+e)(?: (?:maintenant|im+ediatement|tout de suite))*`,
  `(?:je (?:veux|voudrais|demande|souhaite|souhaiterais) |j aimerais )?qu ?on (?:me|nous) (?:lais+e|fiche|foute) (?:${leftAlone}|la paix)`,
  '(?:je (?:veux|voudrais|demande)|j aimerais) (?:avoir )?la paix',
  `${politely}(?:me|nous) lais+er ${leftAlone}`,
  `${stop} (?:this|that|the|ce|cet+e|ces|vos) (?:madnes+|nonsense|crap|bul+shit|shit|rubbish|cirque|manege|comedie|folie)`,
  // Make it stop; make these texts stop. What is to stop raining is followed by a word more.
  `${politely}make (?:it|this|that|them|these|those|(?:your|these|those|the|al+|this) ${sentInEnglish}) (?:al+ )?stop${tail}`,
  `${politely}(?:mettre|mettez|mets) (?:fin|un terme) (?:a|au|aux) ${vos}(?:${unasked}|envois? de (?:${unasked}))${tail}`,
  `${politely}put an end to ${your}(?:${sentInEnglish}|${pushedInEnglish})${tail}`,
  // Out of what? "I want to get out" may be of a bed.
  `i ${wants} (?:(?:(?:to )?(?:get|be) )?(?:of+|out)(?: of+)?${listed}|out)(?: (?:now|already|im+ediately))?`,
  `${politely}get (?:me|us|(?:my|this|our) (?:number|name)) (?:of+|out)(?: of+)?${listed}`,
  'leave (?:me|us) (?:be|in peace)',
  `i (?:${wants}|wish|prefer|ask) to be left (?:alone|in peace)`,
  `(?:no to|say no to) ${your}${pushedInEnglish}`,
  `keep your ${pushedInEnglish}(?: to yoursel(?:f|ves))?`,
  `(?:i |we )?(?:don t |do not |no )need ${your}(?:for )?your ${pushedInEnglish}`,
  `(?:(?:i am|i ?m|we are|we re|so) )*(?:sick(?: and tired)?|tired|fed up) (?:of|with) ${your}(?:${sentInEnglish}|${pushedInEnglish})${tail}`,
  `(?:i |we )?(?:ve |have )?had (?:more than )?enough of ${your}(?:${sentInEnglish}|${pushedInEnglish})${tail}`,
  `(?:enough|no more)(?: (?:of|with))? (?:al+ )?(?:this|these|(?:your |the |this )?${pushedInEnglish})`,
  'knock it of+',
]
