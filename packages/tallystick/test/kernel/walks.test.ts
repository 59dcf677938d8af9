/**
 * The five ways to finality, walked through the kernel's interfaces. Two are real models, three are sketches
 * (`walk-*.ts`) that say nothing about how such a model should be, only that the kernel has room for it.
 */
import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { type Charter, terms } from '../../src/kernel/charter.ts'
import { type Cast, castFrom, type RoundPlace } from '../../src/kernel/cast.ts'
import { convict } from '../../src/kernel/evidence.ts'
import { execute, type Machine, openMachine } from '../../src/kernel/execute.ts'
import { type Interaction, interactionId } from '../../src/kernel/interaction.ts'
import type { Logic } from '../../src/kernel/logic.ts'
import { eraseModel, evidenceBetween, type Judgement, type Known } from '../../src/kernel/model.ts'
import { certificateFrom } from '../../src/kernel/round-certificate.ts'
import { createRounds } from '../../src/kernel/round.ts'
import {
  beginRounds,
  type Decision,
  decisionOf,
  type RoundState,
} from '../../src/kernel/round-state.ts'
import type { Statement } from '../../src/kernel/statement.ts'
import { childTransition, type Transition } from '../../src/kernel/transition.ts'
import { bilateral } from '../../src/models/bilateral/certificate.ts'
import { BILATERAL_TERMS } from '../../src/models/bilateral/policy.ts'
import {
  certificateFrom as receiptsFrom,
  directory,
} from '../../src/models/directory/certificate.ts'
import { receiptVote } from '../../src/models/directory/evidence.ts'
import { directoryTerms } from '../../src/models/directory/policy.ts'
import { read } from '../../src/state/tree.ts'
import {
  aCharter,
  adding,
  alice,
  anId,
  aTerms,
  bob,
  carol,
  counter,
  engine,
  interactionOn,
  logics,
  opened,
  participantOf,
  type Person,
  person,
  sign,
  signerFrom,
} from './sample.ts'
import {
  type CustodianPolicy,
  custodianPolicy,
  custodians,
  invalidStep,
  quorumOf,
  type Snapshot,
} from './walk-custodians.ts'
import { type BondCertificate, bondVote, context, contextKey, krama } from './walk-krama.ts'
import { frozen, relayed, type RelayedAnchor } from './walk-relayed.ts'

const known: Known = { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) }
const people = ['ada', 'ben', 'cyd', 'dan'].map(person)

describe('five models, one interface', () => {
  test('each sits in one registry and says what it covers, by which clock, and for whom it speaks', () => {
    const models = [bilateral, directory, custodians, krama, relayed(directory)] as const
    const erased = models.map((one) => [one.kind, one.promises])
    expect(Object.fromEntries(erased)).toEqual({
      bilateral: { covers: 'position', clock: 'none', impliesConsentOf: 'all' },
      directory: { covers: 'position', clock: 'attested', impliesConsentOf: 'none' },
      custodians: { covers: 'prefix', clock: 'attested', impliesConsentOf: 'none' },
      krama: { covers: 'legs', clock: 'none', impliesConsentOf: 'none' },
      'relayed-directory': { covers: 'position', clock: 'attested', impliesConsentOf: 'none' },
    })
    expect(eraseModel(bilateral).admit(aTerms({ policy: BILATERAL_TERMS }), engine)).toBeUndefined()
    expect(eraseModel(custodians).admit(aTerms({ policy: BILATERAL_TERMS }), engine)?.code).toBe(
      'codec/truncated',
    )
  })
})

