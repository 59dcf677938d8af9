/**
 * Registries: what a verifier knows how to judge. Closed lists handed in by the caller, so that a verifier carries no
 * more than its machines need.
 */
import { assert } from '../base/assert.ts'
import type { Logic, LogicRegistry } from '../kernel/logic.ts'
import type { ErasedModel, ModelRegistry } from '../kernel/model.ts'

/** Models by kind. Two of one kind are a mistake of the caller. */
export const createModelRegistry = (...models: readonly ErasedModel[]): ModelRegistry => {
  const byKind = new Map(models.map((one) => [one.kind, one]))
  assert(byKind.size === models.length, 'each kind of model is registered once')
  return byKind
}

/** Logics by name. Two of one name are a mistake of the caller. */
export const createLogicRegistry = (...logics: readonly Logic[]): LogicRegistry => {
  const byName = new Map(logics.map((one) => [one.name, one]))
  assert(byName.size === logics.length, 'each logic is registered once')
  return byName
}
