/**
 * Stages: one definition on machines whose steps are made final in different ways, with the roles that really do it, all in
 * this process. What differs between two stages is the line that names the custody, and who certifies.
 */
import { bytesFromUtf8, equalBytes, hexFromBytes } from '../../../src/base/bytes.ts'
import { type Fault, isFault } from '../../../src/base/fault.ts'
import { hash } from '../../../src/base/hash.ts'
import { TAGS } from '../../../src/base/tags.ts'
import type { Engine, KeyPair } from '../../../src/base/verifier.ts'
import type { Charter, Terms } from '../../../src/kernel/charter.ts'
import { type Consent, consentDigest } from '../../../src/kernel/consent.ts'
import { soleController } from '../../../src/kernel/controller.ts'
import { execute, type Machine, openMachine } from '../../../src/kernel/execute.ts'
import { interactionId, type Operation } from '../../../src/kernel/interaction.ts'
import type { Env } from '../../../src/kernel/role.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { statechartParams } from '../../../src/logic/statechart/params.ts'
import { bilateral } from '../../../src/models/bilateral/certificate.ts'
import { bilateralVote } from '../../../src/models/bilateral/evidence.ts'
import { message } from '../../../src/models/bilateral/message.ts'
import { createParty, type Party } from '../../../src/models/bilateral/party.ts'
import { BILATERAL_TERMS } from '../../../src/models/bilateral/policy.ts'
import type { PartyInput, PartyState } from '../../../src/models/bilateral/state.ts'
import { createMember } from '../../../src/models/directory/member.ts'
import { type DirectoryPolicy, directoryTerms } from '../../../src/models/directory/policy.ts'
import { applicationAt } from '../../../src/models/rounds/applicant.ts'
import type { MemberInput } from '../../../src/models/rounds/member.ts'
import type { MemberEffect } from '../../../src/models/rounds/member-effects.ts'
import { beginMember, type MemberState } from '../../../src/models/rounds/member-state.ts'
import { createTokenEngine } from '../../../src/sim/token-engine.ts'
import { STANDARD_MODELS } from '../../../src/verify/standard.ts'

export const engine: Engine = createTokenEngine()

export type Wish = {
  readonly by: string
  readonly operation: (machine: Machine) => Operation
  readonly now: bigint
}

export type Stage = {
  readonly machine: () => Machine
  /** Brings an event to a certified end, or says why nobody certified it. */
  readonly send: (wish: Wish) => Fault | undefined
}

export type Casting = {
  /** Everybody who may send, in the order of the terms. */
  readonly names: readonly string[]
  readonly definition: string
  readonly roles: Readonly<Record<string, readonly string[]>>
  readonly startsAt: bigint
}

const pairs = new Map<string, KeyPair>()
const pairOf = (name: string): KeyPair => {
  const known =
    pairs.get(name) ?? engine.fromSeed('ed25519', hash('blake3', TAGS.seed, bytesFromUtf8(name)))
  pairs.set(name, known)
  return known
}
const sign = (name: string, digest: Uint8Array): Uint8Array =>
  engine.sign('ed25519', pairOf(name).secret, digest)

const charterFor = (of: Casting, terms: Pick<Terms, 'turn' | 'policy'>): Charter => ({
  network: 'test',
  nonce: new Uint8Array(32),
  terms: {
    suite: 'classic',
    participants: of.names.map((name) => ({
      name,
      controller: soleController('ed25519', pairOf(name).publicKey),
    })),
    ...terms,
  },
  logics: [
    {
      name: 'nsm/1',
      params: statechartParams.encode({
        // The one line.
        definition: of.definition.replace(
          '"nsm": {',
          `"nsm": {\n"custody": "${terms.policy.kind}",`,
        ),
        names: 'none',
        creator: of.names[0] ?? '',
        roles: Object.entries(of.roles).map(([role, senders]) => ({ role, senders })),
        clock: { is: 'agreed', skewMs: 1000 },
        startsAt: of.startsAt,
        oracles: [],
        nostr: undefined,
      }),
    },
  ],
  state: { is: 'tree' },
})

