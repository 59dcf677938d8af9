/**
 * Parties whose controllers have several keys, in both suites: who is asked to sign, in which order signatures may come,
 * and that nothing leaves before enough of them are there.
 */
import { describe, expect, test } from 'vitest'
import { equalBytes, hexFromBytes } from '../../../src/base/bytes.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { bilateralCertificate } from '../../../src/models/bilateral/certificate.ts'
import { bilateralVote } from '../../../src/models/bilateral/evidence.ts'
import { createParty } from '../../../src/models/bilateral/party.ts'
import { wantedSignatures } from '../../../src/models/bilateral/sign.ts'
import type { PartyInput, PartyState, Signable } from '../../../src/models/bilateral/state.ts'
import { anId, engine } from '../../kernel/sample.ts'
import {
  abortOf,
  type Actor,
  agree,
  createScene,
  feed,
  give,
  hand,
  headOn,
  outcomeOfInput,
  putBack,
  settle,
  signatureFor,
  signWith,
  spoken,
  SUITES,
  take,
  votesOf,
  wishOf,
  work,
} from './scene.ts'

/** What an actor is asked to sign now, as `what key`. */
const wanted = (actor: Actor, state: PartyState = actor.state): readonly string[] =>
  wantedSignatures(actor.config, state).map((one) => `${wordFor(one.what)} ${one.key}`)

const wordFor = (what: Signable): string => (what.is === 'statement' ? what.statement.is : what.is)

/** The inputs that would answer everything an actor is asked to sign. */
const signatures = (actor: Actor): readonly Extract<PartyInput, { is: 'signed' }>[] =>
  actor.party
    .outstanding(actor.state)
    .flatMap((one) => (one.is === 'sign' ? [signatureFor(actor, one)] : []))

const only = <T>(list: readonly T[]): T => {
  const [one] = list
  if (one === undefined || list.length !== 1) throw new Error(`${list.length} where one belongs`)
  return one
}

describe.each(SUITES)('signatures in suite %s', (suite) => {
  test('are asked for one after the other: consent, the vote of each, and no more', () => {
    const scene = createScene({ suite })
    const { alice, bob } = scene
    for (const actor of [alice, bob]) actor.signs = false
    expect([...wanted(alice), ...wanted(bob)]).toEqual([])
    give(alice, wishOf(alice))
    expect(wanted(alice)).toEqual(['consent 0'])
    give(alice, only(signatures(alice)))
    expect(wanted(alice)).toEqual([])
    hand(bob, take(alice, 'offer'))
    expect(wanted(bob)).toEqual(['vote 0'])
    expect(bob.outbox).toEqual([])
    give(bob, only(signatures(bob)))
    hand(alice, take(bob, 'accept'))
    expect(wanted(alice)).toEqual(['vote 0'])
    expect(alice.state.machine.head.sequence).toBe(0n)
    give(alice, only(signatures(alice)))
    expect(alice.state.machine.head.sequence).toBe(1n)
    expect([...wanted(alice), ...wanted(bob)]).toEqual([])
  })

  test('count only if the key asked for made them over the digest asked for', () => {
    const { alice, bob } = createScene({ suite, keys: 2 })
    bob.signs = false
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    const [first, second] = signatures(bob)
    if (!first || !second) throw new Error('two signatures are wanted')
    const { next } = headOn(bob)
    const other = statementDigest(suite, bilateralVote(next, 1))
    const cases: readonly (readonly [string, PartyInput])[] = [
      ['signed/not-asked', { ...first, key: 2 }],
      ['signed/not-asked', { ...first, digest: other, signature: signWith(bob, other) }],
      ['signed/bad-signature', { ...first, key: 1 }],
      ['signed/bad-signature', { ...first, signature: second.signature }],
      ['signed/bad-signature', { ...first, signature: signWith(alice, first.digest) }],
      ['signed/bad-signature', { ...first, signature: signWith(bob, other) }],
      ['signed/bad-signature', { ...first, signature: first.signature.subarray(1) }],
      ['signed/bad-signature', { ...first, signature: new Uint8Array(0) }],
    ]
    for (const [code, input] of cases) {
      const outcome = outcomeOfInput(bob, input)
      expect([outcome.code, outcome.changed]).toEqual([code, false])
    }
    expect(outcomeOfInput(bob, first)).toMatchObject({ code: 'none', changed: true })
  })
})