describe('custodians', () => {
  const policy: CustodianPolicy = { custodians: people.map(signerFrom), threshold: 3, faulty: 1 }
  const shared = aTerms({
    turn: { is: 'anyone' },
    policy: { kind: 'custodians', params: custodianPolicy.encode(policy) },
  })
  const machine = opened(aCharter({ terms: shared }))

  const next = (at: Machine, amount: bigint): Machine => {
    const done = execute({
      interaction: interactionOn(at, [adding(machine, amount)]),
      machines: new Map([[machine.id, at]]),
      logics,
      consents: () => true,
      proven: [],
      verifier: engine,
    })
    if (isFault(done)) throw done
    return done.written[0] ?? at
  }
  const first = next(machine, 1n)
  const second = next(first, 2n)

  /** Four custodians decide a child between them; each hears all that the others send. */
  const decide = (child: Transition, by: readonly number[] = [0, 1, 2, 3]): Decision => {
    const { machine: id, parent, sequence } = child
    const place: RoundPlace = { suite: 'classic', machine: id, parent, sequence }
    const quorum = quorumOf(policy)
    const roles = by.map((seat) =>
      createRounds({ ...place, quorum, seat, patience: 100n, notBefore: 5n }),
    )
    const states: RoundState[] = roles.map(() => beginRounds())
    let clock = 10n
    for (let turn = 0; turn < 60; turn++) {
      clock += 20n
      for (const [at, role] of roles.entries()) {
        const env = { now: clock + BigInt(at), random: new Uint8Array(32) }
        let state = states[at] ?? beginRounds()
        state = role.step(state, { is: 'judged', transition: child, isValid: true }, env)
        for (const effect of role.outstanding(state)) {
          if (effect.is === 'sign') {
            const { statement } = effect
            const signature = sign('classic', people[by[at] ?? 0] ?? alice, statement)
            state = role.step(state, { is: 'signed', statement, signature }, env)
          }
        }
        states[at] = state
        const sent = role.outstanding(state).flatMap((one) => (one.is === 'send' ? one.casts : []))
        const casts = sent.map((one): Cast => {
          const cast = castFrom(place, quorum, one, engine)
          if (isFault(cast)) throw cast
          return cast
        })
        for (const [other, receiver] of roles.entries()) {
          const heard = states[other]
          if (heard && other !== at)
            states[other] = receiver.step(heard, { is: 'casts', casts }, env)
        }
      }
      const decision = states.map((state) => decisionOf(quorum, state)).find((one) => one)
      if (decision) return decision
    }
    throw new Error('nothing was decided')
  }

  const judged = (
    certificate: Snapshot,
    transition: Transition,
  ): Judgement<CustodianPolicy, Snapshot, object> => ({
    terms: shared,
    policy,
    anchor: {},
    transition,
    certificate,
    known,
  })
  const snapshot: Snapshot = { after: [], rounds: certificateFrom(decide(second.head)) }

  test('decide by rounds, and a snapshot is final under the median of their clocks', () => {
    const verdict = custodians.judge(judged(snapshot, second.head))
    expect(verdict).toMatchObject({
      is: 'final',
      finality: { undo: { atLeast: 2 }, clock: 'attested' },
    })
    expect(custodians.attestations(judged(snapshot, second.head))).toHaveLength(8)
  })

  test('certify all ancestors with one snapshot, by their links', () => {
    const prefix = { ...snapshot, after: [second.head] }
    expect(custodians.judge(judged(prefix, first.head)).is).toBe('final')
    expect(custodians.judge(judged(snapshot, first.head)).is).toBe('refused')
    const stray = { ...snapshot, after: [{ ...second.head, state: first.head.state }] }
    expect(custodians.judge(judged(stray, first.head)).is).toBe('refused')
  })

  test('get by with three of four, and leave evidence where two snapshots split', () => {
    const rival = next(first, 9n)
    const ours = judged(
      { after: [], rounds: certificateFrom(decide(second.head, [0, 1, 2])) },
      second.head,
    )
    const theirs = judged(
      { after: [], rounds: certificateFrom(decide(rival.head, [1, 2, 3])) },
      rival.head,
    )
    const found = evidenceBetween(
      shared,
      custodians.attestations(ours),
      custodians.attestations(theirs),
    )
    const guilty = new Set(
      found.map((one) => people.findIndex((each) => each.keys.publicKey === one.publicKey)),
    )
    expect(guilty).toEqual(new Set([1, 2]))
    for (const one of found) expect(isFault(convict(one, engine))).toBe(false)
  })

  test('are convicted of certifying an invalid step, by a kind of evidence of their own', () => {
    const empty = interactionOn(first, [])
    const bad = childTransition('classic', first.head, interactionId(empty), first.head.state)
    const statement: Statement = {
      is: 'vote',
      transition: bad,
      round: 0,
      phase: 'commit',
      cited: 1,
      time: 7n,
    }
    const { publicKey } = signerFrom(people[2] ?? alice)
    const proof = invalidStep.encode({
      publicKey,
      statement,
      signature: sign('classic', people[2] ?? alice, statement),
      interaction: empty,
    })
    const erased = eraseModel(custodians)
    const accused = { terms: shared, verifier: engine }
    expect(erased.convict(proof, accused)).toMatchObject([{ kind: 'custodians/invalid-step' }])
    expect(isFault(erased.convict(proof.with(proof.length - 1, 9), accused))).toBe(true)
  })
})

