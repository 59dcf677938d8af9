/**
 * Which inputs a custodian keeps, so that it considers them again in its next life.
 *
 * Promise. Those of whom the definition names, and of custodians, are all archived for good. Of everybody else's so many are kept while
 * they wait: what strangers send fills no disk, and no start is held up by more (attack: inputs under made-up keys, a new one for each).
 * One that a certified step took is archived, and one that was refused for good is gone: either gives its place back. What is not
 * kept is considered all the same, while the process runs.
 *
 * Not promised. That an input of a stranger is considered after a restart where there was no room: relays show it again, or its sender
 * sends it again. That a stranger is told only once why his input was refused where more were refused than are remembered. That those
 * who take part do not fill a disk: whoever sets a machine up with somebody takes that on.
 *
 * | store | |
 * |---|---|
 * | space | `custodian/strangers/` and the machine's id |
 * | key | 32 bytes of the event's id |
 * | value | 8 bytes, big endian, that order what came; then the event's JSON in UTF-8 |
 */
import { bytesFromHex, bytesFromUtf8, hexFromBytes, utf8FromBytes } from 'tallystick/base'
import {
  checkNostrEvent,
  type NostrEvent,
  nostrEventFromText,
  partiesOf,
  type RejectionCode,
  textFromNostrEvent,
} from 'tallystick/nostr'
import type { Put, Recorded, Store } from '../store/store.ts'
import { STRANGER_INPUTS_MAX } from './limits.ts'
import type { Run } from './run.ts'

export type InputRoom = {
  /** Keeps an input where there is room. Whether it is one to be considered: one that was kept before is not. */
  readonly keep: (input: NostrEvent) => Promise<boolean>
  /** Inputs of strangers that wait, in the order in which they came. */
  readonly waiting: () => Promise<readonly NostrEvent[]>
  /** A certified step took it. */
  readonly accept: (id: string) => Promise<void>
  /** It was refused for good, which is remembered for the next life. */
  readonly refuse: (input: Sent, code: RejectionCode) => Promise<void>
  readonly isRefused: (id: string) => Promise<boolean>
}

/** An input, as far as one has to know it to refuse it. */
export type Sent = Pick<NostrEvent, 'id' | 'pubkey'>

type Within = Pick<Run, 'defined' | 'archive' | 'store' | 'verifier' | 'strangerInputs'>

/** `keepers` are custodians, those of before too: their ticks are inputs. */
export const openInputRoom = async (
  run: Within,
  keepers: () => readonly string[],
): Promise<InputRoom> => {
  const { archive, store, verifier, strangerInputs: sizeMax = STRANGER_INPUTS_MAX } = run
  const { definition } = run.defined
  const space = `custodian/strangers/${definition.id}`
  const refused = await openRefused(store, definition.id, sizeMax)
  const named = new Set<string>(partiesOf(definition))
  const isStrange = ({ pubkey }: Sent): boolean => !named.has(pubkey) && !keepers().includes(pubkey)
  const kept = new Set<string>()
  let last = 0n
  await eachOf(store, space, (record) => {
    kept.add(hexFromBytes(record.key))
    last = maxOf(last, orderOf(record))
  })
  const put = (...puts: readonly Put[]) => store.commit({ appends: [], puts })
  const keepStrange = async (input: NostrEvent): Promise<boolean> => {
    if (kept.has(input.id) || (await archive.find(definition.id, input.id))) return false
    if (kept.size >= sizeMax) return true
    const fault = checkNostrEvent(input, verifier)
    if (fault) throw fault
    // Before it is stored, so that many at once have no more room than one after the other.
    kept.add(input.id)
    last += 1n
    const stored = put({ space, ...recordOf(input, last), ifVersion: 0n })
    // What could not be stored has no place, and is considered when it is shown again.
    stored.catch(() => kept.delete(input.id))
    return (await stored).is === 'stored'
  }
  return {
    keep: (input) => (isStrange(input) ? keepStrange(input) : archive.add(definition.id, input)),
    waiting: async () => {
      const found: { readonly order: bigint; readonly input: NostrEvent }[] = []
      await eachOf(store, space, (one) => found.push({ order: orderOf(one), input: inputIn(one) }))
      return found.sort((a, b) => Number(a.order - b.order)).map(({ input }) => input)
    },
    accept: async (id) => {
      if (!kept.has(id)) return
      const record = await store.get(space, bytesFromHex(id))
      if (record) await archive.add(definition.id, inputIn(record))
      await put({ space, key: bytesFromHex(id), value: undefined })
      kept.delete(id)
    },
    refuse: async (input, code) => {
      const key = bytesFromHex(input.id)
      const value = bytesFromUtf8(code)
      if (!kept.has(input.id) && !isStrange(input)) {
        // The next life meets only what is archived.
        if (await archive.find(definition.id, input.id)) await put({ space: REFUSED, key, value })
        return
      }
      await refused.add(key, value, kept.has(input.id) ? [{ space, key, value: undefined }] : [])
      kept.delete(input.id)
    },
    isRefused: async (id) => {
      const key = bytesFromHex(id)
      return (await refused.has(key)) || (await store.get(REFUSED, key)) !== undefined
    },
  }
}

/** Ids of inputs of strangers that were refused for good: so many, and none that finds no place. */
const openRefused = async (store: Store, machine: string, sizeMax: number) => {
  const space = `custodian/strangers-refused/${machine}`
  let count = 0
  await eachOf(store, space, () => void (count += 1))
  return {
    /** In one unit with what else is to be written. */
    add: async (key: Uint8Array, value: Uint8Array, others: readonly Put[]): Promise<void> => {
      const more = count < sizeMax ? 1 : 0
      const puts = more > 0 ? [...others, { space, key, value }] : others
      if (puts.length === 0) return
      count += more
      const stored = store.commit({ appends: [], puts })
      stored.catch(() => (count -= more))
      await stored
    },
    has: async (key: Uint8Array): Promise<boolean> => (await store.get(space, key)) !== undefined,
  }
}

const REFUSED = 'custodian/refused'
const ORDER_BYTES = 8

const recordOf = (input: NostrEvent, order: bigint) => {
  const text = bytesFromUtf8(textFromNostrEvent(input))
  const value = new Uint8Array(ORDER_BYTES + text.length)
  new DataView(value.buffer).setBigUint64(0, order)
  value.set(text, ORDER_BYTES)
  return { key: bytesFromHex(input.id), value }
}

const orderOf = ({ value }: Recorded): bigint =>
  new DataView(value.buffer, value.byteOffset).getBigUint64(0)

const inputIn = ({ value }: Recorded): NostrEvent =>
  nostrEventFromText(utf8FromBytes(value.subarray(ORDER_BYTES)))

const maxOf = (a: bigint, b: bigint): bigint => (a > b ? a : b)

const PAGE_RECORDS = 256

const eachOf = async (
  store: Store,
  space: string,
  act: (record: Recorded) => void,
): Promise<void> => {
  for (let after: Uint8Array | undefined; ;) {
    const records = await store.scan(space, after, PAGE_RECORDS)
    for (const one of records) act(one)
    after = records.at(-1)?.key
    if (!after) return
  }
}
