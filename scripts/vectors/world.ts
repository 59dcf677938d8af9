/**
 * People, keys, charters and steps for the vectors. A key's seed is the tagged hash of its owner's name, and every
 * signature is deterministic, so that the same vectors come out again.
 */
import type { TransitionId } from '../../packages/tallystick/src/base/brand.ts'
import { bytesFromUtf8, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { hash } from '../../packages/tallystick/src/base/hash.ts'
import type { SchemeId, SuiteId } from '../../packages/tallystick/src/base/suite.ts'
import { TAGS } from '../../packages/tallystick/src/base/tags.ts'
import type { Engine, KeyPair } from '../../packages/tallystick/src/base/verifier.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import {
  type Charter,
  charter,
  type LogicTerms,
  type PolicyTerms,
  type Terms,
} from '../../packages/tallystick/src/kernel/charter.ts'
import { type Consent, consentDigest } from '../../packages/tallystick/src/kernel/consent.ts'
import {
  type Participant,
  soleController,
} from '../../packages/tallystick/src/kernel/controller.ts'
import { execute, type Machine, openMachine } from '../../packages/tallystick/src/kernel/execute.ts'
import {
  type Access,
  type Interaction,
  interactionId,
  type Operation,
  type Premise,
} from '../../packages/tallystick/src/kernel/interaction.ts'
import type { Prefix } from '../../packages/tallystick/src/kernel/logic.ts'
import { statementDigest, type Statement } from '../../packages/tallystick/src/kernel/statement.ts'
import type { Transition } from '../../packages/tallystick/src/kernel/transition.ts'
import {
  type LedgerOperation,
  operationOnLedger,
} from '../../packages/tallystick/src/logic/ledger-operation.ts'
import {
  type LedgerParams,
  ledgerParams,
} from '../../packages/tallystick/src/logic/ledger-params.ts'
import { STANDARD_LOGICS } from '../../packages/tallystick/src/logic/registry.ts'
import { bilateralCertificate } from '../../packages/tallystick/src/models/bilateral/certificate.ts'
import {
  bilateralVote,
  type RoundAbort,
  roundAbortStatement,
} from '../../packages/tallystick/src/models/bilateral/evidence.ts'
import { BILATERAL_TERMS } from '../../packages/tallystick/src/models/bilateral/policy.ts'
import { directoryCertificate } from '../../packages/tallystick/src/models/directory/certificate.ts'
import { receiptVote } from '../../packages/tallystick/src/models/directory/evidence.ts'
import { ownerVote } from '../../packages/tallystick/src/models/directory/owner.ts'
import { directoryTerms } from '../../packages/tallystick/src/models/directory/policy.ts'
import {
  type BundleLeg,
  bundleStep,
  type BundleStep,
} from '../../packages/tallystick/src/verify/bundle.ts'
import { unless } from './finding.ts'

export const engine: Engine = createPortableEngine()

export const SCHEME: Readonly<Record<SuiteId, SchemeId>> = {
  quantum: 'ml-dsa-44',
  classic: 'ed25519',
  nostr: 'bip340',
  evm: 'secp256k1-ecdsa',
  moi: 'secp256k1-ecdsa',
}

export const seedOf = (label: string): Uint8Array => hash('sha256', TAGS.seed, bytesFromUtf8(label))

const pairs = new Map<string, KeyPair>()

export const pairOf = (name: string, scheme: SchemeId = 'ed25519'): KeyPair => {
  const known = pairs.get(`${scheme} ${name}`)
  if (known) return known
  const made = engine.fromSeed(scheme, seedOf(name))
  pairs.set(`${scheme} ${name}`, made)
  return made
}

export const sign = (name: string, digest: Uint8Array, scheme: SchemeId = 'ed25519'): Uint8Array =>
  engine.sign(scheme, pairOf(name, scheme).secret, digest, { deterministic: true })

export const signStatement = (name: string, of: Statement): Uint8Array =>
  sign(name, statementDigest('classic', of))

export const person = (name: string, scheme: SchemeId = 'ed25519'): Participant => ({
  name,
  controller: soleController(scheme, pairOf(name, scheme).publicKey),
})

// Charters.

export const OPERATORS: readonly string[] = ['oda', 'ove', 'oki', 'olga']

export const operatorTerms = (scheme: SchemeId = 'ed25519'): PolicyTerms =>
  directoryTerms({
    operators: OPERATORS.map((name) => ({
      name,
      scheme,
      publicKey: pairOf(name, scheme).publicKey,
    })),
    threshold: 3,
    faulty: 1,
  })

export const charterOf = (
  terms: Partial<Terms> & Pick<Terms, 'participants'>,
  more: Partial<Charter> = {},
): Charter => ({
  network: 'vectors',
  nonce: new Uint8Array(32),
  terms: { suite: 'classic', turn: { is: 'alternate' }, policy: BILATERAL_TERMS, ...terms },
  logics: [],
  state: { is: 'tree' },
  ...more,
})

export const owned = (name: string, logics: readonly LogicTerms[] = []): Charter =>
  charterOf(
    { participants: [person(name)], turn: { is: 'owner', party: 0 }, policy: operatorTerms() },
    { logics },
  )

export const LEDGER: LedgerParams = {
  symbol: 'TICK',
  decimals: 2,
  cap: 1_000_000n,
  issuer: 'mint',
  initial: [{ holder: 'mint', amount: 1000n }],
}

export const ledgerTerms = (params: LedgerParams = LEDGER): LogicTerms => ({
  name: 'ledger/1',
  params: ledgerParams.encode(params),
})

