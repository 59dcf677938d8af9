/**
 * Shared machines: the shell around the role of an operator who agrees with others in rounds (`member.ts` of the model).
 *
 * Safety. The role's record is durable before anything that it wants signed is signed, and before anything is sent. The record
 * has a version: of two processes of one operator that act on the same record one is told that it is stale, reads what the
 * other has stored, and takes its input in again. So there is one line of vows. A certified step is stored in its journal
 * in one unit with the record that no longer holds it.
 *
 * Liveness. What the operator has to say is the answer to whatever it is told, so whoever wants a step can carry messages between
 * operators that do not know each other. Those that do know each other (`peers`) send by themselves, and again when the
 * round's patience ends.
 *
 * Not promised. That a machine with a very long history is quick to open: its steps are folded from the genesis. Signatures and
 * logic run on the main thread here, so these requests cost more units than others.
 */
import { randomBytes } from 'node:crypto'
import { bytesFromId, Fault, isFault, type MachineId, type Verifier } from 'tallystick/base'
import {
  type LogicRegistry,
  type ModelRegistry,
  type Role,
  transition,
  type Transition,
} from 'tallystick/kernel'
import {
  type Acceptance,
  type AgreedStep,
  beginMember,
  createMember,
  type MemberEffect,
  memberFromRecord,
  type MemberInput,
  type MemberMessage,
  memberMessage,
  type MemberOptions,
  type MemberState,
  recordFrom,
} from 'tallystick/models'
import { withProver } from 'tallystick/verify'
import type { Store } from '../store/store.ts'
import type { Accusations } from './accusations.ts'
import { agreedFrom, appendOf, followedFrom } from './agreed.ts'
import { setBounded } from './bounded-map.ts'
import type { Charters } from './charters.ts'
import { handedAt } from './handed.ts'
import type { Healing } from './healing.ts'
import type { ServerLimits } from './limits.ts'
import type { OperatorLogger } from './log.ts'
import type { News } from './news.ts'
import type { OperatorKey } from './operator-key.ts'

/** Another operator that this one sends to by itself. */
export type PeerOperator = {
  /** As policies call it. */
  readonly name: string
  readonly tell: (message: MemberMessage) => Promise<MemberMessage | undefined>
  readonly stepsFrom: (machine: MachineId, from: bigint) => Promise<readonly AgreedStep[]>
}

export type SharedMachines = {
  /** Takes a message in, and gives what this operator has to say then. Raises why nothing of it was taken. */
  readonly hear: (message: MemberMessage) => Promise<MemberMessage | undefined>
  readonly stepsFrom: (
    machine: MachineId,
    from: bigint,
    limit: number,
  ) => Promise<readonly AgreedStep[]>
  /** What this operator signed in rounds when a step brought other terms that name it; undefined where it signed nothing. */
  readonly acceptanceOf: (step: Transition) => Promise<Acceptance | undefined>
  /** After the machine was handed over anew: what is in memory is of an earlier state. */
  readonly forget: (machine: MachineId) => void
  /** No timer runs on and nothing is sent any more. */
  readonly close: () => void
}

export type SharedOptions = {
  readonly store: Store
  readonly charters: Charters
  readonly accusations: Accusations
  readonly healing: Healing
  readonly news: News
  readonly key: OperatorKey
  readonly verifier: Verifier
  readonly logics: LogicRegistry
  readonly models: ModelRegistry
  readonly limits: ServerLimits
  readonly clock: () => bigint
  readonly log: OperatorLogger
  readonly peers: readonly PeerOperator[]
}

/** A machine that is at work here. */
type Live = {
  state: MemberState
  /** The step that the machine was handed over with; 0 for its genesis. */
  readonly begun: bigint
  /** The record as it is stored, and its version; 0 where there is none. */
  record: Uint8Array
  version: bigint
  timer: ReturnType<typeof setTimeout> | undefined
  /** What was sent last; sent again only when it has changed, or time has passed. */
  said: Uint8Array | undefined
}

type Shell = {
  readonly options: SharedOptions
  readonly member: MemberOptions
  readonly role: Role<MemberState, MemberInput, MemberEffect>
  readonly live: Map<MachineId, Live>
  readonly lines: Map<MachineId, Promise<unknown>>
  isClosed: boolean
}

