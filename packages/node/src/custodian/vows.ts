/**
 * What a custodian's key has signed, in the journal that the guard watches.
 *
 * Safety. Before anything is signed an entry stands for its place: machine, number, parent, round and phase. Of two processes
 * over one store, or of a process that lost its record, only one child gets the entry, and who comes second does not sign. A store
 * that was set back is noticed by the guard (`store/guard.ts`), and nothing is signed then.
 *
 * Not promised. That two processes with one key and separate stores agree: nothing can keep them from contradicting each other, and
 * what they sign is evidence against the key.
 *
 * | journal `custodian/vows` | |
 * |---|---|
 * | key | SHA-256 over the place; of a heartbeat over its digest |
 * | value | id of the child; nothing for an abort or a heartbeat |
 */
import { createHash } from 'node:crypto'
import { bytesFromId, type SuiteId } from 'tallystick/base'
import { positionOf, type Statement, transitionId } from 'tallystick/kernel'
import { storeError } from '../store/errors.ts'
import type { GuardedStore } from '../store/guard.ts'
import type { Append, Store } from '../store/store.ts'

export const CUSTODIAN_VOWS = 'custodian/vows'

export const vowAppend = (suite: SuiteId, of: Statement, time: bigint): Append => {
  const { machine, sequence, parent } = positionOf(of)
  const phase = of.is === 'vote' ? of.phase : 'abort'
  return {
    journal: CUSTODIAN_VOWS,
    key: sha256(`vow ${machine} ${sequence} ${parent} ${of.round} ${phase}`),
    value: of.is === 'vote' ? bytesFromId(transitionId(suite, of.transition)) : NOTHING,
    time,
  }
}

export const beatAppend = (digest: Uint8Array, time: bigint): Append => ({
  journal: CUSTODIAN_VOWS,
  key: sha256(`beat ${Buffer.from(digest).toString('hex')}`),
  value: NOTHING,
  time,
})

/** Those of the entries that are not in the journal yet. Raises an error where another child has the place of one. */
export const newVows = async (
  store: Store,
  appends: readonly Append[],
): Promise<readonly Append[]> => {
  const fresh: Append[] = []
  for (const one of appends) {
    const had = await store.find(CUSTODIAN_VOWS, one.key)
    if (!had) fresh.push(one)
    else if (Buffer.compare(had.value, one.value) !== 0) throw new Error(CONTRADICTION)
  }
  return fresh
}

/**
 * Raises `store/quarantined` for a store that is older than what was signed over it, now or at an earlier start. The guard gives back
 * the journal's last entries, but records beside it stay as old as they were, and who trusted them could vote for another child in a
 * later round than the one that is lost. The key then signs nothing over this store any more.
 */
export const checkWhole = async (store: GuardedStore): Promise<void> => {
  const key = new TextEncoder().encode(CUSTODIAN_VOWS)
  const status = store.status()
  if (status.is !== 'quarantined' && !store.wasSetBack()) {
    if (!(await store.get(SET_BACK, key))) return
  }
  if (status.is !== 'quarantined') {
    await store.commit({ appends: [], puts: [{ space: SET_BACK, key, value: NOTHING }] })
  }
  const why = status.is === 'quarantined' ? status.why : 'its last vows had to come from the guard'
  throw storeError('store/quarantined', `the store is older than what was signed over it: ${why}`)
}

const SET_BACK = 'custodian/set-back'

const CONTRADICTION = 'the journal holds a vow for another child of this parent; nothing is signed'
const NOTHING = new Uint8Array(0)

const sha256 = (text: string): Uint8Array =>
  new Uint8Array(createHash('sha256').update(text).digest())
