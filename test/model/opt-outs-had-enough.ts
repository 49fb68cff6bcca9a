import { lines } from './opt-outs.ts'

/** Of people who have had enough, without a word such as STOP. */
export const hadEnough = lines(`
  Make it stop | make it stop!!! | Please make it stop | make this stop now | Make them stop | make these texts stop
  Make the messages stop please | I want off this list | I wanna get out of this list | get me off this list
  Get me out of your list | get my number off your list | Non à la pub | NON A LA PUB !!! | non à vos pubs
  Non au démarchage | non au spam | non à la publicité | non aux newsletters merci | Assez de pub | assez de pubs !!
  Assez de vos messages | assez de vos SMS | marre de vos pubs | Marre de la pub | marre de recevoir vos sms
  J'en ai marre de vos messages | j'en ai assez de vos sms | Y en a marre de vos pubs | ras le bol de vos sms
  Ça suffit la pub | ça suffit avec vos messages | ca suffit vos sms | Basta la pub | halte à la pub | Halte au spam
  gardez vos pubs | Gardez vos pubs pour vous | Vos pubs, je n'en veux plus | vos sms je n'en veux pas
  pas besoin de vos pubs | Je n'ai pas besoin de votre pub | Faites que ça s'arrête | faites que ça cesse maintenant
  laisse moi tranquille | laissez nous tranquilles svp | merci de me laisser tranquille
  Veuillez me laisser tranquille | Veuillez nous laisser en paix | qu'on me laisse tranquille
  je veux qu'on me laisse tranquille | je veux la paix | j'aimerais avoir la paix | leave us alone please
  leave me be | leave me in peace | I want to be left alone | I just want to be left in peace | No to spam
  No to ads | say no to spam | keep your ads | Keep your spam to yourself | I don't need your ads
  no need for your spam | I'm sick of your texts | sick and tired of these messages
  I am fed up with your messages | tired of getting these texts | So tired of your spam
  I've had enough of your texts | had enough of these messages | Enough with the texts | enough spam
  Enough of this | no more of this | no more spam | no more ads | knock it off | stop bugging me
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
  stop this treatment | arrêtez ce traitement | Did the ads stop? | Est-ce qu'on me laisse tranquille après ?
`)

/** Words of these sentences, and no word of our messages. */
export const hadEnoughOfSomethingElse = lines(`
  non à votre message | Non, à la pharmacie | Non au rendez-vous | Non aux deux | non à demain | Non merci pour le spa
  J'en ai marre de mon dos | marre de cette douleur | ras le bol de ce mal de dos | ça suffit le traitement
  ca suffit | Assez de place ? | gardez votre place | gardez mon dossier | je n'en veux plus | J'en veux plus
  j'ai besoin de vos services | Pas besoin de rappel, je viens | laissez la clé tranquille | basta
  I want to get out | I need to get out of the house | I want to be out by noon | get me out of here | I'm out
  count me out | I want to be left at the station | let me be there at 5 | keep your appointment | I don't need your help
  no need for your receipt | I'm sick | I am sick of waiting | I'm tired | tired of this pain | fed up with the pain
  I've had enough water | enough of the medication? | no to Friday | say no to drugs | the baby is bugging me
`)
