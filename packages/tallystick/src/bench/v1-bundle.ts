/** V1-bundle: checking a bundle of 50 payments that two parties have signed, by the runtime's own cryptography. */
import { isFault } from '../base/fault.ts'
import type { SchemeId, SuiteId } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'
import { createNativeEngine } from '../engine/native.ts'
import type { Charter } from '../kernel/charter.ts'
import { soleController } from '../kernel/controller.ts'
import { execute, type Machine, openMachine } from '../kernel/execute.ts'
import type { Interaction } from '../kernel/interaction.ts'
import { statementDigest } from '../kernel/statement.ts'
import type { Transition } from '../kernel/transition.ts'
import { operationOnLedger } from '../logic/ledger-operation.ts'
import { ledgerParams } from '../logic/ledger-params.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { bilateralCertificate } from '../models/bilateral/certificate.ts'
import { bilateralVote } from '../models/bilateral/evidence.ts'
import { BILATERAL_TERMS } from '../models/bilateral/policy.ts'
import { bundleStepFrom } from '../verify/assemble.ts'
import { type BundleStep, EMPTY_BUNDLE, fileFromBundle } from '../verify/bundle.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { verify } from '../verify/verify.ts'
import { atMost, type Figure, figureFrom, knownFigure } from './figure.ts'
import { interleave, type Rounds } from './harness.ts'
import { samplesOf } from './t0.ts'

const STEPS = 50
const SUITES: readonly (readonly [suite: SuiteId, scheme: SchemeId])[] = [
  ['quantum', 'ml-dsa-44'],
  ['classic', 'ed25519'],
]

export const benchV1Bundle = (rounds: Rounds): readonly Figure[] => {
  const engine = createNativeEngine()
  const files = SUITES.map(([suite, scheme]) => ({ suite, ...paymentsFile(engine, suite, scheme) }))
  const all = interleave(
    files.map(({ suite, file }) => ({
      name: suite,
      count: 1,
      run: () => {
        const options = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine }
        const { outcome } = verify(file, options)
        if (outcome !== 'valid') throw new Error(`the bundle is ${outcome}`)
      },
    })),
    rounds,
  )
  const id = 'V1-bundle'
  return files.flatMap(({ suite, file, certificateBytes }) => [
    figureFrom(
      { id, name: `check ${STEPS} co-signed steps, ${suite}`, unit: 'ms', goal: atMost(150) },
      samplesOf(all, suite).map((nanos) => nanos / 1e6),
    ),
    knownFigure(
      { id, name: `bytes of a step in a file, ${suite}`, unit: 'bytes' },
      file.length / STEPS,
    ),
    knownFigure(
      { id, name: `bytes of its certificate, ${suite}`, unit: 'bytes' },
      certificateBytes,
    ),
  ])
}

type Keys = readonly { readonly publicKey: Uint8Array; readonly secret: Uint8Array }[]
type Signers = { readonly engine: Engine; readonly scheme: SchemeId; readonly keys: Keys }

const NAMES: readonly string[] = ['alice', 'bob']

const paymentsFile = (
  engine: Engine,
  suite: SuiteId,
  scheme: SchemeId,
): { readonly file: Uint8Array; readonly certificateBytes: number } => {
  const keys = NAMES.map((_, at) => engine.fromSeed(scheme, new Uint8Array(32).fill(at + 1)))
  const signers = { engine, scheme, keys }
  const charter = purse(suite, signers)
  const opened = openMachine(charter, STANDARD_LOGICS)
  if (isFault(opened)) throw opened
  let machine = opened
  const steps: BundleStep[] = []
  let certificateBytes = 0
  for (let at = 0; at < STEPS; at++) {
    const interaction = payment(machine, at % 2)
    const next = after(machine, interaction, engine)
    const certificate = certificateFor(signers, suite, next.head)
    certificateBytes = certificate.length
    steps.push(bundleStepFrom({ interaction, transition: next.head, certificate }, () => undefined))
    machine = next
  }
  return { file: fileFromBundle({ ...EMPTY_BUNDLE, charters: [charter], steps }), certificateBytes }
}

const purse = (suite: SuiteId, { scheme, keys }: Signers): Charter => ({
  network: 'bench',
  nonce: new Uint8Array(32),
  terms: {
    suite,
    participants: NAMES.map((name, at) => ({
      name,
      controller: soleController(scheme, keys[at]?.publicKey ?? new Uint8Array(0)),
    })),
    turn: { is: 'alternate' },
    policy: BILATERAL_TERMS,
  },
  logics: [
    {
      name: 'ledger/1',
      params: ledgerParams.encode({
        symbol: 'TICK',
        decimals: 0,
        cap: 1000n,
        issuer: undefined,
        initial: NAMES.map((holder) => ({ holder, amount: 500n })),
      }),
    },
  ],
  state: { is: 'tree' },
})

const payment = (machine: Machine, payer: number): Interaction => ({
  suite: machine.terms.suite,
  legs: [{ machine: machine.id, access: 'write', parent: machine.headId }],
  operations: [
    operationOnLedger(
      { machine: machine.id, logic: 0 },
      {
        is: 'transfer',
        from: { machine: machine.id, holder: NAMES[payer] ?? '' },
        to: { machine: machine.id, holder: NAMES[1 - payer] ?? '' },
        amount: 3n,
      },
    ),
  ],
  premises: [],
})

const after = (machine: Machine, interaction: Interaction, verifier: Engine): Machine => {
  const done = execute({
    interaction,
    machines: new Map([[machine.id, machine]]),
    logics: STANDARD_LOGICS,
    consents: () => true,
    proven: [],
    verifier,
  })
  if (isFault(done)) throw done
  const [next] = done.written
  if (!next) throw new Error('nothing was written')
  return next
}

const certificateFor = (
  { engine, scheme, keys }: Signers,
  suite: SuiteId,
  of: Transition,
): Uint8Array => {
  const digest = statementDigest(suite, bilateralVote(of, 0))
  const signatures = keys.map(({ secret }, party) => ({
    party,
    key: 0,
    signature: engine.sign(scheme, secret, digest),
  }))
  return bilateralCertificate.encode({ round: 0, aborts: [], signatures })
}
