/** What the parts of a running custodian share. */
import { hexFromBytes, type Signer, type Verifier } from 'tallystick/base'
import { type NostrDraft, type NostrEvent, signNostrEvent } from 'tallystick/nostr'
import { type Archive, createArchive } from '../relay/archive.ts'
import { type Changes, createChanges } from '../relay/changes.ts'
import { createHanded, type Handed } from '../relay/handed.ts'
import { createShelf, type Shelf } from '../relay/shelf.ts'
import type { RelayClient } from '../relay/client.ts'
import type { OperatorLogger } from '../server/log.ts'
import type { Store } from '../store/store.ts'
import type { Defined } from './definition.ts'
import { rememberingVerifier } from './known-signatures.ts'
import { createPost, type Post } from './post.ts'

export type CustodianStart = {
  readonly defined: Defined
  readonly relays: readonly string[]
  readonly client: RelayClient
  readonly store: Store
  /** Its key is one of the custodians' that the definition names. */
  readonly signer: Signer
  readonly verifier: Verifier
  /** Milliseconds since 1970. */
  readonly clock: () => bigint
  readonly log: OperatorLogger
  /** Files that its steps rest on; by the charter's oracles if missing. */
  readonly shelf?: Shelf
  readonly roundMs?: number
  readonly heartbeatMs?: number
  /** Milliseconds by which each custodian in turn waits longer before it sends a tick. */
  readonly tickTurnMs?: number
  /** Inputs of those whom the definition does not name, that wait over a restart. */
  readonly strangerInputs?: number
}

export type Run = CustodianStart & {
  /** The custodian's key in hexadecimal. */
  readonly own: string
  readonly archive: Archive
  readonly post: Post
  /** What is known of the machines that this one may rely on. */
  readonly shelf: Shelf
  readonly changes: Changes
  /** Changes that relays showed while a certified step was missing, by interaction. */
  readonly shownChanges: Map<string, readonly NostrEvent[]>
  /** Steps that others than custodians have certified. */
  readonly handed: Handed
  readonly sign: (draft: NostrDraft) => NostrEvent
  /** Seconds since 1970. */
  readonly seconds: () => number
  /** Ids of inputs that certified steps took. */
  readonly accepted: Set<string>
}

export const runFrom = (options: CustodianStart): Run => {
  const { client, relays, store, signer, clock, log } = options
  const verifier = rememberingVerifier(options.verifier)
  const sign: Run['sign'] = (draft) => signNostrEvent(draft, signer)
  const shownChanges: Run['shownChanges'] = new Map()
  const onFailure = (event: NostrEvent, why: string): void =>
    log('warning', 'no relay took an event', { id: event.id, kind: event.kind, why })
  return {
    ...options,
    verifier,
    own: hexFromBytes(signer.publicKey),
    archive: createArchive(store, verifier, () => Number(clock())),
    shelf: options.shelf ?? createShelf(options.defined.charter, verifier),
    changes: createChanges(
      options.defined.charter,
      options.defined.definition.id,
      verifier,
      (id) => shownChanges.get(id) ?? [],
    ),
    shownChanges,
    handed: createHanded({
      definition: options.defined.definition.id,
      machine: options.defined.genesis.id,
      verifier,
    }),
    post: createPost({ client, relays, store, sign, onFailure }),
    sign,
    seconds: () => Number(clock() / 1000n),
    accepted: new Set(),
  }
}