/** The asset TICK, Alice's and Bob's accounts, and the relationship of the two. */
export const MINT: Charter = owned('mint', [ledgerTerms()])
export const ALICE: Charter = owned('alice')
export const BOB: Charter = owned('bob')
export const PAIR: Charter = charterOf({ participants: [person('alice'), person('bob')] })
/** A relationship with money of its own: both hold some from the start. */
export const PURSE: Charter = charterOf(
  { participants: [person('alice'), person('bob')] },
  {
    logics: [
      ledgerTerms({
        ...LEDGER,
        issuer: undefined,
        initial: [
          { holder: 'alice', amount: 100n },
          { holder: 'bob', amount: 100n },
        ],
      }),
    ],
  },
)

export const opened = (of: Charter): Machine => unless(openMachine(of, STANDARD_LOGICS))
export const hexOfCharter = (of: Charter): string => hexFromBytes(charter.encode(of))

// Steps.

export type Deed = {
  readonly write: readonly Machine[]
  readonly beside?: readonly { readonly machine: Machine; readonly access: Access }[]
  readonly operations: readonly Operation[]
  readonly premises?: readonly Premise[]
}

export const interactionOf = (deed: Deed): Interaction => ({
  suite: deed.write[0]?.terms.suite ?? 'classic',
  legs: [
    ...deed.write.map((one) => ({ machine: one.id, access: 'write' as const, parent: one.headId })),
    ...(deed.beside ?? []).map((one) => ({
      machine: one.machine.id,
      access: one.access,
      parent: one.access === 'read' ? one.machine.headId : undefined,
    })),
  ],
  operations: deed.operations,
  premises: deed.premises ?? [],
})

/** The machines after a deed that everybody consents to. */
export const after = (deed: Deed): readonly Machine[] => {
  const machines = [...deed.write, ...(deed.beside ?? []).map((one) => one.machine)]
  const done = execute({
    interaction: interactionOf(deed),
    machines: new Map(machines.map((one) => [one.id, one])),
    logics: STANDARD_LOGICS,
    consents: () => true,
    proven: deed.premises ?? [],
    verifier: engine,
  })
  return unless(done).written
}

export const only = (machines: readonly Machine[]): Machine => {
  const [first] = machines
  if (!first) throw new Error('nothing is written')
  return first
}

export const money = (asset: Machine, of: LedgerOperation): Operation =>
  operationOnLedger({ machine: asset.id, logic: 0 }, of)

export const assetOf = (machine: Machine): Prefix => ({ machine: machine.id, logic: 0 })

export const pay = (purse: Machine, from: string, amount = 1n): Operation =>
  money(purse, {
    is: 'transfer',
    from: { machine: purse.id, holder: from },
    to: { machine: purse.id, holder: from === 'alice' ? 'bob' : 'alice' },
    amount,
  })

// Signatures.

const NAMES: readonly string[] = ['alice', 'bob']

export const consentOf = (machine: Machine, name: string, deed: Deed): Consent => {
  const party = machine.terms.participants.findIndex((one) => one.name === name)
  const signature = sign(
    name,
    consentDigest(machine.terms.suite, interactionId(interactionOf(deed))),
  )
  return { machine: machine.id, party, key: 0, form: 'raw', signature }
}

export const cosigned = (
  of: Transition,
  by: readonly string[] = NAMES,
  round = 0,
  aborts: readonly RoundAbort[] = [],
): Uint8Array =>
  bilateralCertificate.encode({
    round,
    aborts,
    signatures: by.map((name) => ({
      party: NAMES.indexOf(name),
      key: 0,
      signature: signStatement(name, bilateralVote(of, round)),
    })),
  })

export const abortBy = (name: string, child: Transition, round: number): RoundAbort => ({
  round,
  party: NAMES.indexOf(name),
  key: 0,
  signature: signStatement(name, roundAbortStatement(child, round)),
})

export const receipted = (
  of: Transition,
  by: readonly string[] = ['oda', 'ove', 'oki'],
  time = 1000n,
): Uint8Array =>
  directoryCertificate.encode({
    is: 'receipts',
    receipts: by.map((name) => ({
      operator: OPERATORS.indexOf(name),
      time,
      signature: signStatement(name, receiptVote(of, time)),
    })),
  })

export const proposed = (name: string, of: Transition): Uint8Array =>
  signStatement(name, ownerVote(of))

const EMPTY = new Uint8Array(0)

export const writtenLeg = (
  transition: Transition,
  more: Partial<Extract<BundleLeg, { is: 'written' }>> = {},
): BundleLeg => ({
  is: 'written',
  transition,
  proposal: [],
  certificate: EMPTY,
  accepted: EMPTY,
  ...more,
})

export const readLeg = (at: TransitionId): BundleLeg => ({ is: 'read', at })

export const hexOfStep = (step: BundleStep): string => hexFromBytes(bundleStep.encode(step))

/** A history of co-signed payments of one in a purse, alternating. */
export const payments = (
  count: number,
  of: Charter = PURSE,
): { readonly steps: readonly BundleStep[]; readonly heads: readonly Machine[] } => {
  const steps: BundleStep[] = []
  const heads: Machine[] = [opened(of)]
  for (let at = 0; at < count; at++) {
    const before = heads.at(-1) ?? opened(of)
    const deed = { write: [before], operations: [pay(before, at % 2 === 0 ? 'alice' : 'bob')] }
    const next = only(after(deed))
    const certificate = cosigned(next.head)
    steps.push({
      interaction: interactionOf(deed),
      consents: [],
      legs: [writtenLeg(next.head, { certificate })],
    })
    heads.push(next)
  }
  return { steps, heads }
}
