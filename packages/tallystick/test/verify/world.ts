/**
 * Small worlds for the verifier's tests: two models and one logic that exist here only, and steps made with them.
 *
 * `pact` is final when every party has signed a commit; `board` when k of n outsiders have, each with its time. The
 * logic `notes` keeps texts under names and can take over a note from elsewhere.
 */
import { bytesFromUtf8, utf8FromBytes } from '../../src/base/bytes.ts'
import { bytes, type Codec, list, struct, text, u32, u64, u8 } from '../../src/base/codec.ts'
import { Fault, isFault } from '../../src/base/fault.ts'
import { scheme, type SchemeId, type SuiteId } from '../../src/base/suite.ts'
import type { Engine } from '../../src/base/verifier.ts'
import { createNativeEngine } from '../../src/engine/native.ts'
import {
  type Charter,
  type Terms,
  terms as termsCodec,
  type Turn,
} from '../../src/kernel/charter.ts'
import { type Consent, consentDigest } from '../../src/kernel/consent.ts'
import { soleController } from '../../src/kernel/controller.ts'
import { execute, type Machine, openMachine, pathKey } from '../../src/kernel/execute.ts'
import {
  AMEND,
  type Interaction,
  interactionId,
  type Leg,
  type Operation,
  type Premise,
} from '../../src/kernel/interaction.ts'
import type { Call, Change, Logic, ProvenPremise } from '../../src/kernel/logic.ts'
import { type Attestation, eraseModel, type Judgement, type Model } from '../../src/kernel/model.ts'
import { statementDigest, type Vote } from '../../src/kernel/statement.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import type { Verdict } from '../../src/kernel/verdict.ts'
import { read } from '../../src/state/tree.ts'
import {
  type Bundle,
  type BundleLeg,
  type BundleStep,
  EMPTY_BUNDLE,
  fileFromBundle,
  type KeySignature,
} from '../../src/verify/bundle.ts'
import type { MachineReport, Report, Standing } from '../../src/verify/report.ts'
import { verify } from '../../src/verify/verify.ts'
import { createModelRegistry } from '../../src/verify/registry.ts'
import type { VerifyOptions } from '../../src/verify/run.ts'

export const engine: Engine = createNativeEngine()

const SCHEMES: Readonly<Record<Exclude<SuiteId, 'moi'>, SchemeId>> = {
  quantum: 'ml-dsa-44',
  classic: 'ed25519',
  nostr: 'bip340',
  evm: 'secp256k1-ecdsa',
}

export type Suite = keyof typeof SCHEMES

/** The key pair that a name has in every test. */
const pairOf = (suite: Suite, name: string): { publicKey: Uint8Array; secret: Uint8Array } => {
  const seed = new Uint8Array(32)
  seed.set(bytesFromUtf8(name).subarray(0, 32))
  return engine.fromSeed(SCHEMES[suite], seed)
}

export const keyOf = (suite: Suite, name: string): Uint8Array => pairOf(suite, name).publicKey

export const signAs = (suite: Suite, name: string, digest: Uint8Array): Uint8Array =>
  engine.sign(SCHEMES[suite], pairOf(suite, name).secret, digest, { deterministic: true })

// The models.

type Signed = { readonly by: number; readonly time: bigint; readonly signature: Uint8Array }
type Signatures = { readonly round: number; readonly signed: readonly Signed[] }
type Nothing = Readonly<Record<never, never>>

const nothing: Codec<Nothing> = struct<Nothing>({})
export const signatures: Codec<Signatures> = struct<Signatures>({
  round: u32,
  signed: list(struct<Signed>({ by: u8, time: u64, signature: bytes(4096) }), 64),
})

const voteOf = (of: Transition, round: number, time: bigint): Vote => ({
  is: 'vote',
  transition: of,
  round,
  phase: 'commit',
  cited: 0,
  time,
})

type Voter = { readonly name: string; readonly scheme: SchemeId; readonly publicKey: Uint8Array }

const attested = (
  voters: readonly Voter[],
  judged: Pick<
    Judgement<unknown, Signatures, unknown>,
    'terms' | 'transition' | 'certificate' | 'known'
  >,
): readonly Attestation[] | Fault => {
  const found: Attestation[] = []
  for (const { by, time, signature } of judged.certificate.signed) {
    const voter = voters[by]
    if (!voter) return new Fault('test/unknown-voter', `no voter ${by}`)
    const statement = voteOf(judged.transition, judged.certificate.round, time)
    const digest = statementDigest(judged.terms.suite, statement)
    if (!judged.known.verifier.verify(voter.scheme, voter.publicKey, digest, signature)) {
      return new Fault('test/bad-signature', 'the vote is not signed', { party: voter.name })
    }
    if (!found.some((one) => one.name === voter.name)) {
      found.push({ ...voter, statement, signature })
    }
  }
  return found
}

