/** What the parts of a running custodian share. */
import type { Signer, Verifier } from 'tallystick/base'
import type { NostrDraft, NostrEvent } from 'tallystick/nostr'
import type { Archive } from '../relay/archive.ts'
import type { RelayClient } from '../relay/client.ts'
import type { OperatorLogger } from '../server/log.ts'
import type { Store } from '../store/store.ts'
import type { Defined } from './definition.ts'
import type { Post } from './post.ts'

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
  readonly roundMs?: number
  readonly heartbeatMs?: number
  /** Milliseconds by which each custodian in turn waits longer before it sends a tick. */
  readonly tickTurnMs?: number
}

export type Run = CustodianStart & {
  /** The custodian's key in hexadecimal. */
  readonly own: string
  readonly archive: Archive
  readonly post: Post
  readonly sign: (draft: NostrDraft) => NostrEvent
  /** Seconds since 1970. */
  readonly seconds: () => number
  /** Ids of inputs that certified steps took. */
  readonly accepted: Set<string>
}
