/** One answer a line, as people type them on a phone; `⏎` is a line break. */
function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().replaceAll('⏎', '\n'))
    .filter((line) => line !== '')
}

export const confirming = lines(`
  Oui je serai la
  oui jy serai
  Oui j'y serai sans faute
  Oui c'est bon pour moi merci
  c bon
  c bon pour moi
  cest bon pr moi
  ok pr moi
  oui pr moi
  Ok ça roule
  sa marche
  sa me va
  ça me va très bien
  Ça marche pour moi
  dac
  dacc
  dakor
  dak
  d acc
  ok dac
  jconfirme
  j confirme
  Je confirm
  je comfirme
  je confime
  je confrime ma presence
  Je vous confirme ma venue
  Je confirme bien le rendez-vous
  je confirme bien ma presence
  Oui je confirme ma présence, bonne journée
  Oui. Cordialement, Anne Durand
  Oui je confirme. Cordialement
  OUI MERCI
  Oui merci à vous aussi
  ok merci beaucoup à demain
  Oui absolument
  oui oui c'est bon
  oui c'est noté
  C'est noté, je serai là
  oui bien reçu merci
  Oui toujours d'accord
  Ok parfait
  ok super merci
  super
  Top merci
  Parfait merci, bonne journée à vous
  impeccable
  impec
  nikel
  nickel chrome
  yes of course
  Yes I'll be there, thanks
  Yes, I will come
  Yes I can
  yes confirmed thanks
  Yup 👍
  sure thing
  Sure, see you then
  I confirm my appointment
  confirm thanks
  ok thanks
  okay will be there
  will be there
  I will attend
  I'm coming
  yes i am coming
  👍🏻
  👍 merci
  👌🏼 merci
  ✅ merci
  OK 👍🏼🙏🏼
  oui 🙂👍
  ouiiiii
  OUIIII !!!
  ouuuii
  wi
  oé
  ouaip
  Oui oui oui
  Oui !!!!
  “Oui”
  « Oui »
  (oui)
  oui...
  Oui, svp
  Bonjour docteur oui
  Bonjour Madame, oui je viens
  Bonjour Mme Martin, oui je serai présent
  Bjr oui
  Bsr ok
  slt oui
  Salut, ok pour moi
  Bonjour, je vous confirme mon rendez-vous. Merci. Bonne journée
  Bonjour, c'est OK pour moi. Bonne journée
  oui⏎Envoyé de mon iPhone
  Oui⏎⏎> Votre consultation est après-demain. Venez-vous ?
  Oui⏎Le lun. 30 nov. 2026 à 10:04, Cabinet Martin <c@x.fr> a écrit :⏎> Venez-vous ? Sinon répondez NON
  ok⏎-----Message d'origine-----⏎De : Cabinet⏎Répondez NON pour annuler
  Yes⏎Sent from my iPhone
  Je suis d'accord
  pas de pb
  aucun pb
  no pb
  no worries
  np
  pas d souci
  pas de souci pour moi
  oui pas de soucis
  bien sur
`)

export const cancelling = lines(`
  Non⏎Envoyé depuis Outlook pour Android
  Non
  nan
  Nan désolé
  non je peux pas
  non jpeux pas
  jpeux pas
  je pe pas
  je peu pas venir
  je ne peu pas venir
  Je peux pas dsl
  dsl je peux pas
  désolé je ne pourrai pas venir
  je pourrais pas etre la
  je ne pourrai pas être là
  Je ne pourrai pas être présente
  je ne pourrai pas me rendre au rdv
  je ne pourrai pas venir au rdv
  je ne pourrai pas venir au rendez-vous
  je ne peux pas venir au rendez-vous
  je ne peux plus venir au rdv
  je viens pas
  jviens pas
  je ne viendrai pas au rdv
  Je ne viens plus merci
  annulé
  annuler svp
  a annuler
  anuler
  anulé
  annuller
  jannule
  j'anule
  je vx annuler
  je voudrais annuler mon rdv svp
  Je souhaite annuler mon rendez-vous
  je veux annuler le rdv
  Merci d'annuler mon rdv
  Bonjour, merci d'annuler le rendez-vous. Cordialement
  merci de bien vouloir annuler mon rdv
  Veuillez annuler
  veuillez annuler mon rendez-vous
  Annulez mon rdv svp
  Je dois annuler désolée
  je suis obligé d'annuler
  obligée d'annuler désolée
  je préfère annuler
  I have to cancel, sorry
  Need to cancel
  please cancel my appointment
  cancel pls
  I need to cancel my appointment
  i cant make it sorry
  can't come sorry
  cant make it
  unable to attend
  I am unable to come
  No I can't
  no thanks
  No thank you
  won't be there
  wont make it
  impossible pour moi
  Impossible désolé
  non merci bonne journée
  J'annule ma présence
  Pas possible
  pas possible désolé
  I am not coming
`)

