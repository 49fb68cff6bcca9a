import { createHash } from 'node:crypto'
import type { Language } from '#src/model/language.ts'

/** What the page says: it asks, it is done, the link is not ours, or it cannot be kept now. */
export type UnsubscribePage = 'asks' | 'done' | 'unknown' | 'later'

interface Words {
  title: string
  text: string
  /** Of the button; none: there is nothing to press. */
  button?: string
}

const words: Readonly<Record<Language, Readonly<Record<UnsubscribePage, Words>>>> = {
  fr: {
    asks: {
      title: 'Ne plus recevoir nos e-mails ?',
      text: 'Nous n’écrirons plus à l’adresse à laquelle vous avez reçu ce message. Rien ne change tant que vous n’avez pas appuyé sur le bouton.',
      button: 'Me désinscrire',
    },
    done: {
      title: 'C’est fait',
      text: 'Nous n’écrirons plus d’e-mail à cette adresse. C’était une erreur ? Répondez à l’e-mail que vous avez reçu : une personne vous réinscrira.',
    },
    unknown: {
      title: 'Ce lien n’est pas valable',
      text: 'Il a peut-être été coupé en chemin : ouvrez-le depuis l’e-mail que vous avez reçu. Ou répondez à cet e-mail que vous n’en voulez plus : une personne s’en occupera.',
    },
    later: {
      title: 'Ce n’est pas encore fait',
      text: 'Nous n’avons pas pu l’enregistrer. Réessayez dans quelques minutes.',
      button: 'Réessayer',
    },
  },
  en: {
    asks: {
      title: 'No more emails from us?',
      text: 'We will not write any more to the address at which you got this message. Nothing changes until you press the button.',
      button: 'Unsubscribe me',
    },
    done: {
      title: 'It is done',
      text: 'We will send no more email to this address. Was it a mistake? Answer the email that you got: a person will put it right.',
    },
    unknown: {
      title: 'This link does not work',
      text: 'It may have been cut on its way: open it from the email that you got. Or answer that email that you want no more of them: a person will see to it.',
    },
    later: {
      title: 'It is not done yet',
      text: 'We could not keep your wish. Try again in a few minutes.',
      button: 'Try again',
    },
  },
}

const style =
  'body{margin:0;background:#fff;color:#1b1b1b;font:1.125rem/1.5 system-ui,sans-serif}main{max-width:34rem;margin:15vh auto 0;padding:0 1.25rem}h1{font-size:1.5rem}button{font:inherit;font-weight:600;padding:.75rem 1.5rem;border:0;border-radius:.5rem;background:#0b4f9e;color:#fff;cursor:pointer}button:focus-visible{outline:3px solid #1b1b1b;outline-offset:3px}@media(prefers-color-scheme:dark){body{background:#161616;color:#f2f2f2}button{background:#9cc8ff;color:#10243d}button:focus-visible{outline-color:#f2f2f2}}'

/** The page runs nothing, loads nothing, and posts nowhere but to us; nobody may put it into a page of theirs. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`

/** What the form adds to its address, so that it is known which button was pressed. */
export const fromPage = 'page'

/** One page of HTML without scripts. */
export function unsubscribePage(page: UnsubscribePage, language: Language): string {
  const { title, text, button } = words[language][page]
  const form =
    button === undefined
      ? ''
      : `\n<form method="post" action="?${fromPage}"><button type="submit">${button}</button></form>`
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>${form}
</main>
</body>
</html>
`
}
