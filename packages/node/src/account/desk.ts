/**
 * An account's desk: the shell around the `owner` role. It lets the key sign, stores, and only then hands a step out.
 *
 * Promise. A signed step leaves a desk after its vow and its signature are on disk, and opening the folder after a crash at any
 * point gives the same step again, not another. A folder put back from a backup, or moved to where its guard is not, is
 * noticed: then nothing is signed until the operators were asked (`recover.ts`).
 *
 * | file | what |
 * |---|---|
 * | `journal` | every input of the role, oldest first |
 * | `lock` | the process that works here |
 *
 * The guard stands in the user's home, where a copy of the folder does not reach.
 *
 * Not promised. That opening stays quick for ever: everything since the beginning is run again, at some thousands of steps
 * each second.
 */
import { join } from 'node:path'
import {
  Fault,
  faultFrom,
  hexFromBytes,
  isFault,
  type MachineId,
  type Signer,
  type Verifier,
} from 'tallystick/base'
import { createPrivateFolder, openGuard, openJournal, takeLock } from 'tallystick/shell'
import { type Charter, type Env, openMachine, transitionId } from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import {
  beginOwner,
  createOwner,
  inputFromRecord,
  lastOwnerVow,
  type OwnerInput,
  ownerRecord,
  type OwnerState,
  type OwnerStep,
  recordFromInput,
  type Submission,
} from 'tallystick/models'
import type { AccountFolder } from './folder.ts'

export type AccountDesk = {
  readonly folder: AccountFolder
  readonly state: () => OwnerState
  /** Charters of the own machine and of those that its steps refer to. */
  readonly charters: () => ReadonlyMap<MachineId, Charter>
  /** Makes a step, has it signed and stores it. Raises why the machine refuses it; then nothing was stored. */
  readonly wish: (wish: OwnerWish, signer: Signer) => OwnerStep
  /** Signs what a crash left unsigned. */
  readonly finish: (signer: Signer) => void
  readonly certify: (sequence: bigint, certificate: Uint8Array) => void
  /** Takes over an own step from elsewhere. Raises why it is refused. */
  readonly adopt: (of: Pick<Extract<OwnerInput, { is: 'adopt' }>, 'step' | 'beside'>) => void
  /** The operators were asked, and everything that they know is here: signing may go on. */
  readonly recovered: () => void
  /** Whether the guard remembers more than the journal, or is missing: nothing may be signed before `recovered`. */
  readonly isForgetful: () => boolean
  readonly close: () => void
}

export type OwnerWish = Omit<Extract<OwnerInput, { is: 'wish' }>, 'is'>

export type AccountDeskOptions = {
  readonly verifier: Verifier
  /** Folder of guards. */
  readonly guards: string
  readonly durable: boolean
}

/** Raises `desk/locked`, `account/damaged` and the faults of a damaged journal. */
export const openAccountDesk = (
  folder: AccountFolder,
  options: AccountDeskOptions,
): AccountDesk => {
  const at = join(folder.path, 'desk')
  createPrivateFolder(at)
  createPrivateFolder(options.guards)
  const release = takeLock(join(at, 'lock'))
  try {
    return openLocked(folder, options, release)
  } catch (error) {
    release()
    throw error
  }
}

type Running = {
  readonly folder: AccountFolder
  readonly role: ReturnType<typeof createOwner>
  readonly journal: ReturnType<typeof openJournal>
  readonly guard: ReturnType<typeof openGuard>
  readonly charters: Map<MachineId, Charter>
  state: OwnerState
  isForgetful: boolean
}

const openLocked = (
  folder: AccountFolder,
  { verifier, guards, durable }: AccountDeskOptions,
  release: () => void,
): AccountDesk => {
  const guardPath = join(guards, `${folder.id}-${folder.party}`)
  const running: Running = {
    folder,
    role: createOwner({ logics: STANDARD_LOGICS, verifier }),
    journal: openJournal(join(folder.path, 'desk', 'journal'), { durable }),
    guard: openGuard(guardPath, { machine: folder.id, durable }),
    charters: new Map([[folder.id, folder.charter]]),
    state: genesisOf(folder),
    isForgetful: false,
  }
  const { journal, guard } = running
  replay(running)
  running.isForgetful = isBehind(running.state, guard.found)
  if (guard.found.is === 'missing' && !running.isForgetful) guard.write(undefined)
  return {
    folder,
    state: () => running.state,
    charters: () => running.charters,
    wish: (wish, signer) => {
      const input: OwnerInput = { is: 'wish', ...wish }
      sign(running, [input], signer)
      const made = running.state.steps.at(-1)
      if (!made?.signature) throw new Error('a step that was taken is there, and signed')
      return made
    },
    finish: (signer) => sign(running, [], signer),
    certify: (sequence, certificate) => {
      const known = running.state.steps.find((one) => one.transition.sequence === sequence)
      if (!known || known.certificate) return
      const input: OwnerInput = { is: 'certified', sequence, certificate }
      store(running, [input], stepped(running, running.state, input))
    },
    adopt: (of) => {
      const input: OwnerInput = { is: 'adopt', ...of }
      const next = stepped(running, running.state, input)
      if (next !== running.state) store(running, [input], next)
    },
    recovered: () => {
      running.isForgetful = false
      guard.write(lastOwnerVow(running.state))
    },
    isForgetful: () => running.isForgetful,
    close: () => {
      journal.close()
      guard.close()
      release()
    },
  }
}