const MEMBERS = 'members'
export const createSharedMachines = (options: SharedOptions): SharedMachines => {
  const { logics, models, verifier, key } = options
  const patience = BigInt(options.limits.roundMs)
  const checks = withProver({ logics, models, verifier })
  const member = { ...checks, publicKey: key.publicKey, patience }
  const shell: Shell = {
    options,
    member,
    role: createMember(member),
    live: new Map(),
    lines: new Map(),
    isClosed: false,
  }
  return {
    hear: async (message) => {
      // Votes on shared machines do not stand in the journal that is guarded.
      options.healing.checkWhole()
      return take(shell, message.machine, { is: 'message', message })
    },
    stepsFrom: (machine, from, limit) => agreedFrom(options.store, machine, from, limit),
    acceptanceOf: (step) => acceptanceOf(shell, step),
    forget: (machine) => {
      clearTimeout(shell.live.get(machine)?.timer)
      shell.live.delete(machine)
    },
    close: () => {
      shell.isClosed = true
      for (const one of shell.live.values()) clearTimeout(one.timer)
    },
  }
}

const acceptanceOf = async (shell: Shell, of: Transition): Promise<Acceptance | undefined> => {
  const { takeover } = (shell.live.get(of.machine) ?? (await load(shell, of.machine))).state
  if (!takeover?.signature) return undefined
  const [made, wanted] = [takeover.transition, of].map((one) => transition.encode(one))
  if (!made || !wanted || Buffer.compare(made, wanted) !== 0) return undefined
  return { ...takeover.acceptance, signature: takeover.signature }
}

/** One input after the other for each machine. */
const take = (
  shell: Shell,
  machine: MachineId,
  input: MemberInput,
): Promise<MemberMessage | undefined> => {
  const before = shell.lines.get(machine) ?? Promise.resolve()
  const turn = before.then(() => takeInTurn(shell, machine, input))
  const quiet = turn.catch(() => undefined)
  shell.lines.set(machine, quiet)
  void quiet.then(() => {
    if (shell.lines.get(machine) === quiet) shell.lines.delete(machine)
  })
  return turn
}

const takeInTurn = async (
  shell: Shell,
  machine: MachineId,
  input: MemberInput,
): Promise<MemberMessage | undefined> => {
  for (;;) {
    const live = shell.live.get(machine) ?? (await load(shell, machine))
    const before = live.state
    const next = shell.role.step(before, input, envOf(shell))
    const settled = await settle(shell, machine, live, next)
    if (settled === 'stale') {
      // Another process of this operator has gone on; what it has stored is what counts.
      clearTimeout(live.timer)
      shell.live.delete(machine)
      continue
    }
    const refusal = settled.refusals.at(-1)
    const isNothingElse = settled.run === before.run && settled.followed === before.followed
    if (refusal && refusal !== before.refusals.at(-1) && isNothingElse) throw refusal
    if (input.is === 'tick') live.said = undefined
    return perform(shell, machine, live)
  }
}

const envOf = ({ options }: Shell) => ({
  now: options.clock(),
  random: new Uint8Array(randomBytes(32)),
})

/** Stores what the state has vowed and certified, then signs, until nothing is left to store or to sign. */
const settle = async (
  shell: Shell,
  machine: MachineId,
  live: Live,
  start: MemberState,
): Promise<MemberState | 'stale'> => {
  const { role, options } = shell
  let state = start
  for (;;) {
    const { unkept } = state
    const last = unkept.at(-1)?.transition.sequence
    if (last !== undefined) state = role.step(state, { is: 'kept', sequence: last }, envOf(shell))
    if (!(await isStored(options, machine, live, { state, unkept }))) return 'stale'
    live.state = state
    if (unkept.length > 0) options.news.tell(machine)
    const wanted = role.outstanding(state).flatMap((one) => (one.is === 'sign' ? [one] : []))
    if (wanted.length === 0) return state
    for (const { digest } of wanted) {
      const signature = options.key.sign(digest)
      const hex = Buffer.from(digest).toString('hex')
      state = role.step(state, { is: 'signed', digest: hex, signature }, envOf(shell))
    }
  }
}

