/**
 * The desk of a custodian: the shell around its role (`models/custodians/custodian.ts`) for one machine.
 *
 * Safety. What the role has vowed is durable before it is signed: its record, and an entry for each signature in the journal that the
 * guard watches (`vows.ts`), in one unit with the certified steps that the record no longer holds. The record has a version: of two
 * processes over one store, one is told that it is stale, reads what the other has stored, and takes its input in again.
 *
 * Not promised. Quick opening of a machine with a very long history: its steps are folded from the genesis.
 */
import { randomBytes } from 'node:crypto'
import { bytesFromId, hexFromBytes, isFault } from 'tallystick/base'
import type { Machine, Role } from 'tallystick/kernel'
import {
  type AgreedStep,
  beginCustodian,
  createCustodian,
  type CustodianEffect,
  custodianFromRecord,
  type CustodianInput,
  type CustodianOptions,
  custodianRecordFrom,
  type CustodianState,
} from 'tallystick/models'
import type { Append, Store } from '../store/store.ts'
import { followStored, stepAppend } from './steps.ts'
import { beatAppend, newVows, vowAppend } from './vows.ts'

export type Kept = {
  readonly step: AgreedStep
  /** The custodian as it was before the step was certified: its own commit is in there. */
  readonly before: CustodianState
}

export type DeskOptions = {
  readonly store: Store
  readonly genesis: Machine
  readonly custodian: CustodianOptions
  readonly sign: (digest: Uint8Array) => Uint8Array
  /** Milliseconds since 1970. */
  readonly clock: () => bigint
  /** Told of each stored step when the desk opens. */
  readonly onStored: (step: AgreedStep) => void
  /** Told of each step once it is stored. */
  readonly onKept: (kept: Kept, state: CustodianState) => void
  /** Told after each input of what is to be done, signatures and storage aside. */
  readonly perform: (effects: readonly CustodianEffect[], state: CustodianState) => void
}

export type Desk = {
  /** Takes an input in; resolves when what follows from it is durable and was handed on. */
  readonly take: (input: CustodianInput) => Promise<CustodianState>
  readonly state: () => CustodianState
  /** Nothing is taken in any more; resolves when what was begun is done. */
  readonly close: () => Promise<void>
}

type Live = { state: CustodianState; record: Uint8Array; version: bigint }

type Shell = {
  readonly options: DeskOptions
  readonly role: Role<CustodianState, CustodianInput, CustodianEffect>
  live: Live
}

const SPACE = 'custodian'

export const openDesk = async (options: DeskOptions): Promise<Desk> => {
  const role = createCustodian(options.custodian)
  const shell: Shell = { options, role, live: await load(options, options.onStored) }
  let line: Promise<unknown> = Promise.resolve()
  let isClosed = false
  let waiting = 0
  return {
    state: () => shell.live.state,
    take: (input) => {
      waiting += 1
      const turn = line.then(async () => {
        waiting -= 1
        if (!isClosed) await takeInTurn(shell, input)
        // What follows from several inputs is said at once.
        if (waiting === 0) options.perform(role.outstanding(shell.live.state), shell.live.state)
        return shell.live.state
      })
      line = turn.catch(() => undefined)
      return turn
    },
    close: async () => {
      isClosed = true
      await line
    },
  }
}

const load = async (options: DeskOptions, onStored: (step: AgreedStep) => void): Promise<Live> => {
  const { store, genesis, custodian } = options
  const followed = await followStored(store, custodian, genesis, onStored)
  const record = await store.get(SPACE, bytesFromId(genesis.id))
  if (!record) {
    const { machine, since } = followed
    return { state: beginCustodian(machine, since), record: NOTHING, version: 0n }
  }
  const state = custodianFromRecord(custodian, followed, record.value)
  if (isFault(state)) throw new Error('the vows do not fit the stored steps', { cause: state })
  return { state, record: record.value, version: record.version }
}

const NOTHING = new Uint8Array(0)

const takeInTurn = async (shell: Shell, input: CustodianInput): Promise<void> => {
  const { options, role } = shell
  for (;;) {
    const { live } = shell
    const settled = await settle(shell, live, role.step(live.state, input, envOf(options)))
    if (settled === 'stored') break
    // Another process of this custodian has gone on; what it has stored is what counts.
    shell.live = await load(options, () => undefined)
  }
}

const envOf = ({ clock }: DeskOptions): { readonly now: bigint; readonly random: Uint8Array } => ({
  now: clock(),
  random: new Uint8Array(randomBytes(32)),
})

/** Stores what the state has vowed and certified, then signs, until nothing is left to store or to sign. */
const settle = async (
  { role, options }: Shell,
  live: Live,
  start: CustodianState,
): Promise<'stored' | 'stale'> => {
  let state = start
  for (;;) {
    const { unkept } = state.member
    const last = unkept.at(-1)?.transition.sequence
    if (last !== undefined) {
      state = role.step(state, { is: 'kept', sequence: last }, envOf(options))
    }
    const wanted = role.outstanding(state)
    const vows = vowsIn(options, state, wanted)
    if (!(await isStored(options, live, { state, unkept, vows }))) return 'stale'
    const before = live.state
    live.state = state
    for (const step of unkept) options.onKept({ step, before }, state)
    if (vows.length === 0) return 'stored'
    for (const one of wanted) {
      if (one.is !== 'sign' && one.is !== 'sign-heartbeat') continue
      const signature = options.sign(one.digest)
      const digest = hexFromBytes(one.digest)
      state = role.step(state, { is: 'signed', digest, signature }, envOf(options))
    }
  }
}

const vowsIn = (
  { clock }: DeskOptions,
  state: CustodianState,
  wanted: readonly CustodianEffect[],
): readonly Append[] => {
  const { suite } = state.member.followed.machine.terms
  return wanted.flatMap((one): readonly Append[] => {
    if (one.is === 'sign') return [vowAppend(suite, one.statement, clock())]
    return one.is === 'sign-heartbeat' ? [beatAppend(one.digest, clock())] : []
  })
}

const isStored = async (
  { store, clock, genesis }: DeskOptions,
  live: Live,
  of: {
    readonly state: CustodianState
    readonly unkept: readonly AgreedStep[]
    readonly vows: readonly Append[]
  },
): Promise<boolean> => {
  const record = custodianRecordFrom(of.state)
  const isSame = Buffer.compare(record, live.record) === 0
  if (of.unkept.length === 0 && of.vows.length === 0 && isSame) return true
  const vows = await newVows(store, of.vows)
  const outcome = await store.commit({
    appends: [...of.unkept.map((step) => stepAppend(step, clock())), ...vows],
    puts: [{ space: SPACE, key: bytesFromId(genesis.id), value: record, ifVersion: live.version }],
  })
  if (outcome.is !== 'stored') return false
  live.record = record
  live.version += 1n
  return true
}
