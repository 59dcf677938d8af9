/**
 * The charters that an operator serves: admitted once, stored, and kept ready with their owner's key prepared.
 *
 * Safety. A machine's id is the hash of its charter, so a charter in memory can never be another one than that in the store,
 * whichever process stored it. That one is *missing* is never remembered: another process may have stored it since.
 *
 * Keys are checked one between two turns of the event loop, because a charter may name many and checking one of them takes
 * milliseconds (attack: opening charters with many keys to make an operator stand still).
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  bytesFromId,
  equalBytes,
  Fault,
  type MachineId,
  type SignerKey,
  type Verifier,
} from 'tallystick/base'
import type { PreparedKey, PrepareKey } from 'tallystick/engine-native'
import { type Charter, charter, checkCharter, machineId } from 'tallystick/kernel'
import {
  admitDirectory,
  DIRECTORY,
  type DirectoryPolicy,
  directoryPolicy,
  ownerKey,
} from 'tallystick/models'
import type { Store } from '../store/store.ts'
import { setBounded } from './bounded-map.ts'
import type { ServerLimits } from './limits.ts'

/** A machine that this operator serves. */
export type Served = {
  readonly machine: MachineId
  readonly charter: Charter
  readonly policy: DirectoryPolicy
  /** The operator's position in the policy. */
  readonly seat: number
  readonly owner: SignerKey & PreparedKey
}

export type Charters = {
  /** Admits and stores a charter; the same one again is the same machine. Raises why it is not served. */
  readonly open: (bytes: Uint8Array) => Promise<Served>
  /** Undefined where no charter was handed over. */
  readonly find: (machine: MachineId) => Promise<Served | undefined>
  readonly bytesOf: (machine: MachineId) => Promise<Uint8Array | undefined>
}

export type ChartersOptions = {
  readonly store: Store
  readonly verifier: Verifier
  readonly prepare: PrepareKey
  readonly key: SignerKey
  readonly limits: ServerLimits
}

export const CHARTERS = 'charters'

export const createCharters = (options: ChartersOptions): Charters => {
  const ready = new Map<MachineId, Served>()
  const { store, limits } = options
  const keep = (served: Served): Served => {
    setBounded(ready, served.machine, served, limits.chartersKept)
    return served
  }
  const bytesOf = async (machine: MachineId): Promise<Uint8Array | undefined> =>
    (await store.get(CHARTERS, bytesFromId(machine)))?.value
  return {
    open: async (bytes) => {
      const decoded = charter.decode(bytes)
      const machine = machineId(decoded)
      const known = ready.get(machine)
      if (known) return known
      const served = servedFrom(options, machine, decoded)
      await warmKeys(options, served)
      const fault =
        checkCharter(decoded, options.verifier) ??
        admitDirectory(decoded.terms, served.policy, options.verifier)
      if (fault) throw fault.at({ machine })
      const prepared = withOwner(options, served)
      await store.commit({
        appends: [],
        puts: [{ space: CHARTERS, key: bytesFromId(machine), value: bytes, ifVersion: 0n }],
      })
      return keep(prepared)
    },
    find: async (machine) => {
      const known = ready.get(machine)
      if (known) return known
      const bytes = await bytesOf(machine)
      // It was admitted before it was stored.
      return bytes && keep(withOwner(options, servedFrom(options, machine, charter.decode(bytes))))
    },
    bytesOf,
  }
}

type Unprepared = Omit<Served, 'owner'> & { readonly owner: SignerKey }

/** What needs no cryptography: the model, the operator's place in the policy, the number of keys, who proposes. */
const servedFrom = (
  { key, limits }: ChartersOptions,
  machine: MachineId,
  decoded: Charter,
): Unprepared => {
  const { terms } = decoded
  const refuse = (text: string): Fault => new Fault('operator/not-served', text, { machine })
  if (terms.policy.kind !== DIRECTORY) throw refuse(`the policy is "${terms.policy.kind}"`)
  const policy = directoryPolicy.decode(terms.policy.params)
  const seat = policy.operators.findIndex(
    (one) => one.scheme === key.scheme && equalBytes(one.publicKey, key.publicKey),
  )
  if (seat < 0) throw refuse('the charter does not name this operator')
  const keys = terms.participants.reduce((sum, one) => sum + one.controller.keys.length, 0)
  if (keys + policy.operators.length > limits.charterKeys) {
    throw refuse(`more than ${limits.charterKeys} keys`)
  }
  const owner = ownerKey(decoded)
  if (!owner) throw refuse('nobody proposes alone')
  return { machine, charter: decoded, policy, seat, owner }
}

/** So that the engine remembers the keys when the whole charter is checked. The first one that is bad ends it. */
const warmKeys = async (
  { verifier }: ChartersOptions,
  { charter: { terms }, policy }: Unprepared,
): Promise<void> => {
  const keys: readonly SignerKey[] = [
    ...terms.participants.flatMap((one) => one.controller.keys),
    ...policy.operators,
  ]
  for (const one of keys) {
    if (!verifier.acceptsKey(one.scheme, one.publicKey)) return
    await nextTurn()
  }
}

const withOwner = ({ prepare }: ChartersOptions, of: Unprepared): Served => {
  const { scheme, publicKey } = of.owner
  const prepared = prepare(scheme, publicKey)
  if (!prepared) throw new Fault('operator/not-served', 'the owner’s key is none')
  return { ...of, owner: { scheme, publicKey, verify: prepared.verify } }
}
