/**
 * The words in which people ask not to be written to any more, in French and English, for sentences over the words of
 * `wordsOf`: lower case, no accents, no punctuation, doubles at a word's end written once ("al" for "all"). What is optional
 * between words may be missing, since phones and haste leave out spaces, apostrophes and the "ne" of a negation.
 */

export const stop =
  '(?:s+t+o+p+|stpo|sotp|tsop|stoo?po?|stops|stop+e[sz]?|ar+et|ar+et+[ea](?:[rsz]|nt)?|arrt[ea][rz]?|ces+e[rz]?|halte)'
export const stopDoing =
  '(?:s+t+o+p+|quit|cease|discontinue|refrain from|avoid|no more|enough(?: of)?)(?: with)?(?: (?:al+|of|the|your|any|these|those|this|further))*'
export const unsubscribe =
  '(?:d[ei]?[sz]{1,2}[ae]?b+on+\\w*|d[ei]s{1,2}[iy]n?s+cri\\w*|desabo|un ?su?[bs]*c?s?cri\\w*|unsub|opt(?:ing)? ?(?:me )?(?:out|of+)|resilie[rz]?|resiliation)'

/** What is sent, by the words that are it and nothing else. */
export const mail = '(?:e ?)?mails?|courriels?'
const shortMessage = 'sms|textos?|txts?|mes+ages?|msgs?'
const advertising = 'pubs?|publicites?|spams?|of+res?|promos?|promotions?|newslet+ers?'
const reminding = 'rap+els?|notifications?|notifs?|relances?|alertes?'
export const sentInFrench = `(?:${shortMessage}|${mail}|${advertising}|${reminding}|sol+icitations?|demarchages?|prospections?)`
/** Of these nobody refuses one alone, as one does an offer or a reminder. */
export const unasked = `(?:${shortMessage}|${mail}|pubs?|publicites?|spams?|newslet+ers?|notifications?|relances?|sol+icitations?|demarchages?|prospections?)`
export const sentInEnglish = `(?:${shortMessage}|${mail}|texts?|reminders?|notifications?|spams?|ads?|updates?|alerts?|communications?|newslet+ers?)`
export const noun = `(?:${sentInFrench}|${sentInEnglish}|textes?|mes+|mailings?|what?s ?ap+|wha?ts?apps?|infos?|informations?|notices?|correspondences?|envoi[es]*|harcelements?|contacts?|rien|tout|everything|anything)`
/** Whoever names one of these does not mean mail alone. */
export const notMail = new RegExp(
  `(?:^| )(?:${shortMessage}|texts?|text(?:ing|er|ez)?|what?s ?ap+|wha?ts?apps?|rien|tout|everything|anything|newslet+ers?|mailings?|contact\\w*)(?= |$)`,
)
export const ofMail = new RegExp(`(?:^| )(?:${mail}|e ?mailing|(?:e ?)?mail(?:er|ez))(?= |$)`)

const around =
  '(?:d|de|du|des|les|la|le|l|vos|votre|ces|cet|cet+e|ce|(?:ca|cela)(?! suf)|aucuns?|aucune|tous|toutes?|plus|un|une|a|au|aux|avec|me|m|moi|nous|us|your|ur|the|this|that|these|those|any|al+|more|further|future|additional|other|autres?|such|this|my|of+|it|et|ou|ni|and|or|nor|par|by|text|marketing|promotional|automatiques?|automated|publicitaires?|commercia(?:l|le|ux|les)|com+ercia(?:l|le|ux|les)|indesirables?|unsolicited|unwanted|maintenant|now|desormais|dorenavant|definitivement|im+ediat(?:ement|e)?|im+ediately|jamais|never|again|anymore|ever|please|right away|asap)'
const where =
  '(?:de votre part|de chez vous|sur (?:ce|mon|cet+e|le) (?:numero|num|tel|telephone|portable|mobile|ligne|adres+e)|a ce numero|(?:to|on|at|from) (?:this|my) (?:number|phone|adress|adres|address)|from (?:you|your list|the list|your company|your (?:company|side|end))|any ?more|a l ?avenir|(?:in|for) the future|from now on|tout de suite|once and for al+|une (?:bon+e )?fois pour toutes)'
export const tail = `(?: (?:${where}|${noun}|${around}))*`

