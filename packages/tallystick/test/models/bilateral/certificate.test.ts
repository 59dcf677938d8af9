import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { BILATERAL_ROUNDS_MAX } from '../../../src/base/limits.ts'
import type { Terms } from '../../../src/kernel/charter.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { eraseModel, evidenceBetween, type Known } from '../../../src/kernel/model.ts'
import type { Transition } from '../../../src/kernel/transition.ts'
import type { Verdict } from '../../../src/kernel/verdict.ts'
import {
  abortsEnding,
  bilateral,
  type BilateralAnchor,
  type BilateralCertificate,
  bilateralCertificate,
  endsRound,
} from '../../../src/models/bilateral/certificate.ts'
import {
  bilateralVote,
  type Endorsement,
  type RoundAbort,
  roundAbortStatement,
} from '../../../src/models/bilateral/evidence.ts'
import { BILATERAL_TERMS } from '../../../src/models/bilateral/policy.ts'
import {
  alice,
  aTerms,
  aTransition,
  anId,
  bob,
  carol,
  engine,
  participantOf,
  type Person,
} from '../../kernel/sample.ts'
import { endorse } from './pair.ts'

const terms = aTerms({ policy: BILATERAL_TERMS })
const child = aTransition()
const known: Known = { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) }
const people: readonly Person[] = [alice, bob]

const commit = (party: 0 | 1, of: Transition, round = 0): Endorsement =>
  endorse(people[party] ?? alice, party, bilateralVote(of, round))
const abort = (party: 0 | 1, round: number, of: Transition = child): RoundAbort => ({
  ...endorse(people[party] ?? alice, party, roundAbortStatement(of, round)),
  round,
})

const certificateOf = (changes: Partial<BilateralCertificate> = {}): BilateralCertificate => {
  const { round = 0 } = changes
  const signatures = [commit(0, child, round), commit(1, child, round)]
  return { round, aborts: [], signatures, ...changes }
}

const judged = (
  certificate: BilateralCertificate,
  of: { transition?: Transition; terms?: Terms } = {},
): Verdict<BilateralAnchor> =>
  bilateral.judge({
    terms: of.terms ?? terms,
    policy: {},
    anchor: {},
    transition: of.transition ?? child,
    certificate,
    known,
  })

const said = (certificate: BilateralCertificate, of: Parameters<typeof judged>[1] = {}): string => {
  const verdict = judged(certificate, of)
  return verdict.is === 'refused' ? verdict.fault.code : verdict.is
}

