/** Guardians: their policy, their seals, the lies that only this model recognises, and what they show of an account. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { MOI } from '../../packages/tallystick/src/base/moi-suite.ts'
import type { SuiteId } from '../../packages/tallystick/src/base/suite.ts'
import { networkCharter, openNetwork } from '../../packages/tallystick/src/dialects/moi/charters.ts'
import { participantOfKey } from '../../packages/tallystick/src/dialects/moi/identifier.ts'
import { prepareGenesis } from '../../packages/tallystick/src/dialects/moi/lattice.ts'
import { moiLogic } from '../../packages/tallystick/src/dialects/moi/logic.ts'
import {
  type NetworkState,
  networkState,
  networkStateOf,
} from '../../packages/tallystick/src/dialects/moi/network-state.ts'
import { balancePath, PATH } from '../../packages/tallystick/src/dialects/moi/run/layout.ts'
import type { Charter, Terms } from '../../packages/tallystick/src/kernel/charter.ts'
import { type Transition, transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { kramaEvidence } from '../../packages/tallystick/src/models/krama/evidence.ts'
import { sealBatch, sealedBy } from '../../packages/tallystick/src/models/krama/guardian.ts'
import {
  type KramaPolicy,
  kramaTerms,
  loneGuardian,
} from '../../packages/tallystick/src/models/krama/policy.ts'
import {
  certificateUnder,
  type KramaCertificate,
  kramaCertificate,
} from '../../packages/tallystick/src/models/krama/seal.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { type JsonObject, unless } from './finding.ts'
import {
  after,
  engine,
  type Deed,
  hexOfCharter,
  only,
  opened,
  pairOf,
  pay,
  PURSE,
  sign,
} from './world.ts'

const signer = (name: string) => ({
  name,
  scheme: 'ed25519' as const,
  publicKey: pairOf(name).publicKey,
})
const policy = loneGuardian(signer('oda'))
const termsOf = (of: KramaPolicy, more: Partial<Terms> = {}): Terms => ({
  ...PURSE.terms,
  turn: { is: 'anyone' },
  policy: kramaTerms(of),
  ...more,
})
const KEPT: Charter = { ...PURSE, terms: termsOf(policy) }

const start = opened(KEPT)
const paid = (from = 'alice', on = start): Deed => ({ write: [on], operations: [pay(on, from)] })
const first = only(after(paid()))
const child = first.head
const rival = only(after(paid('bob'))).head
const second = only(after(paid('bob', first))).head

type Batch = {
  readonly of: readonly (readonly Transition[])[]
  readonly time?: bigint
  readonly suite?: SuiteId
  readonly by?: (digest: Uint8Array) => Uint8Array
}

const sealing = ({
  of,
  time = 2000n,
  suite = 'classic',
  by = (one) => sign('oda', one),
}: Batch) => {
  const ask = { suite, tesseracts: of, now: time, sealedAt: 0n, pledgeOf: () => undefined }
  const batch = unless(sealBatch(ask))
  const sealed = sealedBy(batch, by(batch.digest))
  return (tesseract: number, at: number): KramaCertificate =>
    certificateUnder(suite, sealed, { tesseract, at })
}

/** A step of another machine. */
const beside = (network: string): Transition =>
  only(after(paid('alice', opened({ ...KEPT, network })))).head

/** The second transition of its tesseract, which is the second under its seal. */
const certified = (of: Transition, more: Omit<Batch, 'of'> = {}): KramaCertificate =>
  sealing({ of: [[beside('east')], [beside('west'), of]], ...more })(1, 1)

const charters = (): readonly Case[] => {
  const input = (terms: Terms): JsonObject => ({ charter: hexOfCharter({ ...KEPT, terms }) })
  const whole = good({
    id: 'krama/one-guardian',
    comment: 'one guardian that is every set',
    check: 'charter',
    input: input(KEPT.terms),
  })
  const refused = (fault: string, id: string, comment: string, terms: Terms): Case =>
    spoiled(whole, fault, { id: `krama/${id}`, comment, input: input(terms) })
  const [set] = policy.sets
  const two = { ...policy, guardians: [signer('oda'), signer('ove')] }
  return [
    whole,
    refused('krama/wrong-turn', 'owned', 'a machine that one party owns', {
      ...KEPT.terms,
      turn: { is: 'owner', party: 0 },
    }),
    refused('krama/no-rounds', 'two-guardians', 'two, who would need rounds', termsOf(two)),
    refused(
      'quorum/out-of-reach',
      'a-set-of-one-asks-for-two',
      'a set of one guardian that asks for two',
      termsOf({ ...policy, sets: set ? [set, { ...set, threshold: 2 }] : [] }),
    ),
  ]
}

const inputOf = (certificate: KramaCertificate, of: Transition = child): JsonObject => ({
  charter: hexOfCharter(KEPT),
  transition: hexFromBytes(transition.encode(of)),
  certificate: hexFromBytes(kramaCertificate.encode(certificate)),
})

