/**
 * Key packs, kind 7502: how the participants of a private machine come to its keys.
 *
 * The published pack holds a secret key that all members share, `sm_sec`, and its public key `sm_pub`, to which everything is
 * addressed. Ours of edition 2 holds a content key for each *epoch* and a routing key whose secret nobody knows.
 *
 * Promise. A pack of either edition is read, and `initiator` says who vouches for it: somebody who signed that this key is for
 * this member of this machine. Without such a signature it is missing, as the outer signature of a pack is by a throw-away key
 * and says nothing (attack: a stranger lures members into a machine of his own). A pack that vouches for another member or another
 * key is refused, so that no member can hand on what was said to somebody else as if it were said to him.
 *
 * Not promised. That those who once had a key forget it: a new epoch keeps removed members from what comes, not from what was.
 *
 * | encrypted content | published | edition 2 |
 * |---|---|---|
 * | `sm_sec`, `sm_pub` | shared secret and public key | – |
 * | `v`, `epoch`, `key`, `route`, `seed` | – | 2; from 0 on; 32 bytes; routing key and what it was made of |
 * | `metadata` | id, name, description | the same |
 * | `proof` | ours: an event of kind 7502 by the initiator, with no content and the tags `p`, `route`, `keyhash`, `e` | the same, always there |
 *
 * The routing key is the first x coordinate on the curve among H('tallystick/1 nostr route', seed, counter): whoever has the seed
 * sees that nobody chose it, so nobody has its secret, and no relay deletes at a member's word what is addressed to it. The price: nobody
 * can log in to a relay as it, so the relay must let others read.
 */
