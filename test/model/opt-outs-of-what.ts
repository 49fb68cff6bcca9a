import { lines } from './opt-outs.ts'

/** No word says of what: after a reminder the appointment may be meant. */
export const leaving = lines(`
  I want out now | I want out already | I want out immediately! | Get me off the list please | get me out of the list
  Get my name off the list | Take me off the list | retirez-moi de la liste svp | J'en ai assez de rappels, merci
  assez de rappel | No more of these | No more of this please | Enough of these | Make it stop | Knock it off
  I really want out now please | Remove me from the list | I want off the list | Je ne veux plus être sur la liste
  rayez-moi de la liste | Stop, retirez-moi de la liste | assez de rappels | marre des rappels | Enough of this
  no more of this | make it stop!!! | Please make it stop now | make this stop now | Make them stop
  Faites que ça s'arrête | faites que ça cesse maintenant | Retirez mon nom svp | take my name off
  I want out of the list | Je ne veux pas être inscrit | You don't have my consent | I want to stop this | je veux arrêter ça | I don't want to get this
  Veuillez s'il vous plaît me désinscrire | I hereby withdraw my consent | I revoke my consent
  je retire mon consentement | non merci, ne m'écrivez plus | non merci stop | Non merci, plus de messages
  No thanks, stop | no thank you please remove me | desinscrire | je veux arrêter | Je souhaite arrêter
  jveux arreter | I want out | i want out!! | I just want out | I wanna out | i want to stop | I would like to stop | Retirez-moi | retirez moi svp | enlevez-moi
  Supprimez-moi | Remove me please | take me off | désinscrivez-moi | je me désinscris | résilier
  je veux résilier | Je retire mon consentement | Merci de me retirer
`)

/** Not to be written to, and to be forgotten. */
export const erasing = lines(`
  Please see that my number is removed from your list | remove my number please | delete my number
  supprimez mes données | effacez mon numéro de vos fichiers | delete my data
  Supprimez mes données personnelles | Je demande la suppression de mes données
  RGPD : supprimez mes données
  Conformément au RGPD, je vous demande d'effacer toutes mes données personnelles de vos fichiers dans un délai d'un mois.
  Je souhaite exercer mon droit à l'oubli | droit à l'effacement | Please delete all my personal data
  Under GDPR I request that you erase all data you hold about me.
  Please erase my personal information from your systems | remove my data from your database
  I want to exercise my right to be forgotten | supprimer mon numero de votre base
  Retirez mon numéro de votre base de données | enlevez moi de vos fichiers
  enlevez mes coordonnées de vos fichiers svp | Supprimez mon compte | delete my account please
  supprimez mon numéro | supprimez toutes mes infos | supprimé mes données svp | SUPPRIMEZ MES DONNEES
  suprimez mes donnés | effacez moi de votre base | Pouvez-vous supprimer mes données ?
  Can you delete my data? | STOP et supprimez mes données
  Stop, supprimez mon numéro de vos fichiers, RGPD | wipe my details
  Merci de procéder à l'effacement de mes données | I would like my data to be deleted
  Veuillez détruire mon dossier
`)

/** Of what is kept of a person: what is asked is for a person to read. */
export const perhapsErasing = lines(`
  RGPD | Je veux savoir quelles données vous avez sur moi (RGPD)
  supprimez mon numéro de fixe, gardez le portable
  effacez mon ancien numéro svp, le nouveau est 0612345678
  j'ai supprimé mes données du formulaire, c'est ok ? | forget my number | oubliez mon numéro
  vous avez effacé mon dossier ? | Avez-vous supprimé mes données ? | Are you GDPR compliant?
Please don't forget my file
Vous oubliez mon dossier
Someone deleted my account
I accidentally deleted my records
Votre collègue a effacé mon dossier
My account is deleted and I can't log in
Oui je confirme pour demain. Supprimez mes données svp
`)

/** No more of what comes by mail. */
export const noMail = lines(`
  désabonnez-moi de vos mails | unsubscribe me from your emails | désabonnez moi de vos e-mails svp
  Désinscrivez-moi de vos courriels | stop mails | STOP MAIL | plus de mails svp
  ne m'envoyez plus de mails | ne m'envoyez plus d'e-mails merci | Arrêtez de m'envoyer des mails
  arretez vos mails | je ne veux plus recevoir vos mails | je ne veux plus recevoir de mails de votre part
  Please stop emailing me | don't email me anymore | stop sending me emails | no more emails please
  I don't want to receive your emails | unsubscribe from emails | Merci de ne plus m'écrire par mail
  Je souhaite me désabonner de vos emails | remove me from your email list
  retirez-moi de votre liste de mails | retirez mon adresse mail de votre liste
  ne plus recevoir de mails
`)

/** No more by mail, nor here. */
export const noMailEither = lines(`
  stop emails and texts | plus de mails ni de sms | STOP SMS et mails | stop. désabonnez-moi de vos mails
  ne m'envoyez plus de sms ni de mails | do not text or email me | stop texting and emailing me
`)

