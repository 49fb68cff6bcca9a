import { hadEnough } from './refusal-had-enough.ts'
import {
  i,
  listed,
  not,
  noun,
  number,
  politely,
  reached,
  receive,
  sentInEnglish,
  sentInFrench,
  stop,
  stopDoing,
  tail,
  unasked,
  unsubscribe,
  want,
  writing,
  writingInEnglish,
  writingNow,
  writingTo,
} from './refusal-words.ts'

/** Whoever is not heard says so: "J'ai déjà dit STOP", "How many times do I have to tell you to stop?". */
const times =
  '(?:\\d+|\\d+ ?x|un|une|deux|trois|quatre|cinq|dix|cent|mil+e|plusieurs|x|n|maintes|several|two|three)'
const nth =
  '(?:\\d+ ?(?:e|er|ere|eme|ieme|th|nd|rd)?|derniere|deuxieme|troisieme|quatrieme|cinquieme|seconde|enieme|n ?ieme|last|second|third|fourth|umpteenth)'
const sayIt =
  '(?:dis|dit|demande|redemande|envoie|envoye|ecris|ecrit|reponds|repond|repondu|mets|mis|tape|signale|repete|dire|demander|repeter|envoyer|ecrire|taper|mettre|repondre)'
const told = `(?:${[
  `(?:mais |bon |eh |he |hey |ho |oh |et )*(?:je (?:vous |t |te |l )?|j ?)(?:l )?(?:ai|avais|vien[st]? de) (?:deja |bien |pourtant |encore )*${sayIt}(?: (?:deja|bien|${times} fois))*(?: (?:de|d|que|a))?`,
  `(?:je (?:vous |te )?(?:le )?)${sayIt}(?: (?:de|d|que|encore|une|fois))*`,
  `(?:je (?:l )?ai )?combien de fois (?:faut il|dois je|je dois|il faut|on doit|vais je|devrais? je|devoir)(?: (?:que|encore|vous|te|le|je))* ${sayIt}(?: (?:de|d|que))?`,
  `ca fait ${times} fois que (?:je|j)(?: (?:vous|te|le))* ?${sayIt}(?: (?:de|d|que))?`,
  `c est la ${nth} fois que (?:je|j)(?: (?:vous|te|le))* ?${sayIt}(?: (?:de|d|que))?`,
  `(?:je (?:vous )?le ${sayIt} )?(?:pour la|une) ${nth} fois`,
  '(?:i|we) ?(?:have |ve |had )?(?:already |just |clearly )*(?:said|told (?:you|u)|asked (?:you|u)?|texted|txted|sent|replied|wrote|typed)(?: (?:to|already|before|you))*',
  `how many (?:more )?times do (?:i|we) (?:have|need) to (?:say|tel+(?: you)?|text|ask(?: you)?|write|reply|send)(?: to)?`,
  `(?:for the ${nth} time|this is the ${nth} time i (?:say|ask|text|tel+ you)(?: to)?)`,
].join('|')}) `
const whom = '(?: (?:me|us|(?:this|my|our) (?:number|phone|line)))?'
const mayBeTold = `(?:${told})?`