const partiesIn = (terms: Terms): readonly Voter[] =>
  terms.participants.flatMap(({ name, controller }) =>
    controller.keys.slice(0, 1).map(({ scheme, publicKey }) => ({ name, scheme, publicKey })),
  )

const verdictOf = (
  voters: readonly Voter[],
  threshold: number,
  votes: readonly Attestation[] | Fault,
): Verdict<Nothing> => {
  if (isFault(votes)) return { is: 'refused', fault: votes }
  const signers = votes.map((one) => one.name)
  const missing = voters.map((one) => one.name).filter((name) => !signers.includes(name))
  if (signers.length < threshold) {
    return { is: 'pending', waitingFor: [{ is: 'signers', names: missing }], anchor: {} }
  }
  const times = votes
    .map((one) => (one.statement.is === 'vote' ? one.statement.time : 0n))
    .sort((a, b) => Number(a - b))
  const since = times[times.length >> 1]
  const clock = since !== undefined && since > 0n ? 'attested' : 'none'
  return {
    is: 'final',
    anchor: {},
    finality: {
      grade: clock === 'none' ? 'cosigned' : 'receipted',
      reach: clock === 'none' ? 'parties' : 'anyone',
      vouchers: signers,
      undo: { atLeast: 2 * threshold - voters.length, of: signers },
      since: clock === 'none' ? undefined : since,
      clock,
    },
  }
}

const pact: Model<Nothing, Signatures, Nothing> = {
  kind: 'pact',
  promises: { covers: 'position', clock: 'none', impliesConsentOf: 'all' },
  policy: nothing,
  certificate: signatures,
  anchor: nothing,
  admit: (terms) =>
    terms.turn.is === 'anyone' ? new Fault('test/not-admitted', 'a pact needs a turn') : undefined,
  begin: () => ({}),
  judge: (judged) => {
    const voters = partiesIn(judged.terms)
    return verdictOf(voters, voters.length, attested(voters, judged))
  },
  attestations: (judged) => {
    const found = attested(partiesIn(judged.terms), judged)
    return isFault(found) ? [] : found
  },
}

type Board = { readonly voters: readonly Voter[]; readonly threshold: number }

export const board: Codec<Board> = struct<Board>({
  voters: list(
    struct<Voter>({
      name: text(32),
      scheme,
      publicKey: bytes(2048),
    }),
    16,
  ),
  threshold: u8,
})

const boardModel = (covers: 'position' | 'prefix'): Model<Board, Signatures, Nothing> => ({
  kind: covers === 'position' ? 'board' : 'prefix-board',
  promises: { covers, clock: 'attested', impliesConsentOf: 'none' },
  policy: board,
  certificate: signatures,
  anchor: nothing,
  admit: () => undefined,
  begin: () => ({}),
  judge: (judged) => {
    const { voters, threshold } = judged.policy
    return verdictOf(voters, threshold, attested(voters, judged))
  },
  attestations: (judged) => {
    const found = attested(judged.policy.voters, judged)
    return isFault(found) ? [] : found
  },
})

// The logic: `set name text`, or `take name machine-name` with a premise that the note is there.

const partOf = (argument: Uint8Array): readonly string[] => utf8FromBytes(argument).split(' ')

const applyNotes = (call: Call): readonly Change[] | Fault => {
  const [verb, name = '', value = ''] = partOf(call.argument)
  const here = call.written.find((machine) => call.consents(machine, 0))
  if (here === undefined) return new Fault('test/no-consent', 'the first party has not consented')
  const path = ['note', name]
  if (verb === 'set') {
    return call.written.map((machine) => ({ machine, path, value: bytesFromUtf8(value) }))
  }
  if (verb === 'wait') {
    const late = call.premises.some((one) => one.is === 'time')
    return late ? [] : new Fault('test/too-early', 'no time is proven')
  }
  const fact = call.premises.find((one) => one.is === 'fact')
  if (verb !== 'take' || fact?.is !== 'fact' || fact.value === undefined) {
    return new Fault('test/not-shown', 'nothing is shown to be there')
  }
  return [{ machine: here, path, value: fact.value }]
}

