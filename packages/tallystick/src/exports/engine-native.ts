/** Door: signatures and keys by the runtime where it has them. Node only. */
export {
  createKeyPreparation,
  createNativeEngine,
  nativeSchemes,
  type PreparedKey,
  type PrepareKey,
} from '../engine/native.ts'