/** The state after an input. Raises why it was refused. */
const stepped = ({ role }: Running, from: OwnerState, input: OwnerInput): OwnerState => {
  const next = role.step(from, input, ENV)
  const refused = next.refusals.find((one) => !from.refusals.includes(one))
  if (refused) throw refused
  return next
}

const learn = ({ charters }: Running, input: OwnerInput): void => {
  if (!('beside' in input)) return
  for (const one of input.beside) charters.set(one.id, one.charter)
}

const replay = (running: Running): void => {
  for (const [number, bytes] of running.journal.records.entries()) {
    const run = faultFrom(() => {
      const input = inputFromRecord(ownerRecord.decode(bytes), STANDARD_LOGICS)
      learn(running, input)
      return stepped(running, running.state, input)
    })
    if (isFault(run)) {
      throw new Fault('account/damaged', `stored input ${number} is refused: ${run.message}`)
    }
    running.state = run
  }
}

/** Stores inputs, and what was vowed for. Only after this may anything leave. */
const store = (running: Running, inputs: readonly OwnerInput[], next: OwnerState): void => {
  const { journal, guard, state } = running
  journal.append(inputs.map((one) => ownerRecord.encode(recordFromInput(one))))
  for (const one of inputs) learn(running, one)
  const last = lastOwnerVow(next)
  const isNew = last !== undefined && last.sequence !== lastOwnerVow(state)?.sequence
  // What the guard remembers is more than what is here, until that was recovered.
  if (isNew && !running.isForgetful) guard.write(last)
  running.state = next
}

/** Takes inputs in, has everything signed that is to be signed, and stores both together. */
const sign = (running: Running, inputs: readonly OwnerInput[], signer: Signer): void => {
  if (running.isForgetful) throw forgetful(running.folder)
  const all = [...inputs]
  let next = inputs.reduce((from, one) => stepped(running, from, one), running.state)
  for (const effect of running.role.outstanding(next)) {
    if (effect.is !== 'sign') continue
    // The signature stays in this process until it is stored beside its vow.
    const signature = signer.sign(effect.digest)
    const input = { is: 'signed', digest: hexFromBytes(effect.digest), signature } as const
    next = stepped(running, next, input)
    all.push(input)
  }
  if (all.length > 0) store(running, all, next)
}

/** The role draws nothing and reads no clock. */
const ENV: Env = { now: 0n, random: new Uint8Array(32) }

const genesisOf = (folder: AccountFolder): OwnerState => {
  const machine = openMachine(folder.charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return beginOwner(machine, folder.party)
}

type Found = ReturnType<typeof openGuard>['found']

/** The guard is written after the journal, so it may lag; it never leads, unless the journal is an old one. */
const isBehind = (state: OwnerState, found: Found): boolean => {
  switch (found.is) {
    case 'none':
      return false
    case 'missing':
      // Nobody can say what was signed. An account without a step has nothing to forget, as far as anybody here knows.
      return state.steps.length > 0
    case 'vow': {
      const { suite } = state.machine.terms
      const { child } = found.last.vow
      return !state.steps.some((one) => transitionId(suite, one.transition) === child)
    }
  }
}

const forgetful = (folder: AccountFolder): Fault =>
  new Fault(
    'account/not-recovered',
    `what ${folder.own} has signed with this account may be missing here`,
    { machine: folder.id },
  )

/** Signed steps without a certificate, as operators take them. */
export const openSubmissions = (state: OwnerState): readonly Submission[] =>
  state.steps.flatMap((step, at): readonly Submission[] => {
    const open = step.certificate ? undefined : submissionAt(state, at)
    return open ? [open] : []
  })

/** A step as operators take it; undefined where it is not signed. */
export const submissionAt = (state: OwnerState, at: number): Submission | undefined => {
  const step = state.steps[at]
  if (!step?.signature) return undefined
  const { interaction, transition, consents, signature: proposal } = step
  const parent = state.steps[at - 1]?.transition ?? genesisHead(state)
  return { interaction, transition, consents, proposal, parent }
}

const genesisHead = ({ machine }: OwnerState): Submission['parent'] => {
  const genesis = openMachine(machine.charter, STANDARD_LOGICS)
  if (isFault(genesis)) throw genesis
  return genesis.head
}
