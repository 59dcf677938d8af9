/**
 * The inbox of a device, read from all operators as one.
 *
 * Promise. An item that one operator shows is found, whatever the others leave out; an item left with several is
 * handed out once, by the hash of its bytes. The cursor for each operator is the caller's to store, with what it
 * took: only after that are items acknowledged, so that a crash in between shows them again and loses none.
 *
 * Not promised. Anything about what items say or who left them.
 */
import {
  hexFromBytes,
  type SignerId,
  signerId,
  type SignerKey,
  type SuiteId,
} from 'tallystick/base'
import { inboxCursorDigest, inboxItemKey } from 'tallystick/models'
import { askPatiently, type DirectoryClient } from './directory.ts'
import { ITEMS_EACH_MAX, ITEMS_MAX } from './limits.ts'
import type { OperatorAddress, OperatorClient } from './operator.ts'

/** By the operator's key, or its name where that is not known, the index of the first item that was not read. */
export type InboxCursors = Readonly<Record<string, bigint>>

export type FoundItem = {
  /** The item's name: the hash of its bytes, in hexadecimal. */
  readonly key: string
  readonly bytes: Uint8Array
  /** Operators that showed it. */
  readonly from: readonly string[]
}

export type InboxRead = {
  /** In the order in which the first operator to show them has them. */
  readonly items: readonly FoundItem[]
  /** To be stored once the items were dealt with. */
  readonly cursors: InboxCursors
  /** Operators that did not answer. */
  readonly silent: readonly OperatorClient[]
}

/** What an operator's cursor is kept under. */
export const cursorKeyOf = ({
  name,
  publicKey,
}: Pick<OperatorAddress, 'name' | 'publicKey'>): string => publicKey ?? name

/** Everything that came since the cursors. */
export const readInbox = async (
  directory: DirectoryClient,
  device: SignerId,
  cursors: InboxCursors,
): Promise<InboxRead> => {
  const found = new Map<string, { bytes: Uint8Array; from: string[] }>()
  const next: Record<string, bigint> = { ...cursors }
  const silent: OperatorClient[] = []
  const read = async (client: OperatorClient): Promise<void> => {
    let from = cursors[cursorKeyOf(client)] ?? 0n
    for (let count = 0; count < ITEMS_MAX;) {
      const range = { from, limit: ITEMS_EACH_MAX }
      const reply = await askPatiently(directory.surroundings, () => client.inbox(device, range))
      if (reply.is !== 'answered') {
        silent.push(client)
        return
      }
      const fresh = reply.value.filter((one) => one.index >= from)
      const last = fresh.at(-1)
      if (!last) return
      for (const { item } of fresh) {
        const key = hexFromBytes(inboxItemKey(item))
        const known = found.get(key)
        if (known) known.from.push(client.name)
        else found.set(key, { bytes: item, from: [client.name] })
      }
      count += fresh.length
      from = last.index + 1n
      next[cursorKeyOf(client)] = from
    }
  }
  await Promise.all(directory.operators.map(read))
  return {
    items: [...found].map(([key, one]) => ({ key, ...one })),
    cursors: next,
    silent,
  }
}

/** A device that reads an inbox, with its key. */
export type Reader = {
  readonly suite: SuiteId
  readonly key: SignerKey
  readonly sign: (digest: Uint8Array) => Uint8Array
}

export const inboxOf = ({ suite, key }: Pick<Reader, 'suite' | 'key'>): SignerId =>
  signerId(suite, key.scheme, key.publicKey)

/** Tells each operator, signed, up to where its items were taken in. Returns the names of those who have heard it. */
export const acknowledge = async (
  directory: DirectoryClient,
  reader: Reader,
  read: {
    readonly cursors: InboxCursors
    readonly operatorKey: (of: OperatorClient) => SignerKey | undefined
  },
): Promise<readonly string[]> => {
  const heard: string[] = []
  await Promise.all(
    directory.operators.map(async (client) => {
      const [next, operator] = [read.cursors[cursorKeyOf(client)], read.operatorKey(client)]
      if (next === undefined || next === 0n || !operator) return
      const { suite, key: device } = reader
      const cursor = { suite, device, operator, next }
      const signature = reader.sign(inboxCursorDigest(cursor))
      const reply = await client.acknowledge(inboxOf(reader), { ...cursor, signature })
      if (reply.is === 'answered') heard.push(client.name)
    }),
  )
  return heard
}