const certificates = (): readonly Case[] => {
  const certificate = certified(child)
  const whole = good({
    id: 'krama/sealed',
    comment: 'the second transition of its tesseract, which is the second under its seal',
    check: 'certificate',
    input: inputOf(certificate),
  })
  const [signature] = certificate.signatures
  if (!signature) throw new Error('one has signed')
  const failing = (fault: string, id: string, comment: string, of: JsonObject): Case =>
    spoiled(whole, fault, { id: `krama/${id}`, comment, input: of })
  const with_ = (more: Partial<KramaCertificate>): JsonObject =>
    inputOf({ ...certificate, ...more })
  return [
    whole,
    good({
      id: 'krama/not-signed',
      comment: 'pending, for the guardian',
      check: 'certificate',
      input: with_({ signatures: [] }),
    }),
    failing('krama/bad-signature', 'other-child', 'another child', inputOf(certificate, rival)),
    failing('krama/bad-signature', 'other-time', 'another time', with_({ time: 2001n })),
    failing('krama/bad-signature', 'no-sibling', 'its sibling left out', with_({ before: [] })),
    failing('krama/counted-twice', 'twice', 'one guardian, listed twice', {
      ...with_({ signatures: [signature, signature] }),
    }),
    failing('krama/unknown-guardian', 'unknown', 'a guardian that the terms do not have', {
      ...with_({ signatures: [{ ...signature, guardian: 1 }] }),
    }),
    failing('batch/wrong-path', 'short-path', 'a path without its sibling', {
      ...with_({ path: { ...certificate.path, siblings: [] } }),
    }),
  ]
}

const lies = (): readonly Case[] => {
  const leg = (of: Transition, more: Omit<Batch, 'of'> = {}) => ({
    transition: of,
    certificate: kramaCertificate.encode(certified(of, more)),
  })
  const input = (one: ReturnType<typeof leg>, other: ReturnType<typeof leg>): JsonObject => ({
    charter: hexOfCharter(KEPT),
    proof: hexFromBytes(kramaEvidence.encode({ first: one, second: other })),
  })
  const whole = good({
    id: 'krama/fork',
    comment: 'two children of one parent, each sealed',
    check: 'conviction',
    input: input(leg(child), leg(rival)),
  })
  const failing = (fault: string, id: string, comment: string, of: JsonObject): Case =>
    spoiled(whole, fault, { id: `krama/${id}`, comment, input: of })
  const forged = { by: (digest: Uint8Array) => sign('mallory', digest) }
  return [
    whole,
    good({
      id: 'krama/time-ran-backwards',
      comment: 'a later step, sealed at an earlier time',
      check: 'conviction',
      input: input(leg(child), leg(second, { time: 1999n })),
    }),
    failing(
      'evidence/no-conflict',
      'sealed-again',
      'one child, sealed twice',
      input(leg(child), leg(child, { time: 3000n })),
    ),
    failing(
      'krama/bad-signature',
      'fork-of-another',
      'the second seal is of somebody else',
      input(leg(child), leg(rival, forged)),
    ),
  ]
}

const states = (): readonly Case[] => {
  const scheme = 'secp256k1-ecdsa' as const
  const [alice, oda] = [pairOf('alice', scheme), pairOf('oda', scheme)]
  const guardian = { name: 'oda', scheme, publicKey: oda.publicKey }
  const account = participantOfKey(alice.publicKey)
  const genesis = {
    nodes: { behaviour: ['oda'], random: ['oda'], storage: [] },
    guardians: { stakeMin: 1000n, withdrawalSeconds: 100n, yearlyMillionths: 50_000n },
    participants: [
      {
        id: account,
        keys: [{ publicKey: alice.publicKey, weight: 1000n, signatureAlgorithm: 0 }],
        balance: 1_000_000n,
      },
    ],
    rewards: 5000n,
  }
  const logics = new Map([[moiLogic.name, moiLogic]])
  const charter = networkCharter({ name: 'vectors', policy: loneGuardian(guardian), genesis })
  const network = unless(openNetwork(charter, logics))
  const [part] = prepareGenesis(network, engine)
  const at = part?.tesseract.steps.findIndex((one) => one.account === account) ?? -1
  const step = part?.tesseract.steps[at]
  if (!part || !step) throw new Error('she begins with something')
  const certificate = sealing({
    of: [part.tesseract.steps.map((one) => one.transition)],
    suite: MOI,
    by: (digest) => sign('oda', digest, scheme),
  })(0, at)
  const paths = [balancePath(network.network.kmoi, 0n), PATH.fuel]
  const { machine } = step.head
  const of = networkStateOf({ network, account, machine, certificate, paths })
  const input = (more: Partial<NetworkState>): JsonObject => ({
    bytes: hexFromBytes(networkState.encode({ ...of, ...more })),
  })
  const whole = good({
    id: 'krama/network-state',
    comment:
      'a balance of the genesis, and that no fuel was paid, with the context that vouches for it',
    check: 'network-state',
    input: input({}),
  })
  const failing = (fault: string, id: string, comment: string, more: Partial<NetworkState>): Case =>
    spoiled(whole, fault, { id: `krama/${id}`, comment, input: input(more) })
  const [context, balance, fuel] = of.values
  if (!context || !balance || !fuel) throw new Error('three values')
  const richer = { ...balance, value: balance.value?.map((byte) => byte ^ 1) }
  const unsigned = kramaCertificate.encode({ ...certificate, signatures: [] })
  return [
    whole,
    failing('proof/wrong-root', 'other-balance', 'another balance', {
      values: [context, richer, fuel],
    }),
    failing('moi/no-context', 'no-context', 'no context in front', { values: [balance, fuel] }),
    failing('moi/not-sealed', 'state-not-sealed', 'no signature', { certificate: unsigned }),
    failing('moi/other-account', 'other-account', 'a step of another account', {
      account: network.network.genesis,
    }),
  ]
}

export const kramaArea = (): Area => ({
  area: 'krama',
  about: 'Machines under a guardian, which seals all transitions of an interaction at once.',
  cases: [...charters(), ...certificates(), ...lies(), ...states()],
})
