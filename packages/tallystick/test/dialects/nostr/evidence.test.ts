import { describe, expect, test } from 'vitest'
import { bytesFromHex } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import {
  evidenceDraft,
  evidenceFrom,
  type EvidenceType,
  lieIn,
  type NostrEvidence,
  proofOf,
} from '../../../src/dialects/nostr/evidence.ts'
import { receiptDraft } from '../../../src/dialects/nostr/receipt.ts'
import type { NostrEvent } from '../../../src/forms/nostr-event.ts'
import { inputDraft } from '../../../src/forms/nostr-input.ts'
import type { SignedStatement } from '../../../src/kernel/evidence.ts'
import { commitVote, statementDigest } from '../../../src/kernel/statement.ts'
import type { Terms } from '../../../src/kernel/charter.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { custodianEvidence } from '../../../src/models/custodians/evidence.ts'
import { custodianTerms, policyOf } from '../../../src/models/custodians/policy.ts'
import { aCharter, anId, aTransition } from '../../kernel/sample.ts'
import {
  alice,
  bob,
  codeOf,
  custodian,
  engine,
  type Keyholder,
  MACHINE_EVENT,
  NOW,
  receiptOf,
  signBy,
} from './sample.ts'

const stepTo = (state: string, sequence = 3n): ReturnType<typeof aTransition> =>
  aTransition({ state: anId(state), sequence })
const receiptEvent = (seat: number, state: string, sequence = 3n, time = 1_000n): NostrEvent =>
  signBy(custodian(seat), receiptDraft(receiptOf(seat, stepTo(state, sequence), time), NOW))
const inputEvent = (by: Keyholder, type: string, parent?: string): NostrEvent =>
  signBy(
    by,
    inputDraft({
      input: { machine: MACHINE_EVENT, type, parent },
      data: '',
      pubkey: by.key,
      created_at: NOW,
    }),
  )
const of = (
  type: EvidenceType,
  accused: string,
  ...events: readonly NostrEvent[]
): NostrEvidence => ({
  machine: MACHINE_EVENT,
  accused,
  type,
  events,
})
const shows = (evidence: NostrEvidence): string => {
  const found = proofOf(evidence, engine)
  return isFault(found) ? found.code : found
}
const accused = custodian(0).key
const forked = of('EQUIVOCATION', accused, receiptEvent(0, 'a'), receiptEvent(0, 'b'))
const NONE = 'nostr-evidence/no-conflict'

const voteFor = (state: string): SignedStatement => {
  const statement = commitVote(stepTo(state), 0)
  const { sign } = custodian(0)
  return { statement, signature: sign(statementDigest('nostr', statement)) }
}
const doubleVote = (first: string, second: string): NostrEvidence => ({
  ...of('DOUBLE_VOTE', accused),
  statements: {
    suite: 'nostr',
    scheme: 'bip340',
    publicKey: bytesFromHex(accused),
    first: voteFor(first),
    second: voteFor(second),
  },
})

const termsOf = (seats: readonly number[]): Terms => ({
  ...aCharter().terms,
  suite: 'nostr',
  turn: { is: 'anyone' },
  policy: custodianTerms(
    policyOf(
      seats.map((seat) => ({
        name: `seat ${seat}`,
        scheme: 'bip340',
        publicKey: bytesFromHex(custodian(seat).key),
      })),
    ),
  ),
})

