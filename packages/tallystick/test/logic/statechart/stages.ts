/**
 * Stages: one definition on machines whose steps are made final in different ways, with the roles that really do it, all in
 * this process. What differs between two stages is the line that names the custody, and who certifies.
 */
import { bytesFromUtf8 } from '../../../src/base/bytes.ts'
import { type Fault, isFault } from '../../../src/base/fault.ts'
import { hash } from '../../../src/base/hash.ts'
import type { SchemeId, SuiteId } from '../../../src/base/suite.ts'
import { TAGS } from '../../../src/base/tags.ts'
import type { Engine, KeyPair } from '../../../src/base/verifier.ts'
import type { Charter, Terms } from '../../../src/kernel/charter.ts'
import { soleController } from '../../../src/kernel/controller.ts'
import { execute, type Machine, openMachine } from '../../../src/kernel/execute.ts'
import type { Operation, Premise } from '../../../src/kernel/interaction.ts'
import type { Env } from '../../../src/kernel/role.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { type Answer, operationOnStatechart } from '../../../src/logic/statechart/operation.ts'
import { type StatechartParams, statechartParams } from '../../../src/logic/statechart/params.ts'
import { bilateral } from '../../../src/models/bilateral/certificate.ts'
import { bilateralVote } from '../../../src/models/bilateral/evidence.ts'
import { message } from '../../../src/models/bilateral/message.ts'
import { createParty, type Party } from '../../../src/models/bilateral/party.ts'
import { BILATERAL_TERMS } from '../../../src/models/bilateral/policy.ts'
import type { PartyInput, PartyState } from '../../../src/models/bilateral/state.ts'
import { applicationAt } from '../../../src/models/rounds/applicant.ts'
import type { CandidateOptions } from '../../../src/models/rounds/candidate.ts'
import { createTokenEngine } from '../../../src/sim/token-engine.ts'
import { createWitness, type Witness } from '../../../src/sim/witness.ts'
import { proveFromFiles, withProver } from '../../../src/verify/prove.ts'
import { STANDARD_MODELS } from '../../../src/verify/standard.ts'

export const engine: Engine = createTokenEngine(['ed25519', 'bip340'])

export type Wish = {
  readonly by: string
  readonly type: string
  /** Canonical JSON of an object. */
  readonly data: string
  /** The time that the sender claims. */
  readonly at: bigint
  readonly now: bigint
  /** What it quotes of oracles. */
  readonly answers: readonly Answer[]
}

export type Stage = {
  readonly machine: () => Machine
  /** What expressions call a sender, and what they call the machine. */
  readonly senderOf: (name: string) => string
  readonly id: () => string
  /** Brings an event to a certified end, or says why nobody certified it. */
  readonly send: (wish: Wish) => Fault | undefined
}

export type Casting = {
  /** Everybody who may send, in the order of the terms. */
  readonly names: readonly string[]
  readonly definition: string
  readonly roles: Readonly<Record<string, readonly string[]>>
  readonly startsAt: bigint
  /** What oracles have said on machines of their own to the question "outcome". */
  readonly said?: Readonly<Record<string, string>>
}

/** Oracles that have said it, and what proves that. */
export type Witnesses = {
  readonly oracles: StatechartParams['oracles']
  readonly premises: (answers: readonly Answer[]) => readonly Premise[]
  readonly files: (answers: readonly Answer[]) => readonly Uint8Array[]
}

export const witnessesFor = ({ said = {}, startsAt }: Casting, style: Style): Witnesses => {
  const { suite, scheme } = style
  const known = new Map(
    Object.entries(said).map(([name, answer]): [string, Witness] => {
      const witness = createWitness({ engine, suite, scheme, name })
      witness.say('outcome', answer, startsAt)
      return [name, witness]
    }),
  )
  const named = (answers: readonly Answer[]): readonly Witness[] =>
    answers.flatMap((one) => known.get(one.oracle) ?? [])
  return {
    oracles: [...known].map(([name, { genesis }]) => ({
      name,
      machine: genesis.id,
      suite,
      logic: 0,
    })),
    premises: (answers) =>
      answers.flatMap(
        ({ oracle, question, answer }) => known.get(oracle)?.premise(question, answer) ?? [],
      ),
    files: (answers) => named(answers).map((one) => one.file()),
  }
}

export const OPTIONS: CandidateOptions & Required<Pick<CandidateOptions, 'prove'>> = withProver({
  logics: STANDARD_LOGICS,
  models: STANDARD_MODELS,
  verifier: engine,
})

/** How people and machines are called, and what they sign with. */
export type Style = {
  readonly suite: SuiteId
  readonly scheme: SchemeId
  readonly senderOf: (name: string) => string
  readonly nostr: StatechartParams['nostr']
}