describe('guardians', () => {
  /** A logic whose machines keep in their state whom their owner relies on, as their parameters say. */
  const trusting: Logic = {
    ...counter,
    name: 'trusting',
    genesis: ({ params }) => [{ path: ['context'], value: params }],
  }
  const registry = new Map([[trusting.name, trusting]])
  const open = (guardians: readonly Person[], owner: Person): Machine => {
    const charter: Charter = aCharter({
      terms: aTerms({
        participants: [participantOf(owner)],
        turn: { is: 'owner', party: 0 },
        policy: { kind: 'krama', params: krama.policy.encode({ threshold: 2, faulty: 0 }) },
      }),
      logics: [{ name: 'trusting', params: context.encode(guardians.map(signerFrom)) }],
    })
    const machine = openMachine(charter, registry)
    if (isFault(machine)) throw machine
    return machine
  }
  const [ada, ben, cyd, dan] = people as [Person, Person, Person, Person]
  const payer = open([ada, ben, cyd], alice)
  const payee = open([cyd, dan, ben], bob)

  // Alice pins her own machine; where Bob's stands is for the guardians to fix.
  const interaction: Interaction = {
    suite: 'classic',
    legs: [
      { machine: payer.id, access: 'write', parent: payer.headId },
      { machine: payee.id, access: 'write', parent: undefined },
    ],
    operations: [adding(payer, 5n)],
    premises: [],
  }
  const done = execute({
    interaction,
    machines: new Map([payer, payee].map((one) => [one.id, one])),
    logics: registry,
    consents: () => true,
    proven: [],
    verifier: engine,
  })
  if (isFault(done)) throw done
  const siblings = done.written.map((one) => one.head)

  const bond = (by: readonly Person[], of = siblings): BondCertificate => ({
    interaction,
    siblings: of,
    round: 0,
    votes: by.map((one) => ({
      guardian: signerFrom(one),
      signatures: of.map((leg) => sign('classic', one, bondVote(leg, 0))),
    })),
  })
  /** What this run has proven: the two contexts at the parents of the bond. */
  const proven: Known = {
    ...known,
    read: (machine, at, key) => {
      const found = [payer, payee].find((one) => one.id === machine && one.headId === at)
      const value = found && read(found.state, key)
      return value ? { is: 'value', value } : { is: 'unknown' }
    },
  }
  const judge = (certificate: BondCertificate, leg = 0, knows = proven) => {
    const [transition] = siblings.slice(leg)
    if (!transition) throw new Error('no such leg')
    const of = (leg === 0 ? payer : payee).terms
    return krama.judge({
      terms: of,
      policy: { threshold: 2, faulty: 0 },
      anchor: {},
      transition,
      certificate,
      known: knows,
    })
  }

  test('make all written legs final by one certificate with a quorum in every set', () => {
    const certificate = bond([ada, ben, cyd])
    expect([0, 1].map((leg) => judge(certificate, leg).is)).toEqual(['final', 'final'])
    expect(contextKey('classic', payer.id)).not.toBe(contextKey('classic', payee.id))
  })

  test('finalise none of them while one set is short', () => {
    for (const leg of [0, 1]) {
      expect(judge(bond([ada, ben]), leg)).toMatchObject({
        is: 'pending',
        waitingFor: [{ is: 'signers', names: ['cyd', 'dan'] }],
      })
    }
  })

  test('wait for the context where it is not proven, instead of guessing', () => {
    const verdict = judge(bond([ada, ben, cyd]), 0, known)
    expect(verdict).toMatchObject({ is: 'pending', waitingFor: [{ is: 'fact' }] })
  })

  test('a bond that leaves out a leg is refused', () => {
    expect(judge(bond([ada, ben, cyd], siblings.slice(0, 1))).is).toBe('refused')
  })

  test('a guardian who votes for two children of an open leg is convicted at that leg', () => {
    const [, mine] = siblings
    if (!mine) throw new Error('two legs')
    const rival = { ...mine, interaction: anId<'interaction'>('rival') }
    const at = (transition: Transition, certificate: BondCertificate) =>
      krama.attestations({
        terms: payee.terms,
        policy: { threshold: 2, faulty: 0 },
        anchor: {},
        transition,
        certificate,
        known: proven,
      })
    const found = evidenceBetween(
      payee.terms,
      at(mine, bond([ben, cyd])),
      at(rival, bond([cyd, dan], [siblings[0] ?? mine, rival])),
    )
    expect(found.map((one) => one.publicKey)).toEqual([cyd.keys.publicKey])
  })
})