/** How people ask not to be written to any more. */
export const refusals: readonly RegExp[] = sentences([
  // STOP; STOP au 36111; STOP 06 12 34 56 78; STOP SMS; arrêtez vos messages; stop à tout; j'ai dit stop.
  `${mayBeTold}${politely}(?:me )?${stop}(?:${number})?${tail}(?:${number})?`,
  `${mayBeTold}${politely}${stop}(?: avec)?(?: (?:de|d|par))? ?${writingTo}${tail}(?:${number})?`,
  `${mayBeTold}${politely}${stop} (?:de |d )?(?:${receive}|${reached})${tail}`,
  `${mayBeTold}${politely}(?:to )?${stopDoing} ${writingNow}(?: to)?${whom}${tail}(?:${number})?`,
  `${mayBeTold}${politely}${stopDoing} (?:${sentInEnglish}|contacts?)${tail}`,
  'cease and desist',
  `(?:merci|veuil+ez|priere|je (?:veux|voudrais|souhaite)) (?:de )?stop+er${tail}`,
  `stop+er? ${sentInFrench}`,
  // Ne m'envoyez plus de messages; me contactez plus; envoyez plus de sms; merci de ne plus m'écrire.
  `${politely}(?:ne ?|n ?)?(?:m|me|nous) ?${writing}(?: moi)?(?: ${not})+${tail}`,
  `(?:ne |n )?envoy(?:e[rz]?|ez) plus(?: (?:de|d|aucun|vos|ces))* (?:${sentInFrench}|rien)${tail}`,
  `${mayBeTold}${politely}ne (?:plus?|pas|jamais)(?: jamais)? (?:m ?|me |nous )?(?:${writing}|recevoi\\w*|receveoir)${tail}`,
  // Je ne veux plus recevoir vos SMS; jveux plus de messages; je souhaite ne plus être contacté; I do not wish to.
  `${i}${want} (?:plus?|pas|aucun|rien)(?: (?:jamais|a|du tout))*(?: (?:${receive}|${reached}|que (?:vous|tu|l on) ?(?:m|me) ?${writing}|qu on (?:m|me) ?${writing}))${tail}`,
  `${i}${want} (?:plus?|pas|aucun)(?: (?:de|d|aucun|vos|votre|ces|tous))* ${sentInFrench}${tail}`,
  `${i}${want} (?:plus?|pas) (?:faire partie|figurer|etre)${listed}`,
  `${mayBeTold}${politely}ne (?:plus?|pas) (?:jamais )?(?:${reached}|faire partie${listed}|figurer${listed})${tail}`,
  `${i}(?:accepte|autorise|consens|consent) (?:plus?|pas)(?: (?:a|de|l|les|vos|que vous))* ?(?:${receive}|reception|envois?|${writingTo}|${reached}|${unasked})${tail}`,
  `je refuse (?:de |d |tous? |toute |vos |les |l |la |ces |le )*(?:${receive}|reception|envois?|${reached}|${unasked})${tail}`,
  `je m ?op+ose (?:a |aux |au |formel+ement )*(?:la |l |le |tout |toute )*(?:${receive}|reception|envois?|utilisation|${writingTo}|${reached}|${sentInFrench})${tail}`,
  `je (?:suis|ne suis) (?:pas|plus) d ac+ord(?: (?:pour|de|a))* (?:${receive}|${reached})${tail}`,
  `plus (?:jamais )?(?:de|d|aucun|aucune)(?: (?:vos|ces|ce))? ${sentInFrench}${tail}`,
  `pas de (?:pubs?|publicites?|spams?|demarchage)${tail}`,
  `(?:pas de|no) ${noun} (?:svp|stp|please|pls|s il vous plait|merci)`,
  'lais+e[rz]? (?:moi|nous) (?:tranquil+es?|en paix|la paix)',
  '(?:foute[rz]?|fiche[rz]?|fous|fou|lache[rz]?|lachez) (?:moi|nous)(?: (?:tranquil+es?|en paix|la paix|les baskets|la grap+e))?',
  // Je veux me désabonner; désinscrivez-moi de votre liste; désabonnez le 06 …; unsubscribe me.
  `${mayBeTold}${politely}(?:je (?:me |m )?)?(?:me |m |se |s |nous )?(?:etre |be |to be )?${unsubscribe}(?: (?:moi|nous|me|us|please))*(?:${number})?(?: from)?${listed}?${tail}(?:${number})?`,
  // Retirez-moi de votre liste; supprimez mon numéro.
  `${mayBeTold}${politely}(?:me |m |nous )?(?:retire[rz]?|sup+rime[rz]?|enleve[rz]?|ef+ace[rz]?|ra[yd]i?e[rz]?|sorte[rz]|vire[rz]?|sortir)(?: (?:moi|nous)${listed}?| (?:mon|mes|ce|notre|le) (?:numero|num|tel|telephone|portable|contact|coordon+ees|don+e{1,2}s(?: person+el+es)?|adres+e(?: (?:e ?)?mail)?|nom|inscription)(?: de telephone| de portable)?(?:${number})?${listed}?|${listed})`,
  `${politely}(?:me |m |nous )(?:retirer|sup+rimer|enlever|ef+acer|ra[yd]i?er|sortir|desinscrire)${listed}?`,
  `${mayBeTold}${politely}(?:remove|delete|erase|drop)(?: (?:me|us)${listed}?| (?:my|this|our|the) (?:number|phone|phone number|name|contact|data|details|info|(?:e ?mail )?adres+)(?:${number})?${listed}?)`,
  `${politely}take (?:me|us|(?:my|this|our|the) (?:number|name))(?:${number})? of+${listed}?`,
  `${politely}(?:(?:ensure|make sure|se[e]?) (?:that )?)?(?:to be|i be|i am|i m|my number is|my number be|this number is|get) (?:removed|deleted|taken of+|unsubscribed|opted out)${listed}?`,
  // Do not text me again; no more messages; I don't want to receive your texts.
  `${politely}(?:do not|don ?t|never|no longer)(?: ever)? ${writingInEnglish}(?: to)?${whom}${tail}`,
  `i ?(?:do not|don ?t|no longer|never)(?: longer| any longer)? (?:want|wish|need|care|consent|agre+)(?: to)? (?:rec(?:ei|ie)v(?:e|ing)|get(?:ting)?|(?:be|being) (?:contacted|texted|mes+aged)|hear from|have|read)(?: you)?${tail}`,
  `i ?(?:do not|don ?t|no longer) (?:want|need|consent to|agre+ to)(?: (?:any|your|these|those|al+|more|further))* ${sentInEnglish}(?: anymore| any more)?`,
  `i ?(?:would|d|wish|want)(?: (?:prefer|rather|wish|want|like))?(?: to)? (?:not|no longer|never|stop)(?: to)? (?:rec(?:ei|ie)v(?:e|ing)|get(?:ting)?|be (?:contacted|texted|mes+aged)|hear(?:ing)? from)(?: you)?${tail}`,
  `i ?object to (?:receiving|being (?:contacted|texted)|your|these|any)${tail}`,
  `(?:you|u) (?:do not|don ?t|no longer) have (?:my |any )?(?:consent|permission|authori[sz]ation)(?: to ${writingInEnglish}(?: (?:me|us))?)?${tail}`,
  `no (?:more|further|additional)(?: of+)?(?: (?:your|these|text|sms))* ${sentInEnglish}${tail}`,
  // "I withdraw my consent": mayLeave, since it may be to something else.
  `${politely}(?:je |i )?(?:hereby )?(?:retire|revoque|revoquer|retirer|withdraw|revoke) (?:mon|tout|my|any|al+) (?:consentement|ac+ord|autorisation|consent|permission)(?: (?:to|a|de|pour) (?:${receive}|rec(?:ei|ie)v(?:e|ing)|be contacted|${noun})${tail})?`,
  'leave (?:me|us) alone',
  'lose my number',
  ...hadEnough,
])

