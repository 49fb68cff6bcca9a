import { appendFileSync } from 'node:fs'
import { stripVTControlCharacters } from 'node:util'
import { DefaultReporter, type SerializedError, type TestModule, type Vitest } from 'vitest/node'

type Ended = Parameters<DefaultReporter['onTestRunEnd']>

/** What became of the tests of a run; `notRun` by the title of their outermost group, which tells why. */
export interface Totals {
  passed: number
  failed: number
  notRun: Record<string, number>
}

/**
 * How far the tests are: one line for each file when it is finished, on a terminal or not, without the lines of its slow
 * tests. What failed stands at the end. With TEST_TOTALS the figures are added to that file, as one line of JSON: .ci/run
 * sums the suites.
 */
export class Progress extends DefaultReporter {
  private finished = 0
  private all = 0

  override onInit(vitest: Vitest): void {
    // vitest colours a file and a pipe as well.
    if (!this.isTTY && !process.env.FORCE_COLOR) writePlain(vitest)
    super.onInit(vitest)
  }

  override onTestRunStart(files: Parameters<DefaultReporter['onTestRunStart']>[0]): void {
    this.finished = 0
    this.all = files.length
    super.onTestRunStart(files)
  }

  protected override printTestModule(file: TestModule): void {
    this.finished += 1
    const width = String(this.all).length
    const { passed, failed, notRun } = totalsOf([file])
    const missed = Object.values(notRun).reduce((sum, count) => sum + count, 0)
    const counts = [`${passed} passed`, failed && `${failed} failed`, missed && `${missed} not run`]
    const seconds = (file.diagnostic().duration / 1_000).toFixed(1)
    this.log(
      `${String(this.finished).padStart(width)}/${this.all} ${this.getEntityPrefix(file)} ${file.relativeModuleId}: ${counts.filter(Boolean).join(', ')} in ${seconds} s`,
    )
    for (const test of file.children.allTests('failed'))
      this.log(`${' '.repeat(2 * width + 2)}${this.getStateSymbol(test)} ${test.fullName}`)
  }

  override onTestRunEnd(...[files, errors, reason]: Ended): void {
    super.onTestRunEnd(files, errors, reason)
    const totals = totalsOf(files, errors)
    for (const [group, count] of Object.entries(totals.notRun)) this.log(`${count} not run in: ${group}`)
    if (process.env.TEST_TOTALS) appendFileSync(process.env.TEST_TOTALS, `${JSON.stringify(totals)}\n`)
  }
}

/** A file that cannot be loaded, a group whose preparation fails and an error outside of any test count as one failed test. */
export function totalsOf(files: readonly TestModule[], errors: readonly SerializedError[] = []): Totals {
  const totals: Totals = { passed: 0, failed: errors.length, notRun: {} }
  for (const file of files) {
    for (const test of file.children.allTests()) {
      const { state } = test.result()
      if (state === 'passed' || state === 'failed') totals[state] += 1
      else {
        const group = test.fullName.split(' > ')[0] ?? ''
        totals.notRun[group] = (totals.notRun[group] ?? 0) + 1
      }
    }
    const groups = [file, ...file.children.allSuites()]
    totals.failed += groups.filter((group) => group.errors().length > 0).length
  }
  return totals
}

function writePlain({ logger }: Vitest): void {
  const plain = (words: unknown[]) =>
    words.map((word) => (typeof word === 'string' ? stripVTControlCharacters(word) : word))
  const { log, error } = logger
  logger.log = (...words) => log.apply(logger, plain(words))
  logger.error = (...words) => error.apply(logger, plain(words))
}