describe('a vote', () => {
  test('of several keys leaves only when all of them have made it, in whatever order', () => {
    const { alice, bob } = createScene({ keys: 3, threshold: 2 })
    bob.signs = false
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    const [first, second, third] = signatures(bob)
    if (!first || !second || !third) throw new Error('three signatures are wanted')
    give(bob, third)
    expect([wanted(bob), bob.state.pending?.stage]).toEqual([['vote 0', 'vote 1'], 'accepting'])
    expect(outcomeOfInput(bob, third)).toMatchObject({ code: 'signed/not-asked', changed: false })
    give(bob, first)
    expect(bob.outbox).toEqual([])
    give(bob, second)
    expect([wanted(bob), bob.state.pending?.stage]).toEqual([[], 'accepted'])
    expect(take(bob, 'accept').body.signatures.map((one) => one.key)).toHaveLength(3)
  })

  test('of a responder whose keys signed in another order is accepted all the same', () => {
    const scene = createScene({ keys: 2 })
    const { alice, bob } = scene
    bob.signs = false
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    const [first, second] = signatures(bob)
    if (!first || !second) throw new Error('two signatures are wanted')
    give(bob, second)
    give(bob, first)
    settle(scene)
    expect(alice.state.machine.head.sequence).toBe(1n)
    expect(bob.state.machine.headId).toBe(alice.state.machine.headId)
  })

  test('is vowed before it is asked for', () => {
    const { alice, bob } = createScene()
    bob.agrees = false
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    expect([wanted(bob), bob.state.book.vows]).toEqual([[], []])
    const { id } = headOn(bob)
    const interaction = bob.state.pending?.draft.id
    if (!interaction) throw new Error('nothing was asked')
    feed(bob, { is: 'decide', interaction, yes: true })
    expect(wanted(bob)).toEqual(['vote 0'])
    expect(bob.state.book.vows).toEqual([{ round: 0, phase: 'commit', child: id, cited: 0 }])
  })

  test('makes a certificate in the one order that certificates have', () => {
    const scene = createScene({ keys: 2, turn: { is: 'leader', party: 1 } })
    const { alice, bob } = scene
    give(bob, wishOf(bob))
    settle(scene)
    const step = alice.state.history?.step
    if (!step) throw new Error('no step')
    const { signatures: made } = bilateralCertificate.decode(step.certificate)
    expect(made.map((one) => [one.party, one.key])).toEqual([
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ])
    expect(bob.state.history?.step.certificate).toEqual(step.certificate)
  })
})

describe('a shell that holds some of the keys', () => {
  const withKeys = (keys: readonly number[]): Actor => {
    const { bob } = createScene({ keys: 3, threshold: 2 })
    const config = { ...bob.config, keys }
    const party = createParty(config)
    if (party instanceof Error) throw party
    return { ...bob, config, party, signs: false }
  }

  test('is asked for those and for no others', () => {
    const { alice } = createScene({ keys: 3, threshold: 2 })
    const bob = withKeys([0, 2])
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    expect(wanted(bob)).toEqual(['vote 0', 'vote 2'])
    const [first] = signatures(bob)
    if (!first) throw new Error('no signature is wanted')
    const ofThird = { ...first, key: 1, signature: signWith(bob, first.digest, 1) }
    expect(outcomeOfInput(bob, ofThird).code).toBe('signed/not-asked')
    bob.signs = true
    work(bob)
    hand(alice, take(bob, 'accept'))
    expect(alice.state.machine.head.sequence).toBe(1n)
  })
})

