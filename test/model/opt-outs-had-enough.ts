import { lines } from './opt-outs.ts'

/** Of people who have had enough, without a word such as STOP. */
export const hadEnough = lines(`
  make these texts stop | J'en ai plein le dos de recevoir vos pubs | Assez de vos rappels
  Merci de mettre fin à ces messages | Veuillez mettre un terme à vos SMS | Please put an end to these texts
  enough of this spam | no more junk | Don't bother me | don't send any more texts | Je refuse l'envoi de vos messages
  Get me off your list | get me off the mailing list | get me off the distribution list | I want off the mailing list
  get my number off the list | Retirez-moi de la liste de diffusion | unsubscribe me from the list
  désabonnez-moi de la liste | Je ne veux plus être sur votre liste | take my name off your list
  I want out of your list | assez de rappels, arrêtez vos SMS | no more of this, stop texting me | I want to stop receiving this
  Make the messages stop please | I want off this list | I wanna get out of this list | get me off this list
  Get me out of your list | get my number off your list | Non à la pub | NON A LA PUB !!! | non à vos pubs
  Non au démarchage | non au spam | non à la publicité | non aux newsletters merci | Assez de pub | assez de pubs !!
  Assez de vos messages | assez de vos SMS | marre de vos pubs | Marre de la pub | marre de recevoir vos sms
  J'en ai marre de vos messages | j'en ai assez de vos sms | Y en a marre de vos pubs | ras le bol de vos sms
  Ça suffit la pub | ça suffit avec vos messages | ca suffit vos sms | Basta la pub | halte à la pub | Halte au spam
  gardez vos pubs | Gardez vos pubs pour vous | Vos pubs, je n'en veux plus | vos sms je n'en veux pas
  pas besoin de vos pubs | Je n'ai pas besoin de votre pub
  laisse moi tranquille | laissez nous tranquilles svp | merci de me laisser tranquille
  Veuillez me laisser tranquille | Veuillez nous laisser en paix | qu'on me laisse tranquille
  je veux qu'on me laisse tranquille | je veux la paix | j'aimerais avoir la paix | leave us alone please
  leave me be | leave me in peace | I want to be left alone | I just want to be left in peace | No to spam
  No to ads | say no to spam | keep your ads | Keep your spam to yourself | I don't need your ads
  no need for your spam | I'm sick of your texts | sick and tired of these messages
  I am fed up with your messages | tired of getting these texts | So tired of your spam
  I've had enough of your texts | had enough of these messages | Enough with the texts | enough spam
  no more spam | no more ads | stop bugging me
  stop annoying me | quit bugging me | don't bug me anymore | stop this madness | stop this crap
  Arrêtez ce cirque | stop harassing us | don't spam me | stop nagging me | stop hounding me
`)

/** The same words, and something else that a person has to read. */
export const hadEnoughAmongMore = lines(`
  non à la pub mais oui aux rappels | Non à la pub dans le hall | I want out of the contract
  I want out of hospital | I want out on Friday | i want out of my appointment tomorrow | Make it stop raining
  make it stop hurting please | Can you make it stop bleeding? | how do I make it stop? | will it make it stop?
  make the pain stop | assez de pub pour aujourd'hui, et mon rdv ? | Assez de SMS ?
  laissez-moi tranquille 5 minutes je suis en réunion | Leave me alone for 5 minutes
  laissez-moi tranquille mais gardez mon rdv | Vos messages je n'en veux plus sauf les rappels
  je veux la paix dans le monde | Faites que ça s'arrête de couler | il faut que ça s'arrête à 17h
  get me off at the bus stop | no more of this medicine | had enough of this pain | don't bug my wife
  Don't send it | please don't send this | Don't send | don't send me that | don't send any | Don't mail it
  Please don't bother | Don't bother | Ne m'envoyez pas ça | ne m'envoyez pas | Ne pas envoyer svp
  Merci de ne pas m'envoyer cela | Ne pas recevoir | Je ne veux pas recevoir | je ne souhaite pas recevoir cela
  je refuse de le recevoir | Je refuse l'envoi | Je refuse la réception | je n'accepte pas l'envoi
  Arrêtez l'envoi svp | stoppez l'envoi | je ne veux plus avoir ça | Je ne veux pas avoir
  I don't want to receive it | I do not want to have it | I don't want to have this | I don't need to have it
  I don't want to get it please | I'd rather not get it | I would prefer not to get that | no more of these pills
  enough of these pills please | make the bleeding stop please | I want this to stop | Get me off the list for Friday
  Je ne veux pas de rappel | Ne m'envoyez pas de rappel | Pas de rappel svp | Arrêtez le rappel
  Je ne veux pas de votre offre | je ne veux pas d'offre merci | stop by
  stop this treatment | arrêtez ce traitement | Did the ads stop? | Est-ce qu'on me laisse tranquille après ?
`)

/** Words of these sentences, and no word of our messages. */
export const hadEnoughOfSomethingElse = lines(`
  non à votre message | Non, à la pharmacie | Non au rendez-vous | Non aux deux | non à demain | Non merci pour le spa
  J'en ai marre de mon dos | marre de cette douleur | ras le bol de ce mal de dos | ça suffit le traitement
  ca suffit | Assez de place ? | gardez votre place | gardez mon dossier | je n'en veux plus | J'en veux plus
  j'ai besoin de vos services | Pas besoin de rappel, je viens | laissez la clé tranquille | basta
  I want to get out | I need to get out of the house | I want to be out by noon | get me out of here | I'm out
  I want off the waiting list | Get me out | get me out of this | Assez d'attendre | remove it please | No more please
  J'en ai assez | j'en ai plein le dos | That's enough | Mettez fin au rendez-vous | put it on my file
  count me out | I want to be left at the station | let me be there at 5 | keep your appointment | I don't need your help
  no need for your receipt | I'm sick | I am sick of waiting | I'm tired | tired of this pain | fed up with the pain
  I've had enough water | enough of the medication? | no to Friday | say no to drugs | the baby is bugging me
`)