describe('a bilateral certificate', () => {
  test('makes a step final for the parties, on the word of both and without a clock', () => {
    const verdict = judged(certificateOf())
    expect(verdict).toMatchObject({
      is: 'final',
      finality: {
        grade: 'cosigned',
        reach: 'parties',
        vouchers: ['alice', 'bob'],
        undo: { atLeast: 1, of: ['alice', 'bob'] },
        clock: 'none',
      },
    })
  })

  test('waits for whoever has not signed, by name', () => {
    for (const [kept, missing] of [
      [[commit(0, child)], ['bob']],
      [[commit(1, child)], ['alice']],
      [[], ['alice', 'bob']],
    ] as const) {
      expect(judged(certificateOf({ signatures: kept }))).toMatchObject({
        is: 'pending',
        waitingFor: [{ is: 'signers', names: missing }],
      })
    }
  })

  test('counts a signature once, and only in its place', () => {
    const [a, b] = [commit(0, child), commit(1, child)]
    expect(said(certificateOf({ signatures: [a, b] }))).toBe('final')
    expect(said(certificateOf({ signatures: [a, a] }))).toBe('certificate/signed-twice')
    expect(said(certificateOf({ signatures: [a, a, b] }))).toBe('certificate/signed-twice')
    expect(said(certificateOf({ signatures: [b, a] }))).toBe('certificate/signed-twice')
  })

  test('needs keys of these parties, over this step, in this round, of this machine', () => {
    const [a, b] = [commit(0, child), commit(1, child)]
    const bad = 'certificate/bad-signature'
    expect(said(certificateOf({ signatures: [a, { ...b, key: 1 }] }))).toBe(
      'certificate/unknown-key',
    )
    expect(said(certificateOf({ signatures: [a, b, { ...b, party: 2 }] }))).toBe(
      'certificate/unknown-key',
    )
    expect(said(certificateOf({ signatures: [a, { ...b, signature: a.signature }] }))).toBe(bad)
    const cut = { ...b, signature: b.signature.subarray(1) }
    expect(said(certificateOf({ signatures: [a, cut] }))).toBe(bad)
    const changes: readonly Partial<Transition>[] = [
      { machine: anId('another machine') },
      { parent: anId('another parent') },
      { sequence: 2n },
      { state: anId('another state') },
      { interaction: anId('another interaction') },
      { entropy: anId('other entropy') },
    ]
    for (const change of changes) {
      expect(said(certificateOf(), { transition: { ...child, ...change } })).toBe(bad)
    }
    const swapped = { ...terms, participants: [bob, alice].map(participantOf) }
    expect(said(certificateOf(), { terms: swapped })).toBe(bad)
  })

  test('takes no signature of the right key over something else', () => {
    const b = commit(1, child)
    const others = [
      endorse(alice, 0, { ...bilateralVote(child, 0), phase: 'propose' }),
      endorse(alice, 0, { ...bilateralVote(child, 0), phase: 'hold' }),
      endorse(alice, 0, { ...bilateralVote(child, 0), time: 1n }),
      endorse(alice, 0, { ...bilateralVote(child, 0), cited: 1 }),
      endorse(alice, 0, roundAbortStatement(child, 0)),
    ]
    for (const other of others) {
      expect(said(certificateOf({ signatures: [other, b] }))).toBe('certificate/bad-signature')
    }
    expect(said(certificateOf({ signatures: [commit(0, child), b] }))).toBe('final')
  })

  test('of a later round shows that every round before was aborted, and nothing else', () => {
    const round = 2
    const aborts = [abort(0, 0), abort(1, 1)]
    expect(said(certificateOf({ round, aborts }))).toBe('final')
    expect(said(certificateOf({ round, aborts: aborts.slice(0, 1) }))).toBe(
      'certificate/round-open',
    )
    expect(said(certificateOf({ round, aborts: aborts.slice(1) }))).toBe('certificate/round-open')
    expect(said(certificateOf({ round, aborts: [...aborts, abort(0, 2)] }))).toBe(
      'certificate/stray-abort',
    )
    expect(said(certificateOf({ aborts: [abort(0, 0)] }))).toBe('certificate/stray-abort')
    const foreign = abort(0, 0, { ...child, parent: anId('another parent') })
    expect(said(certificateOf({ round, aborts: [foreign, abort(1, 1)] }))).toBe(
      'certificate/bad-signature',
    )
    const early = [commit(0, child, 0), commit(1, child, 0)]
    expect(said(certificateOf({ round, aborts, signatures: early }))).toBe(
      'certificate/bad-signature',
    )
  })

  test('is of a round below the limit', () => {
    const at = (round: number): string =>
      said(
        certificateOf({ round, aborts: Array.from({ length: round }, (_, one) => abort(0, one)) }),
      )
    expect(at(BILATERAL_ROUNDS_MAX - 1)).toBe('final')
    expect(at(BILATERAL_ROUNDS_MAX)).toBe('certificate/too-many-rounds')
  })

  test('has one spelling, and bytes that are none are a refusal', () => {
    const certificate = certificateOf({ round: 1, aborts: [abort(1, 0)] })
    const bytes = bilateralCertificate.encode(certificate)
    expect(bilateralCertificate.decode(bytes)).toEqual(certificate)
    const model = eraseModel(bilateral)
    const ofBytes = (given: Uint8Array): string => {
      const verdict = model.judge({
        terms,
        anchor: model.begin(terms),
        transition: child,
        certificate: given,
        known,
      })
      return verdict.is === 'refused' ? verdict.fault.code : verdict.is
    }
    expect(ofBytes(bytes)).toBe('final')
    expect(ofBytes(bytes.subarray(0, -1))).toBe('codec/truncated')
    expect(ofBytes(new Uint8Array([...bytes, 0]))).toBe('codec/extended')
    expect(ofBytes(new Uint8Array(0))).toBe('codec/truncated')
  })
})

