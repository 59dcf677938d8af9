/**
 * A witness, for simulations: an oracle that certifies its own machine, with one key and no network, and hands out files in
 * which its answers are shown. Others rely on these by premises.
 */
import { bytesFromUtf8, hexFromBytes } from '../base/bytes.ts'
import { Fault, isFault } from '../base/fault.ts'
import type { SchemeId, SuiteId } from '../base/suite.ts'
import type { Engine, KeyPair } from '../base/verifier.ts'
import type { Charter } from '../kernel/charter.ts'
import { consentDigest } from '../kernel/consent.ts'
import { soleController } from '../kernel/controller.ts'
import { type Machine, openMachine } from '../kernel/execute.ts'
import { interactionId, type Operation, type Premise } from '../kernel/interaction.ts'
import { answerKey, answerValue, operationOnOracle } from '../logic/oracle.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { createCustodian } from '../models/custodians/custodian.ts'
import { beginCustodian } from '../models/custodians/custodian-state.ts'
import { custodianTerms, policyOf } from '../models/custodians/policy.ts'
import type { AgreedStep } from '../models/rounds/agreed-step.ts'
import { applicationAt } from '../models/rounds/applicant.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { EMPTY_BUNDLE, fileFromBundle } from '../verify/bundle.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'

export type Witness = {
  readonly genesis: Machine
  readonly machine: () => Machine
  /** Answers a question, at a time by its own clock. Raises the fault of an answer that is not its first. */
  readonly say: (question: string, answer: string, now: bigint) => void
  /** A step that says nothing and that attests a time. */
  readonly tick: (now: bigint) => void
  /** Its history up to now. */
  readonly file: () => Uint8Array
  /** That it has given this answer, as of its newest step. */
  readonly premise: (question: string, answer: string) => Premise
}

export type WitnessOptions = {
  readonly engine: Engine
  readonly suite: SuiteId
  readonly scheme: SchemeId
  readonly name: string
}

export const createWitness = (of: WitnessOptions): Witness => {
  const { engine, scheme, suite, name } = of
  const seed = new Uint8Array(32)
  seed.set(bytesFromUtf8(name).subarray(0, 32))
  const pair = engine.fromSeed(scheme, seed)
  const charter = charterOf(of, pair)
  const genesis = openMachine(charter, STANDARD_LOGICS)
  if (isFault(genesis)) throw genesis
  const role = createCustodian({
    logics: STANDARD_LOGICS,
    models: STANDARD_MODELS,
    verifier: engine,
    publicKey: pair.publicKey,
    patience: 1_000_000n,
    heartbeat: 0n,
  })
  const steps: AgreedStep[] = []
  let state = beginCustodian(genesis)
  const machine = (): Machine => state.member.followed.machine
  const sign = (digest: Uint8Array): Uint8Array =>
    engine.sign(scheme, pair.secret, digest, { deterministic: true })
  const take = (operations: readonly Operation[], now: bigint): void => {
    const interaction = applicationAt(machine(), { operations, beside: [] })
    const signature = sign(consentDigest(suite, interactionId(interaction)))
    const consents = [{ machine: genesis.id, party: 0, key: 0, form: 'raw', signature } as const]
    const env = { now, random: new Uint8Array(32) }
    const candidate = { interaction, consents, beside: [], attachments: [] }
    state = role.step(state, { is: 'candidate', candidate }, env)
    for (;;) {
      const next = role.outstanding(state).find((one) => one.is === 'sign' || one.is === 'keep')
      if (next?.is === 'keep') {
        steps.push(next.step)
        state = role.step(state, { is: 'kept', sequence: next.step.transition.sequence }, env)
      } else if (next?.is === 'sign') {
        const digest = hexFromBytes(next.digest)
        state = role.step(state, { is: 'signed', digest, signature: sign(next.digest) }, env)
      } else break
    }
    const refused = state.member.refusals.at(-1)
    if (steps.at(-1)?.transition.interaction !== interactionId(interaction)) {
      throw refused ?? new Fault('shared/not-certified', 'the witness did not certify its step')
    }
  }
  const logic = { machine: genesis.id, logic: 0 }
  return {
    genesis,
    machine,
    say: (question, answer, now) => take([operationOnOracle(logic, { question, answer })], now),
    tick: (now) => take([], now),
    file: () => fileOf(charter, steps),
    premise: (question, answer) => ({
      is: 'fact',
      machine: genesis.id,
      transition: machine().headId,
      key: answerKey({ suite, logic }, question),
      value: answerValue(answer),
    }),
  }
}

const fileOf = (charter: Charter, steps: readonly AgreedStep[]): Uint8Array =>
  fileFromBundle({
    ...EMPTY_BUNDLE,
    charters: [charter],
    steps: steps.map(({ transition, candidate, certificate }) => {
      const { interaction, consents } = candidate
      const parts = { interaction, transition, consents, certificate }
      return bundleStepFrom(parts, () => undefined)
    }),
  })

const charterOf = ({ suite, scheme, name }: WitnessOptions, { publicKey }: KeyPair): Charter => ({
  network: 'simulation',
  nonce: new Uint8Array(32),
  terms: {
    suite,
    participants: [{ name, controller: soleController(scheme, publicKey) }],
    turn: { is: 'anyone' },
    policy: custodianTerms(policyOf([{ name, scheme, publicKey }])),
  },
  logics: [{ name: 'oracle/1', params: new Uint8Array() }],
  state: { is: 'tree' },
})
