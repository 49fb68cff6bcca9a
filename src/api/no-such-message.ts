import { AppError } from '#src/model/errors.ts'

/** AppError 404 for a message that does not exist, or not for the one who asks. */
export function noSuchMessage(): AppError {
  return new AppError(
    'not_found',
    404,
    "message: there is none with this id (check the id, and the token's tenant)",
  )
}