describe('controllers of several keys', () => {
  const keyOf = (of: Person, weight: number) => ({
    scheme: 'ed25519' as const,
    publicKey: of.keys.publicKey,
    weight,
  })
  const keys = [keyOf(alice, 1), keyOf(bob, 1), keyOf(carol, 1)]
  const three: Terms = {
    ...terms,
    participants: [
      { name: 'team', controller: { keys, threshold: 2 } },
      participantOf({ name: 'dave', keys: engine.fromSeed('ed25519', new Uint8Array(32)) }),
    ],
  }
  const team = (key: number): RoundAbort => ({
    party: 0,
    key,
    round: 0,
    signature: new Uint8Array(64),
  })

  test('end a round only when those left cannot speak for the party any more', () => {
    expect(endsRound(three, 0, [team(0)])).toBe(false)
    expect(endsRound(three, 0, [team(0), team(0)])).toBe(false)
    expect(endsRound(three, 0, [team(0), team(2)])).toBe(true)
    expect(endsRound(three, 1, [team(0), team(2)])).toBe(false)
    expect(endsRound(three, 0, [{ ...team(0), party: 1 }])).toBe(true)
  })

  test('need no more aborts in a certificate than it takes', () => {
    expect(abortsEnding(three, 0, [team(0)])).toBeUndefined()
    expect(abortsEnding(three, 0, [team(0), team(1), team(2)])).toEqual([team(0), team(1)])
  })
})

describe('two certificates over two children of one parent', () => {
  const other = { ...child, state: anId<'state-root'>('another state') }
  const attestationsOf = (certificate: BilateralCertificate, transition: Transition) =>
    bilateral.attestations({ terms, policy: {}, anchor: {}, transition, certificate, known })
  const convicted = (first: BilateralCertificate, second: BilateralCertificate): string[] =>
    evidenceBetween(terms, attestationsOf(first, child), attestationsOf(second, other))
      .map((one) => convict(one, engine))
      .map((one) => (isFault(one) ? one.code : one.kind))
  const otherOf = (round: number, aborts: readonly RoundAbort[]): BilateralCertificate => ({
    round,
    aborts,
    signatures: [commit(0, other, round), commit(1, other, round)],
  })

  test('in one round convict both', () => {
    expect(convicted(certificateOf(), otherOf(0, []))).toEqual(['fork', 'fork'])
  })

  test('in two rounds convict the one who aborted what it had signed, and not the other', () => {
    const found = evidenceBetween(
      terms,
      attestationsOf(certificateOf(), child),
      attestationsOf(otherOf(1, [abort(0, 0)]), other),
    )
    expect(found).toHaveLength(1)
    expect(found[0]?.publicKey).toEqual(alice.keys.publicKey)
    expect(convicted(certificateOf(), otherOf(1, [abort(0, 0)]))).toEqual(['abort-broken'])
  })

  test('over one child convict nobody', () => {
    const again = certificateOf({ round: 1, aborts: [] })
    const same = evidenceBetween(
      terms,
      attestationsOf(certificateOf(), child),
      attestationsOf({ ...again, aborts: [] }, child),
    )
    expect(same).toEqual([])
  })

  test('attest nothing for a signature that does not verify', () => {
    const bad = certificateOf({
      signatures: [commit(0, child), { ...commit(1, child), signature: new Uint8Array(64) }],
    })
    expect(attestationsOf(bad, child).map((one) => one.name)).toEqual(['alice'])
  })
})
