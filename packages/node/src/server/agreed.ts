/** Certified steps of shared machines, as an operator keeps them, and the fold over them. */
import { Fault, isFault, type MachineId, SHARED_STEPS_MAX } from 'tallystick/base'
import {
  type AgreedStep,
  agreedStep,
  beginFollowing,
  DIRECTORY,
  follow,
  type Followed,
  type MemberOptions,
} from 'tallystick/models'
import type { Append, Store } from '../store/store.ts'
import type { Served } from './charters.ts'
import { beginningOf, handedAt } from './handed.ts'

/** A machine that comes back after others have had it goes on in a journal of its own. */
const agreedJournal = (machine: MachineId, begun: bigint): string =>
  begun === 0n ? `agreed/${machine}` : `agreed/${machine}/${begun}`

export const agreedFrom = async (
  store: Store,
  machine: MachineId,
  from: bigint,
  limit: number,
): Promise<readonly AgreedStep[]> => {
  const begun = await handedAt(store, machine)
  // Of a machine that began with step b, step n is entry n − b − 1: each is stored after the one before.
  const start = from > begun ? from - begun - 1n : 0n
  const found = await store.read(agreedJournal(machine, begun), start, limit)
  return found.map((one) => agreedStep.decode(one.value))
}

/** What appends a certified step, at a time. */
export const appendOf = (step: AgreedStep, begun: bigint, time: bigint): Append => ({
  journal: agreedJournal(step.transition.machine, begun),
  key: sequenceKey(step.transition.sequence),
  value: agreedStep.encode(step),
  time,
})

const sequenceKey = (sequence: bigint): Uint8Array => {
  const key = new Uint8Array(8)
  new DataView(key.buffer).setBigUint64(0, sequence)
  return key
}

export const followedFrom = async (
  store: Store,
  member: MemberOptions,
  served: Served,
): Promise<Followed> => {
  const { machine } = served
  const genesis = await beginningOf(store, served, member.logics)
  if (isFault(genesis)) throw genesis
  const { policy, turn } = genesis.terms
  if (policy.kind !== DIRECTORY || turn.is === 'owner') {
    throw new Fault('operator/not-shared', 'no operators agree in rounds on this machine', {
      machine,
    })
  }
  let followed = beginFollowing(genesis)
  for (;;) {
    const from = followed.machine.head.sequence + 1n
    const page = await agreedFrom(store, machine, from, SHARED_STEPS_MAX)
    if (page.length === 0) return followed
    for (const step of page) {
      const next = follow(member, followed, step)
      // It was judged before it was stored.
      if (isFault(next)) throw new Error(`step ${from} of ${machine} is damaged`, { cause: next })
      followed = next
    }
  }
}
