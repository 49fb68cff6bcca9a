import { z } from 'zod'
import type { Crm, CrmEntry, CrmTools } from '#src/contract/crm.ts'
import type { Environment } from '#src/contract/provider.ts'
import { httpUrl, settingsOf, shaped } from '#src/contract/variables.ts'
import { ConfigurationError } from '#src/model/errors.ts'
import { espoEmailsOf, espoMark } from './address-marks.ts'
import { espoApi } from './api.ts'
import { espoCheck } from './check.ts'
import { type Espo, isRecord } from './espo.ts'
import { loginGuard } from './login-guard.ts'
import { plainText } from './markdown.ts'
import { espoMeetings } from './meeting.ts'
import { espoAnswerMeeting } from './meeting-answer.ts'
import { espoPersonBy } from './person.ts'
import { postOnce } from './stream.ts'
import { tagOf } from './tag.ts'
import { espoTask } from './task.ts'
import { espoTrace } from './trace.ts'

const appointmentTypes = ['Meeting']

const id = shaped(/^[\w=.-]+$/, 'is not an id of a record')
const variables = z.object({
  ESPOCRM_URL: httpUrl,
  ESPOCRM_API_KEY: shaped(/^[\w.~+/=-]+$/, 'has characters that no API key has'),
  ESPOCRM_ASSIGNED_USER_ID: id,
  ESPOCRM_TEAM_ID: id,
})
type Variables = z.infer<typeof variables>

/** EspoCRM, over its REST API: shows messages and what became of them, knows people and meetings. */
export const espocrm: CrmEntry = {
  name: 'espocrm',
  with: ['ESPOCRM_URL', 'ESPOCRM_API_KEY'],
  appointmentTypes,
  create,
}

function create(environment: Environment, tools: CrmTools): Crm | undefined {
  const settings = settingsOf('espocrm', variables, environment)
  const { ESPOCRM_URL: address, ESPOCRM_API_KEY: apiKey } = settings
  if (address === undefined && apiKey === undefined) return undefined
  if (address === undefined || apiKey === undefined)
    throw new ConfigurationError(
      address === undefined
        ? 'espocrm: ESPOCRM_URL is missing (ESPOCRM_API_KEY is set; set both or neither)'
        : 'espocrm: ESPOCRM_API_KEY is missing (ESPOCRM_URL is set; set both or neither)',
    )
  const url = address.replace(/\/api\/v1$/, '')
  const { country, sentences, timeZone, now, clock } = tools
  const report = (finding: string) => tools.found(finding)
  const api = espoApi({ url, apiKey, guard: loginGuard(clock, report), now })
  return crmOf({ api, report, owner: ownerOf(settings), country, sentences, timeZone, now, clock }, url)
}

function crmOf(espo: Espo, url: string): Crm {
  return {
    name: 'espocrm',
    appointmentTypes,
    personRecord: (leadId) => ({ type: 'Lead', id: leadId }),
    personBy: espoPersonBy(espo),
    ...espoTrace(espo),
    mark: espoMark(espo),
    emailsOf: espoEmailsOf(espo),
    ...espoMeetings(espo),
    answerAppointment: espoAnswerMeeting(espo),
    async note(about, key, text) {
      if (isRecord(about)) await postOnce(espo, about, tagOf('n', key), plainText(text))
    },
    task: espoTask(espo),
    check: espoCheck(espo, url),
  }
}

function ownerOf({ ESPOCRM_ASSIGNED_USER_ID: user, ESPOCRM_TEAM_ID: team }: Variables): Espo['owner'] {
  return {
    ...(user !== undefined && { assignedUserId: user }),
    ...(team !== undefined && { teamsIds: [team] }),
  }
}
