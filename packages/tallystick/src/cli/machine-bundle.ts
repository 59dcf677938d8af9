/** A machine's history as one file that anybody can check. */
import { basename, resolve } from 'node:path'
import { isFault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import { openMachine } from '../kernel/execute.ts'
import { evidence } from '../kernel/evidence.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { type PartyState, stepsOf } from '../models/bilateral/state.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { type Bundle, bundleFromFile, EMPTY_BUNDLE, fileFromBundle } from '../verify/bundle.ts'
import { fileFromBody } from '../verify/file.ts'
import { joinBundles } from '../verify/join.ts'
import { falsehoodIn } from '../verify/prove.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { PUBLIC_FILE, replaceFile } from './durable-file.ts'
import type { MachineDesk } from './machine-desk.ts'
import { folderNameFrom } from './machine-folder.ts'
import { chartersOf } from './machine-view.ts'
import { openingsOf } from './record-view.ts'
import { usageError } from './print.ts'

/** Everything that a party can show: charters, final steps, what they rest on, and proof of broken words. */
export const bundleFromState = (state: PartyState, verifier: Verifier): Bundle => {
  const charters = [...chartersOf(state).values()]
  const genesis = new Map(
    charters.map((one) => {
      const opened = openMachine(one, STANDARD_LOGICS)
      if (isFault(opened)) throw opened
      return [opened.id, opened.headId]
    }),
  )
  const steps = stepsOf(state)
  const checks = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier }
  // What came with a step that was caught up on was not looked at then, and must not spoil what is true.
  const support = steps
    .flatMap((one) => one.attachments)
    .filter((file) => !falsehoodIn(file, checks))
    .map((file) => bundleFromFile(file))
  const { machine } = state
  const openings = steps.flatMap((one) => openingsOf(machine, one.interaction, one.attachments))
  const own: Bundle = {
    ...EMPTY_BUNDLE,
    charters,
    steps: steps.map((one) => bundleStepFrom(one, (machine) => genesis.get(machine))),
    evidence: state.evidence,
    openings,
  }
  return joinBundles([...support, own])
}

/** Proof against the other party, as files of their own. */
export const evidenceFiles = (state: PartyState): readonly Uint8Array[] =>
  state.evidence.map((one) => fileFromBody('evidence', evidence.encode(one)))

export type WrittenFile = {
  readonly path: string
  readonly bytes: number
  readonly steps?: number
}

/** Writes the bundle of a machine. It goes to the other party as well as to strangers, so others may read it. */
export const writeBundle = (
  desk: Pick<MachineDesk, 'folder'>,
  bundle: Bundle,
  path: string | undefined,
): WrittenFile => {
  const file = fileFromBundle(bundle)
  const to = path ?? `${basename(resolve(desk.folder.path))}.tally`
  replaceFile(to, file, PUBLIC_FILE)
  return { path: to, bytes: file.length, steps: bundle.steps.length }
}

/** Writes the first proof against the other party. Raises a usage error where there is none. */
export const writeEvidence = (desk: MachineDesk, path: string | undefined): WrittenFile => {
  const [file] = evidenceFiles(desk.state())
  const { peer } = desk.folder
  if (!file)
    throw usageError(`there is no proof against ${peer}`, 'tally show says how things stand')
  const to = path ?? `${folderNameFrom('proof-against', peer)}.tally`
  replaceFile(to, file, PUBLIC_FILE)
  return { path: to, bytes: file.length }
}
