/**
 * How people ask not to be written to any more, in French and English, as sentences over the words of `wordsOf`: lower case,
 * no accents, no punctuation, doubles at a word's end written once ("al" for "all"). What is optional between words may be
 * missing, since phones and haste leave out spaces, apostrophes and the "ne" of a negation.
 */

const stop =
  '(?:s+t+o+p+|stpo|sotp|tsop|stoo?po?|stops|stop+e[sz]?|ar+et|ar+et+[ea](?:[rsz]|nt)?|arrt[ea][rz]?|ces+e[rz]?|halte)'
const unsubscribe =
  '(?:d[ei][sz]{1,2}[ae]?b+on+\\w*|d[ei]s{1,2}[iy]n?s+cri\\w*|desabo|un ?su?[bs]*c?s?cri\\w*|unsub|opt(?:ing)? ?(?:me )?(?:out|of+)|resilie[rz]?|resiliation)'

const noun =
  '(?:sms|textos?|texte?s?|txts?|messages?|msgs?|mes+|mails?|mailings?|emails?|courriels?|what?s ?ap+|wha?ts?apps?|rap+els?|pub|pubs|publicites?|notifications?|notifs?|spams?|of+res?|promos?|promotions?|newslet+ers?|infos?|informations?|relances?|alertes?|sol+icitations?|demarchages?|prospections?|reminders?|ads?|notices?|updates?|alerts?|communications?|envois?|contacts?|rien|tout|everything|anything)'
const around =
  '(?:d|de|du|des|les|la|le|l|vos|votre|ces|cet|cet+e|ce|(?:ca|cela)(?! suf)|aucuns?|aucune|tous|toutes?|plus|un|une|a|au|aux|avec|me|m|moi|nous|us|your|the|this|that|these|those|any|al+|more|such|this|my|of+|it|par|text|marketing|automatiques?|automated|publicitaires?|commercia(?:l|le|ux|les)|com+ercia(?:l|le|ux|les)|indesirables?|maintenant|now|desormais|dorenavant|definitivement|im+ediatement|im+ediately|jamais|never|again|anymore|ever|please|right away|asap)'
const where =
  '(?:de votre part|sur (?:ce|mon|cet+e|le) (?:numero|num|tel|telephone|portable|mobile|ligne|adres+e)|a ce numero|(?:to|on|at|from) (?:this|my) (?:number|phone|adress|adres|address)|from (?:you|your list|the list|your company)|any ?more|a l ?avenir|tout de suite)'
const tail = `(?: (?:${where}|${noun}|${around}))*`
/** The number that French advertising names: "STOP au 36111". */
const shortCode =
  '(?:(?: (?:au|a|to|at|le|num|numero))* (?:[38]\\d{4}|\\d{5,6}|[38]\\d(?: \\d{3}| \\d \\d{2}| \\d{2} \\d)))'

const writing =
  '(?:ecri(?:re|ve[rz]|vez|vai|ver|s|t)?|envoy\\w*|envoi(?:e|es|s|ez)?|contact\\w*|recontact\\w*|sol+icit\\w*|relanc\\w*|harcel\\w*|derang\\w*|embet\\w*|im+portun\\w*|spam+\\w*|s[ao]o?ul\\w*|em+erd\\w*|text(?:er|ez)|adres+e[rz]?|bombard\\w*|pol+u\\w*|notifi\\w*|demarche[rz]?|prospecte[rz]?)'
const writingTo = `(?:m|me|nous)? ?${writing}`
const politely =
  '(?:(?:merci|veuil+ez|priere|svp|s il vous plait|je vous prie|je vous demande|je souhaite|je souhaiterais|je voudrais|je veux|j aimerais|vous pouvez|pouvez vous|pourriez vous|peux tu|tu peux|can you|could you|would you|please|pls|plz|i want to|i would like to|i d like to|id like to|i wish to|i want|kindly) ?)*(?:de |d |a )?(?:bien vouloir )?'
const i = '(?:je ?|j ?|on |nous )?(?:ne ?|n ?)?'
const not = '(?:plus|pas|jamais|rien)'
const listed =
  '(?:(?: (?:de|du|des|sur|dans|of+|from|out|on))?(?: (?:vos|votre|la|cet+e|le|les|toutes?|the|your|this|al+|any))* (?:liste d(?:e dif+usion| ?envois?| ?mailing)|(?:mailing|distribution|sms|text) list+e?s?|list+e?s?|fichiers?|bases? de don+ees|bases?|repertoires?|mailings?|envois|database|system|contacts?))'

