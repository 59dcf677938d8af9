/** The end of a story: one file of all that happened, written, checked as a stranger would, and named for the next command. */
import { writeFileSync } from 'node:fs'
import { type Bundle, fileFromBundle } from '../../verify/bundle.ts'
import { verify } from '../../verify/verify.ts'
import type { ExitCode, Output } from '../print.ts'
import type { Town } from './town.ts'

export const tellFile = (
  output: Output,
  bundle: Bundle,
  to: { readonly out: string; readonly town: Pick<Town, 'checks'> },
): ExitCode => {
  const { out, town } = to
  const file = fileFromBundle(bundle)
  writeFileSync(out, file)
  const report = verify(file, town.checks)
  const steps = report.machines.reduce((sum, one) => sum + one.steps.length, 0)
  output.line(
    `${out}: ${file.length} bytes, ${report.machines.length} machines, ${steps} steps: ${report.outcome}`,
    report.outcome === 'valid' ? 'good' : 'bad',
  )
  for (const fault of report.faults) output.line(`  ${fault.message} (${fault.code})`, 'bad')
  output.result({ file: out, bytes: file.length, outcome: report.outcome, steps })
  output.next(`tally verify ${out}`)
  return report.outcome === 'valid' ? 0 : 1
}
