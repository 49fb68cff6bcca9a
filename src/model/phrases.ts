/**
 * What a phrase says. Beside an answer `polite` changes nothing (that a message was read is not an answer to it), `glad` fits
 * only a person who comes, `sorry` only one who does not, `about` names the appointment. `doubt` touches the appointment, and
 * only somebody of the team can answer it.
 */
export type Meaning = 'yes' | 'no' | 'callOff' | 'absence' | 'polite' | 'glad' | 'sorry' | 'about' | 'doubt'

/** What people write, by what it says. Case, accents, apostrophes, hyphens and spaces within a phrase do not count. */
export const phrases: Readonly<Record<Meaning, readonly string[]>> = {
  yes: listed(`
    oui, ouais, ouep, ui, yes, yep, yeah, yup, ok, okay, oki, okey, k, c'est ok, dac, d'accord, d'acord,
    c'est d'accord, je suis d'accord, agreed, i agree, sure, of course, sounds good, perfect, great, fine, all good,
    no problem, that works, works for me, will do, confirm, confirmed, i confirm, we confirm, je confirme,
    nous confirmons, on confirme, je vous confirme, je te confirme, nous vous confirmons, confirme, confirmer,
    confirmée, confirmation, c'est confirmé, rdv confirmé, rendez-vous confirmé, valider, je valide, c'est validé,
    accepter, j'accepte, accept, accepted, i accept, c'est bon, ça marche, ça me va, ça me convient, pas de problème,
    pas de souci, pas de soucis, pas de souci s'il vous plaît, pas de souci s'il te plaît, aucun problème,
    aucun souci, sans problème, sans souci, entendu, bien entendu, merci bien entendu, parfait, c'est parfait,
    très bien, volontiers, bien sûr, merci bien sûr, avec plaisir, absolument, tout à fait, exact, exactement, super,
    nickel, top, je serai là, j'y serai, je viens, je viendrai, je serai présent, je serai présente, je suis présent,
    je suis présente, nous serons là, on sera là, nous y serons, on y sera, présent, présente, i'll be there,
    i will be there, we'll be there, see you there, i can come, i can make it, i'm coming, i am coming, i will come,
    i'll come, i will attend, i'll attend, will be there, yes i can, sure thing, no worries, np, no pb, oui oui,
    ouaip, oe, wi, okok, oki doki, dak, dakor, dakord, c bon, sa marche, sa me va, ça roule, impeccable, impec, nikel,
    niquel, nickel chrome, évidemment, bien évidemment, carrément, affirmatif, validé, c'est toujours bon,
    c toujours bon, toujours d'accord, toujours ok, je confirme bien ma présence, je confirme bien le rdv,
    je confirme bien mon rdv, je confirme bien le rendez-vous, je confirme bien mon rendez-vous, sans faute,
    comme prévu, comme convenu, pas de pb, aucun pb, pas d souci, jconfirme, je confirm, je serais là, jserai là,
    je serai bien là, je serais présent, je serais présente, je serai bien présent, je serai bien présente, 👍, 👌, ✅,
    ✔, ✓, ☑, 🆗, 💯`),
  no: listed('non, non non, nan, no, nope, nop, nah, 👎, ❌, ✖, ✗, ✘, 🚫'),
  callOff: listed(`
    annuler, annule, annulez, annulée, annulation, j'annule, nous annulons, on annule, c'est annulé, je dois annuler,
    je souhaite annuler, je voudrais annuler, je veux annuler, j'aimerais annuler, merci d'annuler, cancel, cancelled,
    canceled, i cancel, i want to cancel, i need to cancel, i have to cancel, i'd like to cancel,
    i would like to cancel, need to cancel, have to cancel, veuillez annuler, merci de bien vouloir annuler,
    je suis obligé d'annuler, je suis obligée d'annuler, obligé d'annuler, obligée d'annuler, je préfère annuler,
    je voudrai annuler, je veut annuler, je vx annuler, à annuler, anule, annulle, j'anule, j'annulle`),
  absence: listed(`
    je ne peux pas, je peux pas, je ne peux pas venir, je peux pas venir, je ne peux plus, je peux plus,
    je ne peux plus venir, je peux plus venir, je ne pourrai pas, je pourrai pas, je ne pourrai pas venir,
    je pourrai pas venir, je ne pourrais pas, je pourrais pas, je ne pourrais pas venir, je pourrais pas venir,
    je ne pourrai plus, je ne pourrai plus venir, on ne peut pas venir, on peut pas venir, nous ne pouvons pas venir,
    je ne viens pas, je viens pas, je ne viens plus, je viens plus, je ne viendrai pas, je viendrai pas,
    je ne viendrai plus, on ne vient pas, on vient pas, nous ne venons pas, nous ne viendrons pas, je ne serai pas là,
    je serai pas là, je n'y serai pas, j'y serai pas, on ne sera pas là, on sera pas là, nous ne serons pas là,
    je ne serai pas présent, je ne serai pas présente, absent, absente, je serai absent, je serai absente,
    je suis absent, je suis absente, impossible, c'est impossible, pas possible, ce n'est pas possible,
    c'est pas possible, refuser, je refuse, décliner, je décline, decline, i decline, i can't, i cannot, i can't come,
    i cannot come, can't come, cannot come, i can't make it, i cannot make it, can't make it, cannot make it,
    can't attend, cannot attend, i can't attend, i cannot attend, i'm unable to attend, i am unable to attend,
    i'm unable to come, i am unable to come, i won't come, i won't be there, i won't make it, i won't be able to come,
    i won't be able to make it, won't be there, won't make it, won't come, unable to attend, unable to come,
    unable to make it, i'm not able to come, i will not make it, jpeux pas, jpeux pas venir, je peu pas,
    je ne peu pas, je peu pas venir, je ne peu pas venir, je pe pas, je pe pas venir, jviens pas, jvien pas,
    je vien pas, jpourrai pas, jpourrai pas venir, je ne pourrai pas être là, je pourrai pas être là,
    je ne pourrai pas être présent, je ne pourrai pas être présente, je ne pourrai pas me rendre,
    je pourrai pas être présent, je pourrai pas être présente, je ne pourrais pas être là, je pourrais pas être là,
    je ne peux pas être là, je peux pas être là, i will not come, i will not be there, not coming, i'm not coming,
    i am not coming`),
  polite: listed(`
    bien reçu, c'est noté, bien noté, noté, got it, merci bien noté, merci bien reçu, bonjour, bjr, bonsoir, salut,
    coucou, hello, hi, hey, good morning, good afternoon, good evening, dear, merci, merci beaucoup, merci bien,
    merci infiniment, merci d'avance, merci pour le rappel, merci du rappel, merci pour votre message,
    merci pour ce rappel, thanks for the reminder, merci à vous, merci à vous aussi, mille mercis, je vous remercie,
    thanks, thanks a lot, many thanks, thank you, thank u, ty, thank you very much, thx, bsr, slt, ah, oh, ben, bah, eh bien,
    à vous, à vous aussi, vous aussi, de même, svp, stp, s'il vous plaît, s'il te plaît, please, pls, plz, monsieur,
    madame, docteur, mme, mr, dr, sir, madam, mlle, mademoiselle, pour moi, pr moi, de ma part, for me, bonne journée,
    belle journée, bonne soirée, bonne aprem, bonne après-midi, très bonne journée, excellente journée,
    bonne continuation, bonne fin de journée, bonne fin de semaine, bon week-end, bien à vous, cordialement,
    bien cordialement, cdt, regards, best regards, kind regards, have a nice day, have a good day, bye, à bientôt,
    au revoir, 🙏, 🙂, 😊, 😀, 😃, 😄, 😁, ☺, ❤, 🌹, 💐, 👋, 🤝, 😉, 😇, 🤗, 😘, ☀, 🌞`),
  glad: listed(
    "à demain, pour demain, à tout à l'heure, see you, see you soon, see you then, see you tomorrow, for tomorrow",
  ),
  sorry: listed(`
    désolé, désolée, je suis désolé, je suis désolée, navré, navrée, malheureusement, sorry, i'm sorry, dsl, navrés,
    désolés, excusez-moi, je m'excuse, toutes mes excuses, my apologies, apologies`),
  about: listed(`
    le rdv, mon rdv, notre rdv, ce rdv, pour le rdv, le rendez-vous, mon rendez-vous, notre rendez-vous,
    ce rendez-vous, pour le rendez-vous, ma présence, ma venue, my appointment, the appointment, our appointment,
    appointment, au rdv, à mon rdv, à ce rdv, au rendez-vous, à mon rendez-vous, à ce rendez-vous`),
  doubt: listed(`
    peut-être, je ne sais pas, je sais pas, maybe, j'ai un empêchement, j'ai un imprévu, je suis malade,
    je suis en retard, je serai en retard, i'll be late, i'm running late, running late, ça ne me va pas,
    ça ne me convient pas, ça ne marche pas, c'est pas bon, ce n'est pas bon, reporter, décaler, déplacer, changer,
    un autre jour, une autre date, reschedule, postpone, another day, je ne suis pas disponible,
    je suis pas disponible, je ne suis pas dispo, je suis pas dispo, pas dispo, pas disponible, indisponible,
    je ne serai pas disponible, je serai pas dispo, not available, i'm not available`),
}

/** Not to be written to any more, on every channel; courtesies beside it change nothing. */
export const withdrawing = listed(`
    stop, stop all, unsubscribe, end, quit, revoke, opt out, remove me, arrêt, arrête, arrêter, arrêtez, stop sms,
    stop whatsapp, stop pub, arrêtez de m'écrire, arrête de m'écrire, ne m'écrivez plus, ne m'écris plus,
    stop texting me, stop messaging me, unsubscribe me, désabonner, désabonnement, me désabonner, désabonnez-moi,
    se désabonner, désinscrire, désinscription, me désinscrire, désinscrivez-moi, se désinscrire, résilier`)

/** An answer by WhatsApp, and by SMS an opt-out at Twilio too. */
export const withdrawingBySms = listed('cancel')

/** To be written to again. */
export const givingConsent = listed(`
    start, unstop, subscribe, opt in, reprendre, reprise, abonner, m'abonner, réabonner, me réabonner, réabonnez-moi,
    réinscrire, me réinscrire`)

function listed(text: string): string[] {
  return text.split(',').map((phrase) => phrase.trim())
}