export const refusals: readonly RegExp[] = sentences([
  // STOP; STOP au 36111; STOP SMS; arrêtez vos messages; stop à tout.
  `${politely}${stop}(?:${shortCode})?${tail}`,
  `${politely}${stop}(?: avec)?(?: (?:de|d|par))? ?${writingTo}${tail}`,
  `${politely}${stop} (?:texting|sending|mes+aging|msging|emailing|mailing|contacting|writing|bothering|spam+ing|haras+ing|pestering|reminding|notifying)(?: to)?${tail}`,
  `(?:merci|veuil+ez|priere|je (?:veux|voudrais|souhaite)) (?:de )?stop+er (?:${noun}|${around})${tail}`,
  // Ne m'envoyez plus de messages; me contactez plus; merci de ne plus m'écrire.
  `${politely}(?:ne |n )?(?:m|me|nous) ?${writing}(?: moi)?(?: ${not})+${tail}`,
  `${politely}ne (?:plus|pas|jamais)(?: jamais)? (?:m ?|me |nous )?(?:${writing}|recevoir)${tail}`,
  // Je ne veux plus recevoir vos SMS; jveux plus de messages; je souhaite ne plus être contacté.
  `${i}(?:veux|veut|voulons|souhaites?|souhaitons|desire|voudrais|souhaiterais|voulais|tiens) (?:plus|pas|aucun|rien)(?: (?:jamais|a|du tout))*(?: (?:recevoir|avoir|lire|etre (?:re)?(?:contact|sol+icit|derang|relanc|harcel|demarch|prospect|notifi|inscri)\\w*|que (?:vous|tu|l on) ?(?:m|me) ?${writing}|qu on (?:m|me) ?${writing}))${tail}`,
  `${i}(?:veux|veut|voulons|souhaites?|desire|voudrais|souhaiterais) (?:plus|pas|aucun)(?: (?:de|d|aucun|vos|votre|ces|tous))* (?:sms|textos?|mes+ages?|msgs?|mails?|pub|pubs|publicites?|rap+els?|notifications?|notifs?|spams?|newslet+ers?|promos?|of+res?|relances?)${tail}`,
  `${politely}ne (?:plus|pas) (?:jamais )?etre (?:re)?(?:contact|sol+icit|derang|relanc|harcel|demarch|prospect|notifi)\\w*${tail}`,
  `plus (?:jamais )?(?:de|d|aucun|aucune)(?: (?:vos|ces|ce))? (?:sms|textos?|mes+ages?|msgs?|mails?|pub|pubs|publicites?|rap+els?|notifications?|notifs?|spams?|newslet+ers?|promos?|of+res?|relances?)${tail}`,
  'lais+e[rz]?(?: (?:moi|nous))? (?:tranquil+es?|en paix)',
  // Je veux me désabonner; désinscrivez-moi de votre liste; unsubscribe me.
  `${politely}(?:je (?:me |m )?)?(?:me |m |se |s |nous )?(?:etre )?${unsubscribe}(?: (?:moi|nous|me|us|please))*(?:${shortCode})?(?: from)?${listed}?${tail}`,
  // Retirez-moi de votre liste; supprimez mon numéro.
  `${politely}(?:me |m |nous )?(?:retire[rz]?|sup+rime[rz]?|enleve[rz]?|ef+ace[rz]?|raye[rz]?|sorte[rz]|vire[rz]?|sortir)(?: (?:moi|nous)${listed}?| (?:mon|mes|ce|notre) (?:numero|num|tel|telephone|portable|contact|coordon+ees|don+ees|nom)(?: de telephone| de portable)?${listed}?|${listed})`,
  `${politely}(?:me |m |nous )(?:retirer|sup+rimer|enlever|ef+acer|rayer|sortir|desinscrire)${listed}?`,
  `${politely}(?:remove|delete|erase|drop)(?: (?:me|us)${listed}?| my (?:number|phone|phone number|name|contact|data|details|info)${listed}?)`,
  `${politely}take (?:me|us|my number) of+${listed}?`,
  // Do not text me again; no more messages; I don't want to receive your texts.
  `${politely}(?:do not|don ?t|never|no longer)(?: ever)? (?:text|mes+age|contact|msg|write|email|mail|send|bother|disturb|sms|what?sap+)(?: to)?(?: (?:me|us))?${tail}`,
  `i ?(?:do not|don ?t|no longer) (?:want|wish|need|care)(?: to)? (?:receive|get|be contacted|be texted|be mes+aged|hear from|have|read)(?: you)?${tail}`,
  'i ?(?:do not|don ?t|no longer) (?:want|need)(?: (?:any|your|these|those|al+|more))* (?:sms|texts?|mes+ages?|msgs?|emails?|reminders?|notifications?|spam|ads?|updates?)(?: anymore| any more)?',
  `no more(?: of+)?(?: (?:your|these|text|sms))* (?:sms|texts?|mes+ages?|msgs?|emails?|reminders?|notifications?|spam|ads?|updates?)${tail}`,
  'leave (?:me|us) alone',
  'lose my number',
])

