/** Door: signatures and keys by the runtime where it has them. Node only. */
export { createNativeEngine, nativeSchemes } from '../engine/native.ts'