export const unclear = lines(`
  non non pas de souci c'est bon
  non pas de problème
  non c'est bon
  Je ne suis pas disponible
  je suis pas dispo
  pas dispo
  indisponible
  je ne serai pas disponible
  Je serai pas dispo
  pas dispo désolé
  pouvez-vous annuler ?
  Pouvez vous annuler mon rdv svp
  peut on annuler
  can you cancel my appointment
  I'm not available
  not available
  ce sera non
  oui ?
  ok ?
  oui mais plutôt 15h
  Oui mais pas à 14h
  oui mais en visio
  oui si possible plus tard
  Oui à condition que ce soit le matin
  ok pour 15h
  ok pour mardi
  oui mardi
  oui 14h
  oui à 14h
  demain 14h ok
  ok mais j'aurai 10 min de retard
  oui, j'aurai un peu de retard
  oui avec 15 min de retard
  oui et non
  ni oui ni non
  Je ne peux pas annuler
  je peux pas annuler
  I can't cancel
  impossible d'annuler
  je ne veux pas annuler
  Je n'ai pas annulé
  n'annulez pas
  surtout ne pas annuler
  ne pas annuler svp
  Non ne pas annuler
  pas annuler
  ne l'annulez pas
  je n'annule pas je viens
  pas oui
  pas de oui
  je ne dis pas non
  mais oui
  mais non
  bien sûr que non
  bien sûr que oui
  absolument pas
  not sure
  je crois que oui
  je pense que oui
  normalement oui
  en principe oui
  oui normalement
  oui en principe
  oui sauf imprévu
  oui peut être
  peut-être
  j'ai déjà annulé
  J'ai déjà confirmé
  deja confirmé
  je confirme mon absence
  je confirme l'annulation
  confirmation de l'annulation
  Oui annulez
  oui j'annule
  ok annuler
  oui je ne viens pas
  Oui je ne pourrai pas venir
  non je viens
  non je serai là
  non je confirme
  no I will be there
  oui non
  Oui. Non.
  Oui 👎
  non 👍
  👍👎
  oui 🤒
  je suis malade
  Je suis malade je ne peux pas venir
  Changer
  reporter svp
  on peut reporter ?
  Pouvez-vous décaler à jeudi
  est-il possible de décaler ?
  je voudrais changer de date
  une autre date
  Oui le 12/12
  ok le 12
  c'est pas possible demain
  c'est pas possible à 14h mais 16h oui
  je ne peux pas à 14h
  je ne peux pas demain
  je ne peux pas ce jour la
  Je ne peux pas me libérer
  je ne peux pas répondre
  je ne peux pas parler
  oui c'est annulé
  c'est annulé ?
  est-ce annulé
  Le rdv est annulé ?
  le rdv est confirmé ?
  merci de confirmer
  merci de me confirmer
  Pouvez-vous me confirmer le rdv ?
  Je confirme ?
  je viens ?
  je viens avec mon mari
  oui je viens avec mon fils
  oui nous serons deux
  oui, quel code ?
  oui. où se garer ?
  je suis absent du bureau
  Je suis actuellement absent. Réponse automatique
  Réponse automatique : je suis absent
  absent jusqu'au 12
  oui jusqu'à 15h
  bonjour oui mais non
  Oui je refuse
  j'accepte pas
  je ne valide pas
  ça marche pas
  ca ne marche pas
  pas d'accord
  je ne suis pas d'accord
  pas ok
  not ok
  it's not ok
  I do not confirm
  i don't confirm
  no show
  not confirmed
  je viens d'annuler
  je viens de confirmer
  je viens de voir
  je viens d'arriver
  je viens pas annuler
  je viens plus tard
  je viens en retard
  je serai là à 15h
  je serai là en retard
  je serai présent à distance
  on sera là mais sans papa
  présent ?
  absent ?
  Ok je note
  c'est noté mais je ne peux pas
  noté mais non
  d'accord mais je dois annuler
  d'accord, annulez
  ok j'annule
  ok no
  ok non
  no ok
  no yes
  yes no
  yes but no
  yes unless it rains
  yes if possible
  no not cancelled
  not cancelled
  don't cancel
  do not cancel
  please don't cancel
  I did not cancel
  didn't cancel
  never cancel
  no need to cancel
  no problem cancel it
  i can't wait, see you
`)

export const unknown = lines(`
  Bien noté, à demain
  On my way
  ouai
  vi
  Sent from my iPhone
  nn
  dsl
  C
  1
  2
  A
  B
  o
  n
  y
  O
  N
  ?
  ??
  !
  ...
  .
  pourquoi pas
  why not
  si
  si si
  certainement pas
  pas du tout
  pas forcément
  pas encore
  pas sûr
  Je ne suis pas sûr
  I think so
  on verra
  je vous redis
  je vous dis demain
  je vous rappelle
  rappelez moi
  Appelez-moi svp
  call me
  Quel jour ?
  c'est quand
  C'est à quelle heure ?
  où ?
  Quelle adresse
  qui êtes vous ?
  c qui
  Je suis déjà venu
  c'est déjà fait
  j'ai déjà répondu
  😂
  😢
  😡
  🤒
  🤷
  🙅
  🙅‍♂️
  🙆
  👏
  💪
  ✌️
  🤞
  j'ai le covid
  j'ai la grippe désolé
  mon fils est malade
  je suis à l'hôpital
  plus tard
  plus tôt
  demain
  mardi
  15h
  le 12/12
  pas demain
  Pas ce jour là
  Confirmez
  confirmez svp
  Confirmez-vous ?
  vous confirmez ?
  je suis en congés
  Message automatique
  out of office
  je n'accepte pas
  ça ne va pas
  c pas bon
  pas bon
  that doesn't work
  doesn't work for me
  never
  jamais
  aucun
  aucune idée
  rien
  je note
  can't wait
  can't wait to see you
`)

export const courteous = lines(`
  noté merci
  Bonjour
  🙏
  ❤️
  😊
  👋
  merci
  Merci beaucoup
  Bonjour Madame
`)

export const refusing = lines(`
  ok stop
  stop oui
  oui stop
  stop, je suis malade demain, on peut décaler ?
  arrêtez-vous à la gare
  STOP PLEASE CALL
  Vous ne m'envoyez plus de sms ?
  wrong number
`)