/** Every refusal has one of these in it; most messages have none, and are not looked through. */
export const rooted =
  /sto|stpo|sotp|tsop|ar+[et]|ces+e|halte|d[ei][sz]|uns|un s|opt|resil|plus|pas|jamais|rien|never|not|don ?t|no longer|no more|remove|delete|erase|drop|take|leave|lose|lais|retir|sup+r|enlev|ef+ac|raye|sort|vire/

/** Why somebody asks so; beside a refusal nobody has to answer it. */
export const reasons: readonly RegExp[] = sentences([
  '(?:je ?)?(?:ne ?|n ?)?suis (?:plus|pas|pas du tout) interes+e[es]?',
  '(?:plus|pas) (?:du tout )?interes+e[es]?',
  '(?:ca|cela) (?:ne )?m ?interes+e (?:plus|pas|pas du tout)',
  '(?:ca|cela) suf+it|as+ez|mar+e|y ?en a mar+e|j ?en ai (?:mar+e|as+ez|ras le bol)|trop c est trop',
  'c est (?:du |de la |trop |vraiment )?(?:spam+|pub|harcelement|penible|insup+ortable|relou|chiant|as+ez)',
  '(?:i am |i ?m )?(?:not|no longer) interested(?: anymore| any more)?',
  'enough(?: is enough)?|this is (?:spam+|haras+ment)',
  'trop de (?:mes+ages?|sms|pub|pubs|mails?)',
])

/** Words by which a message may be a refusal, whatever else it says: a person reads it. */
export const traces = new RegExp(
  `(?:^| )(?:${[
    stop,
    unsubscribe,
    'harcel\\w*|haras+\\w*|spam+\\w*|rgpd|gdpr|cnil',
    `(?:plus|pas|jamais) (?:me |m ?|nous )${writing}`,
    `(?:m|me|nous) ?${writing}(?: moi)? (?:plus|pas|jamais)`,
    '(?:plus|pas) (?:recevoir|etre (?:re)?(?:contact|sol+icit|derang|relanc)\\w*)',
    '(?:retire[rz]?|sup+rime[rz]?|enleve[rz]?|ef+ace[rz]?) (?:moi|mon numero|mes don+ees|mes coordon+ees)',
    'lais+e[rz]? moi (?:tranquil+e|en paix)|la paix',
    '(?:do not|don ?t|never) (?:text|mes+age|contact|msg|write|email|mail|send|bother)',
    '(?:remove|delete) (?:me|my)|leave me alone|wrong number|no more (?:texts?|mes+ages?|sms)',
    '(?:m|me|nous) ?(?:rap+el|ap+el|telephon)\\w* (?:plus(?! tard)|jamais)|(?:do not|don ?t|never) cal+ (?:me|us)',
    '(?:oublie[rz]?|forget) (?:mon|my) (?:numero|num|number)|lache[rz]? moi',
    '(?:mauvais|faux|pas le bon) (?:numero|num)|erreur de (?:numero|num)',
  ].join('|')})(?= |$)`,
)

function sentences(patterns: readonly string[]): RegExp[] {
  return patterns.map((pattern) => new RegExp(`^(?:${pattern})(?= |$)`))
}
