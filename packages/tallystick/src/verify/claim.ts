/**
 * Claims: what a victim of a fork hands to whoever keeps the culprit's bond. A claim is a small bundle: the evidence, and
 * for each send a fact that shows it under the root of one of the two steps. It says nothing else about anybody's money.
 *
 * Not promised. That whoever gets it lists the victim: a bond's keeper decides when it has waited long enough.
 */
import { assert } from '../base/assert.ts'
import type { Verifier } from '../base/verifier.ts'
import { pathKey } from '../kernel/execute.ts'
import { machineId } from '../kernel/charter.ts'
import { ledgerRecord, recordPath } from '../logic/ledger-record.ts'
import type { Fact } from '../state/fact.ts'
import { type Bundle, EMPTY_BUNDLE } from './bundle.ts'
import { type Fork, fullestEvidence, type Harm, isHonoured, isShownBy } from './fork.ts'
import { machinesFor } from './own-account.ts'

/** Sends that a fork broke, `only` those to one name if it is given. Who was paid by a final step is owed nothing. */
export const brokenSends = (fork: Fork, only?: string): readonly Harm[] =>
  fork.branches
    .filter((one) => !isHonoured(one))
    .flatMap((one) => one.harms)
    .filter(({ out }) => only === undefined || out.to.holder === only)

/** The claim for sends of a fork. `whole` is where the charters come from: those of the assets say what a record is. */
export const claimBundle = (
  fork: Fork,
  harms: readonly Harm[],
  of: { readonly whole: Bundle; readonly verifier: Verifier },
): Bundle => {
  assert(harms.length > 0, 'a claim is for something')
  const wanted = new Set([
    fork.machine,
    ...harms.map((one) => one.asset.prefix.machine),
    ...harms.flatMap(({ instead }) => (instead ? machinesFor(instead) : [])),
  ])
  const steps = new Set(harms.map((one) => one.step))
  // More than two steps may have been signed; each send comes with evidence that shows its own step.
  const held = [fullestEvidence(fork, harms, of.verifier)]
  for (const step of steps) {
    if (held.some((one) => isShownBy(one, step))) continue
    const own = harms.filter((one) => one.step === step)
    held.push(fullestEvidence(fork, own, of.verifier))
  }
  return {
    ...EMPTY_BUNDLE,
    charters: of.whole.charters.filter((one) => wanted.has(machineId(one))),
    evidence: held,
    facts: harms.map((one) => factOf(fork, one)),
  }
}

const factOf = (fork: Fork, { asset, step, out, proof }: Harm): Fact => {
  const branch = fork.branches.find((one) => one.id === step)
  assert(branch !== undefined, 'a harm is of a step of its fork')
  return {
    machine: fork.machine,
    transition: step,
    root: branch.transition.state,
    key: pathKey(fork.evidence.suite, asset.prefix, recordPath(out)),
    value: ledgerRecord.encode(out),
    proof,
  }
}