const isStored = async (
  { store, clock }: SharedOptions,
  machine: MachineId,
  live: Live,
  { state, unkept }: { readonly state: MemberState; readonly unkept: readonly AgreedStep[] },
): Promise<boolean> => {
  const record = recordFrom(state)
  if (unkept.length === 0 && Buffer.compare(record, live.record) === 0) return true
  const outcome = await store.commit({
    appends: unkept.map((step) => appendOf(step, live.begun, clock())),
    puts: [{ space: MEMBERS, key: bytesFromId(machine), value: record, ifVersion: live.version }],
  })
  if (outcome.is !== 'stored') return false
  live.record = record
  live.version += 1n
  return true
}

/** The machine as the stored steps lead to it, and the vows on top of it. */
const load = async (shell: Shell, machine: MachineId): Promise<Live> => {
  const { options, member } = shell
  const served = await options.charters.find(machine)
  if (!served)
    throw new Fault('operator/unknown-machine', 'no charter was handed over', { machine })
  const followed = await followedFrom(options.store, member, served)
  const record = await options.store.get(MEMBERS, bytesFromId(machine))
  const state = record
    ? memberFromRecord(member, followed, record.value)
    : beginMember(followed.machine, followed.since)
  if (isFault(state))
    throw new Error(`the vows of ${machine} do not fit its steps`, { cause: state })
  const live: Live = {
    state,
    begun: await handedAt(options.store, machine),
    record: record?.value ?? new Uint8Array(0),
    version: record?.version ?? 0n,
    timer: undefined,
    said: undefined,
  }
  setBounded(shell.live, machine, live, options.limits.sharedKept)
  return live
}

/** Sends, asks, accuses and sets the clock; gives what is to be said to whoever asked. */
const perform = async (
  shell: Shell,
  machine: MachineId,
  live: Live,
): Promise<MemberMessage | undefined> => {
  const { options } = shell
  let said: MemberMessage | undefined
  clearTimeout(live.timer)
  for (const effect of shell.role.outstanding(live.state)) {
    switch (effect.is) {
      case 'send':
        said = effect.message
        if (isNew(live, effect.message)) sendToPeers(shell, machine, effect)
        break
      case 'wake': {
        const delayMs = Math.max(0, Number(effect.at - options.clock()))
        live.timer = setTimeout(() => inBackground(shell, machine, { is: 'tick' }), delayMs)
        live.timer.unref()
        break
      }
      case 'ask':
        askPeers(shell, machine, effect.from)
        break
      case 'accuse':
        await options.accusations
          .accuse({ is: 'statements', evidence: effect.evidence })
          .catch(() => undefined)
        break
      // Signed and stored before; acceptances are in the record for whoever gathers them.
      case 'sign':
      case 'keep':
      case 'accept':
        break
    }
  }
  return said
}

/** Two operators that answered each other each time would never stop. */
const isNew = (live: Live, message: MemberMessage): boolean => {
  const bytes = memberMessage.encode(message)
  const isSame = live.said !== undefined && Buffer.compare(live.said, bytes) === 0
  live.said = bytes
  return !isSame
}

/** Nobody waits for it, and a fault in it is somebody else's. */
const inBackground = (shell: Shell, machine: MachineId, input: MemberInput): void => {
  if (shell.isClosed) return
  take(shell, machine, input).catch((error: unknown) => {
    if (!isFault(error)) shell.options.log('error', 'rounds failed', { message: String(error) })
  })
}

const sendToPeers = (
  shell: Shell,
  machine: MachineId,
  { message, to }: Extract<MemberEffect, { is: 'send' }>,
): void => {
  const names = new Set(to.map((one) => one.name))
  for (const peer of shell.options.peers) {
    if (shell.isClosed || !names.has(peer.name)) continue
    void peer
      .tell(message)
      .then((answer) => {
        if (answer) inBackground(shell, machine, { is: 'message', message: answer })
      })
      .catch(() => undefined)
  }
}

const askPeers = (shell: Shell, machine: MachineId, from: bigint): void => {
  for (const peer of shell.options.peers) {
    if (shell.isClosed) return
    void peer
      .stepsFrom(machine, from)
      .then((steps) => {
        for (const step of steps) inBackground(shell, machine, { is: 'certified', step })
      })
      .catch(() => undefined)
  }
}
