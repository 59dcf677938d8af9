/** The models that vectors are judged by: the standard ones, and that of guardians, which has a door of its own. */
import { eraseModel, type ModelRegistry } from '../../packages/tallystick/src/kernel/model.ts'
import { krama } from '../../packages/tallystick/src/models/krama/certificate.ts'
import { STANDARD_MODELS } from '../../packages/tallystick/src/verify/standard.ts'

export const MODELS: ModelRegistry = new Map([...STANDARD_MODELS, [krama.kind, eraseModel(krama)]])
