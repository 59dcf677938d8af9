/**
 * Private machines over relays: making and opening key packs and wraps, with the fresh keys and random bytes that each needs.
 *
 * Promise. Every wrap and pack is signed by a key that is made for it and forgotten, under a nonce of its own. What is opened was checked as
 * `dialects/nostr` says: inner and outer signatures, kinds, machine, and who vouches for a pack.
 */
import { hexFromBytes, type Engine, type Fault, isFault, type Signer } from 'tallystick/base'
import {
  conversationKey,
  decryptNip44,
  encryptNip44,
  type KeyPack,
  type Nip44,
  type NostrDraft,
  type NostrEvent,
  packDraft,
  packFrom,
  type PackKeys,
  packPayload,
  packProofDraft,
  packText,
  routeFrom,
  signNostrEvent,
  unwrap,
  wrapDraft,
} from 'tallystick/nostr'
import type { EventSigner } from './signer.ts'

export type PrivateTools = {
  readonly engine: Engine
  /** Fresh random bytes, 32 of them. */
  readonly random: () => Uint8Array
  /** Seconds since 1970. */
  readonly now: () => number
}

const cipher: Nip44 = { conversationKey, encrypt: encryptNip44, decrypt: decryptNip44 }

/** Keys as published: every member holds the secret of the address. */
export const newSharedKeys = ({ engine, random }: PrivateTools): PackKeys => {
  const { publicKey, secret } = engine.fromSeed('bip340', random())
  return { is: 'shared', secret, route: hexFromBytes(publicKey) }
}

type EpochKeys = Extract<PackKeys, { is: 'epoch' }>

/** Keys of edition 2. A later epoch keeps the address, and leaves out whoever gets no pack for it. */
export const newEpochKeys = ({ engine, random }: PrivateTools, before?: EpochKeys): EpochKeys => {
  const seed = before?.seed ?? random()
  const route = before?.route ?? routeFrom(seed, engine)
  const epoch = before === undefined ? 0 : before.epoch + 1
  return { is: 'epoch', epoch, key: random(), route, seed }
}

/** The pack for one member, vouched for by the initiator. */
export const sealPack = async (
  of: {
    readonly keys: PackKeys
    readonly metadata: KeyPack['metadata']
    readonly member: string
    readonly machine: string | undefined
  },
  initiator: EventSigner,
  tools: PrivateTools,
): Promise<NostrEvent> => {
  const { keys, metadata, member, machine } = of
  const now = tools.now()
  const draft = packProofDraft({ keys, member, machine, pubkey: initiator.pubkey, now })
  const text = packText(keys, metadata, await initiator.sign(draft))
  const once = keyUsedOnce(tools)
  const shared = conversationKey(once.secret, member)
  const payload = encryptNip44(shared, text, tools.random())
  return once.sign(packDraft({ payload, member, pubkey: once.pubkey, createdAt: now }))
}

/** Opens a pack with the member's own key. Raises the faults of `packFrom` and of the encryption. */
export const openPack = (
  event: NostrEvent,
  member: { readonly pubkey: string; readonly secret: Uint8Array },
  engine: Engine,
): KeyPack => {
  const payload = packPayload(event, member.pubkey)
  const text = decryptNip44(conversationKey(member.secret, event.pubkey), payload)
  return packFrom(text, member.pubkey, engine)
}

/** Wraps an event for the members. `secondsBack` hides when, where nobody waits for it: up to two days. */
export const wrapEvent = (
  inner: NostrEvent,
  keys: PackKeys,
  tools: PrivateTools,
  secondsBack = 0,
): NostrEvent => {
  const once = keyUsedOnce(tools)
  const createdAt = tools.now() - secondsBack
  return once.sign(
    wrapDraft(inner, keys, { cipher, nonce: tools.random(), pubkey: once.pubkey, createdAt }),
  )
}

export type Opened = {
  readonly events: readonly NostrEvent[]
  /** Wraps of which nothing came, each with the reason. */
  readonly passedOver: readonly { readonly id: string; readonly fault: Fault }[]
}

/** Opens what can be opened of wraps from relays. */
export const openWraps = (
  wraps: readonly NostrEvent[],
  keys: readonly PackKeys[],
  machine: string | undefined,
  engine: Engine,
): Opened => {
  const events: NostrEvent[] = []
  const passedOver: Opened['passedOver'][number][] = []
  for (const wrap of wraps) {
    const inner = unwrap(wrap, { keys, machine, cipher, verifier: engine })
    if (isFault(inner)) passedOver.push({ id: wrap.id, fault: inner })
    else events.push(inner)
  }
  return { events, passedOver }
}

type KeyUsedOnce = {
  readonly pubkey: string
  readonly secret: Uint8Array
  readonly sign: (draft: NostrDraft) => NostrEvent
}

const keyUsedOnce = ({ engine, random }: PrivateTools): KeyUsedOnce => {
  const { publicKey, secret } = engine.fromSeed('bip340', random())
  const signer: Signer = {
    scheme: 'bip340',
    publicKey,
    sign: (message) => engine.sign('bip340', secret, message),
  }
  return {
    pubkey: hexFromBytes(publicKey),
    secret,
    sign: (draft) => signNostrEvent(draft, signer),
  }
}
