/**
 * Signed states: one step's header as its machine's certifiers signed it, and the part of the state behind it that somebody
 * is to see. Small enough for a credential, where a bundle would show everything that the issuer ever did.
 *
 * Promise. What is read from a signed state stood in a state whose root the header names, and the header is final under the
 * charter's terms; where it is a party's turn, that party has signed it. The state's own record of a change of terms must be
 * absent and shown to be, so the charter's terms are those in force.
 *
 * Not promised. That the rules were run: the signers vouch for the root. For what an issuer says about its own records that is
 * enough; for anything else a bundle is needed. Nor that the header belongs to the same branch as another one.
 */
import type { MachineId } from '../base/brand.ts'
import { type Codec, struct } from '../base/codec.ts'
import { Fault, faultFrom } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import { type Charter, charter, checkCharter, machineId, proposerAt } from '../kernel/charter.ts'
import { reachesThreshold } from '../kernel/controller.ts'
import type { Prefix } from '../kernel/logic.ts'
import type { ModelRegistry } from '../kernel/model.ts'
import { statementDigest } from '../kernel/statement.ts'
import type { Finality } from '../kernel/verdict.ts'
import type { StateKey } from '../state/keys.ts'
import { read, type Tree } from '../state/tree.ts'
import { treeFromWitness, witnessOf } from '../state/witness.ts'
import { type WithheldStep, withheldStep } from './bundle.ts'
import { proposeVoteFor } from './consents.ts'
import { termsKey } from './withheld.ts'

export type SignedState = { readonly charter: Charter; readonly step: WithheldStep }

export const signedState: Codec<SignedState> = struct<SignedState>({ charter, step: withheldStep })

export type StateChecks = { readonly models: ModelRegistry; readonly verifier: Verifier }

export type ReadState = {
  readonly machine: MachineId
  readonly charter: Charter
  readonly sequence: bigint
  readonly finality: Finality
  /** What is known of the state. */
  readonly tree: Tree
  /** The logic that keeps records there. */
  readonly records: Prefix
}

/**
 * Checks a signed state. Returns `credential/other-machine`, `credential/not-proposed`, `credential/not-final`,
 * `credential/other-terms`, `credential/no-records`, or a fault of the charter, the certificate or the witness.
 */
export const readState = (of: SignedState, checks: StateChecks): ReadState | Fault =>
  faultFrom(() => stateRead(of, checks))

const stateRead = ({ charter: own, step }: SignedState, checks: StateChecks): ReadState | Fault => {
  const { terms } = own
  const { transition, certificate, witness } = step
  const machine = machineId(own)
  const place = { machine, step: transition.sequence }
  if (transition.machine !== machine) {
    return new Fault('credential/other-machine', 'the header is of another machine', place)
  }
  const model = checks.models.get(terms.policy.kind)
  if (!model) return new Fault('bundle/unknown-model', `no model "${terms.policy.kind}"`, place)
  const unfit = checkCharter(own, checks.verifier) ?? model.admit(terms, checks.verifier)
  if (unfit) return unfit.at(place)
  const verdict = model.judge({
    terms,
    anchor: model.begin(terms),
    transition,
    certificate,
    known: { verifier: checks.verifier, now: undefined, read: () => ({ is: 'unknown' }) },
  })
  if (verdict.is === 'refused') return verdict.fault
  if (verdict.is !== 'final') {
    return new Fault('credential/not-final', 'not enough certifiers have signed the state', place)
  }
  if (model.promises.impliesConsentOf !== 'all' && !isProposed(own, step, checks.verifier)) {
    return new Fault('credential/not-proposed', 'the issuer has not signed the state', place)
  }
  const tree = treeFromWitness(terms.suite, transition.state, witness)
  if (read(tree, termsKey(terms, machine)) !== undefined) {
    return new Fault('credential/other-terms', 'the terms of the machine have changed', place)
  }
  const logic = own.logics.findIndex((one) => one.name === 'record/1')
  if (logic < 0) return new Fault('credential/no-records', 'the machine keeps no records', place)
  const { finality } = verdict
  const { sequence } = transition
  return { machine, charter: own, sequence, finality, tree, records: { machine, logic } }
}

/** Whether the party whose turn it is has signed the header, with its threshold and every signature good. */
const isProposed = ({ terms }: Charter, step: WithheldStep, verifier: Verifier): boolean => {
  const party = proposerAt(terms, step.transition.sequence)
  if (party === 'anyone') return true
  const { controller } = terms.participants[party] ?? {}
  const digest = statementDigest(terms.suite, proposeVoteFor(step.transition))
  const areGood = step.proposal.every(({ key: at, signature }) => {
    const key = controller?.keys[at]
    return key !== undefined && verifier.verify(key.scheme, key.publicKey, digest, signature)
  })
  return (
    controller !== undefined &&
    areGood &&
    reachesThreshold(
      controller,
      step.proposal.map((one) => one.key),
    )
  )
}

/** The same signed state, showing of what it shows only these keys, and that the terms are the charter's. */
export const narrowed = (of: SignedState, keys: readonly StateKey[]): SignedState => {
  const { terms } = of.charter
  const { transition, witness } = of.step
  const tree = treeFromWitness(terms.suite, transition.state, witness)
  return { ...of, step: { ...of.step, witness: witnessFrom(of.charter, tree, keys) } }
}

/** What of a state is to be seen. */
export const witnessFrom = (of: Charter, tree: Tree, keys: readonly StateKey[]): Uint8Array =>
  witnessOf(tree, { reads: [termsKey(of.terms, machineId(of)), ...keys], changes: [] })