const opened = (charter: Charter): Machine => {
  const machine = openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return machine
}

const envAt = (now: bigint): Env => ({ now, random: new Uint8Array(32).fill(7) })

/** Two parties, each with its own role, who hand messages to one another and agree to whatever is valid. */
export const pairStage = (of: Casting): Stage => {
  const charter = charterFor(of, { turn: { is: 'alternate' }, policy: BILATERAL_TERMS })
  const sides = [0, 1].map((party) => {
    const role = createParty({
      charter,
      party,
      keys: [0],
      logics: STANDARD_LOGICS,
      verifier: engine,
    })
    if (isFault(role)) throw role
    return { party, role, state: role.begin(), done: new Set<string>() }
  })
  const [first, second] = sides
  if (!first || !second) throw new Error('there are two')
  return {
    machine: () => first.state.machine,
    send: ({ by, operation, now }) => {
      const seat = of.names.indexOf(by)
      const side = sides[seat]
      if (!side) throw new Error(`${by} is none of the two`)
      const before = sides.flatMap((one) => one.state.talk.refusals)
      const wish: PartyInput = {
        is: 'wish',
        operations: [operation(side.state.machine)],
        premises: [],
        legs: [],
        consents: [],
        attachments: [],
      }
      side.state = side.role.step(side.state, wish, envAt(now))
      talk(of, sides, envAt(now))
      const refused = sides
        .flatMap((one) => one.state.talk.refusals)
        .find((one) => !before.includes(one))
      if (!refused && first.state.machine.headId !== second.state.machine.headId) {
        throw new Error('the two are at different heads')
      }
      return refused
    },
  }
}

type Side = { party: number; role: Party; state: PartyState; done: Set<string> }

/** Performs what the two want until nothing is left. */
const talk = (of: Casting, sides: readonly Side[], env: Env): void => {
  for (let at = 0; at < 200; at++) {
    const side = sides.find((one) =>
      one.role.outstanding(one.state).some((effect) => !one.done.has(effect.id)),
    )
    if (!side) return
    const effect = side.role.outstanding(side.state).find((one) => !side.done.has(one.id))
    if (!effect) return
    side.done.add(effect.id)
    const feed = (to: Side | undefined, input: PartyInput): void => {
      if (to) to.state = to.role.step(to.state, input, env)
    }
    switch (effect.is) {
      case 'sign': {
        const signature = sign(of.names[side.party] ?? '', effect.digest)
        feed(side, { is: 'signed', digest: effect.digest, key: effect.key, signature })
        break
      }
      case 'send':
        feed(sides[1 - side.party], { is: 'message', bytes: message.encode(effect.message) })
        break
      case 'ask':
        feed(side, { is: 'decide', interaction: effect.interactionId, yes: true })
        break
      case 'prove':
        throw new Error('nothing is to be proven')
    }
  }
  throw new Error('the two do not come to rest')
}

/** Any number of parties, all of whom sign each step; the model judges what they signed. */
export const circleStage = (of: Casting): Stage => {
  const charter = charterFor(of, { turn: { is: 'leader', party: 0 }, policy: BILATERAL_TERMS })
  let machine = opened(charter)
  return {
    machine: () => machine,
    send: ({ operation }) => {
      const done = execute({
        interaction: applicationAt(machine, { operations: [operation(machine)], beside: [] }),
        machines: new Map([[machine.id, machine]]),
        logics: STANDARD_LOGICS,
        consents: () => true,
        proven: [],
        verifier: engine,
      })
      if (isFault(done)) return done
      const [after] = done.written
      if (!after) throw new Error('it is written')
      const digest = statementDigest('classic', bilateralVote(after.head, 0))
      const certificate = {
        round: 0,
        aborts: [],
        signatures: of.names.map((name, party) => ({
          party,
          key: 0,
          signature: sign(name, digest),
        })),
      }
      const verdict = bilateral.judge({
        terms: machine.terms,
        policy: {},
        anchor: {},
        transition: after.head,
        certificate,
        known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
      })
      if (verdict.is !== 'final') throw new Error(`the step is ${verdict.is}`)
      machine = after
      return undefined
    },
  }
}

