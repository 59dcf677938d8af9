/** Door: signatures and keys in plain JavaScript, for every platform; take single schemes to keep a bundle small. */
export { createEd25519 } from '../engine/ed25519.ts'
export { createMlDsa44 } from '../engine/ml-dsa.ts'
export { createPortableEngine } from '../engine/portable.ts'
export { createEngine, type RandomBytes, type SchemeEngine } from '../engine/scheme-engine.ts'
export { createBip340, createEcdsa } from '../engine/secp256k1.ts'
export { createSlhDsa128s } from '../engine/slh-dsa.ts'
