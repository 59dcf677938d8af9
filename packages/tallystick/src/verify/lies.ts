/**
 * Lies: proofs against certifiers that take a model's policy or a machine's rules to judge, as a bundle brings them.
 *
 * Promise. A proof is held against the terms that the machine in the file has had, the first of which convicts by it. What convicts
 * nobody under any of them is a fault of the file, as false evidence is.
 *
 * Not promised. That a step which such a certifier signed is wrong: the walk says that, and enough others may have looked.
 */
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import type { Terms } from '../kernel/charter.ts'
import { signerOf } from '../kernel/controller.ts'
import type { Conviction } from '../kernel/evidence.ts'
import { CUSTODIANS, policyIn, quorumOf } from '../models/custodians/policy.ts'
import { convictByRules } from '../models/custodians/rule-evidence.ts'
import { bundleLie, type BundleLie, readPart } from './bundle.ts'
import type { LieReport } from './report.ts'
import type { JudgeLies, Run } from './run.ts'

export const judgeLies: JudgeLies = (run, framed) =>
  framed.flatMap((one, at) => {
    const part = `lie ${at + 1}`
    const read = readPart(bundleLie, one, part)
    const found = isFault(read) ? read : convictionsIn(run, read)
    if (!isFault(found)) return found
    run.faults.push(found.at({ part: `${part} of the file` }))
    return []
  })

const convictionsIn = (run: Run, of: BundleLie): readonly LieReport[] | Fault => {
  const nodes = run.byMachine.get(of.machine) ?? []
  const place = { machine: of.machine }
  let last = new Fault('bundle/missing-charter', 'a lie about a machine that is not here', place)
  for (const terms of new Set(nodes.map((one) => one.machine.terms))) {
    const found = faultFrom(() => judged(run, terms, of))
    if (isFault(found)) last = found.at(place)
    else return found.map((one) => reportOf(terms, one, of.proof.length))
  }
  return last
}

const judged = (run: Run, terms: Terms, of: BundleLie): readonly Conviction[] | Fault => {
  const { verifier, logics, models } = run
  const { kind } = terms.policy
  const unknown = new Fault('evidence/unknown-kind', `nothing is known of lies under "${kind}"`)
  switch (of.by) {
    case 'model':
      return models.get(kind)?.convict(of.proof, { terms, verifier }) ?? unknown
    case 'rules':
      if (kind !== CUSTODIANS) return unknown
      return convictByRules(of.proof, { terms, policy: policyIn(terms), verifier, logics })
  }
}

const reportOf = (
  terms: Terms,
  { kind, signer, machine, sequence }: Conviction,
  bytes: number,
): LieReport => ({ kind, signer, machine, sequence, bytes, name: nameOf(terms, signer) })

const nameOf = (terms: Terms, signer: string): string | undefined => {
  if (terms.policy.kind !== CUSTODIANS) return undefined
  const { signers } = quorumOf(policyIn(terms))
  return signers.find((one) => signerOf(terms.suite, one) === signer)?.name
}
