/**
 * The machines that an operator serves: their charters and the changes of terms, admitted once, stored, and kept ready with
 * their owners' keys prepared.
 *
 * Safety. A machine's id is the hash of its charter, so a charter in memory can never be another one than that in the store,
 * whichever process stored it. That one is *missing* is never remembered: another process may have stored it since. Terms
 * change only by certified steps; a machine whose terms have changed is looked up again each time, and a vow for one whose
 * terms have not is stored on the condition that they still have not.
 *
 * Keys are checked one between two turns of the event loop, because a charter may name many and checking one of them costs
 * as much as checking a signature (attack: opening charters with many keys to make an operator stand still).
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  bytesFromId,
  equalBytes,
  Fault,
  isFault,
  type MachineId,
  type SignerId,
  type SignerKey,
  type Verifier,
} from 'tallystick/base'
import type { PreparedKey, PrepareKey } from 'tallystick/engine-native'
import {
  type Charter,
  charter,
  checkCharter,
  machineId,
  type ModelRegistry,
  signerOf,
  type Terms,
  type Transition,
} from 'tallystick/kernel'
import {
  type Amendment,
  DIRECTORY,
  directoryPolicy,
  type Era,
  eraOf,
  ownerKey,
  seatOfSuccessor,
  type ServedMachine,
  servedFrom,
  servedMachine,
  withAmendment,
} from 'tallystick/models'
import type { Put, Store } from '../store/store.ts'
import { setBounded } from './bounded-map.ts'
import type { ServerLimits } from './limits.ts'
import { createMachineRoom, type MachineRoom } from './machine-room.ts'

/** Who proposes alone, and its id in the suite of the terms. */
export type Proposer = SignerKey & PreparedKey & { readonly signer: SignerId }

/** A machine that this operator serves. */
export type Served = {
  readonly machine: MachineId
  readonly charter: Charter
  readonly terms: ServedMachine
  /** Who proposes the step with this number; undefined where nobody does alone. */
  readonly ownerAt: (sequence: bigint) => Proposer | undefined
  /** The operator's position among those who certify the step, or who take over with it; −1 where it is in neither. */
  readonly seatFor: (step: Transition) => number
  /** For a unit: it is stored only while the terms are these. Missing where that was looked up just now. */
  readonly unlessAmended: Put | undefined
}

export type Charters = {
  /** Admits and stores a charter; the same one again is the same machine. Raises why it is not served. */
  readonly open: (bytes: Uint8Array) => Promise<Served>
  /** Takes in changes of terms, on top of those that are known. Raises why they do not hold, or that none names this operator. */
  readonly amend: (of: Charter, changes: readonly Amendment[]) => Promise<Served>
  /** One that is ready, without a look at the store; undefined says nothing. */
  readonly ready: (machine: MachineId) => Served | undefined
  /** Undefined where no charter was handed over. */
  readonly find: (machine: MachineId) => Promise<Served | undefined>
  readonly bytesOf: (machine: MachineId) => Promise<Uint8Array | undefined>
  /** After a unit was not stored because the terms had changed. */
  readonly forget: (machine: MachineId) => void
}

export type ChartersOptions = {
  readonly store: Store
  readonly verifier: Verifier
  readonly prepare: PrepareKey
  readonly models: ModelRegistry
  readonly key: SignerKey
  readonly limits: ServerLimits
}

export const CHARTERS = 'charters'
const TERMS = 'terms'

export const createCharters = (options: ChartersOptions): Charters => {
  const ready = new Map<MachineId, Served>()
  const { store, limits } = options
  const room = createMachineRoom(store, CHARTERS, limits.machines)
  const keep = (served: Served): Served => {
    if (served.unlessAmended) setBounded(ready, served.machine, served, limits.chartersKept)
    return served
  }
  const bytesOf = async (machine: MachineId): Promise<Uint8Array | undefined> =>
    (await store.get(CHARTERS, bytesFromId(machine)))?.value
  const find = async (machine: MachineId): Promise<Served | undefined> => {
    const known = ready.get(machine)
    if (known) return known
    const amended = await store.get(TERMS, bytesFromId(machine))
    // They were admitted before they were stored.
    if (amended) return servedBy(options, servedMachine.decode(amended.value), false)
    const bytes = await bytesOf(machine)
    return bytes && keep(servedBy(options, servedFrom(charter.decode(bytes)), true))
  }
  return {
    open: async (bytes) => {
      const decoded = charter.decode(bytes)
      const known = await find(machineId(decoded))
      if (known) return known
      checkPlace(options, decoded.terms)
      await admit(options, decoded)
      await room.take()
      await storeCharter(store, decoded)
      return keep(servedBy(options, servedFrom(decoded), true))
    },
    amend: (of, changes) =>
      amend({ ...options, room }, of, changes, (machine) => ready.delete(machine)),
    ready: (machine) => ready.get(machine),
    find,
    bytesOf,
    forget: (machine) => {
      ready.delete(machine)
    },
  }
}

