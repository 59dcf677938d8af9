/**
 * Plain SHA-256, for formats of others that set their own bytes apart: the log trees of RFC 6962, whose leaves begin with
 * 00 and whose nodes begin with 01. Everything of our own is hashed under a tag (`hash.ts`).
 */
import { sha256 as digest } from '@noble/hashes/sha2.js'

/** Hashes bytes to 32. Shells may hand in the runtime's own, which is quicker. */
export type Sha256 = (bytes: Uint8Array) => Uint8Array

export const sha256: Sha256 = (bytes) => digest(bytes)
