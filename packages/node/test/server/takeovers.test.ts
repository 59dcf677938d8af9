/** Operators are handed a machine that two have co-signed so far, over HTTP. */
import { expect, test } from 'vitest'
import {
  AMEND,
  childTransition,
  type Charter,
  consentDigest,
  interactionId,
  type Machine,
  soleController,
  statementDigest,
  type Terms,
  terms as termsCodec,
  transitionId,
} from 'tallystick/kernel'
import {
  acceptance,
  acceptanceVote,
  type Amendment,
  amendments,
  applicationAt,
  BILATERAL_TERMS,
  bilateralCertificate,
  bilateralVote,
  type Candidate,
  handedFrom,
  handedMachine,
  type HandedMachine,
  memberMessage,
} from 'tallystick/models'
import { operationOnVault } from 'tallystick/logic'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import {
  ask,
  bytesOf,
  charterFor,
  engine,
  genesisOf,
  ownerPair,
  refusalOf,
  startsForTests,
} from './town.ts'

const start = startsForTests()
const bobPair = engine.fromSeed('ed25519', new Uint8Array(32).fill(2))
const pairs = [ownerPair, bobPair]

/** Alice and bob by themselves. */
const bilateral = (one: RunningOperator): Charter => {
  const charter = charterFor([one.card])
  const participants = ['alice', 'bob'].map((name, at) => ({
    name,
    controller: soleController('ed25519', pairs[at]?.publicKey ?? new Uint8Array(0)),
  }))
  return {
    ...charter,
    terms: {
      ...charter.terms,
      participants,
      turn: { is: 'leader', party: 0 },
      policy: BILATERAL_TERMS,
    },
  }
}

type Handing = { readonly change: Amendment; readonly machine: Machine }

/** The step by which both let operators go on; the state stays what it is. */
const handing = (charter: Charter, to: RunningOperator): Handing => {
  const genesis = genesisOf(charter)
  const next: Terms = {
    ...charter.terms,
    turn: { is: 'anyone' },
    policy: charterFor([to.card]).terms.policy,
  }
  const operation = { machine: genesis.id, logic: AMEND, argument: termsCodec.encode(next) }
  const interaction = applicationAt(genesis, { operations: [operation], beside: [] })
  const transition = childTransition(
    'classic',
    genesis.head,
    interactionId(interaction),
    genesis.head.state,
  )
  const digest = statementDigest('classic', bilateralVote(transition, 0))
  const signatures = pairs.map((pair, party) => ({
    party,
    key: 0,
    signature: engine.sign('ed25519', pair.secret, digest),
  }))
  const certificate = bilateralCertificate.encode({ round: 0, aborts: [], signatures })
  const step = {
    transition,
    parent: genesis.head,
    interaction,
    consents: [],
    proposal: new Uint8Array(0),
  }
  const headId = transitionId('classic', transition)
  const machine = { ...genesis, terms: next, head: transition, headId }
  return { change: { step, certificate }, machine }
}

const handTo = (of: RunningOperator, handed: HandedMachine): Promise<Response> =>
  ask(of, '/v1/takeovers', { body: handedMachine.encode(handed) })

const wanted = (machine: Machine): Candidate => {
  const subject = new Uint8Array(32).fill(7)
  const operation = operationOnVault(
    { machine: machine.id, logic: 0 },
    { is: 'publish', machine: machine.id, party: 'bob', subject, value: subject },
  )
  const interaction = applicationAt(machine, { operations: [operation], beside: [] })
  const digest = consentDigest('classic', interactionId(interaction))
  const signature = engine.sign('ed25519', bobPair.secret, digest)
  const consents = [{ machine: machine.id, party: 1, key: 0, form: 'raw' as const, signature }]
  return { interaction, consents, beside: [], attachments: [] }
}

test('an operator takes a machine over with the state that both have signed, and goes on from it', async () => {
  const store = createMemoryStore()
  const seed = new Uint8Array(32).fill(3)
  const one = await start({ store, seed })
  const charter = bilateral(one)
  const { change, machine } = handing(charter, one)
  const handed = handedFrom(machine, change.step)
  expect((await refusalOf(await handTo(one, handed)))[1]).toBe('operator/unknown-machine')
  const told = await ask(one, '/v1/terms', {
    body: amendments.encode({ charter, changes: [change] }),
  })
  expect(told.status).toBe(200)
  const richer = { key: 'ab'.repeat(32) as never, value: new Uint8Array(1) }
  const other = { ...handed, state: [...handed.state, richer] }
  expect((await refusalOf(await handTo(one, other)))[1]).toBe('takeover/other-state')

  const first = acceptance.decode(await bytesOf(await handTo(one, handed)))
  const digest = statementDigest('classic', acceptanceVote(machine.head, first))
  expect(engine.verify('ed25519', one.card.publicKey, digest, first.signature)).toBe(true)
  // Another process of the operator, later, signs the very same.
  const twin = await start({ store, seed })
  const again = acceptance.decode(await bytesOf(await handTo(twin, handed)))
  expect(again).toEqual(first)

  const message = {
    machine: machine.id,
    newest: undefined,
    casts: [],
    candidates: [wanted(machine)],
  }
  const said = await ask(twin, '/v1/casts', { body: memberMessage.encode(message) })
  expect(said.status).toBe(200)
  const answer = memberMessage.decode(await bytesOf(said))
  expect(answer.newest?.transition.sequence).toBe(2n)
})

test('an operator that has signed for one step at a place signs for no other there', async () => {
  const [one, next] = [await start(), await start({ name: 'next' })]
  const charter = bilateral(one)
  const [mine, others] = [handing(charter, one), handing(charter, next)]
  await ask(one, '/v1/terms', { body: amendments.encode({ charter, changes: [mine.change] }) })
  expect((await handTo(one, handedFrom(mine.machine, mine.change.step))).status).toBe(200)
  const refused = await handTo(one, handedFrom(others.machine, others.change.step))
  expect((await refusalOf(refused))[1]).toBe('operator/not-served')
})
