/**
 * Flat chains in a bundle: the records of a machine whose state is four cells, and who stands for them.
 *
 * | bytes | what |
 * |---|---|
 * | 32 | machine, whose charter is in the bundle |
 * | u32, 256 each | length in bytes, and the records of steps 1 to n (`chain-record.ts`) |
 * | u32, … | batches, one after the other from step 1: how many steps (u32), and the signatures over their root |
 * | u32, … | a certificate for the header of step n under the charter's policy; empty if there is none |
 *
 * A batch's root is that of `chain-batch.ts`; each signature names party and key and is over the 32 bytes of the root.
 */
import type { MachineId } from '../base/brand.ts'
import { bytes, type Codec, id, list, struct, u32, u8 } from '../base/codec.ts'
import {
  BUNDLE_PART_BYTES_MAX,
  CERTIFICATE_BYTES_MAX,
  CHAIN_BATCHES_MAX,
  CONSENTS_MAX,
  SIGNATURE_BYTES_MAX,
} from '../base/limits.ts'

export type BatchSignature = {
  readonly party: number
  readonly key: number
  readonly signature: Uint8Array
}

export type FlatChain = {
  readonly machine: MachineId
  readonly records: Uint8Array
  readonly batches: readonly {
    readonly size: number
    readonly signatures: readonly BatchSignature[]
  }[]
  readonly certificate: Uint8Array
}

export const flatChain: Codec<FlatChain> = struct<FlatChain>({
  machine: id<'machine'>(),
  records: bytes(BUNDLE_PART_BYTES_MAX),
  batches: list(
    struct<FlatChain['batches'][number]>({
      size: u32,
      signatures: list(
        struct<BatchSignature>({ party: u8, key: u8, signature: bytes(SIGNATURE_BYTES_MAX) }),
        CONSENTS_MAX,
      ),
    }),
    CHAIN_BATCHES_MAX,
  ),
  certificate: bytes(CERTIFICATE_BYTES_MAX),
})