/** Every refusal has one of these in it; most messages have none, and are not looked through. */
export const rooted =
  /sto|stpo|sotp|tsop|ar+[et]|ces+e|cease|halte|d[ei]?[sz]|uns|un s|opt|resil|plu|pas|jamais|rien|never|not|don ?t|no longer|no more|no |remove|delete|erase|drop|take|leave|lose|lais|retir|sup+r|enlev|ef+ac|ra[yd]i?e|sort|vire|refus|op+os|object|quit|discontin|refrain|revo[kq]|withdr|fou|fiche|lach|as+ez|ras le|le dos|basta|suf+it|garde|en veux|besoin|que c|la paix|make|out|get |keep|need|sick|put|tired|fed up|enough|knock|left|want of|non au?x? |mett|mets /

/** Words by which a message may be a refusal, whatever else it says: a person reads it. */
export const traces = new RegExp(
  `(?:^| )(?:${[
    stop,
    `${stop}\\d{5,6}`,
    unsubscribe,
    'harcel\\w*|haras+\\w*|spam+\\w*|rgpd|gdpr|cnil',
    `(?:plus|pas|jamais) (?:me |m ?|nous )${writing}`,
    `(?:m|me|nous) ?${writing}(?: moi)? (?:plus|pas|jamais)`,
    `(?:plus?|pas) (?:recevoir|${reached})`,
    '(?:retire[rz]?|sup+rime[rz]?|enleve[rz]?|ef+ace[rz]?) (?:moi|mon numero|mes don+e{1,2}s|mes coordon+ees)',
    'lais+e[rz]? (?:moi|nous)|la paix',
    `(?:do not|don ?t|never) ${writingInEnglish}`,
    '(?:remove|delete) (?:me|my)|leave me alone|wrong number|no more (?:texts?|mes+ages?|sms)',
    '(?:m|me|nous) ?(?:rap+el|ap+el|telephon)\\w* (?:plus(?! tard)|jamais)|(?:do not|don ?t|never) cal+ (?:me|us)',
    '(?:oublie[rz]?|forget) (?:mon|my) (?:numero|num|number)|lache[rz]? moi',
    '(?:mauvais|faux|pas le bon) (?:numero|num)|erreur de (?:numero|num)',
    `(?:quit|cease|discontinue|refrain from) ${writingNow}`,
    '(?:consentement|consent) ',
  ].join('|')})(?= |$)`,
)

export function sentences(patterns: readonly string[]): RegExp[] {
  return patterns.map((pattern) => new RegExp(`^(?:${pattern})(?= |$)`))
}
