/** The models that vectors are judged by: the standard ones, and that of guardians, which has a door of its own; and the logics. */
import { moiLogic } from '../../packages/tallystick/src/dialects/moi/logic.ts'
import type { LogicRegistry } from '../../packages/tallystick/src/kernel/logic.ts'
import { eraseModel, type ModelRegistry } from '../../packages/tallystick/src/kernel/model.ts'
import { STANDARD_LOGICS } from '../../packages/tallystick/src/logic/registry.ts'
import { krama } from '../../packages/tallystick/src/models/krama/certificate.ts'
import { STANDARD_MODELS } from '../../packages/tallystick/src/verify/standard.ts'

export const MODELS: ModelRegistry = new Map([...STANDARD_MODELS, [krama.kind, eraseModel(krama)]])

/** The logics likewise: the standard ones, and that of MOI networks. */
export const LOGICS: LogicRegistry = new Map([...STANDARD_LOGICS, [moiLogic.name, moiLogic]])
