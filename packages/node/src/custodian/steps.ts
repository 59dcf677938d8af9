/** Certified steps of a machine as a custodian's store keeps them, and the fold over them. */
import { isFault, type MachineId } from 'tallystick/base'
import type { Machine } from 'tallystick/kernel'
import {
  type AgreedStep,
  agreedStep,
  beginFollowing,
  type CandidateOptions,
  follow,
  type Followed,
} from 'tallystick/models'
import type { Append, Store } from '../store/store.ts'
import { PAGE_STEPS } from './limits.ts'

const journalOf = (machine: MachineId): string => `agreed/${machine}`

export const stepAppend = (step: AgreedStep, time: bigint): Append => {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, step.transition.sequence)
  return { journal: journalOf(step.transition.machine), key, value: agreedStep.encode(step), time }
}

/** Step n is entry n − 1. */
export const storedSteps = async (
  store: Store,
  machine: MachineId,
  from: bigint,
): Promise<readonly AgreedStep[]> => {
  const entries = await store.read(journalOf(machine), from - 1n, PAGE_STEPS)
  return entries.map((one) => agreedStep.decode(one.value))
}

/** The machine as the stored steps lead to it. `each` is told of every one of them. */
export const followStored = async (
  store: Store,
  options: CandidateOptions,
  genesis: Machine,
  each: (step: AgreedStep) => void,
): Promise<Followed> => {
  let followed = beginFollowing(genesis)
  for (;;) {
    const from = followed.machine.head.sequence + 1n
    const page = await storedSteps(store, genesis.id, from)
    if (page.length === 0) return followed
    for (const step of page) {
      const next = follow(options, followed, step)
      // It was judged before it was stored.
      if (isFault(next))
        throw new Error(`step ${from} of ${genesis.id} is damaged`, { cause: next })
      followed = next
      each(step)
    }
  }
}
