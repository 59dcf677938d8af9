/** The inside of a private machine, as a participant's folder has it: its keys, and a client that wraps and opens. */
import type { Engine } from 'tallystick/base'
import type { PackKeys } from 'tallystick/nostr'
import type { RelayClient } from '../relay/client.ts'
import { createKeyRing, privateTools } from '../relay/membership.ts'
import { createPrivateClient } from '../relay/private-client.ts'
import { keepKeys, keptKeys, type RelayedFolder } from './folder.ts'
import type { Own } from './own.ts'

export type Inside = {
  /** All epochs that are known, the newest first. */
  readonly keys: () => readonly PackKeys[]
  /** Wraps nothing: for key packs. */
  readonly outside: RelayClient
  /** Takes up what has come of later epochs; it takes the own key. */
  readonly renew: () => Promise<boolean>
  /** Reads again what is kept, which another command may have changed before this one held the folder. */
  readonly reload: () => void
  /** Keeps keys that were made here. */
  readonly add: (keys: PackKeys) => void
  /** How many wraps no key here opens. */
  readonly sealed: () => number
}

/** Undefined of a machine that is told in the open. */
export const insideOf = (
  outside: RelayClient,
  of: {
    readonly folder: RelayedFolder
    /** Who defined the machine. */
    readonly initiator: string
    readonly own: Own
    readonly engine: Engine
  },
): { readonly client: RelayClient; readonly membership: Inside } | undefined => {
  const { folder, initiator, own, engine } = of
  const { id: machine } = folder.definition
  let keys = keptKeys(folder)
  if (keys.length === 0) return undefined
  const onMore = (more: readonly PackKeys[]): void => {
    keepKeys(folder, more)
    keys = more
  }
  const ring = {
    machine,
    get keys() {
      return keys
    },
  }
  const client = createPrivateClient(outside, ring, privateTools(engine))
  const membership: Inside = {
    outside,
    keys: () => keys,
    sealed: client.sealed,
    reload: () => {
      keys = keptKeys(folder)
    },
    add: (made) => onMore([made, ...keys]),
    renew: async () => {
      const by = { member: await own.member(), machine, engine, keys, initiator, onMore }
      return createKeyRing(by).renew(outside, folder.relays)
    },
  }
  return { client, membership }
}