describe('another machine’s finality, relayed', () => {
  const source = { operators: people.map(signerFrom), threshold: 3, faulty: 1 }
  const owned = aTerms({ turn: { is: 'owner', party: 0 }, policy: directoryTerms(source) })
  const machine = opened(aCharter({ terms: owned }))
  const child = childTransition('classic', machine.head, anId('what'), machine.head.state)
  const receipts = people.slice(0, 3).map((one, operator) => ({
    operator,
    time: 1000n,
    signature: sign('classic', one, receiptVote(child, 1000n)),
  }))
  const model = relayed(directory)
  const policy = { delay: 60n, expiry: 500n, inner: source }
  const begin = model.begin(policy)
  const judge = (now: bigint | undefined, anchor: RelayedAnchor<object> = begin, count = 3) =>
    model.judge({
      terms: owned,
      policy,
      anchor,
      transition: child,
      certificate: receiptsFrom(receipts.slice(0, count)),
      known: { ...known, now },
    })

  test('waits for its delay from when it was first seen, then counts as proven', () => {
    const seen = judge(1010n)
    expect(seen).toMatchObject({ is: 'pending', waitingFor: [{ is: 'time', until: 1070n }] })
    if (!('anchor' in seen)) throw new Error('an anchor is kept')
    expect(judge(1069n, seen.anchor).is).toBe('pending')
    expect(judge(1070n, seen.anchor)).toMatchObject({ is: 'final', finality: { grade: 'proven' } })
    expect(model.anchor.decode(model.anchor.encode(seen.anchor))).toEqual(seen.anchor)
  })

  test('is not believed without a time, too late, half certified, or after evidence', () => {
    const seen = judge(1010n)
    if (!('anchor' in seen)) throw new Error('an anchor is kept')
    expect(judge(undefined, seen.anchor).is).toBe('pending')
    expect(judge(1501n, seen.anchor)).toMatchObject({ fault: { code: 'test/expired' } })
    expect(judge(1100n, seen.anchor, 2).is).toBe('pending')
    expect(judge(1100n, frozen(seen.anchor))).toMatchObject({ fault: { code: 'test/frozen' } })
  })

  test('needs a source with a clock', () => {
    const pair = relayed(bilateral)
    const fault = pair.admit(aTerms(), { delay: 1n, expiry: 2n, inner: {} }, engine)
    expect(fault?.code).toBe('test/no-clock')
    expect(model.admit(owned, policy, engine)).toBeUndefined()
    expect(model.admit(owned, { ...policy, expiry: 60n }, engine)?.code).toBe('test/never-valid')
  })

  test('times out on an absence and a time at one step of the other machine, and not at two', () => {
    const timing: Logic = {
      ...counter,
      apply: (call) => {
        const absent = call.premises.find((one) => one.is === 'fact' && one.value === undefined)
        const late = call.premises.find((one) => one.is === 'time' && one.atLeast >= 2000n)
        return absent && late?.transition === absent.transition ? [] : counter.apply(call)
      },
    }
    const host = opened()
    const absent = {
      is: 'fact',
      machine: machine.id,
      transition: machine.headId,
      key: anId<'state-key'>('in'),
      value: undefined,
    } as const
    const late = {
      is: 'time',
      machine: machine.id,
      transition: machine.headId,
      atLeast: 2000n,
    } as const
    const run = (premises: Interaction['premises']) => {
      const operations = [{ machine: host.id, logic: 0, argument: new Uint8Array() }]
      return execute({
        interaction: { ...interactionOn(host, operations), premises },
        machines: new Map([[host.id, host]]),
        logics: new Map([[timing.name, timing]]),
        consents: () => true,
        proven: premises,
        verifier: engine,
      })
    }
    expect(isFault(run([absent, late]))).toBe(false)
    expect(isFault(run([absent, { ...late, transition: anId('another step') }]))).toBe(true)
  })
})

test('a machine moves between any two of them by a change of terms that is like any other', () => {
  for (const kind of ['custodians', 'krama', 'relayed-directory']) {
    const next = aTerms({
      policy: { kind, params: new Uint8Array() },
      participants: [carol].map(participantOf),
    })
    expect(terms.decode(terms.encode(next))).toEqual(next)
  }
})
