/** Whether terms may follow others on a live machine, as everybody checks it who is asked to certify the change. */
import { Fault, isFault } from '../../base/fault.ts'
import { suiteRules } from '../../base/suite.ts'
import type { Verifier } from '../../base/verifier.ts'
import { checkTerms, CLOSED, type Terms } from '../../kernel/charter.ts'
import type { ErasedModel, ModelRegistry } from '../../kernel/model.ts'

export type TermsOptions = { readonly models: ModelRegistry; readonly verifier: Verifier }

/** As execution checks new terms, and that their model admits them. Returns `terms/unknown-model` among others. */
export const checkNextTerms = (
  options: TermsOptions,
  old: Terms,
  next: Terms,
): Fault | undefined => {
  const fault = checkTerms(next, options.verifier)
  if (fault) return fault
  if (suiteRules(next.suite).hash !== suiteRules(old.suite).hash) {
    return new Fault('amend/other-hash', `${next.suite} hashes differently from ${old.suite}`)
  }
  if (next.policy.kind === CLOSED) return undefined
  const model = modelFor(options, next)
  return isFault(model) ? model : model.admit(next, options.verifier)
}

/** The model of terms, or `terms/unknown-model`. */
export const modelFor = ({ models }: TermsOptions, { policy }: Terms): ErasedModel | Fault =>
  models.get(policy.kind) ??
  new Fault('terms/unknown-model', `no model of the kind "${policy.kind}" is known here`)