const storeCharter = async (store: Store, of: Charter): Promise<void> => {
  const put = { space: CHARTERS, key: bytesFromId(machineId(of)), value: charter.encode(of) }
  await store.commit({ appends: [], puts: [{ ...put, ifVersion: 0n }] })
}

const amend = async (
  options: ChartersOptions & { readonly room: MachineRoom },
  of: Charter,
  changes: readonly Amendment[],
  forget: (machine: MachineId) => void,
): Promise<Served> => {
  const { store } = options
  const machine = machineId(of)
  const key = bytesFromId(machine)
  const isKnown = (await store.get(CHARTERS, key)) !== undefined
  if (!isKnown) await admit(options, of)
  for (let hasPlace = isKnown; ;) {
    const record = await store.get(TERMS, key)
    let next = record ? servedMachine.decode(record.value) : servedFrom(of)
    for (const one of changes) {
      const changed = withAmendment(options, next, one)
      if (isFault(changed)) throw changed
      next = changed
      await nextTurn()
    }
    if (!next.eras.some((era) => seatIn(options, era.terms) >= 0)) {
      throw new Fault('operator/not-served', 'no terms name this operator', { machine })
    }
    if (!hasPlace) await options.room.take()
    hasPlace = true
    await storeCharter(store, of)
    const value = servedMachine.encode(next)
    const put: Put = { space: TERMS, key, value, ifVersion: record?.version ?? 0n }
    const outcome = await store.commit({ appends: [], puts: [put] })
    forget(machine)
    if (outcome.is === 'stored') return servedBy(options, next, false)
  }
}

/** What needs no cryptography: the model, the operator's place in the policy, the number of keys, who proposes. */
const checkPlace = (options: ChartersOptions, terms: Terms): void => {
  if (terms.policy.kind !== DIRECTORY) {
    throw new Fault('operator/not-served', `the policy is "${terms.policy.kind}"`)
  }
  if (seatIn(options, terms) < 0) {
    throw new Fault('operator/not-served', 'the charter does not name this operator')
  }
  if (terms.turn.is === 'owner' && !ownerKey({ terms })) {
    throw new Fault('operator/not-served', 'the owner cannot propose with one key')
  }
}

/** The operator's position in the policy of these terms, or −1. */
const seatIn = ({ key }: ChartersOptions, { policy }: Terms): number =>
  policy.kind === DIRECTORY
    ? directoryPolicy
        .decode(policy.params)
        .operators.findIndex(
          (one) => one.scheme === key.scheme && equalBytes(one.publicKey, key.publicKey),
        )
    : -1

const admit = async ({ verifier, models, limits }: ChartersOptions, of: Charter): Promise<void> => {
  const { terms } = of
  const operators =
    terms.policy.kind === DIRECTORY ? directoryPolicy.decode(terms.policy.params).operators : []
  const keys: readonly SignerKey[] = [
    ...terms.participants.flatMap((one) => one.controller.keys),
    ...operators,
  ]
  if (keys.length > limits.charterKeys) {
    throw new Fault('operator/not-served', `more than ${limits.charterKeys} keys`)
  }
  // So that the engine remembers the keys when the whole charter is checked. The first one that is bad ends it.
  for (const one of keys) {
    if (!verifier.acceptsKey(one.scheme, one.publicKey)) break
    await nextTurn()
  }
  const fault = checkCharter(of, verifier) ?? models.get(terms.policy.kind)?.admit(terms, verifier)
  if (fault) throw fault.at({ machine: machineId(of) })
}

type ReadyEra = {
  readonly seat: number
  readonly owner: Proposer | undefined
}

const servedBy = (options: ChartersOptions, terms: ServedMachine, isUnchanged: boolean): Served => {
  const machine = machineId(terms.charter)
  const eras = new Map<Era, ReadyEra>()
  const eraAt = (sequence: bigint): ReadyEra | undefined => {
    const era = eraOf(terms, sequence)
    if (!era) return undefined
    const known = eras.get(era)
    if (known) return known
    const fresh = { seat: seatIn(options, era.terms), owner: preparedOwner(options, era.terms) }
    eras.set(era, fresh)
    return fresh
  }
  return {
    machine,
    charter: terms.charter,
    terms,
    ownerAt: (sequence) => eraAt(sequence)?.owner,
    seatFor: (step) => {
      const seat = eraAt(step.sequence)?.seat ?? -1
      return seat < 0 ? seatOfSuccessor(terms, step, options.key.publicKey) : seat
    },
    unlessAmended: isUnchanged
      ? { space: TERMS, key: bytesFromId(machine), value: undefined, ifVersion: 0n }
      : undefined,
  }
}

const preparedOwner = ({ prepare }: ChartersOptions, terms: Terms): Proposer | undefined => {
  const key = ownerKey({ terms })
  const prepared = key && prepare(key.scheme, key.publicKey)
  if (!key || !prepared) return undefined
  const { scheme, publicKey } = key
  return { scheme, publicKey, verify: prepared.verify, signer: signerOf(terms.suite, key) }
}