const OPERATORS = ['north', 'east', 'south', 'west'] as const

/** A machine that anyone may move, certified in rounds by four operators, each with its own role. */
export const directoryStage = (of: Casting): Stage => {
  const policy: DirectoryPolicy = {
    operators: OPERATORS.map((name) => ({
      name,
      scheme: 'ed25519',
      publicKey: pairOf(name).publicKey,
    })),
    threshold: 3,
    faulty: 1,
  }
  const charter = charterFor(of, { turn: { is: 'anyone' }, policy: directoryTerms(policy) })
  const genesis = opened(charter)
  const options = { logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine }
  const seats = OPERATORS.map((name) => ({
    name,
    role: createMember({ ...options, publicKey: pairOf(name).publicKey, patience: 1000n }),
    state: beginMember(genesis),
  }))
  return certifiedStage(of, seats)
}

type Seat = {
  readonly name: string
  readonly role: ReturnType<typeof createMember>
  state: MemberState
}

/** Certifiers who vote in rounds, whatever their model. */
const certifiedStage = (of: Casting, seats: readonly Seat[]): Stage => {
  const [first] = seats
  if (!first) throw new Error('somebody certifies')
  const machine = (): Machine => first.state.followed.machine
  return {
    machine,
    send: ({ by, operation, now }) => {
      const at = machine()
      const before = at.head.sequence
      const interaction = applicationAt(at, { operations: [operation(at)], beside: [] })
      const consent: Consent = {
        machine: at.id,
        party: of.names.indexOf(by),
        key: 0,
        form: 'raw',
        signature: sign(by, consentDigest('classic', interactionId(interaction))),
      }
      const refusals = first.state.refusals
      const candidate = { interaction, consents: [consent], beside: [] }
      feed(first, { is: 'candidate', candidate }, now)
      settle(seats, now)
      const refused = first.state.refusals.find((one) => !refusals.includes(one))
      const heads = seats.map((one) => one.state.followed.machine.head.sequence)
      const expected = refused ? before : before + 1n
      if (heads.some((one) => one !== expected)) throw new Error(`heads at ${heads.join(', ')}`)
      return refused
    },
  }
}

/** Feeds one certifier, and signs and keeps for it what it then wants. */
const feed = (seat: Seat, input: MemberInput, now: bigint): void => {
  seat.state = seat.role.step(seat.state, input, envAt(now))
  for (let at = 0; at < 100; at++) {
    const local = seat.role
      .outstanding(seat.state)
      .find((one) => one.is === 'sign' || one.is === 'keep')
    if (!local) return
    const answer: MemberInput =
      local.is === 'keep'
        ? { is: 'kept', sequence: local.step.transition.sequence }
        : {
            is: 'signed',
            digest: hexFromBytes(local.digest),
            signature: sign(seat.name, local.digest),
          }
    seat.state = seat.role.step(seat.state, answer, envAt(now))
  }
  throw new Error('a certifier wants to sign for ever')
}

const settle = (seats: readonly Seat[], now: bigint): void => {
  for (let round = 0; round < 50; round++) {
    const before = seats.map((one) => one.state)
    for (const seat of seats) {
      for (const effect of seat.role.outstanding(seat.state)) carry(seats, effect, now)
    }
    if (seats.every((one, at) => one.state === before[at])) return
  }
  throw new Error('certifiers talk for ever')
}

const carry = (seats: readonly Seat[], effect: MemberEffect, now: bigint): void => {
  if (effect.is !== 'send') return
  for (const { publicKey } of effect.to) {
    const to = seats.find((one) => equalBytes(pairOf(one.name).publicKey, publicKey))
    if (to) feed(to, { is: 'message', message: effect.message }, now)
  }
}
