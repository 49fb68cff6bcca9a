import { notMail, noun, ofMail } from './refusal-words.ts'

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
    '(?:je? ?(?:veux?|veut|voudrais?|souhait\\w*|desire|prefere|dois|vais)|j ?aimerais) (?:tout )?(?:d )?ar+ete[rz]?$|j ?ar+ete$',
    'i ?(?:want|would like|d like|need|wish) to (?:stop|quit)$',
    '(?:retire|sup+rime|enleve|ef+ace|raye|sorte|vire)[rz]? (?:moi|nous)|(?:me|m|nous) (?:retirer|sup+rimer|enlever|ef+acer|rayer|sortir)',
    '(?:remove|delete|erase|drop) (?:me|us)|take (?:me|us) of+',
    '(?:removed|deleted|taken of+)',
    'i (?:just |real+y )?(?:want|wan+a|would like|d like) out$',
    'd[ei]s{1,2}[iy]n?s+cri\\w*|resilie[rz]?|resiliation|inscription',
    '(?:retire|revoque|withdraw|revoke)[rs]? .*',
  ].join('|')})(?= |$)`,
)

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
    leaving: said.some((words) => leaves.test(words)) && !said.some((words) => namesWhat.test(words)),
    stranger: false,
  }
}
