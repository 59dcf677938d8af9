/** Stages on which certifiers vote in rounds, each with its own role: a directory's operators, and custodians. */
import { idFromHex } from '../../../src/base/brand.ts'
import { equalBytes, hexFromBytes } from '../../../src/base/bytes.ts'
import type { Fault } from '../../../src/base/fault.ts'
import { inputDraft } from '../../../src/forms/nostr-input.ts'
import { signNostrEvent } from '../../../src/forms/nostr-event.ts'
import { type Consent, consentDigest } from '../../../src/kernel/consent.ts'
import { type Machine, pathKey } from '../../../src/kernel/execute.ts'
import { interactionId } from '../../../src/kernel/interaction.ts'
import type { QuorumSigner } from '../../../src/kernel/quorum.ts'
import { headFrom } from '../../../src/logic/statechart/leaves.ts'
import { operationOnStatechart } from '../../../src/logic/statechart/operation.ts'
import {
  createCustodian,
  type CustodianEffect,
  type CustodianInput,
} from '../../../src/models/custodians/custodian.ts'
import { beginCustodian } from '../../../src/models/custodians/custodian-state.ts'
import { custodianTerms, policyOf } from '../../../src/models/custodians/policy.ts'
import { createMember } from '../../../src/models/directory/member.ts'
import { directoryTerms } from '../../../src/models/directory/policy.ts'
import { applicationAt } from '../../../src/models/rounds/applicant.ts'
import { beginMember, type MemberState } from '../../../src/models/rounds/member-state.ts'
import { read } from '../../../src/state/tree.ts'
import {
  BY_NAME,
  type Casting,
  charterFor,
  envAt,
  opened,
  operationFor,
  OPTIONS,
  pairOf,
  signAs,
  type Stage,
  type Style,
  type Wish,
  type Witnesses,
  witnessesFor,
} from './stages.ts'

const CERTIFIERS = ['north', 'east', 'south', 'west'] as const

const certifiersFor = (style: Style): readonly QuorumSigner[] =>
  CERTIFIERS.map((name) => ({
    name,
    scheme: style.scheme,
    publicKey: pairOf(name, style).publicKey,
  }))

const PATIENCE = 1000n

/** A machine that anyone may move, certified by four operators. */
export const directoryStage = (of: Casting): Stage => {
  const policy = { operators: certifiersFor(BY_NAME), threshold: 3, faulty: 1 }
  const genesis = opened(charterFor(of, { turn: { is: 'anyone' }, policy: directoryTerms(policy) }))
  return certifiedStage(of, {
    style: BY_NAME,
    input: consented(of),
    certifiers: CERTIFIERS.map((name) => {
      const { publicKey } = pairOf(name)
      const role = createMember({ ...OPTIONS, publicKey, patience: PATIENCE })
      let state = beginMember(genesis)
      return {
        name,
        take: (input, now) => {
          if (input.is === 'operation') throw new Error('operators take candidates')
          state = role.step(state, input, envAt(now))
        },
        outstanding: () => role.outstanding(state),
        member: () => state,
        refusals: () => state.refusals,
      }
    }),
  })
}

/** The same by four custodians; participants consent to interactions. */
export const custodianStage = (of: Casting): Stage =>
  certifiedStage(of, {
    style: BY_NAME,
    input: consented(of),
    certifiers: custodiansOf(of, BY_NAME),
  })

/** Who is on Nostr is called by a key and signs events, which any custodian puts forward. */
const ON_NOSTR: Style = {
  suite: 'nostr',
  scheme: 'bip340',
  senderOf: (name) => hexFromBytes(pairOf(name, ON_NOSTR).publicKey),
  nostr: { id: idFromHex<'nostr-event'>('ab'.repeat(32)), senders: 'anyone' },
}

/** Custodians of a machine on Nostr: each input is an event that its author has signed, and nothing else. */
export const nostrStage = (of: Casting): Stage =>
  certifiedStage(of, {
    style: ON_NOSTR,
    input: signedInput,
    certifiers: custodiansOf(of, ON_NOSTR),
  })

const custodiansOf = (of: Casting, style: Style): readonly Certifier[] => {
  const policy = custodianTerms(policyOf(certifiersFor(style)))
  const genesis = opened(charterFor(of, { turn: { is: 'anyone' }, policy }, style))
  return CERTIFIERS.map((name) => {
    const { publicKey } = pairOf(name, style)
    const role = createCustodian({ ...OPTIONS, publicKey, patience: PATIENCE, heartbeat: 0n })
    let state = beginCustodian(genesis)
    return {
      name,
      take: (input, now) => {
        state = role.step(state, input, envAt(now))
      },
      outstanding: () => role.outstanding(state),
      member: () => state.member,
      refusals: () => [...state.member.refusals, ...state.rejected.map((one) => one.fault)],
    }
  })
}