import { bytesFromHex, bytesFromUtf8, hexFromBytes } from '../../base/bytes.ts'
import { fixedBytes, struct, u32 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { hash } from '../../base/hash.ts'
import { ROUTE_TRIES_MAX } from '../../base/limits.ts'
import { sha256 } from '../../base/sha256.ts'
import { TAGS } from '../../base/tags.ts'
import type { Verifier } from '../../base/verifier.ts'
import { canonicalJson } from '../../forms/canonical-json.ts'
import {
  checkNostrEvent,
  isHex,
  type NostrDraft,
  type NostrEvent,
  nostrEventFromJson,
  type NostrTag,
} from '../../forms/nostr-event.ts'
import { isJsonObject, type Json, type JsonObject } from '../../forms/strict-json.ts'
import {
  asId,
  badContent,
  expectKind,
  KINDS,
  objectIn,
  onlyTag,
  optionalTag,
  textAt,
} from './message.ts'

export type PackKeys =
  /** As published. The secret of `route` is known to every member. */
  | { readonly is: 'shared'; readonly secret: Uint8Array; readonly route: string }
  /** Edition 2. */
  | {
      readonly is: 'epoch'
      readonly epoch: number
      readonly key: Uint8Array
      readonly route: string
      readonly seed: Uint8Array
    }

export type KeyPack = {
  readonly keys: PackKeys
  readonly metadata: { readonly id: string; readonly name: string; readonly description: string }
  /** Who vouches for the pack; missing in packs of others, which anybody could have made. */
  readonly initiator: string | undefined
  /** The machine that it is for; missing where it is not defined yet. */
  readonly machine: string | undefined
}

/** What the initiator signs for one member. */
export const packProofDraft = (of: {
  readonly keys: PackKeys
  readonly member: string
  readonly machine: string | undefined
  readonly pubkey: string
  readonly now: number
}): NostrDraft => {
  const machine: readonly NostrTag[] = of.machine === undefined ? [] : [['e', of.machine]]
  return {
    pubkey: of.pubkey,
    created_at: of.now,
    kind: KINDS.keyPack,
    tags: [['p', of.member], ['route', of.keys.route], ['keyhash', keyHash(of.keys)], ...machine],
    content: '',
  }
}

/** The text that is encrypted for the member. The published form is what it was, with `proof` beside it. */
export const packText = (
  keys: PackKeys,
  metadata: KeyPack['metadata'],
  proof: NostrEvent | undefined,
): string => {
  const shared: JsonObject = proof ? { metadata, proof: { ...proof } } : { metadata }
  switch (keys.is) {
    case 'shared':
      return canonicalJson({ ...shared, sm_sec: hexFromBytes(keys.secret), sm_pub: keys.route })
    case 'epoch':
      return canonicalJson({
        ...shared,
        v: 2,
        epoch: keys.epoch,
        key: hexFromBytes(keys.key),
        route: keys.route,
        seed: hexFromBytes(keys.seed),
      })
  }
}

/** The event around an encrypted pack, to be signed by a key that is used once. */
export const packDraft = (of: {
  readonly payload: string
  readonly member: string
  readonly pubkey: string
  readonly createdAt: number
}): NostrDraft => ({
  pubkey: of.pubkey,
  created_at: of.createdAt,
  kind: KINDS.keyPack,
  tags: [['p', of.member]],
  content: of.payload,
})

/** The encrypted part of a pack for this member. Raises `nostr-message/wrong-kind` or `nostr-wrap/not-addressed`. */
export const packPayload = (event: NostrDraft, member: string): string => {
  expectKind(event, KINDS.keyPack)
  if (onlyTag(event, 'p')[0] === member) return event.content
  throw new Fault('nostr-wrap/not-addressed', `the pack is not for ${member}`)
}

/**
 * Reads a decrypted pack. Raises `nostr-message/bad-content`, `key-pack/other-proof` where the proof is about something else,
 * `key-pack/chosen-route` where the seed does not give the routing key, `key-pack/no-proof` in edition 2, and what
 * `checkNostrEvent` returns.
 */
export const packFrom = (text: string, member: string, verifier: Verifier): KeyPack => {
  const content = objectIn(text)
  const keys = keysIn(content, verifier)
  const proof = content['proof'] === undefined ? undefined : nostrEventFromJson(content['proof'])
  if (!proof) {
    if (keys.is === 'epoch') throw new Fault('key-pack/no-proof', 'nobody vouches for the pack')
    return { keys, metadata: metadataIn(content), initiator: undefined, machine: undefined }
  }
  const fault = checkNostrEvent(proof, verifier)
  if (fault) throw fault
  expectKind(proof, KINDS.keyPack)
  const said = [onlyTag(proof, 'p')[0], onlyTag(proof, 'route')[0], onlyTag(proof, 'keyhash')[0]]
  const wanted = [member, keys.route, keyHash(keys)]
  if (said.some((one, at) => one !== wanted[at])) {
    throw new Fault(
      'key-pack/other-proof',
      'what the initiator signed is about another member or key',
    )
  }
  const [machine] = optionalTag(proof, 'e') ?? []
  return {
    keys,
    metadata: metadataIn(content),
    initiator: proof.pubkey,
    machine: machine === undefined ? undefined : asId(machine, 'the machine'),
  }
}

/** The routing key of a seed. Raises `key-pack/chosen-route` where, as good as never, none is found. */
export const routeFrom = (seed: Uint8Array, verifier: Verifier): string => {
  for (let counter = 0; counter < ROUTE_TRIES_MAX; counter++) {
    const x = hash('sha256', TAGS.nostrRoute, routeBody.encode({ seed, counter }))
    if (verifier.acceptsKey('bip340', x)) return hexFromBytes(x)
  }
  throw new Fault('key-pack/chosen-route', 'no key follows from the seed')
}

const routeBody = struct<{ seed: Uint8Array; counter: number }>({
  seed: fixedBytes(32),
  counter: u32,
})

/** Binds a key to the initiator's signature and shows nothing of it. */
const keyHash = (of: PackKeys): string =>
  hexFromBytes(sha256(bytesFromUtf8(hexFromBytes(of.is === 'shared' ? of.secret : of.key))))

const keysIn = (content: JsonObject, verifier: Verifier): PackKeys => {
  if (content['v'] === undefined) {
    return { is: 'shared', secret: bytesAt(content, 'sm_sec'), route: digitsAt(content, 'sm_pub') }
  }
  if (content['v'] !== 2) throw badContent('an edition that is not known here')
  const epoch = content['epoch']
  if (typeof epoch !== 'number' || epoch < 0) throw badContent('no epoch')
  const [seed, route] = [bytesAt(content, 'seed'), digitsAt(content, 'route')]
  if (routeFrom(seed, verifier) !== route) {
    throw new Fault('key-pack/chosen-route', 'the routing key does not follow from the seed')
  }
  return { is: 'epoch', epoch, key: bytesAt(content, 'key'), route, seed }
}

const digitsAt = (content: JsonObject, name: string): string => {
  const digits = textAt(content, name)
  if (isHex(digits, 64)) return digits
  throw badContent(`${name} is not 64 digits`)
}

const bytesAt = (content: JsonObject, name: string): Uint8Array =>
  bytesFromHex(digitsAt(content, name))

const metadataIn = (content: JsonObject): KeyPack['metadata'] => {
  const { metadata } = content
  const of = isJsonObject(metadata) ? metadata : {}
  const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '')
  return { id: text(of['id']), name: text(of['name']), description: text(of['description']) }
}