export const notes: Logic = {
  name: 'notes',
  genesis: () => [{ path: ['note', 'begun'], value: bytesFromUtf8('yes') }],
  apply: applyNotes,
  describe: (argument) => utf8FromBytes(argument),
}

export const options: VerifyOptions = {
  models: createModelRegistry(
    eraseModel(pact),
    eraseModel(boardModel('position')),
    eraseModel(boardModel('prefix')),
  ),
  logics: new Map([[notes.name, notes]]),
  verifier: engine,
}

// Machines and steps.

export type MachineWish = {
  readonly suite?: Suite
  readonly parties: readonly string[]
  readonly turn?: Turn
  /** Outsiders and how many of them it takes; without them all parties have to sign. */
  readonly board?: readonly [names: readonly string[], threshold: number]
  readonly prefix?: boolean
  readonly nonce?: number
}

export const termsFor = (wish: MachineWish): Terms => {
  const { suite = 'classic', parties, turn = { is: 'alternate' }, board: outsiders } = wish
  const keyScheme = SCHEMES[suite]
  const policy = outsiders
    ? {
        kind: wish.prefix ? 'prefix-board' : 'board',
        params: board.encode({
          voters: outsiders[0].map((name) => ({
            name,
            scheme: keyScheme,
            publicKey: keyOf(suite, name),
          })),
          threshold: outsiders[1],
        }),
      }
    : { kind: 'pact', params: new Uint8Array(0) }
  const participants = parties.map((name) => ({
    name,
    controller: soleController(keyScheme, keyOf(suite, name)),
  }))
  return { suite, participants, turn, policy }
}

export const charterFor = (wish: MachineWish): Charter => ({
  network: 'test',
  nonce: new Uint8Array(32).fill(wish.nonce ?? 0),
  terms: termsFor(wish),
  logics: [{ name: 'notes', params: new Uint8Array(0) }],
  state: { is: 'tree' },
})

export const machineFor = (wish: MachineWish): Machine => {
  const opened = openMachine(charterFor(wish), options.logics)
  if (isFault(opened)) throw opened
  return opened
}

const suiteOf = ({ terms: { suite } }: { readonly terms: Terms }): Suite => {
  if (suite === 'moi') throw new Error('no test uses moi')
  return suite
}

export type StepWish = {
  /** The first is written and named by the operation. */
  readonly machine: Machine
  readonly beside?: readonly {
    readonly machine: Machine
    readonly access: Leg['access']
    readonly open?: boolean
  }[]
  readonly say: string
  /** New terms instead of a note. */
  readonly amend?: Terms
  readonly premises?: readonly Premise[]
  /** Who signs the certificate of the first machine: parties of a pact, or outsiders. */
  readonly certifiedBy?: readonly string[]
  readonly acceptedBy?: readonly string[]
  readonly proposedBy?: string
  readonly consentOf?: readonly string[]
  readonly round?: number
  /** When outsiders say that it was. */
  readonly time?: bigint
}

export type Made = {
  readonly step: BundleStep
  readonly after: Machine
  readonly others: readonly Machine[]
}

/** A step with exactly the signatures asked for. */
export const stepFor = (wish: StepWish): Made => {
  const { machine, beside = [], premises = [] } = wish
  const interaction: Interaction = {
    suite: machine.terms.suite,
    legs: [
      { machine: machine.id, access: 'write', parent: machine.headId },
      ...beside.map((one): Leg => {
        const parent = one.open === true ? undefined : one.machine.headId
        return { machine: one.machine.id, access: one.access, parent }
      }),
    ],
    operations: [operationFor(wish)],
    premises,
  }
  const done = execute({
    interaction,
    machines: new Map([machine, ...beside.map((one) => one.machine)].map((one) => [one.id, one])),
    logics: options.logics,
    consents: () => true,
    proven: premises.map((one): ProvenPremise => one),
    verifier: engine,
  })
  if (isFault(done)) throw done
  const [after, ...others] = done.written
  if (!after) throw new Error('nothing was written')
  const left = [...others]
  const legs: BundleLeg[] = [legFor(wish, after)]
  for (const one of beside) {
    const written = one.access === 'write' ? left.shift() : undefined
    legs.push(written ? bareLeg(written.head) : { is: 'read', at: one.machine.headId })
  }
  const consents = (wish.consentOf ?? []).map((name): Consent => {
    const digest = consentDigest(machine.terms.suite, interactionId(interaction))
    const party = machine.terms.participants.findIndex((one) => one.name === name)
    const signature = signAs(suiteOf(machine), name, digest)
    return { machine: machine.id, party, key: 0, form: 'raw', signature }
  })
  return { step: { legs, interaction, consents }, after, others }
}

