/** What is asked of relays, and what a client of them has at hand. */
import type { Verifier } from 'tallystick/base'
import type { Filter as NostrFilter } from 'nostr-tools/filter'
import type { EventSigner } from './signer.ts'

export type Filter = NostrFilter

/** What a relay sent that was refused, counted by what was wrong with it. */
export type Refused = {
  /** No event, or no message at all. */
  malformed: number
  /** An id that is not the event's hash, or a signature that is not its author's. */
  forged: number
  /** A good event that nobody asked for. */
  unasked: number
}

/** Ids of events whose signatures hold, with the signature that does. */
export type KnownEvents = {
  readonly get: (id: string) => string | undefined
  readonly set: (id: string, sig: string) => void
}

export type RelaySurroundings = {
  readonly verifier: Verifier
  /** Keys that log in where a relay asks for it; several of them may be needed to read what is addressed to each. */
  readonly logins: readonly EventSigner[]
  readonly known: KnownEvents
  readonly silenceMs: number
}

/** Remembers the last `countMax` or more, at most twice as many. */
export const createKnownEvents = (countMax: number): KnownEvents => {
  let young = new Map<string, string>()
  let old = new Map<string, string>()
  return {
    get: (id) => young.get(id) ?? old.get(id),
    set: (id, sig) => {
      if (young.size >= countMax) {
        old = young
        young = new Map()
      }
      young.set(id, sig)
    },
  }
}
