/** All checks by name. What each takes and says stands in `vectors/README.md` and `vectors/schema`. */
import type { Check } from './finding.ts'
import { bytesChecks } from './checks-bytes.ts'
import { identityChecks } from './checks-identity.ts'
import { kernelChecks } from './checks-kernel.ts'
import { moiRunChecks } from './checks-moi-run.ts'
import { moiChecks } from './checks-moi.ts'
import { modelChecks } from './checks-models.ts'
import { expressionChecks } from './checks-expression.ts'
import { fileChecks } from './checks-files.ts'
import { nostrChecks } from './checks-nostr.ts'
import { roundChecks } from './checks-rounds.ts'
import { stateChecks } from './checks-state.ts'

export const checks: Readonly<Record<string, Check>> = {
  ...bytesChecks,
  ...stateChecks,
  ...kernelChecks,
  ...identityChecks,
  ...modelChecks,
  ...roundChecks,
  ...fileChecks,
  ...nostrChecks,
  ...expressionChecks,
  ...moiChecks,
  ...moiRunChecks,
}
