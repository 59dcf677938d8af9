/**
 * Under whom an account stands: the changes of its terms that came into force, read from its own steps.
 *
 * Promise. A change counts here once the operators of before have certified it, and every certificate is judged again by the terms that
 * it ends. That those who follow go on is shown by what they have signed for the same step, kept in `accepted/`, a file for each.
 *
 * Not promised. That the desk knows of the newest change: one that was signed elsewhere is found by recovering.
 */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Fault, hexFromBytes, isFault, type Verifier } from 'tallystick/base'
import { createPrivateFolder, replaceFile } from 'tallystick/shell'
import { AMEND } from 'tallystick/kernel'
import {
  type Amendment,
  DIRECTORY,
  type DirectoryPolicy,
  directoryPolicy,
  type OwnerState,
  type OwnerStep,
  type ServedMachine,
  servedFrom,
  type Submission,
  withAmendment,
} from 'tallystick/models'
import { STANDARD_MODELS } from 'tallystick'
import { submissionAt } from './desk.ts'
import { type AccountFolder, fileAt } from './folder.ts'
import type { Office } from './office.ts'

export type Standing = {
  readonly served: ServedMachine
  /** Oldest first. */
  readonly changes: readonly Amendment[]
  /** The operators who certify the next step; those of last, where the account is closed. */
  readonly policy: DirectoryPolicy
}

type StandingOffice = Pick<Office, 'folder' | 'desk' | 'engine'>

/** Raises `account/damaged` where a change that is stored as certified is not. */
export const standingOf = ({ folder, desk, engine }: StandingOffice): Standing => {
  const state = desk.state()
  const known = standings.get(state)
  if (known) return known
  const fresh = standingFrom(folder, state, engine)
  standings.set(state, fresh)
  return fresh
}

/** Certificates are judged once for each state, which never changes. */
const standings = new WeakMap<OwnerState, Standing>()

const standingFrom = (folder: AccountFolder, state: OwnerState, verifier: Verifier): Standing => {
  const changes: Amendment[] = []
  let served = servedFrom(folder.charter)
  for (const [at, { certificate, ...one }] of state.steps.entries()) {
    const step = certificate && isChange(one) ? submissionAt(state, at) : undefined
    if (!step || !certificate) continue
    const change = { step, certificate }
    const next = withAmendment({ models: STANDARD_MODELS, verifier }, served, change)
    if (isFault(next)) throw new Fault('account/damaged', `a change of terms: ${next.message}`)
    served = next
    changes.push(change)
  }
  return { served, changes, policy: policyIn(served) }
}

/** Whether a step changes the terms. */
export const isChange = ({ interaction }: Pick<OwnerStep, 'interaction'>): boolean =>
  interaction.operations.some((one) => one.logic === AMEND)

const policyIn = ({ eras, charter }: ServedMachine): DirectoryPolicy => {
  const era = eras.findLast((one) => one.terms.policy.kind === DIRECTORY)
  return directoryPolicy.decode((era?.terms ?? charter.terms).policy.params)
}

/** Everybody who certifies or has certified a step, oldest first, each key once. */
export const operatorsEver = (office: StandingOffice): DirectoryPolicy['operators'] => {
  const { served } = standingOf(office)
  const named = served.eras.flatMap(({ terms }) =>
    terms.policy.kind === DIRECTORY ? directoryPolicy.decode(terms.policy.params).operators : [],
  )
  return [...new Map(named.map((one) => [hexFromBytes(one.publicKey), one])).values()]
}

const ACCEPTED = 'accepted'

const acceptedPath = (folder: AccountFolder, sequence: bigint): string =>
  join(folder.path, ACCEPTED, `${sequence}`)

/** That a quorum goes on from the step with this number. */
export const keepAccepted = (
  folder: AccountFolder,
  sequence: bigint,
  accepted: Uint8Array,
): void => {
  createPrivateFolder(join(folder.path, ACCEPTED))
  replaceFile(acceptedPath(folder, sequence), accepted)
}

export const acceptedAt = (folder: AccountFolder, sequence: bigint): Uint8Array | undefined =>
  fileAt(acceptedPath(folder, sequence))

/** The change of operators that is certified, and that those who follow have not accepted yet. */
export const openTakeover = (office: StandingOffice): Amendment | undefined => {
  const { folder } = office
  const { served, changes } = standingOf(office)
  const last = changes.at(-1)
  if (!last || served.eras.at(-1)?.terms.policy.kind !== DIRECTORY) return undefined
  const path = acceptedPath(folder, last.step.transition.sequence)
  return existsSync(path) ? undefined : last
}

/** Signed steps without a certificate, up to one that changes the terms: what follows is decided by others. */
export const nextBatch = (steps: readonly Submission[]): readonly Submission[] => {
  const at = steps.findIndex(isChange)
  return at < 0 ? steps : steps.slice(0, at + 1)
}