/** The number that French advertising names ("STOP au 36111"), or one's own. No date is so short or so long. */
const shortCode =
  '[38]\\d{4}|\\d{5,6}|[38]\\d(?: \\d{3}| \\d \\d{2}| \\d{2} \\d)|[38](?: \\d){4}|[38] \\d{2} \\d{2}'
const telephone = '\\d(?: ?\\d){8,14}'
const beforeNumber =
  '(?:au|a|le|la|l|les|du|de|ce|cet+e|mon|ma|sur|pour|to|at|for|from|on|the|this|my|n|num|numero|number|phone|tel|telephone|portable|mobile|ligne|line|sms|suivant)'
export const number = `(?:(?: ${beforeNumber})* ?(?:${telephone}|${shortCode})(?= |$))`

export const writing =
  '(?:ecri(?:re|ve[rz]|vez|vai|ver|s|t)?|envoy\\w*|envoi(?:e|es|s|ez)?|contact\\w*|recontact\\w*|sol+icit\\w*|relanc\\w*|harcel\\w*|derang\\w*|embet\\w*|im+portun\\w*|spam+\\w*|s[ao]o?ul\\w*|em+erd\\w*|text(?:er|ez)|mail(?:er|ez)|adres+e[rz]?|bombard\\w*|pol+u\\w*|notifi\\w*|demarche[rz]?|prospecte[rz]?)'
export const writingTo = `(?:m|me|nous)? ?${writing}`
export const reached =
  '(?:etre|etr) (?:re)?(?:contact|sol+icit|derang|relanc|harcel|demarch|prospect|notifi|inscri)\\w*'
export const writingInEnglish =
  '(?:text|txt|mes+age|contact|msg|write|email|mail|send|bother|disturb|bug|annoy|pester|hassle|haras+|spam+|sms|what?sap+)'
export const writingNow =
  '(?:(?:texting|sending|mes+aging|msging|e ?mailing|mailing|contacting|writing|bothering|spam+ing|haras+ing|pestering|bug+ing|annoying|nag+ing|hounding|hassling|badgering|reminding|notifying|receiving|getting|recieving)(?: (?:and|or|et))?)(?: (?:texting|mes+aging|e ?mailing|contacting))?'

export const i = '(?:je ?|j ?|on |nous )?(?:ne ?|n ?)?'
export const not = '(?:plus?|pas|jamais|rien)'
export const want =
  '(?:veux?|veut|vx|ve|voulons|souhaites?|souhaitons|desires?|voudrais|souhaiterais|voulais|tiens|prefere|prefererais|aimerais)'
export const receive = '(?:recevoi\\w*|receveoir|avoir|lire)'

const asking =
  'merci|veuil+ez|priere|svp|s il vous plait|je vous prie|je vous en prie|je vous (?:redemande|demande|ordonne|som+e|conjure|sup+lie|en sup+lie|remercie|remercierais)|je vous saurais gre|je vous serais (?:tres |infiniment )?recon+ais+ant[es]?|je souhaite|je souhaiterais|je voudrais|je voudrai|je veux|je veut|jveux?|j aimerais|jaimerais|je desire|je tiens|vous pouvez|pouvez vous|pourriez vous|peux tu|tu peux|il faut|faut|can you|could you|would you|please|pls|plz|kindly|i (?:hereby |kindly |now |just )*(?:want|need|would like|d like|wish|ask|request|demand|insist|beg|am asking|am requesting)(?: you)?(?: that)?(?: (?:you|i))?(?: to)?|id like(?: you)? to'
export const politely = `(?:(?:${asking}) ?)*(?:de |d |a )?(?:bien vouloir |vouloir )?`

export const listed =
  '(?:(?: (?:de|du|des|sur|dans|of+|from|out|on))?(?: (?:vos|votre|la|cet+e|le|les|toutes?|the|your|ur|this|al+|any|mailing|marketing))* (?:liste d(?:e dif+usion| ?envois?| ?mailing|e mails?| ?e ?mails?)|(?:mailing|distribution|sms|text|contact|e ?mail) list+e?s?|list+e?s?|fichiers?|bases? de don+e{1,2}s|bases?|repertoires?|mailings?|envois|database|system|records?|files?|contacts?))'
