import { notMail, noun, ofMail, stop, unsubscribe } from './refusal-words.ts'

/** What it is that a person does not want. */
export interface Subject {
  /** What comes by this channel. */
  here: boolean
  /** What comes by mail. */
  mail: boolean
  /** No word says what: after a reminder the appointment may be meant ("je veux arrêter", "retirez-moi"). */
  leaving: boolean
  /** It is not the number of whom we mean. */
  stranger: boolean
}

const namesWhat = new RegExp(
  `(?:^| )(?:${noun}|\\d+|list\\w*|fichiers?|bases?|database|system|numero|num|number|telephone|phone)(?= |$)`,
)
const leaves = new RegExp(
  `(?:^| )(?:${[
    '(?:je? ?(?:veux?|veut|voudrais?|souhait\\w*|desire|prefere|dois|vais)|j ?aimerais) (?:tout )?(?:d )?ar+ete[rz]?(?: (?:ca|cela))?$|j ?ar+ete$',
    'i ?(?:want|would like|d like|need|wish) to (?:stop|quit)(?: (?:it|this|that))?(?: now)?$',
    '(?:retire|sup+rime|enleve|ef+ace|raye|sorte|vire)[rz]? (?:moi|nous)|(?:me|m|nous) (?:retirer|sup+rimer|enlever|ef+acer|rayer|sortir)',
    '(?:remove|delete|erase|drop) (?:me|us)|take (?:me|us) of+',
    '(?:retire|sup+rime|enleve|ef+ace|raye)[rz]? (?:mon|notre) nom|(?:remove|delete|erase|drop|take) (?:my|our) name',
    '(?:removed|deleted|taken of+)',
    'i (?:just |real+y )?(?:want|wan+a|would like|d like) out(?: (?:now|already|im+ediately))*$',
    // After an order or a treatment, that.
    'make (?:it|this|that|them|these|those) (?:al+ )?stop|knock it of+',
    '(?:enough|no more)(?: (?:of|with))? (?:al+ )?(?:this|these)$',
    '(?:you|u) (?:do not|don ?t|no longer) have (?:my |any )?(?:consent|permission|authori[sz]ation)$',
    'i .*(?:get|rec(?:ei|ie)ve) this$',
    'faites que (?:ca|cela) (?:s ar+ete|ces+e)',
    'd[ei]s{1,2}[iy]n?s+cri\\w*|resilie[rz]?|resiliation|inscription|etre inscrit\\w*',
    '(?:retire|revoque|withdraw|revoke)[rs]? .*',
  ].join('|')})(?= |$)`,
)
/** Somebody may wait on it: "Get me off the list". None is left by unsubscribing. */
const theList = /(?<=^| )(?:the|la|of+|from|out|de) list+e?(?= |$)(?! d(?:e|) )/
const unsubscribes = new RegExp(`(?:^| )(?:${unsubscribe})(?= |$)`)
/** Those of one appointment, perhaps: "J'en ai assez de rappels". Whose they are is said of all. */
const ofReminders =
  /(?<=(?:^| )(?:as+ez|mar+e|bol|basta|dos|suf+it)(?: (?:avec|de|d|des|recevoir))*) rap+els?(?= |$)/
const ofAThing = new RegExp(
  `(?:^| )(?:${[
    '(?:do not|don ?t) (?:bother|(?:send|(?:e ?)?mail(?= (?:it|that|this)(?: |$)))(?: (?:me|us|it|this|that|any|al+))*)(?: please)?',
    'i .*(?:have(?: (?:it|this|that))?|(?<!stop )(?:get|rec(?:ei|ie)ve|getting|receiving) (?:it|that))(?: please)?',
    '(?:m|me|nous) ?envoy(?:e[rz]?|ez) pas(?: (?:ca|cela))?',
    '(?:pas|refuse de) (?:(?:m|me|nous|le|la) )?(?:envoyer|recevoir)(?: (?:ca|cela))?',
    '(?:plus|pas) (?:l )?avoir(?: (?:ca|cela))?',
    `(?:${stop}|refuse|(?:ac+epte|autorise) (?:pas|plus)) (?:l |la )(?:envoi|reception)`,
    // One offer, one reminder; a doctor's "rappel" is a second dose.
    `(?:pas|${stop}) (?:(?:de|d|du|l|le|la|votre|cet+e) )+(?:of+re|promo|promotion|rap+el|alerte)(?: (?:svp|stp|merci|please|s il vous plait))?`,
  ].join('|')})$`,
)

/** Of an order or a treatment, for no word says of what: "Don't send it", "I don't want to have this". */
export function isOfAThing(sentence: string): boolean {
  return ofAThing.test(sentence)
}

/** "No more texts, email me": names both, and does not join them. */
export function isOneForTheOther(sentence: string): boolean {
  const isShort = sentence.split(' ').length <= mostWordsOfAList
  return !isShort && ofMail.test(sentence) && notMail.test(sentence) && !joined.test(sentence)
}
/** "STOP SMS email". */
const mostWordsOfAList = 4
const joined = / (?:et|ou|ni|and|or|nor) /

/** What the sentences of a refusal are about. */
export function aboutOf(said: readonly string[]): Subject {
  const ofMailAlone = (words: string) => ofMail.test(words) && !notMail.test(words)
  return {
    here: !said.every(ofMailAlone),
    mail: said.some((words) => ofMail.test(words)),
    leaving: said.some(mayLeave) && !said.some((words) => namesWhat.test(withoutOneThing(words))),
    stranger: false,
  }
}

function mayLeave(words: string): boolean {
  return leaves.test(words) || withoutOneThing(words) !== words
}

/** A sentence without the name of what may be one thing of many. */
function withoutOneThing(words: string): string {
  const bare = words.replace(ofReminders, '')
  return unsubscribes.test(words) ? bare : bare.replace(theList, '')
}
