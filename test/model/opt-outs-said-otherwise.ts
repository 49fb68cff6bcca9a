import { lines } from './opt-outs.ts'

/** Politeness in the middle, a number after STOP, formal words, indignation, threats, slips. */
export const optOutsSaidOtherwise = lines(`
  Arrêtez s'il vous plaît de m'envoyer des SMS | STOP 06 12 34 56 78
  I do not wish to receive any further messages | J'ai dit STOP | stop svp merci
  arretez svp de menvoyer des messages | Arrête stp de m'écrire
  ARRETEZ S IL VOUS PLAIT DE M ENVOYER DES SMS | Veuillez svp arrêter les SMS
  merci svp de ne plus me contacter | Ne m'envoyez plus s'il vous plaît de messages
  Please, I beg you, stop texting me | Could you please kindly stop sending me messages
  stop please texting me | Ne plus me contacter svp merci d'avance
  Merci d'arrêter s'il vous plaît vos messages | STOP +33612345678 | STOP 0612345678
  stop +33 6 12 34 56 78 | stop 06.12.34.56.78 merci | STOP pour le 06 12 34 56 78
  STOP au 06-12-34-56-78 | Stop sms 0612345678 | Stop pour le numéro 06 12 34 56 78
  désabonnez le 06 12 34 56 78 | désinscrivez le numéro 0612345678 | unsubscribe 07700 900123
  Unsubscribe this number: 07700 900 123 | STOP for 07700900123 | ARRET 0612345678 | stop 38123 merci
  STOP au 3 6 1 1 1 | STOP36111 | STOP SMS 36111 | STOP 3 61 11
  I do not wish to receive any additional text messages
  I no longer wish to receive any communications from you | I wish to no longer be contacted
  I wish not to be contacted again | I would prefer not to receive any more messages
  I'd rather not receive these texts | I would like to stop receiving these messages
  I would like you to stop texting me | Kindly refrain from contacting me
  Please refrain from sending me further messages | Please cease all communication | Cease and desist
  Please discontinue these messages | Kindly discontinue sending me text messages
  I withdraw my consent to receive messages | I request to be removed from your list
  I am requesting to be removed from your mailing list | Please ensure that I am removed from your list
  I ask that you stop contacting me | I demand that you stop contacting me
  You do not have my consent to text me | You don't have permission to contact me
  I didn't consent to receive these messages, stop | I do not consent to receiving text messages
  I object to receiving marketing messages | Please do not send me any further text messages.
  I don't wish to receive anymore messages from you | i do not want to recieve any more mesages
  please dont send me anymore texts | do not text this number again | Do not contact this number
  stop contacting this number | Je vous prie de bien vouloir cesser tout envoi de SMS
  Je vous prie de cesser de m'écrire | Je vous saurais gré de ne plus m'écrire
  Je vous serais reconnaissant de ne plus me contacter | Je vous demande de ne plus m'envoyer de messages
  Je vous demande d'arrêter de m'envoyer des SMS | Je m'oppose à recevoir vos messages
  Je m'oppose à la réception de vos SMS | Je refuse de recevoir vos SMS | je refuse vos messages
  Je n'accepte plus vos messages | Je ne désire plus être sollicité par SMS
  Je ne souhaite plus faire partie de votre liste de diffusion | Je ne veux plus être sur votre liste
  Je n'autorise plus l'envoi de SMS | je ne suis pas d'accord pour recevoir vos sms | Je vous ai dit STOP
  j'ai déjà dit stop | J'ai déjà répondu STOP | j'ai envoyé STOP | Je vous ai déjà demandé d'arrêter
  je vous ai demandé d'arrêter de m'envoyer des sms | STOP j'ai dit | STOP j'ai dit !!! | Mais stop !
  mais arrêtez | putain stop | stop putain | Stop bordel | STOP merde | fuck stop
  stop the fuck texting me | stop fucking texting me | I said STOP | i already said stop
  I told you to stop | I've told you to stop texting me | I asked you to stop | I already texted STOP
  How many times do I have to say STOP? | Combien de fois faut-il vous dire STOP ?
  combien de fois je dois dire stop | ça fait 3 fois que je dis stop
  c'est la 3eme fois que j'envoie stop | Pour la dernière fois STOP | for the last time stop
  STOP!! vous êtes lourds | foutez-moi la paix | fichez moi la paix | Lâchez-moi | lachez moi les baskets
  stop ou je porte plainte | STOP sinon je porte plainte | Arrêtez ou je porte plainte
  stop or i will report you | Stop ou je bloque | stop je vais vous bloquer | STOP spam
  stop stop stop stop !!!! | Y en a marre de vos SMS, STOP | Arrêtez vos conneries de SMS
  Arretez avec vos sms de merde | je veux plus de vos messages de merde | vous me saoulez stop
  vous me gonflez avec vos sms, stop | Vous m'emmerdez, stop | ras le bol de vos sms stop
  stop stp j'en peux plus | STOP SVP, MERCI. | svp stop | merci de stop | merci de me stop
  please stop thank you | stop plz thx | Stop pls thank u
  bonjour stop s'il vous plait merci bonne journée | STOP STOP SVP | stop. merci. cordialement
  veuillez stopper vos messages | veuillez stopper l'envoi de messages | merci de stopper
  stoppez les sms | STOP à vos SMS | STOP CONTACT | STOP MESSAGES | STOP TOUT | stop tous les messages
  stopper sms | ARRETER | ARRÊTER SMS | Arrêter les messages | arrété | areté | Arrèt
  arreter de m envoyer dés sms | aretez de m'envoyer des msg | arrettez vos sms | arrêter vos message
  envoyez plus de sms | m'envoyez plus de sms | m'envoyé plus de sms | menvoyez plus rien
  n'envoyez plus de messages | Ne m'envoyer plus de message | ne plus envoyer de sms
  ne plus envoyer de message sur ce numéro | ne m'écrivez plus svp | nmécrivez plus | jveu plu de sms
  je veu plus recevoir de sms | je ve plu recevoir de message | je ne veut plus recevoir vos messages
  Je ne souhaites plus recevoir de sms | pas intéressé, ne me contactez plus | Pas intéressé stop
  Désabonnement | desabonnement sms | désabonné | dsabonner | se desabonner | unsubcribe | unsubscribed
  unsubscrib | opt-out | OPTOUT | opt me out | please opt me out of these texts
  opt me out of all messages | remove this number from your list | please take this number off your list
  take my name off your list | Please don't message me anymore | dont txt me | do not txt me again
  don't contact me again please | never contact me again | never text me again | quit texting me
  quit sending me messages | stop sending | stop sending messages to this number | stop with the texts
  stop the messages | stop these messages | stop all messages to this number | no more msgs | no more sms
  no texts please | pas de sms svp | pas de pub | plus de pub svp | plus aucun message
  plus aucun sms svp | désabonnez-moi de votre newsletter | stop ou je saisis la CNIL
  STOP sinon plainte à la CNIL | stop | arrêtez | retirez-moi de votre liste
  je veux arrêter de recevoir vos sms
  Merci de cesser vos envois | Veuillez ne plus me solliciter | stop pub sms | STOP SMS SVP MERCI
  Je ne veux plus être dérangé | Ne me dérangez plus | Je souhaite ne plus recevoir vos SMS
  Je vous prie de ne plus me contacter sur ce numéro | merci d arreter les envoies de sms
  arreter de menvoyer vos pub | veuillez me désabonner svp | désabonnement immédiat | Stop immédiatement
  STOP IMMEDIATEMENT !!! | Arrêtez tout de suite | arretez ça tout de suite | stop it now | Stop this
  Stop this now please | please stop this | STOP SENDING ME THIS | stop spamming me | quit spamming me
  i dont want these texts | I don't want your messages | No more texts | no further messages please
  Take me off this list | take me off ur list | unsubscribe me now | UNSUBSCRIBE ME PLEASE | Opt me out
  opt-out please | Stop msg | stp stop | stop merci bonne journee | Bonjour, STOP
  Bonjour je voudrais me désabonner s'il vous plaît merci
  Bonjour, pouvez-vous s'il vous plaît ne plus m'envoyer de SMS ? Merci
  Madame, Monsieur, je vous demande de bien vouloir cesser de m'adresser des SMS. Cordialement
  Je n'ai plus besoin de vos services, merci de ne plus me contacter
  Je ne suis plus cliente, ne m'envoyez plus de messages | J'ai déjà demandé à ne plus être contacté
  STOP STOP STOP j'en ai marre de vos messages | arretez de me spammer | arrêtez le spam
  Stop au harcèlement | C'est du harcèlement ! Arrêtez | Désabonné | Me désabonner de cette liste | stop.
  Stop! | S T O P | s.t.o.p | STOP SVP 0612345678 | Je réponds STOP | je réponds stop | STOP comme demandé
  stop alors | Stop à la publicité | STOP PUBLICITE | Halte | ça suffit stop | Plus de notifications
  Je ne veux plus de notification | Rayez-moi de vos listes | Radiez-moi
`)
