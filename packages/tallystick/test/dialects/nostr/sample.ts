/** People and custodians with keys of Nostr, a definition, and steps that custodians commit to. */
import { bytesFromUtf8, hexFromBytes } from '../../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { hash } from '../../../src/base/hash.ts'
import { TAGS } from '../../../src/base/tags.ts'
import type { Engine, Signer } from '../../../src/base/verifier.ts'
import {
  type DefinitionWish,
  definitionDraft,
  OUR_ENGINES,
} from '../../../src/dialects/nostr/definition.ts'
import type { NostrReceipt } from '../../../src/dialects/nostr/receipt.ts'
import { createPortableEngine } from '../../../src/engine/portable.ts'
import { type NostrDraft, type NostrEvent, signNostrEvent } from '../../../src/forms/nostr-event.ts'
import type { Quorum } from '../../../src/kernel/quorum.ts'
import { evenQuorum } from '../../../src/kernel/quorum.ts'
import type { HeldLink } from '../../../src/kernel/round-certificate.ts'
import { statementDigest, type Vote } from '../../../src/kernel/statement.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import { aTransition } from '../../kernel/sample.ts'

export const engine: Engine = createPortableEngine()
export const NOW = 1_700_000_000

export type Keyholder = Signer & { readonly key: string; readonly secret: Uint8Array }

export const keyholder = (name: string): Keyholder => {
  const { publicKey, secret } = engine.fromSeed(
    'bip340',
    hash('sha256', TAGS.seed, bytesFromUtf8(name)),
  )
  const sign = (message: Uint8Array): Uint8Array => engine.sign('bip340', secret, message)
  return { scheme: 'bip340', publicKey, secret, sign, key: hexFromBytes(publicKey) }
}

export const alice: Keyholder = keyholder('alice')
export const bob: Keyholder = keyholder('bob')
export const CUSTODIANS: readonly Keyholder[] = ['c0', 'c1', 'c2', 'c3'].map(keyholder)
export const custodian = (at: number): Keyholder => CUSTODIANS[at] ?? alice

export const signBy = (by: Signer, draft: NostrDraft): NostrEvent =>
  signNostrEvent({ ...draft, pubkey: hexFromBytes(by.publicKey) }, by)

export const codeOf = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'read'
}

export const WISH: DefinitionWish = {
  text: '{"id":"bet","initial":"open","states":{"open":{"on":{"LOAD":"loaded"}},"loaded":{"type":"final"}}}',
  title: 'A bet',
  description: 'Two people and an arbiter',
  states: CUSTODIANS.map((one) => ({ custodian: one.key, name: 'bet:1' })),
  engines: OUR_ENGINES,
  custody: { is: 'quorum', threshold: 3 },
  participants: [
    { key: bob.key, relay: 'wss://relay.example', role: 'player' },
    { key: alice.key, relay: '', role: 'player' },
    { key: custodian(0).key, relay: '', role: 'custodian' },
  ],
  relays: ['wss://relay.example'],
  topics: ['nsm', 'bets'],
  clock: { is: 'agreed', skewMs: 30_000 },
  oracles: [],
  senders: 'anyone',
}

export const definitionOf = (changes: Partial<DefinitionWish> = {}): NostrEvent =>
  signBy(alice, definitionDraft({ ...WISH, ...changes }, { pubkey: alice.key, now: NOW }))

export const quorum: Quorum = evenQuorum(
  CUSTODIANS.map(({ key, publicKey }) => ({ name: key, scheme: 'bip340' as const, publicKey })),
  { threshold: 3, faulty: 1 },
)

export const MACHINE_EVENT: string = 'ab'.repeat(32)
export const INPUT_EVENT: string = 'cd'.repeat(32)

const voteOf = (
  transition: Transition,
  phase: Vote['phase'],
  time: bigint,
  round: number,
): Vote => ({
  is: 'vote',
  transition,
  round,
  phase,
  cited: phase === 'commit' ? round + 1 : 0,
  time,
})

const signVote = (by: Signer, vote: Vote): Uint8Array => by.sign(statementDigest('nostr', vote))

export const holdsOf = (transition: Transition, seats: readonly number[], round = 0): HeldLink => ({
  round,
  cited: 0,
  holds: seats.map((seat) => ({
    signer: seat,
    signature: signVote(custodian(seat), voteOf(transition, 'hold', 0n, round)),
  })),
})

/** What a custodian gives for a step that three of four have held. */
export const receiptOf = (
  seat: number,
  transition: Transition = aTransition(),
  time = 1_700_000_000_000n,
): NostrReceipt => ({
  definition: MACHINE_EVENT,
  input: INPUT_EVENT,
  sender: alice.key,
  custodian: custodian(seat).key,
  transition,
  commit: {
    signer: seat,
    time,
    signature: signVote(custodian(seat), voteOf(transition, 'commit', time, 0)),
  },
  round: 0,
  links: [holdsOf(transition, [0, 1, 2])],
  interaction: undefined,
})