const operationFor = (wish: StepWish): Operation =>
  wish.amend
    ? { machine: wish.machine.id, logic: AMEND, argument: termsCodec.encode(wish.amend) }
    : { machine: wish.machine.id, logic: 0, argument: bytesFromUtf8(wish.say) }

const EMPTY = new Uint8Array(0)

const bareLeg = (transition: Transition): BundleLeg => ({
  is: 'written',
  transition,
  proposal: [],
  certificate: EMPTY,
  accepted: EMPTY,
})

const legFor = (wish: StepWish, after: Machine): BundleLeg => {
  const { machine, proposedBy, certifiedBy, acceptedBy } = wish
  const proposal: readonly KeySignature[] =
    proposedBy === undefined
      ? []
      : [
          {
            key: 0,
            signature: signAs(suiteOf(machine), proposedBy, proposalDigest(machine, after.head)),
          },
        ]
  return {
    is: 'written',
    transition: after.head,
    proposal,
    certificate: certifiedBy
      ? certificateFor(machine, after.head, { ...wish, by: certifiedBy })
      : EMPTY,
    accepted: acceptedBy ? certificateFor(after, after.head, { ...wish, by: acceptedBy }) : EMPTY,
  }
}

const proposalDigest = (machine: Machine, of: Transition): Uint8Array =>
  statementDigest(machine.terms.suite, { ...voteOf(of, 0, 0n), phase: 'propose' })

/** A certificate by the named signers, under the terms of `machine`. */
export const certificateFor = (
  machine: Machine,
  of: Transition,
  wish: Pick<StepWish, 'round' | 'time'> & { readonly by: readonly string[] },
): Uint8Array => certificateOf(machine.terms, of, wish)

export const certificateOf = (
  terms: Terms,
  of: Transition,
  wish: Pick<StepWish, 'round' | 'time'> & { readonly by: readonly string[] },
): Uint8Array => {
  const time = terms.policy.kind === 'pact' ? 0n : (wish.time ?? 1000n)
  const voters =
    terms.policy.kind === 'pact' ? partiesIn(terms) : board.decode(terms.policy.params).voters
  const round = wish.round ?? 0
  return signatures.encode({
    round,
    signed: wish.by.map((name) => {
      const digest = statementDigest(terms.suite, voteOf(of, round, time))
      const by = voters.findIndex((one) => one.name === name)
      return { by, time, signature: signAs(suiteOf({ terms }), name, digest) }
    }),
  })
}

/** The premise that a note of a machine reads as it does now. */
export const noteIn = (machine: Machine, name: string): Extract<Premise, { is: 'fact' }> => {
  const key = pathKey(machine.terms.suite, { machine: machine.id, logic: 0 }, ['note', name])
  const value = read(machine.state, key)
  return { is: 'fact', machine: machine.id, transition: machine.headId, key, value }
}

// What the tests ask of a report.

export const PAIR: MachineWish = { parties: ['alice', 'bob'] }
export const BOTH: readonly string[] = ['alice', 'bob']
/** Alice's own machine; two of three outsiders vouch that it has no second branch. */
export const OWNED: MachineWish = {
  parties: ['alice'],
  turn: { is: 'owner', party: 0 },
  board: [['oda', 'ove', 'oki'], 2],
}

export const reportOn = (bundle: Partial<Bundle>, more: Partial<VerifyOptions> = {}): Report =>
  verify(fileFromBundle({ ...EMPTY_BUNDLE, ...bundle }), { ...options, ...more })

export const codesOf = (report: Report): readonly string[] => report.faults.map((one) => one.code)

export const standingsOf = (report: Report, machine: Pick<Machine, 'id'>): readonly Standing[] =>
  found(report, machine).steps.map((one) => one.standing)

export const found = (report: Report, machine: Pick<Machine, 'id'>): MachineReport => {
  const one = report.machines.find(({ id }) => id === machine.id)
  if (!one) throw new Error('the machine is not reported')
  return one
}

/** A relationship of so many final steps. */
export const history = (
  count: number,
  wish: MachineWish = PAIR,
): { steps: BundleStep[]; head: Machine } => {
  const steps: BundleStep[] = []
  let head = machineFor(wish)
  for (let at = 1; at <= count; at++) {
    const made = stepFor({ machine: head, say: `set n ${at}`, certifiedBy: BOTH })
    steps.push(made.step)
    head = made.after
  }
  return { steps, head }
}