describe('evidence', () => {
  const draft = evidenceDraft(forked, { pubkey: bob.key, now: NOW })

  test('is read as it was written, and every signature inside is checked', () => {
    expect(evidenceFrom(draft, engine)).toEqual(forked)
    const [first] = forked.events
    const forged = {
      ...forked,
      events: [{ ...receiptEvent(0, 'a'), sig: first?.sig.replace(/^../, '00') ?? '' }],
    }
    expect(
      codeOf(() => evidenceFrom(evidenceDraft(forged, { pubkey: bob.key, now: NOW }), engine)),
    ).toBe('nostr-event/bad-signature')
  })

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 1 }],
    ['a type that is none', 'nostr-message/bad-tags', { tags: [['type', 'LATE']] }],
    ['no events', 'nostr-message/bad-content', { content: '{"v":1}' }],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => evidenceFrom({ ...draft, ...changes }, engine))).toBe(code)
  })

  test('of two receipts for two children convicts, and of one child, or of two custodians, does not', () => {
    expect(shows(forked)).toBe('proven')
    expect(shows(of('EQUIVOCATION', accused, receiptEvent(0, 'a'), receiptEvent(0, 'a')))).toBe(
      NONE,
    )
    expect(shows(of('EQUIVOCATION', accused, receiptEvent(0, 'a'), receiptEvent(1, 'b')))).toBe(
      NONE,
    )
    expect(shows(of('EQUIVOCATION', accused, receiptEvent(0, 'a'), receiptEvent(0, 'b', 4n)))).toBe(
      NONE,
    )
  })

  test('of receipts whose inner commits are another’s does not convict whoever handed them on', () => {
    const planted = ['a', 'b'].map((state) =>
      signBy(
        custodian(0),
        receiptDraft({ ...receiptOf(1, stepTo(state)), custodian: accused }, NOW),
      ),
    )
    expect(shows(of('EQUIVOCATION', accused, ...planted))).toBe(NONE)
  })

  test('of times that go back convicts, and of times that go on does not', () => {
    const later = (time: bigint): NostrEvent => receiptEvent(0, 'b', 4n, time)
    const early = receiptEvent(0, 'a', 3n, 1_000n)
    expect(shows(of('EARLY_TIMER', accused, early, later(999n)))).toBe('proven')
    expect(shows(of('EARLY_TIMER', accused, later(999n), early))).toBe('proven')
    expect(shows(of('EARLY_TIMER', accused, early, later(1_000n)))).toBe(NONE)
  })

  test('of two inputs on one parent shows both, and of two parents or of two authors nothing', () => {
    const parent = 'ef'.repeat(32)
    const two = [inputEvent(alice, 'A', parent), inputEvent(alice, 'B', parent)]
    expect(shows(of('DOUBLE_INPUT', alice.key, ...two))).toBe('to be run')
    expect(
      shows(of('DOUBLE_INPUT', alice.key, inputEvent(alice, 'A', parent), inputEvent(alice, 'B'))),
    ).toBe(NONE)
    expect(
      shows(
        of('DOUBLE_INPUT', alice.key, inputEvent(alice, 'A', parent), inputEvent(bob, 'B', parent)),
      ),
    ).toBe(NONE)
  })

  test('says what has to be run, and what nobody can show', () => {
    expect(shows(of('INVALID_TRANSITION', accused, receiptEvent(0, 'a')))).toBe('to be run')
    expect(shows(of('INVALID_TRANSITION', accused, receiptEvent(1, 'a')))).toBe(NONE)
    expect(shows(of('DIVERGENT_SNAPSHOT', accused))).toBe(NONE)
    expect(shows(of('WITHHOLDING', accused))).toBe('hearsay')
  })

  test('of two votes convicts whoever signed both, and nobody else', () => {
    const evidence = doubleVote('a', 'b')
    expect(shows(evidence)).toBe('proven')
    const again = evidenceDraft(evidence, { pubkey: bob.key, now: NOW })
    expect(evidenceFrom(again, engine)).toEqual(evidence)
    expect(shows(doubleVote('a', 'a'))).toBe('evidence/no-conflict')
    expect(shows({ ...evidence, accused: custodian(1).key })).toBe(NONE)
    expect(shows(of('DOUBLE_VOTE', accused))).toBe(NONE)
    const garbled = again.content.replace(/"statements":"../, '"statements":"ff')
    expect(codeOf(() => evidenceFrom({ ...again, content: garbled }, engine))).toBe(
      'nostr-message/bad-content',
    )
  })

  test('of the custodians’ own kinds is run with the terms, and convicts only whom it names, as what it says', () => {
    const commit = (sequence: bigint, time: bigint): SignedStatement => {
      const statement = { ...commitVote(stepTo('a', sequence), 0), time }
      return { statement, signature: custodian(0).sign(statementDigest('nostr', statement)) }
    }
    const lying = (time: bigint, change: Partial<NostrEvidence> = {}): NostrEvidence => ({
      ...of('EARLY_TIMER', accused),
      proof: {
        by: 'model',
        bytes: custodianEvidence.encode({
          scheme: 'bip340',
          publicKey: bytesFromHex(accused),
          lie: { is: 'decreasing-time', first: commit(3n, 10n), second: commit(4n, time) },
        }),
      },
      ...change,
    })
    const terms = [aCharter().terms, termsOf([0, 1, 2, 3])]
    const ran = (evidence: NostrEvidence, by = terms): string => {
      const found = lieIn(evidence, { terms: by, logics: STANDARD_LOGICS, verifier: engine })
      return isFault(found) ? found.code : (found[0]?.kind ?? '')
    }
    const read = evidenceFrom(evidenceDraft(lying(9n), { pubkey: bob.key, now: NOW }), engine)
    expect(read).toEqual(lying(9n))
    expect(shows(read)).toBe('to be run')
    expect(ran(read)).toBe('custodians/decreasing-time')
    expect(ran(lying(10n))).toBe('evidence/no-conflict')
    expect(ran(read, [termsOf([1, 2, 3])])).toBe('evidence/unknown-custodian')
    expect(ran(read, [])).toBe(NONE)
    expect(ran(lying(9n, { accused: custodian(1).key }))).toBe(NONE)
    expect(ran(lying(9n, { type: 'FALSE_HEARTBEAT' }))).toBe(NONE)
    expect(ran(of('EARLY_TIMER', accused))).toBe(NONE)
    expect(shows(of('FALSE_HEARTBEAT', accused))).toBe(NONE)
    const draft7 = evidenceDraft(lying(9n), { pubkey: bob.key, now: NOW })
    const odd = draft7.content.replace('"by":"model"', '"by":"hearsay"')
    expect(codeOf(() => evidenceFrom({ ...draft7, content: odd }, engine))).toBe(
      'nostr-message/bad-content',
    )
  })
})