describe('an abort', () => {
  test('is signed by every key and then ends the round', () => {
    const { alice } = createScene({ keys: 2 })
    give(alice, wishOf(alice))
    alice.signs = false
    feed(alice, { is: 'withdraw' })
    expect(wanted(alice)).toEqual(['abort 0', 'abort 1'])
    expect(alice.state.book.vows).toEqual([
      { round: 0, phase: 'abort', child: undefined, cited: 0 },
    ])
    const [first, second] = signatures(alice)
    if (!first || !second) throw new Error('two signatures are wanted')
    feed(alice, second)
    expect([wanted(alice), alice.state.book.round]).toEqual([['abort 0'], 0])
    feed(alice, first)
    expect([wanted(alice), alice.state.book.round]).toEqual([[], 1])
    expect(alice.state.book.aborts.map((one) => [one.round, one.key])).toEqual([
      [0, 0],
      [0, 1],
    ])
  })
})

describe('a seal', () => {
  test('is made by every key, in whatever order, and then believed', () => {
    const scene = createScene({ keys: 3, threshold: 2 })
    const { alice, bob } = scene
    agree(scene, 1)
    putBack(bob, bob.party.begin())
    alice.signs = false
    hand(alice, take(bob, 'catchup'))
    expect(wanted(alice)).toEqual(['seal 0', 'seal 1', 'seal 2'])
    for (const one of [...signatures(alice)].reverse()) {
      expect(alice.outbox).toEqual([])
      give(alice, one)
    }
    hand(bob, take(alice, 'steps'))
    expect(bob.state.quarantine).toBeUndefined()
    expect(bob.state.machine.headId).toBe(alice.state.machine.headId)
  })

  test('is all that a party signs that lost its own memory', () => {
    const scene = createScene({ keys: 2 })
    const { alice, bob } = scene
    give(alice, wishOf(alice))
    bob.signs = false
    hand(bob, take(alice, 'offer'))
    expect(wanted(bob)).toEqual(['vote 0', 'vote 1'])
    putBack(bob, bob.state)
    expect(wanted(bob)).toEqual([])
    hand(bob, spoken(alice, { is: 'catchup', challenge: undefined }))
    expect(wanted(bob)).toEqual([])
    hand(bob, spoken(alice, { is: 'catchup', challenge: new Uint8Array(32).fill(3) }))
    expect(wanted(bob)).toEqual(['seal 0', 'seal 1'])
  })
})

describe('one key of several that breaks its word', () => {
  /** Bob has voted; Alice's three keys, of which two speak for her, have voted for something else with one. */
  const heardFrom = (key: number): Actor => {
    const { alice, bob } = createScene({ keys: 3, threshold: 2 })
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    const { next } = headOn(bob)
    const transition = { ...next, state: anId<'state-root'>('another state') }
    hand(
      bob,
      spoken(alice, {
        is: 'accept',
        transition,
        signatures: votesOf(alice, transition).filter((one) => one.key !== key),
      }),
    )
    hand(bob, spoken(alice, { is: 'abort', aborts: [abortOf(alice, 0, 1), abortOf(alice, 0, 2)] }))
    return bob
  }

  test('is convicted by itself, and the party is not trusted any more', () => {
    for (const [key, accused] of [
      [0, [1, 2]],
      [1, [2]],
      [2, [1]],
    ] as const) {
      const bob = heardFrom(key)
      const keys = bob.config.charter.terms.participants[0]?.controller.keys ?? []
      const found = bob.state.evidence.map((one) => {
        expect(convict(one, engine)).toMatchObject({ kind: 'abort-broken' })
        return keys.findIndex(({ publicKey }) => equalBytes(publicKey, one.publicKey))
      })
      expect(found.toSorted((a, b) => a - b)).toEqual(accused)
      expect(bob.party.outstanding(bob.state)).toEqual([])
    }
  })
})

test('the same signature is wanted under one name for as long as it is wanted', () => {
  const { alice, bob } = createScene({ keys: 2 })
  bob.signs = false
  give(alice, wishOf(alice))
  const offer = take(alice, 'offer')
  hand(bob, offer)
  const names = (): readonly string[] =>
    wantedSignatures(bob.config, bob.state).map((one) =>
      [hexFromBytes(one.digest), one.key, one.name].join(' '),
    )
  const before = names()
  hand(bob, offer)
  feed(bob, { is: 'resend' })
  expect(names()).toEqual(before)
  const [first] = signatures(bob)
  if (!first) throw new Error('no signature is wanted')
  feed(bob, first)
  expect(names()).toEqual(before.slice(1))
})
