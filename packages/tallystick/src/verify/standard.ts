/** The models of this version, to judge with. */
import { eraseModel, type ModelRegistry } from '../kernel/model.ts'
import { bilateral } from '../models/bilateral/certificate.ts'
import { custodians } from '../models/custodians/certificate.ts'
import { directory } from '../models/directory/certificate.ts'
import { createModelRegistry } from './registry.ts'

export const STANDARD_MODELS: ModelRegistry = createModelRegistry(
  eraseModel(bilateral),
  eraseModel(directory),
  eraseModel(custodians),
)
