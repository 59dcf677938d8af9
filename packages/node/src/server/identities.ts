/**
 * Identities: the key logs that this operator has seen, each in a journal of its own.
 *
 * Safety. A log's journal has one entry for a number. It is durable before a receipt is signed, and what is signed is what the
 * journal holds, with its time. So this process, its twin over the same database and its next life give receipts for one
 * event of a number: the first. Who hands over another one is answered with that one, which is evidence if one key signed both.
 *
 * Liveness. An event that follows the log and keeps its rules is taken. A repeat gets the same receipt.
 *
 * Not promised. That everybody's log is kept: there are only so many (attack: filling a disk with made-up identities).
 */
import { Fault, isFault, KEY_EVENTS_MAX, u64, type Verifier } from 'tallystick/base'
import {
  type Controller,
  type IdentityId,
  identityOf,
  keyEventId,
  keyEvidenceFrom,
  keyHeadFrom,
  keyReceiptMessage,
  type KeyState,
  type SignedKeyEvent,
  signedKeyEvent,
} from 'tallystick/kernel'
import {
  judgeKeyEvent,
  type KeptKeyEvent,
  type KeyAnswer,
  keyEventKey,
  type KeyStamp,
} from 'tallystick/models'
import type { Append, Entry, Put, Store } from '../store/store.ts'
import type { Accusations } from './accusations.ts'
import { setBounded } from './bounded-map.ts'
import type { Healing } from './healing.ts'
import type { ServerLimits } from './limits.ts'
import type { OperatorKey } from './operator-key.ts'

export type Identities = {
  /** Takes an event, or answers with the one that was first. Raises `identity/too-many` and what `judgeKeyEvent` returns. */
  readonly take: (signed: SignedKeyEvent) => Promise<KeyAnswer>
  /** The log from a number on, as much as fits an answer; empty where nothing is. */
  readonly logOf: (identity: IdentityId, from: number) => Promise<readonly KeptKeyEvent[]>
}

export type IdentitiesOptions = {
  readonly store: Store
  readonly key: OperatorKey
  readonly verifier: Verifier
  readonly limits: ServerLimits
  readonly clock: () => bigint
  readonly accusations: Pick<Accusations, 'accuseKeys'>
  readonly healing: Pick<Healing, 'checkWhole'>
}

const COUNT = 'identity-count'
const COUNT_KEY = new Uint8Array([0])

export const createIdentities = (options: IdentitiesOptions): Identities => {
  /** Logs as far as they were judged here. Another process may have gone on since; then an append finds its place taken. */
  const known = new Map<IdentityId, KeyState>()
  return {
    take: (signed) => take(options, known, signed),
    logOf: async (identity, from) => {
      const kept: KeptKeyEvent[] = []
      let size = 0
      for await (const entry of entriesFrom(options.store, identity, from)) {
        size += entry.value.length
        if (kept.length > 0 && size > options.limits.answerBytes) break
        kept.push(keptFrom(options, entry))
      }
      return kept
    },
  }
}

type Known = Map<IdentityId, KeyState>

const journalOf = (identity: IdentityId): string => `identity/${identity}`

const take = async (
  options: IdentitiesOptions,
  known: Known,
  signed: SignedKeyEvent,
): Promise<KeyAnswer> => {
  const { store, limits, verifier } = options
  const identity = identityOf(signed.event)
  const append: Append = {
    journal: journalOf(identity),
    key: keyEventKey(identity, signed.event.sequence),
    value: signedKeyEvent.encode(signed),
    time: options.clock(),
  }
  for (;;) {
    const first = await store.find(append.journal, append.key)
    if (first) return answerOf(options, first, signed)
    options.healing.checkWhole()
    const before = await stateOf(options, known, identity)
    // Another process has been faster since we looked.
    if (before && before.sequence >= signed.event.sequence) continue
    const state = judgeKeyEvent(before, signed, verifier)
    if (isFault(state)) throw state
    const puts = before ? [] : [await countPut(options)]
    const outcome = await store.commit({ appends: [append], puts })
    if (outcome.is !== 'stored') continue
    setBounded(known, identity, state, limits.identitiesKept)
    const [entry] = outcome.entries
    if (!entry) throw new Error('a stored unit has the entry that was appended')
    return { is: 'kept', stamp: stampOf(options, entry, signed) }
  }
}

const answerOf = async (
  options: IdentitiesOptions,
  first: Entry,
  signed: SignedKeyEvent,
): Promise<KeyAnswer> => {
  const by = keptFrom(options, first)
  if (keyEventId(by.signed.event) === keyEventId(signed.event)) {
    return { is: 'kept', stamp: by.stamp }
  }
  const inUse = await keysBefore(options.store, signed)
  await options.accusations.accuseKeys(keyEvidenceFrom(by.signed, signed, inUse))
  return { is: 'taken', by }
}

/** The keys that were in use before the event with this number, as the journal has it: they may have signed both. */
const keysBefore = async (
  store: Store,
  { event }: SignedKeyEvent,
): Promise<Controller | undefined> => {
  let inUse: Controller | undefined
  for await (const entry of entriesFrom(store, identityOf(event), 0)) {
    if (entry.index >= BigInt(event.sequence)) break
    const { change } = signedKeyEvent.decode(entry.value).event
    if (change.is !== 'devices') inUse = change.keys
  }
  return inUse
}

/** An entry's index is its event's number: each was appended to the log before it. */
const entriesFrom = async function* (
  store: Store,
  identity: IdentityId,
  from: number,
): AsyncGenerator<Entry> {
  for (let at = BigInt(from); ;) {
    const page = await store.read(journalOf(identity), at, KEY_EVENTS_MAX)
    if (page.length === 0) return
    yield* page
    at += BigInt(page.length)
  }
}

/** The identity as the journal has it; its entries were judged before they were stored. */
const stateOf = async (
  { store, verifier, limits }: IdentitiesOptions,
  known: Known,
  identity: IdentityId,
): Promise<KeyState | undefined> => {
  let state = known.get(identity)
  for await (const entry of entriesFrom(store, identity, state ? state.sequence + 1 : 0)) {
    const next = judgeKeyEvent(state, signedKeyEvent.decode(entry.value), verifier)
    if (isFault(next)) throw new Error(`a stored key log breaks its rules: ${next.message}`)
    state = next
  }
  if (state) setBounded(known, identity, state, limits.identitiesKept)
  return state
}

/** Counts a new identity. */
const countPut = async ({ store, limits }: IdentitiesOptions): Promise<Put> => {
  const record = await store.get(COUNT, COUNT_KEY)
  const count = record ? u64.decode(record.value) : 0n
  if (count >= BigInt(limits.identities)) {
    throw new Fault('identity/too-many', 'this operator keeps no more identities')
  }
  return {
    space: COUNT,
    key: COUNT_KEY,
    value: u64.encode(count + 1n),
    ifVersion: record?.version ?? 0n,
  }
}

const keptFrom = (options: IdentitiesOptions, entry: Entry): KeptKeyEvent => {
  const signed = signedKeyEvent.decode(entry.value)
  return { signed, stamp: stampOf(options, entry, signed) }
}

/** The signature over what the journal holds. */
const stampOf = (
  { key }: IdentitiesOptions,
  { time }: Entry,
  signed: SignedKeyEvent,
): KeyStamp => ({
  time,
  signature: key.sign(keyReceiptMessage(signed.event.suite, keyHeadFrom(signed), time)),
})
