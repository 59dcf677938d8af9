/**
 * Gift wraps, kind 1059: events of a private machine, each encrypted under the members' key and put into an event by a throw-away
 * key. The published scheme has no seal: inside is the author's own signed event.
 *
 * Promise. What is unwrapped was signed by the author it names, is of a kind that machines have, and is about the machine that
 * is asked for. The outer signature is checked as well: a relay's mistakes are told from members' lies.
 *
 * Not promised. Deniability, since the inner event is signed. Forward secrecy, or secrecy from members that were removed, within an
 * epoch. With the published keys every member holds the secret of the address, and relays delete wraps at the word of whoever logs
 * in as their address: one member can have a machine's whole history deleted from relays that do so. Keep an archive, or use keys of
 * edition 2 (`key-pack.ts`).
 */
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import {
  checkNostrEvent,
  type NostrDraft,
  type NostrEvent,
  nostrEventFromText,
  tagsNamed,
  textFromNostrEvent,
} from '../../forms/nostr-event.ts'
import type { PackKeys } from './key-pack.ts'
import { expectKind, KINDS, onlyTag } from './message.ts'

/** NIP-44 as an engine or a wallet offers it (`engine/nip44.ts`). */
export type Nip44 = {
  /** Raises a fault for keys that are none. */
  readonly conversationKey: (secret: Uint8Array, publicKey: string) => Uint8Array
  readonly encrypt: (key: Uint8Array, text: string, nonce: Uint8Array) => string
  /** Raises a fault for whatever was not encrypted under the key. */
  readonly decrypt: (key: Uint8Array, payload: string) => string
}

/** The key that members encrypt under: shared secret and its own public key as published, or the epoch's. */
export const wrapKey = (keys: PackKeys, cipher: Nip44): Uint8Array =>
  keys.is === 'shared' ? cipher.conversationKey(keys.secret, keys.route) : keys.key

/**
 * The event around an inner one, to be signed by a key that is used once. `createdAt` may lie up to two days back where nobody
 * waits for it, so that the time says nothing.
 */
export const wrapDraft = (
  inner: NostrEvent,
  keys: PackKeys,
  by: {
    readonly cipher: Nip44
    readonly nonce: Uint8Array
    readonly pubkey: string
    readonly createdAt: number
  },
): NostrDraft => ({
  pubkey: by.pubkey,
  created_at: by.createdAt,
  kind: KINDS.giftWrap,
  tags: [['p', keys.route]],
  content: by.cipher.encrypt(wrapKey(keys, by.cipher), textFromNostrEvent(inner), by.nonce),
})

/** What a member unwraps with. */
export type Unwrapping = {
  /** All epochs that are known, the newest first. */
  readonly keys: readonly PackKeys[]
  /** Id of the definition; undefined while it is not known, to find it. */
  readonly machine: string | undefined
  readonly cipher: Nip44
  readonly verifier: Verifier
}

/**
 * The event inside. Returns `nostr-wrap/not-addressed`, `nostr-wrap/sealed` where no key opens it, `nostr-wrap/other-kind`,
 * `nostr-wrap/other-machine`, and faults of the two events and their signatures.
 */
export const unwrap = (event: NostrEvent, by: Unwrapping): NostrEvent | Fault =>
  faultFrom(() => {
    expectKind(event, KINDS.giftWrap)
    const [route] = onlyTag(event, 'p')
    const keys = by.keys.filter((one) => one.route === route)
    if (keys.length === 0) throw new Fault('nostr-wrap/not-addressed', 'no key is for its address')
    checked(event, by.verifier)
    const inner = checked(nostrEventFromText(opened(event, keys, by.cipher)), by.verifier)
    if (!INNER_KINDS.includes(inner.kind)) {
      throw new Fault('nostr-wrap/other-kind', `kind ${inner.kind} inside`)
    }
    if (by.machine !== undefined && machineOf(inner) !== by.machine) {
      throw new Fault('nostr-wrap/other-machine', `inside is one of ${machineOf(inner) ?? 'none'}`)
    }
    return inner
  })

const INNER_KINDS: readonly number[] = [
  KINDS.definition,
  KINDS.input,
  KINDS.receipt,
  KINDS.evidence,
  KINDS.anchor,
  KINDS.rejection,
  KINDS.proof,
  KINDS.change,
  KINDS.acceptance,
  KINDS.certifiedStep,
  KINDS.vote,
  KINDS.snapshot,
  KINDS.heartbeat,
]

const machineOf = (of: NostrEvent): string | undefined =>
  of.kind === KINDS.definition ? of.id : tagsNamed(of, 'e')[0]?.[1]

const checked = (event: NostrEvent, verifier: Verifier): NostrEvent => {
  const fault = checkNostrEvent(event, verifier)
  if (fault) throw fault
  return event
}

const opened = (event: NostrEvent, keys: readonly PackKeys[], cipher: Nip44): string => {
  for (const one of keys) {
    const text = faultFrom(() => cipher.decrypt(wrapKey(one, cipher), event.content))
    if (!isFault(text)) return text
  }
  throw new Fault('nostr-wrap/sealed', `none of ${keys.length} keys opens it`)
}