/** People under their names, who consent to interactions. */
export const BY_NAME: Style = {
  suite: 'classic',
  scheme: 'ed25519',
  senderOf: (name) => name,
  nostr: undefined,
}

const pairs = new Map<string, KeyPair>()
export const pairOf = (name: string, { scheme }: Style = BY_NAME): KeyPair => {
  const key = `${scheme} ${name}`
  const known =
    pairs.get(key) ?? engine.fromSeed(scheme, hash('blake3', TAGS.seed, bytesFromUtf8(key)))
  pairs.set(key, known)
  return known
}
export const signAs = (name: string, digest: Uint8Array, style: Style = BY_NAME): Uint8Array =>
  engine.sign(style.scheme, pairOf(name, style).secret, digest)

export const charterFor = (
  of: Casting,
  terms: Pick<Terms, 'turn' | 'policy'>,
  style: Style = BY_NAME,
): Charter => ({
  network: 'test',
  nonce: new Uint8Array(32),
  terms: {
    suite: style.suite,
    participants: of.names.map((name) => ({
      name: style.senderOf(name),
      controller: soleController(style.scheme, pairOf(name, style).publicKey),
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
        creator: style.senderOf(of.names[0] ?? ''),
        roles: Object.entries(of.roles).map(([role, senders]) => ({
          role,
          senders: senders.map(style.senderOf),
        })),
        clock: { is: 'agreed', skewMs: 1000 },
        startsAt: of.startsAt,
        oracles: witnessesFor(of, style).oracles,
        nostr: style.nostr,
      }),
    },
  ],
  state: { is: 'tree' },
})

/** What somebody wants, as an operation that the interaction's consents go with. */
export const operationFor = ({ id }: Machine, { by, type, data, at, answers }: Wish): Operation =>
  operationOnStatechart(
    { machine: id, logic: 0 },
    { is: 'event', party: by, type, data, at, answers },
  )

export const opened = (charter: Charter): Machine => {
  const machine = openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return machine
}

export const envAt = (now: bigint): Env => ({ now, random: new Uint8Array(32).fill(7) })

/** Two parties, each with its own role, who hand messages to one another and agree to whatever is valid. */
export const pairStage = (of: Casting): Stage => {
  const charter = charterFor(of, { turn: { is: 'alternate' }, policy: BILATERAL_TERMS })
  const witnesses = witnessesFor(of, BY_NAME)
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
    senderOf: BY_NAME.senderOf,
    id: () => first.state.machine.id,
    send: (wanted) => {
      const { by, now } = wanted
      const seat = of.names.indexOf(by)
      const side = sides[seat]
      if (!side) throw new Error(`${by} is none of the two`)
      const before = sides.flatMap((one) => one.state.talk.refusals)
      const wish: PartyInput = {
        is: 'wish',
        operations: [operationFor(side.state.machine, wanted)],
        premises: witnesses.premises(wanted.answers),
        legs: [],
        consents: [],
        attachments: witnesses.files(wanted.answers),
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
        const signature = signAs(of.names[side.party] ?? '', effect.digest)
        feed(side, { is: 'signed', digest: effect.digest, key: effect.key, signature })
        break
      }
      case 'send':
        feed(sides[1 - side.party], { is: 'message', bytes: message.encode(effect.message) })
        break
      case 'ask':
        feed(side, { is: 'decide', interaction: effect.interactionId, yes: true })
        break
      case 'prove': {
        const { premises } = effect.interaction
        const proven = proveFromFiles({ given: effect.attachments }, premises, OPTIONS)
        const interaction = effect.interactionId
        feed(
          side,
          isFault(proven)
            ? { is: 'unproven', interaction, fault: proven }
            : { is: 'proven', interaction, proven: proven.proven, grade: proven.grade },
        )
        break
      }
    }
  }
  throw new Error('the two do not come to rest')
}

/** Any number of parties, all of whom sign each step; the model judges what they signed. */
export const circleStage = (of: Casting): Stage => {
  const charter = charterFor(of, { turn: { is: 'leader', party: 0 }, policy: BILATERAL_TERMS })
  let machine = opened(charter)
  const witnesses = witnessesFor(of, BY_NAME)
  return {
    machine: () => machine,
    senderOf: BY_NAME.senderOf,
    id: () => machine.id,
    send: (wanted) => {
      const premises = witnesses.premises(wanted.answers)
      const unproven =
        premises.length > 0 && OPTIONS.prove(witnesses.files(wanted.answers), premises)
      if (unproven) return unproven
      const done = execute({
        interaction: applicationAt(machine, {
          operations: [operationFor(machine, wanted)],
          beside: [],
          premises,
        }),
        machines: new Map([[machine.id, machine]]),
        logics: STANDARD_LOGICS,
        consents: () => true,
        proven: premises,
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
          signature: signAs(name, digest),
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
