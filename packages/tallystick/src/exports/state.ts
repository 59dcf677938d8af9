/** Door: the state tree, its proofs, and facts. */
export * from '../state/arena.ts'
export * from '../state/fact.ts'
export * from '../state/inline.ts'
export * from '../state/keys.ts'
export * from '../state/proof-codec.ts'
export * from '../state/proof.ts'
export * from '../state/tree.ts'
export * from '../state/witness.ts'
