/**
 * The sealer: signs what was executed, one signature for as much as has come together.
 *
 * Safety. It is handed transitions that are durable in the journal. A vow follows from each of them: for its machine and number,
 * this child of this parent. `sealBatch` refuses another. A seal is stored before anybody is shown it, with its time, so that times
 * never go back.
 *
 * Liveness. Nobody waits for a seal but who asks for a proof: alone an interaction is sealed at once, under load many share a
 * signature, which costs as much as checking one. A process that was killed before it had signed signs at the next start: the
 * journal says what is missing. Where the store is full, a seal that was made waits for it, and so does execution once enough is
 * waiting; who asks for a proof is told to come later.
 */
import { setTimeout as pause } from 'node:timers/promises'
import { isFault, type MachineId, type Signer, type SuiteId } from 'tallystick/base'
import type { Pledge } from 'tallystick/kernel'
import { sealBatch, sealed, sealedBy } from 'tallystick/moi'
import { setBounded } from '../server/bounded-map.ts'
import type { LatticeEntry } from './store/entry.ts'
import type { Lattice } from './store/lattice.ts'
import type { Trouble } from './trouble.ts'
import { untilStored } from './until-stored.ts'

export type Sealer = {
  /** Takes entries that follow those of earlier calls. */
  readonly seal: (entries: readonly LatticeEntry[]) => void
  /** Resolves when all that has been handed in by now is signed and stored. Raises what went wrong. */
  readonly settled: () => Promise<void>
  /** Resolves when not too much waits. Raises what went wrong. */
  readonly hasRoom: () => Promise<void>
  /** Signs what a process that was killed has left unsigned. Before the first call of `seal`. */
  readonly catchUp: () => Promise<void>
  /** Finishes what was handed in, and gives up where the store does not take it. Raises what went wrong. */
  readonly stop: () => Promise<void>
}

export type SealerOptions = {
  readonly lattice: Lattice
  readonly signer: Signer
  readonly suite: SuiteId
  /** Milliseconds since 1970. */
  readonly clock: () => bigint
  /** Told of a store that takes no seals. */
  readonly trouble?: Trouble
}

/** Entries under one seal, and entries that wait before execution waits too. */
const TOGETHER_MAX = 1024
const WAITING_MAX = 8192
/** Milliseconds between two seals, and after which whoever waits looks whether there is trouble. */
const PACE_MS = 20
const LOOK_MS = 250
const PLEDGES_MAX = 65_536

type State = {
  readonly pledges: Map<MachineId, Pledge>
  readonly waiting: LatticeEntry[]
  /** Index of the next entry to be sealed, and of the next to be handed in. */
  next: bigint
  end: bigint
  sealedAt: bigint
  running: Promise<void> | undefined
  failure: unknown
  /** Why the seal at hand is not stored yet. */
  trouble: unknown
  isStopping: boolean
}

export const createSealer = async (options: SealerOptions): Promise<Sealer> => {
  const next = await options.lattice.certified()
  const state: State = {
    pledges: new Map(),
    waiting: [],
    next,
    end: next,
    sealedAt: await lastTime(options.lattice),
    running: undefined,
    failure: undefined,
    trouble: undefined,
    isStopping: false,
  }
  const until = async (isEnough: () => boolean): Promise<void> => {
    while (!isEnough() && state.running) await state.running
    if (state.failure !== undefined) throw state.failure
  }
  const settled = async (): Promise<void> => {
    const { end } = state
    while (state.next < end && state.running) {
      if (state.trouble !== undefined) throw state.trouble
      await Promise.race([state.running, pause(LOOK_MS, undefined, { ref: false })])
    }
    if (state.failure !== undefined) throw state.failure
  }
  return {
    seal: (entries) => {
      state.waiting.push(...entries)
      state.end += BigInt(entries.length)
      state.running ??= sealAll(options, state)
    },
    settled,
    stop: () => {
      state.isStopping = true
      const { end } = state
      return until(() => state.next >= end)
    },
    hasRoom: () => until(() => state.waiting.length <= WAITING_MAX),
    catchUp: async () => {
      const { lattice } = options
      while (state.next < lattice.size()) {
        const entries: LatticeEntry[] = []
        while (entries.length < TOGETHER_MAX) {
          const found = await lattice.entryAt(state.next + BigInt(entries.length))
          if (!found) break
          entries.push(found.entry)
        }
        await sealSome(options, state, { entries, isPatient: false })
      }
      state.end = state.next
    },
  }
}

/** One step of the work, after which whoever waits looks again whether it is enough. */
const sealAll = async (options: SealerOptions, state: State): Promise<void> => {
  try {
    // Whoever is handed in with the same turn of the event loop goes under the same seal.
    await Promise.resolve()
    const entries = state.waiting.splice(0, TOGETHER_MAX)
    await sealSome(options, state, { entries, isPatient: true })
    if (state.waiting.length > 0 && state.waiting.length < TOGETHER_MAX) await pause(PACE_MS)
    state.running = state.waiting.length > 0 ? sealAll(options, state) : undefined
  } catch (error) {
    state.failure = error
    state.running = undefined
  }
}

const sealSome = async (
  { lattice, signer, suite, clock, trouble }: SealerOptions,
  state: State,
  {
    entries,
    isPatient,
  }: { readonly entries: readonly LatticeEntry[]; readonly isPatient: boolean },
): Promise<void> => {
  if (entries.length === 0) return
  const { pledges, sealedAt, next } = state
  const batch = sealBatch({
    suite,
    tesseracts: entries.map((entry) => entry.steps.map((one) => one.transition)),
    now: clock(),
    sealedAt,
    // The journal that the transitions come from is the record of vows; this is what was signed lately, looked at once more.
    pledgeOf: (machine) => pledges.get(machine),
  })
  if (isFault(batch)) throw batch
  for (const [machine, pledge] of batch.pledges) setBounded(pledges, machine, pledge, PLEDGES_MAX)
  const signature = signer.sign(batch.digest)
  const end = next + BigInt(entries.length)
  const certificate = sealed.encode(sealedBy(batch, signature))
  // The same one, however long it takes: there is one signature for each entry.
  await untilStored(() => lattice.keepCertificate(next, end - 1n, certificate), {
    isStopping: () => !isPatient || state.isStopping,
    onTrouble: (error, isFirst) => {
      state.trouble = error
      trouble?.onTrouble(error, isFirst)
    },
    onOver: (isStored) => trouble?.onOver?.(isStored),
  })
  state.trouble = undefined
  state.sealedAt = batch.time
  state.next = end
}

const lastTime = async (lattice: Lattice): Promise<bigint> => {
  const size = await lattice.certified()
  const found = size === 0n ? undefined : await lattice.certificateOf(size - 1n)
  return found ? sealed.decode(found.certificate).time : 0n
}
