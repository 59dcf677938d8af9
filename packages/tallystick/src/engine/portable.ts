/**
 * The engine that runs everywhere: the noble libraries only, no platform call. For a small bundle, call `createEngine`
 * with the schemes it needs instead.
 */
import type { Engine } from '../base/verifier.ts'
import { createEd25519 } from './ed25519.ts'
import { createMlDsa44 } from './ml-dsa.ts'
import { createEngine, type RandomBytes } from './scheme-engine.ts'
import { createBip340, createEcdsa } from './secp256k1.ts'
import { createSlhDsa128s } from './slh-dsa.ts'

/** All five schemes. Without `random`, every signature is deterministic. */
export const createPortableEngine = (random?: RandomBytes): Engine =>
  createEngine(
    'portable',
    [createEd25519(), createMlDsa44(), createSlhDsa128s(), createBip340(), createEcdsa()],
    random,
  )