/** What is handed to the first certifier. */
type InputFor = (machine: Machine, wish: Wish, witnesses: Witnesses) => CustodianInput

/** An interaction with the sender's consent. */
const consented =
  (of: Casting): InputFor =>
  (machine, wish, witnesses) => {
    const operations = [operationFor(machine, wish)]
    const premises = witnesses.premises(wish.answers)
    const interaction = applicationAt(machine, { operations, beside: [], premises })
    const consent: Consent = {
      machine: machine.id,
      party: of.names.indexOf(wish.by),
      key: 0,
      form: 'raw',
      signature: signAs(wish.by, consentDigest('classic', interactionId(interaction))),
    }
    return {
      is: 'candidate',
      candidate: {
        interaction,
        consents: [consent],
        beside: [],
        attachments: witnesses.files(wish.answers),
      },
    }
  }

/** An event that follows the last input, as its author's client would make it. When it is taken is for custodians to say. */
const signedInput: InputFor = (machine, { by, type, data, at, answers }, witnesses) => {
  const { height, input } = headFrom((path) =>
    read(machine.state, pathKey('nostr', { machine: machine.id, logic: 0 }, path)),
  )
  const { publicKey } = pairOf(by, ON_NOSTR)
  const event = signNostrEvent(
    inputDraft({
      input: {
        machine: ON_NOSTR.nostr?.id ?? '',
        type,
        parent: height === 0 ? undefined : input,
        answers,
      },
      data,
      pubkey: ON_NOSTR.senderOf(by),
      created_at: Number(at / 1000n),
    }),
    { scheme: 'bip340', publicKey, sign: (digest) => signAs(by, digest, ON_NOSTR) },
  )
  const statechart = { machine: machine.id, logic: 0 }
  const operation = operationOnStatechart(statechart, { is: 'nostr', event, at: 0n, answers })
  const [premises, attachments] = [witnesses.premises(answers), witnesses.files(answers)]
  return { is: 'operation', operation, premises, attachments }
}

type Certifier = {
  readonly name: string
  readonly take: (input: CustodianInput, now: bigint) => void
  readonly outstanding: () => readonly CustodianEffect[]
  readonly member: () => MemberState
  readonly refusals: () => readonly Fault[]
}

type Certified = {
  readonly style: Style
  readonly input: InputFor
  readonly certifiers: readonly Certifier[]
}

/** Certifiers who vote in rounds, whatever their model. */
const certifiedStage = (of: Casting, stage: Certified): Stage => {
  const { style, input, certifiers } = stage
  const [first] = certifiers
  if (!first) throw new Error('somebody certifies')
  const machine = (): Machine => first.member().followed.machine
  const witnesses = witnessesFor(of, style)
  return {
    machine,
    senderOf: style.senderOf,
    id: () => style.nostr?.id ?? machine().id,
    send: (wish) => {
      const before = machine().head.sequence
      const refusals = first.refusals()
      feed(stage, first, input(machine(), wish, witnesses), wish.now)
      settle(stage, wish.now)
      const refused = first.refusals().find((one) => !refusals.includes(one))
      const heads = certifiers.map((one) => one.member().followed.machine.head.sequence)
      const expected = refused ? before : before + 1n
      if (heads.some((one) => one !== expected)) throw new Error(`heads at ${heads.join(', ')}`)
      return refused
    },
  }
}

/** Feeds one certifier, and signs and keeps for it what it then wants. */
const feed = ({ style }: Certified, seat: Certifier, input: CustodianInput, now: bigint): void => {
  seat.take(input, now)
  for (let at = 0; at < 100; at++) {
    const local = seat.outstanding().find((one) => one.is === 'sign' || one.is === 'keep')
    if (!local) return
    if (local.is === 'keep') {
      seat.take({ is: 'kept', sequence: local.step.transition.sequence }, now)
    } else {
      const signature = signAs(seat.name, local.digest, style)
      seat.take({ is: 'signed', digest: hexFromBytes(local.digest), signature }, now)
    }
  }
  throw new Error('a certifier wants to sign for ever')
}

const settle = (stage: Certified, now: bigint): void => {
  const { certifiers } = stage
  for (let round = 0; round < 50; round++) {
    const before = certifiers.map((one) => one.member())
    for (const seat of certifiers) {
      for (const effect of seat.outstanding()) carry(stage, effect, now)
    }
    if (certifiers.every((one, at) => one.member() === before[at])) return
  }
  throw new Error('certifiers talk for ever')
}

const carry = (stage: Certified, effect: CustodianEffect, now: bigint): void => {
  if (effect.is !== 'send') return
  for (const { publicKey } of effect.to) {
    const to = stage.certifiers.find((one) =>
      equalBytes(pairOf(one.name, stage.style).publicKey, publicKey),
    )
    if (to) feed(stage, to, { is: 'message', message: effect.message }, now)
  }
}