/** May be a refusal, and is none that a rule may act on. */
export const notAsked = lines(`
  D'accord, stop | plus de mails mais des sms ok | je vais saisir la CNIL
  Je serai en retard, stop au feu | Arrêt de bus devant chez vous ? | dont stop | don't stop
  Je descends à quel arrêt ? | à quel arrêt dois-je descendre ? | Je suis à l'arrêt de tram
  je suis en arrêt de travail jusqu'au 12 | arrêt maladie jusqu'au 12/12/2026 | Arrêt le 12/12/2026
  arrêt du 01/12/2026 au 12/12/2026 | stop ou encore ? | on fait un stop à la boulangerie | non-stop
  ne vous arrêtez pas | n'arrêtez surtout pas de m'écrire | Je n'ai jamais dit stop | je n'ai pas dit stop
  je n'ai pas demandé à arrêter | j'ai dit stop par erreur | j'ai répondu STOP par erreur, réinscrivez-moi
  Pourquoi j'ai reçu STOP ? | que veut dire STOP au 36111 ? | Je dois arrêter le traitement ?
  dois-je arrêter mes médicaments avant ? | J'ai arrêté de fumer | faut il arreter l'aspirine
  j'arrête le traitement demain
  je ne peux plus recevoir de messages sur ce numéro, mon nouveau est 0612345678
  Je ne veux pas recevoir l'infirmière | je ne veux plus avoir mal
  je ne veux pas être contacté par téléphone mais par SMS | Je voudrais plus de rappels
  Pouvez-vous me retirer mon plâtre demain ? | enlevez mon nom de la liste d'attente | remove my stitches
  Can you remove me from the 10am slot? | please delete my appointment
  Please don't remove me from your list | je ne veux pas me désinscrire | I don't want to unsubscribe
  how do I unsubscribe? | comment se désabonner de la salle de sport ? | stop the bleeding
  stop by at 5pm | I'll stop by tomorrow | can I stop by? | bus stop is where? | full stop
  I can't stop coughing | stop taking the pills? | Laissez moi un message | laissez-moi réfléchir
  lâchez-moi un message | take me off the waiting list | Don't contact my husband
  do not contact my wife again | stop 2 minutes | stop 14h ? | STOP à 15h30 ou 16h ? | J'arrête
  Je m'arrête à la pharmacie avant | stop, je plaisante | non non pas stop | arrêt cardiaque
  Je ne bois plus, j'ai arrêté | Arrêtez-vous devant le portail | Stop à 14h ou 15h | le bus s'arrête où ?
  Je prends le tram arrêt Gare | Un stop suffit ? | Est-ce que je dois arrêter de manger avant ?
  Dois-je cesser mon traitement ? | cesser de fumer | je cesse le traitement
  Je souhaite arrêter le traitement | je veux arrêter de fumer
  on arrête le sport pendant combien de temps ? | Stop ou pas ? | Plus de message depuis hier
  plus de mail depuis hier | laissez moi le temps | Enlevez-moi ces points de suture ?
  Comment retirer mon consentement ? | où est l'arrêt ? | I'll stop smoking | Should I stop eating before?
  don't stop the reminders please | I'm at the stop
Don't text me, email me
No more texts, email me please
Plus de SMS, des mails svp
No more emails, text me please
Plus de mails, des SMS svp
Bonjour, je voudrais plus de rappels, merci
Désolé de ne pas recevoir vos messages
`)

export const noWordOfIt = lines(`
  Je n'ai pas reçu votre mail | envoyez-moi un mail | Avez-vous reçu mon mail ?
  je passe retirer mon dossier | Je n'ai pas reçu votre message | Je ne reçois plus vos messages
  envoyez-moi plus d'infos | Envoyez plus d'informations svp | m'envoyez vous plus d'informations ?
  plus d'infos svp | plus de questions merci | Je viens retirer mon dossier
  je passe retirer mes résultats | Pouvez-vous supprimer mon rendez-vous ? | supprimez mon rdv de demain
  effacez mon rdv | ne supprimez pas mes données | N'effacez pas mon numéro | stopped at traffic, late
  no more pain | no more appointments today? | never mind | I'm not interested in the morning slot
  pas intéressé par le matin | Je refuse | je refuse le rdv | Je m'oppose à l'opération
  je retire ma demande | quittez pas | Merci de me contacter | merci de ne pas oublier mon ordonnance
  ne m'appelez pas avant midi | Contactez-moi plus tard | contactez moi plus tôt
  envoyez-moi les sms en anglais | Appelez-moi au lieu d'écrire | plus de places ?
  plus jamais mal au dos merci | take my number 0612345678 | ne contactez plus mon mari
  mon numéro a changé : 0612345678 | c'est ok, rappel noté | Ce n'est pas clair | assez bien merci
  j'en ai assez de ma douleur
  Pas de message de votre part hier ? | je ne reçois plus rien | J'ai plus de batterie | plus de son
  Je ne veux pas vous déranger | je ne veux plus vous embêter | désolé de vous déranger
  ne m'attendez pas | Ne m'oubliez pas | Retirer mes points | cancel my subscription to the gym?
  remind me again please | don't forget me | leave me a message | quit smoking 2 years ago | wrong date
  no message received | no texts received
I never get your reminders
I am not receiving your texts
I no longer receive your messages
I never hear from you
Je refuse l'offre, merci
Je n'accepte pas l'offre
Je refuse le rappel
`)

/** Of somebody else's messages: the number has to be put right. */
export const strangers = lines(`
  STOP mauvais numéro | Vous avez le mauvais numéro, arrêtez | ce n'est pas mon numéro stop
  Stop svp c'est un mauvais numéro | Wrong number, stop texting me | vous vous trompez de numéro, ne m'écrivez plus
  STOP erreur de numéro | stop, faux numéro
`)
