/** Definitions and the machines that follow from them; receipts and the steps that they are about. */
import { idFromHex } from '../../packages/tallystick/src/base/brand.ts'
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  definitionDraft,
  OUR_ENGINES,
} from '../../packages/tallystick/src/dialects/nostr/definition.ts'
import { receiptDraft } from '../../packages/tallystick/src/dialects/nostr/receipt.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import {
  type NostrDraft,
  type NostrTag,
  signNostrEvent,
} from '../../packages/tallystick/src/forms/nostr-event.ts'
import { statementDigest, type Vote } from '../../packages/tallystick/src/kernel/statement.ts'
import type { Transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import { seedOf } from './world.ts'

const engine = createPortableEngine()
const NOW = 1_700_000_000

type Person = { readonly key: string; readonly sign: (message: Uint8Array) => Uint8Array }

const person = (name: string): Person & { readonly publicKey: Uint8Array } => {
  const { publicKey, secret } = engine.fromSeed('bip340', seedOf(name))
  const sign = (message: Uint8Array): Uint8Array =>
    engine.sign('bip340', secret, message, { deterministic: true })
  return { key: hexFromBytes(publicKey), publicKey, sign }
}

const alice = person('alice')
const custodians = ['c0', 'c1', 'c2', 'c3'].map(person)
const [first = alice] = custodians

const signBy = (by: typeof alice, draft: NostrDraft): JsonObject => ({
  text: JSON.stringify(signNostrEvent(draft, { scheme: 'bip340', ...by })),
})

export const definitionCases = (): readonly Case[] => {
  const draft = definitionDraft(
    {
      text: '{"id":"bet","initial":"open","states":{"open":{}}}',
      title: 'A bet',
      description: 'Two people and an arbiter',
      states: custodians.map((one) => ({ custodian: one.key, name: 'bet:1' })),
      engines: OUR_ENGINES,
      custody: { is: 'quorum', threshold: 3 },
      participants: [{ key: person('bob').key, relay: '', role: 'player' }],
      relays: ['wss://relay.example'],
      topics: ['nsm'],
      clock: { is: 'agreed', skewMs: 60_000 },
      oracles: [],
      senders: 'anyone',
    },
    { pubkey: alice.key, now: NOW },
  )
  const textWith = (change: (tags: readonly NostrTag[]) => readonly NostrTag[]): JsonObject =>
    signBy(alice, { ...draft, tags: change(draft.tags) })
  const valid = good({
    id: 'nostr/definition',
    comment: 'three of four custodians; the machine that follows',
    check: 'nostr-definition',
    input: textWith((tags) => tags),
  })
  const refuse = (name: string, comment: string, fault: string, input: JsonObject): Case =>
    spoiled(valid, fault, { id: `nostr/definition-${name}`, comment, input })
  const instead = (tag: NostrTag): JsonObject =>
    textWith((tags) => [...tags.filter(([name]) => name !== tag[0]), tag])
  return [
    valid,
    refuse('kind', 'an input', 'nostr-message/wrong-kind', signBy(alice, { ...draft, kind: 7501 })),
    refuse('no-custodian', 'nobody keeps it', 'nostr-message/bad-tags', {
      ...textWith((tags) => tags.filter(([name]) => name !== 'state')),
    }),
    refuse('large', '48 KiB and a byte', 'nostr-message/too-large', {
      ...signBy(alice, { ...draft, content: 'x'.repeat(49_153) }),
    }),
    refuse('engine', 'no engine of ours', 'nostr-definition/other-engine', {
      ...instead(['engine', 'xstate@5', 'state-machine']),
    }),
    refuse('custody', 'the lowest id decides', 'nostr-definition/other-custody', {
      ...instead(['custody', 'tiebreak', 'lowest-id']),
    }),
    refuse('suite', 'an oracle that hashes in a way of its own', 'nostr-definition/unknown-suite', {
      ...textWith((tags) => [...tags, ['oracle', 'score', 'ab'.repeat(32), 'mine', '0']]),
    }),
  ]
}

const STEP: Transition = {
  machine: idFromHex('11'.repeat(32)),
  interaction: idFromHex('22'.repeat(32)),
  state: idFromHex('33'.repeat(32)),
  entropy: idFromHex('44'.repeat(32)),
  sequence: 5n,
  parent: idFromHex('55'.repeat(32)),
}

const vote = (phase: Vote['phase'], time: bigint): Uint8Array =>
  statementDigest('nostr', {
    is: 'vote',
    transition: STEP,
    round: 0,
    phase,
    cited: phase === 'commit' ? 1 : 0,
    time,
  })

export const receiptCases = (): readonly Case[] => {
  const time = 1_700_000_000_000n
  const holds = custodians
    .slice(0, 3)
    .map((one, signer) => ({ signer, signature: one.sign(vote('hold', 0n)) }))
  const draft = receiptDraft(
    {
      definition: 'ab'.repeat(32),
      input: 'cd'.repeat(32),
      sender: alice.key,
      custodian: first.key,
      transition: STEP,
      commit: { signer: 0, time, signature: first.sign(vote('commit', time)) },
      round: 0,
      links: [{ round: 0, cited: 0, holds }],
      interaction: undefined,
    },
    NOW,
  )
  const valid = good({
    id: 'nostr/receipt',
    comment: 'a commit to step 5 and the three holds under it',
    check: 'nostr-receipt',
    input: signBy(first, draft),
  })
  const retagged = (name: string, value: string): JsonObject =>
    signBy(first, {
      ...draft,
      tags: draft.tags.map((tag) => (tag[0] === name ? [name, value] : tag)),
    })
  const refuse = (name: string, comment: string, fault: string, input: JsonObject): Case =>
    spoiled(valid, fault, { id: `nostr/receipt-${name}`, comment, input })
  return [
    valid,
    refuse('height', 'a tag names another height', 'nostr-receipt/tags-disagree', {
      ...retagged('height', '6'),
    }),
    refuse('header', 'a tag names another step', 'nostr-receipt/tags-disagree', {
      ...retagged('header', 'ee'.repeat(32)),
    }),
    refuse('content', 'nothing inside', 'nostr-message/bad-content', {
      ...signBy(first, { ...draft, content: '{"v":1}' }),
    }),
  ]
}
