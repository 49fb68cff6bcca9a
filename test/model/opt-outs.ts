/** How people ask not to be written to any more, one a line or between bars; `⏎` is a line break. */
export function lines(text: string): string[] {
  return text
    .split(/\n| \| /)
    .map((line) => line.trim().replaceAll('⏎', '\n'))
    .filter((line) => line !== '')
}

export const optOuts = lines(`
  STOP 🛑
  🛑
  STOP!!!😡
  stop stop stop
  stop stop
  STOP 36180
  STOP AU 36111
  STOP au 36 111
  STOP au 36111 merci
  ARRET SMS
  Please stop sending text reminders
  Ne m’envoyez plus de messages
  Merci de ne plus me contacter
  Stop, je ne suis plus intéressé
  Arrêtez de me harceler
  stop à tout
  STOP
  Stop. Thank you
  Désabonnement SVP merci
  Opt out please
  unsubscribe pls
  Please remove me
  je veux me désabonner
  ne m'envoyez plus de messages
  STOP⏎Envoyé de mon iPhone
  Cdt, Stop
  Cordialement. Arrêt
  Regards, Unsubscribe
  Stop j'en ai marre, vous aussi
  STOP assez vous aussi
  STOP⏎--⏎Jean Dupont⏎06 12 34 56 78
  Stop.⏎Jean Dupont
  STOP⏎⏎Cordialement,⏎Mme Anne Durand
  Bonjour, merci de ne plus m'envoyer de SMS. Cordialement, M. Durand
  jveux plus recevoir vos sms
  je veut plus de sms
  je ne souhaite plus recevoir vos messages svp
  Je ne souhaite plus être contactée
  desabonnez moi
  désabonne moi stp
  dezabonner
  desabonement
  me desinscrire
  desinscription sms
  Arrêtez vos SMS !!!
  arretez de menvoyer des sms
  arrete de m'ecrire stp
  arrêtez avec vos pubs
  STOP PUB
  stop sms svp
  STOP SVP !!
  Stopp
  STOOOOP
  stooop 😡😡
  stpo
  sotp
  arretez
  arettez
  «STOP»
  *stop*
  stop > Rappel
  STOP⏎> Rappel : votre rendez-vous est demain
  Stop⏎Le lun. 30 nov. 2026 à 10:04, Cabinet <c@x.fr> a écrit :⏎Bonjour, oui
  ne me contactez plus
  ne m'écrivez plus jamais
  Ne m'envoyez plus rien
  me contactez plus svp
  plus de sms svp
  Plus de messages merci
  Veuillez me retirer de votre liste
  retirez-moi de votre liste de diffusion
  laissez-moi tranquille
  Please stop texting me
  stop texting me please
  stop messaging
  stop sending me messages
  don't text me anymore
  do not contact me again
  dont message me
  no more texts please
  No more messages
  remove me from your list
  take me off your list
  take me off the list please
  i want to unsubscribe
  I would like to opt out
  unsuscribe
  unsubcribe me
  i dont want to receive these messages
  I don't want any more texts
  leave me alone
  stop it
  STOP ALL
  Stop all messages
  merci d'arrêter les sms
  merci d'arrêter de m'envoyer des messages
  Veuillez cesser de m'envoyer des messages
  Merci de me désinscrire de votre liste
  Bonjour je souhaite me désabonner merci bonne journée
  Je me désabonne
  stop j'en ai marre
  Stop ca suffit
  STOP STOP STOP!!!!! assez
  Bonsoir STOP merci bonne soirée
  je ne veux plus recevoir de messages de votre part
  je ne veux plus de vos sms sur ce numéro
  Ne plus m'envoyer de sms
  ne plus recevoir de sms
  Hello, stop please
  stop svp 🙏
  Arrêt
  arret des sms
  STOP ne m'envoyez plus rien
  can you stop texting me
  Could you please remove me from your list
  pouvez-vous me désinscrire svp
  pouvez vous arrêter de m'envoyer des sms ?
`)

export const optOutsAmongMore = lines(`
  stop, je suis malade demain, on peut décaler ?
  arrêtez-vous à la gare
  STOP PLEASE CALL
  non stop
  stop je vous appelle
  je suis en arrêt maladie
  Je ne veux pas me désabonner
  n'arrêtez pas de m'envoyer des messages
  don't stop sending
  please don't stop sending reminders
  j'ai mis stop par erreur
  comment me désabonner ?
  ne m'envoyez plus de sms mais des mails
  Arrêtez de m'envoyer des SMS, appelez-moi
  oui stop
  ok stop
  Vous ne m'envoyez plus de sms ?
  je veux plus me désabonner
  enlevez-moi de la liste d'attente
  stop le traitement
  je ne souhaite pas arrêter
  ne me contactez pas avant 10h
  wrong number
  stop ou encore
  arrêtez vous au cabinet
  faut-il que j'arrête le traitement ?
  I don't want to stop
  Je ne veux plus recevoir de rappels pour ce rdv
`)

export const notOptOuts = lines(`
  oui
  non
  je ne peux pas venir
  startup
  HELP
  end of the day
  ne vous inquiétez pas
  merci
  je ne veux plus venir
  Je n'ai pas reçu vos sms
  je ne reçois plus vos sms
  annuler
  je ne suis plus intéressé
  START
  top
  super
  je voudrais plus d'informations
  envoyez moi l'adresse
  je vous envoie un mail
`)
