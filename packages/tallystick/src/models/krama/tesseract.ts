/**
 * Tesseracts and seals: what a guardian signs.
 *
 * A *tesseract* is the hash of all transitions that one interaction made, in the order of its written legs. The word is
 * MOI's.
 * A *seal* is a signature under the root of a Merkle tree over tesseracts (`kernel/chain-batch.ts`), with a time: one signature for
 * as many interactions as were ready.
 *
 * Promise. A tesseract is of one list of transitions, a root of one list of tesseracts. So whoever signs a root has signed for each
 * transition below it, together with its siblings: all legs or none.
 *
 * | signed | bytes |
 * |---|---|
 * | tesseract | H('tallystick/1 tesseract', list of transition ids) |
 * | root | of the tree over the tesseracts |
 * | seal | H('tallystick/1 seal', root 32, time u64) |
 */
import { bytesFromId, type Id, type TransitionId } from '../../base/brand.ts'
import { concatBytes } from '../../base/bytes.ts'
import { bytes, type Codec, fixedBytes, id, list, struct, u64, u8 } from '../../base/codec.ts'
import { hash, HASH_BYTES, hashId } from '../../base/hash.ts'
import {
  GUARDIAN_BATCH_MAX,
  LEGS_MAX,
  PARTICIPANTS_MAX,
  SIGNATURE_BYTES_MAX,
} from '../../base/limits.ts'
import type { SuiteId } from '../../base/suite.ts'
import { TAGS } from '../../base/tags.ts'
import { batchRoot } from '../../kernel/chain-batch.ts'
import type { Millis } from '../../kernel/verdict.ts'

export type TesseractId = Id<'tesseract'>

export type SealSignature = { readonly guardian: number; readonly signature: Uint8Array }

/** What one seal covers: the transitions of some interactions, one list for each. */
export type Sealed = {
  readonly tesseracts: readonly (readonly TransitionId[])[]
  readonly time: Millis
  /** Strictly ascending by guardian. */
  readonly signatures: readonly SealSignature[]
}

const transitions: Codec<readonly TransitionId[]> = list(id<'transition'>(), LEGS_MAX)

export const sealSignatures: Codec<readonly SealSignature[]> = list(
  struct<SealSignature>({ guardian: u8, signature: bytes(SIGNATURE_BYTES_MAX) }),
  PARTICIPANTS_MAX,
)

/** As a guardian keeps it. Certificates are made of it when somebody asks. */
export const sealed: Codec<Sealed> = struct<Sealed>({
  tesseracts: list(transitions, GUARDIAN_BATCH_MAX),
  time: u64,
  signatures: sealSignatures,
})

export const tesseractOf = (suite: SuiteId, of: readonly TransitionId[]): TesseractId =>
  hashId(suite, TAGS.tesseract, transitions.encode(of))

/** The root over tesseracts, in their order. Raises `batch/wrong-size` for none. */
export const rootOfTesseracts = (suite: SuiteId, tesseracts: Sealed['tesseracts']): Uint8Array =>
  batchRoot(suite, tesseractBytes(suite, tesseracts))

/** The tesseracts' ids, one after the other, as batches take them. */
export const tesseractBytes = (suite: SuiteId, tesseracts: Sealed['tesseracts']): Uint8Array =>
  concatBytes(...tesseracts.map((one) => bytesFromId(tesseractOf(suite, one))))

/** The 32 bytes that a guardian signs. */
export const kramaSealDigest = (
  suite: SuiteId,
  of: { readonly root: Uint8Array; readonly time: Millis },
): Uint8Array => hash(suite, TAGS.seal, sealBody.encode(of))

const sealBody = struct<{ readonly root: Uint8Array; readonly time: Millis }>({
  root: fixedBytes(HASH_BYTES),
  time: u64,
})
