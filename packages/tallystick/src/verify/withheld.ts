/**
 * Withheld steps: headers with certificates, and nothing of what they did.
 *
 * Promise. A withheld step follows from the one before by hash, sequence and entropy, so between two shown steps none
 * can be left out. Its certificate is judged as any other. It is never reported as run: the state behind it is known by its
 * root, which its certifiers vouch for, and the part of it that a later step needs comes as a witness under that root.
 *
 * A step that changes the terms cannot be withheld unseen: the state records a change of terms, and a witness has to show
 * that record as it would stand if the withheld steps had changed none (attack: certifiers put in place by a step that nobody
 * is shown).
 *
 * Not promised. That the rules were kept in a withheld step: certifiers vouch that it is the only one, and need not have run
 * it. What it rested on elsewhere is not known either.
 */
import { bytesFromId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { hash } from '../base/hash.ts'
import { TAGS } from '../base/tags.ts'
import { CLOSED, type Terms, terms as termsCodec } from '../kernel/charter.ts'
import { type Machine, pathKey } from '../kernel/execute.ts'
import { AMEND } from '../kernel/interaction.ts'
import { checkLink, type Transition, transitionId } from '../kernel/transition.ts'
import { zeroHash } from '../state/hashes.ts'
import type { StateKey } from '../state/keys.ts'
import { read, type Tree } from '../state/tree.ts'
import { treeFromWitness } from '../state/witness.ts'
import type { WithheldStep } from './bundle.ts'
import { checkProposal } from './consents.ts'
import { judgeLeg } from './judge.ts'
import { addNode, type Node, type Run, type WrittenBase } from './run.ts'

/** A withheld step that does not hold. */
export type Unheld = { readonly header: Transition; readonly fault: Fault }

/** Adds the withheld steps that follow a node, one after the other, and returns those that do not hold. */
export const followWithheld = (run: Run, node: Node): readonly Unheld[] => {
  const refused: Unheld[] = []
  const reached: Node[] = [node]
  for (let at = reached.shift(); at; at = reached.shift()) {
    const waiting = run.waiting.get(at.machine.headId) ?? []
    run.waiting.delete(at.machine.headId)
    const parent = at
    for (const { step, part } of waiting) {
      const next = faultFrom(() => checkWithheld(run, parent, step))
      if (isFault(next)) {
        const { machine, sequence } = step.transition
        const fault = next.at({ machine, step: sequence, part })
        refused.push({ header: step.transition, fault })
        continue
      }
      addNode(run, next)
      reached.push(next)
    }
  }
  return refused
}

const checkWithheld = (run: Run, parent: Node, step: WithheldStep): Node | Fault => {
  const { terms, head } = parent.machine
  const { transition } = step
  const link = checkLink(terms.suite, head, transition)
  if (link) return link
  if (terms.policy.kind === CLOSED) {
    return new Fault('machine/closed', 'the machine takes no further step')
  }
  const headId = transitionId(terms.suite, transition)
  if (run.nodes.has(headId)) {
    return new Fault('bundle/duplicate-step', 'one step stands in the file twice')
  }
  const state = stateBehind(parent.machine, step)
  const machine: Machine = { ...parent.machine, head: transition, headId, state }
  const base: WrittenBase = {
    leg: { machine: machine.id, access: 'write', parent: parent.machine.headId },
    part: { is: 'written', ...step, accepted: new Uint8Array(0) },
    node: parent,
  }
  const unsigned = checkProposal(run, base)
  if (unsigned) return unsigned
  const judged = judgeLeg(run, { step: { consents: [] }, base, machine })
  if (isFault(judged)) return judged
  return {
    machine,
    parent,
    interaction: undefined,
    rests: [],
    siblings: [headId],
    described: [],
    told: [],
    voices: () => [],
    withheld: true,
    ...judged,
  }
}

/**
 * What is known of the state behind a withheld step. Raises the faults of `treeFromWitness`, `state/unknown-place` for a
 * witness that does not show whether the terms changed, and `bundle/withheld-terms`.
 */
const stateBehind = (
  { id, charter, terms }: Machine,
  { transition, witness }: WithheldStep,
): Tree => {
  const { suite } = terms
  if (witness.length === 0) return stubTree(suite, transition)
  const state = treeFromWitness(suite, transition.state, witness)
  const record = read(state, termsKey(terms, id))
  const isSame =
    record === undefined ? terms === charter.terms : equalBytes(record, recordOf(terms))
  if (!isSame) {
    throw new Fault('bundle/withheld-terms', 'a withheld step has changed the terms')
  }
  return state
}

const stubTree = (suite: Terms['suite'], { state }: Transition): Tree => {
  const hash = bytesFromId(state)
  return {
    suite,
    size: 0,
    bytes: 0,
    top: equalBytes(hash, zeroHash) ? undefined : { is: 'stub', hash },
  }
}

/** Where a state records that its machine's terms were changed. */
export const termsKey = ({ suite }: Terms, machine: Machine['id']): StateKey =>
  pathKey(suite, { machine, logic: AMEND }, ['terms'])

const recordOf = (terms: Terms): Uint8Array =>
  hash(terms.suite, TAGS.terms, termsCodec.encode(terms))
