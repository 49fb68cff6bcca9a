import type { Crm, CrmEntry, CrmTools } from '#src/contract/crm.ts'
import type { Environment } from '#src/contract/provider.ts'
import type { Log } from '#src/runtime/log.ts'

/** The CRM that the environment configures; undefined: none. Throws ConfigurationError where it is half set. */
export function openCrm(
  entries: readonly CrmEntry[],
  environment: Environment,
  tools: Omit<CrmTools, 'found'>,
  log: Log,
): Crm | undefined {
  const findings = new Set<string>()
  for (const entry of entries) {
    const found = (finding: string) => {
      if (findings.has(finding)) return
      findings.add(finding)
      log.warn('crm_found', { crm: entry.name, finding })
    }
    const crm = entry.create(environment, { ...tools, found })
    if (crm) return crm
  }
  return undefined
}
