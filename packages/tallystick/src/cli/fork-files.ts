/** Files that are held against each other: bundles and evidence, from anybody, and what comes out. */
import { isFault } from '../base/fault.ts'
import { createNativeEngine } from '../engine/native.ts'
import { evidence } from '../kernel/evidence.ts'
import { machineId } from '../kernel/charter.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import type { Bundle } from '../verify/bundle.ts'
import { fileFromBody } from '../verify/file.ts'
import { bundleFromAnyFile, type Fork, type Forks, forksIn } from '../verify/fork.ts'
import type { VerifyOptions } from '../verify/run.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { PUBLIC_FILE, replaceFile } from './durable-file.ts'
import { type Called, callFrom } from './fork-view.ts'
import { readInputFile } from './input-file.ts'

export const forkChecks = (): VerifyOptions => ({
  models: STANDARD_MODELS,
  logics: STANDARD_LOGICS,
  verifier: createNativeEngine(),
})

/** Reads files and compares them. Raises the fault of a file that cannot be read, with the file's name. */
export const compareFiles = (paths: readonly string[], checks: VerifyOptions): Forks => {
  const found = forksIn(paths.map(readBundle), checks)
  if (isFault(found)) throw found
  return found
}

const readBundle = (path: string): Bundle => {
  const file = readInputFile(path)
  try {
    return bundleFromAnyFile(file)
  } catch (error) {
    const part = isFault(error) ? (error.place.part ?? 'the file') : ''
    throw isFault(error) ? error.at({ part: `${part} (${path})` }) : error
  }
}

/** How the machines of a bundle are called, by the parties that their charters name. */
export const namesIn = (whole: Bundle): Called =>
  callFrom(
    new Map(
      whole.charters.map((one) => [
        machineId(one),
        one.terms.participants.map(({ name }) => name).join('–'),
      ]),
    ),
  )

/** Writes each piece of evidence as a file: the first under the name given, the others with a number. */
export const writeProofs = (forks: readonly Fork[], path: string): readonly string[] =>
  forks.map((one, at) => {
    const to = at === 0 ? path : path.replace(/(\.[^./]+)?$/, (end) => `-${at + 1}${end}`)
    replaceFile(to, fileFromBody('evidence', evidence.encode(one.evidence)), PUBLIC_FILE)
    return to
  })
