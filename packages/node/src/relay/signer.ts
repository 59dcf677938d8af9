/**
 * Whoever signs events for somebody: a key in this process, a wallet in a browser (NIP-07) or a bunker elsewhere (NIP-46).
 *
 * Promise. What comes back is what was asked for: the same draft, by the named key, with a signature that holds. A wallet that changed,
 * reordered or replaced anything is found out, and nothing of it is used.
 *
 * Not promised. That a wallet shows its owner what it signs.
 */
import type { Signer, Verifier } from 'tallystick/base'
import { hexFromBytes } from 'tallystick/base'
import {
  checkNostrDraft,
  checkNostrEvent,
  type NostrDraft,
  type NostrEvent,
  nostrEventFromText,
  signNostrEvent,
} from 'tallystick/nostr'
import { REMOTE_SIGNER_MS } from './limits.ts'

export type EventSigner = {
  readonly pubkey: string
  /** Rejects where the wallet refuses, is silent, or answers with something else. */
  readonly sign: (draft: Omit<NostrDraft, 'pubkey'>) => Promise<NostrEvent>
}

/** The part of `window.nostr`, and of a bunker's client, that is used. */
export type Wallet = {
  readonly getPublicKey: () => Promise<string>
  readonly signEvent: (template: {
    kind: number
    created_at: number
    tags: string[][]
    content: string
  }) => Promise<unknown>
}

export const keySigner = (signer: Signer): EventSigner => {
  const pubkey = hexFromBytes(signer.publicKey)
  return {
    pubkey,
    sign: async (draft) => Promise.resolve(signNostrEvent({ ...draft, pubkey }, signer)),
  }
}

/**
 * A wallet as a signer: `window.nostr` in a browser, `BunkerSigner` of nostr-tools for a remote one. Rejects where it does not say
 * whose key it has.
 */
export const walletSigner = async (
  wallet: Wallet,
  verifier: Verifier,
  patienceMs: number = REMOTE_SIGNER_MS,
): Promise<EventSigner> => {
  const pubkey = await within(patienceMs, wallet.getPublicKey())
  return {
    pubkey,
    sign: async (draft) => {
      const wanted: NostrDraft = { ...draft, pubkey }
      const fault = checkNostrDraft(wanted)
      if (fault) throw fault
      const { kind, created_at, content } = draft
      const tags = draft.tags.map((tag) => [...tag])
      const answer = await within(patienceMs, wallet.signEvent({ kind, created_at, tags, content }))
      return checkedAnswer(answer, wanted, verifier)
    },
  }
}

const checkedAnswer = (answer: unknown, wanted: NostrDraft, verifier: Verifier): NostrEvent => {
  const event = nostrEventFromText(JSON.stringify(plainEvent(answer)))
  const fault = checkNostrEvent(event, verifier)
  if (fault) throw fault
  if (saidIn(event) === saidIn(wanted)) return event
  throw new Error('the wallet signed something else than it was asked to')
}

/** Libraries leave marks of their own on events; only the seven members are looked at. */
const plainEvent = (answer: unknown): object => {
  if (typeof answer !== 'object' || answer === null) throw new Error('the wallet gave no event')
  const members = ['id', 'pubkey', 'created_at', 'kind', 'tags', 'content', 'sig']
  return Object.fromEntries(Object.entries(answer).filter(([name]) => members.includes(name)))
}

const saidIn = (of: NostrDraft): string =>
  JSON.stringify([of.pubkey, of.created_at, of.kind, of.tags, of.content])

const within = async <T>(ms: number, answer: Promise<T>): Promise<T> => {
  const { promise, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new Error(`the wallet was silent for ${ms} ms`)), ms)
  try {
    return await Promise.race([answer, promise])
  } finally {
    clearTimeout(timer)
  }
}
