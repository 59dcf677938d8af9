/**
 * What the operation of a kernel interaction holds, where the network's logic runs.
 *
 * | form | u8 | then |
 * |---|---|---|
 * | genesis | 0 | at u32: which part of the genesis |
 * | interaction | 1 | time u64, the interaction and its signatures as they came, each a u32 length and bytes |
 *
 * The time is seconds since 1970, as the guardian who executed it says. It is part of the operation, so that everybody who runs it
 * again gets the same result without a clock; whoever certifies agrees to it near a clock of its own (`kernel/claim.ts`).
 */
import { bytes, type Codec, literal, struct, u32, u64, union } from '../../base/codec.ts'
import { MOI_INTERACTION_BYTES_MAX, MOI_SIGNATURES_BYTES_MAX } from '../../base/limits.ts'

export type MoiArgument =
  | { readonly is: 'genesis'; readonly at: number }
  | {
      readonly is: 'interaction'
      readonly time: bigint
      /** The interaction in POLO, byte for byte as it was signed. */
      readonly args: Uint8Array
      readonly signatures: Uint8Array
    }

export const moiArgument: Codec<MoiArgument> = union<MoiArgument>({
  genesis: struct({ is: literal('genesis'), at: u32 }),
  interaction: struct({
    is: literal('interaction'),
    time: u64,
    args: bytes(MOI_INTERACTION_BYTES_MAX),
    signatures: bytes(MOI_SIGNATURES_BYTES_MAX),
  }),
})

/** What was signed and by whom; empty bytes for a part of the genesis. Raises decoding faults. */
export const argumentOfMoi = (
  argument: Uint8Array,
): { readonly args: Uint8Array; readonly signatures: Uint8Array } => {
  const of = moiArgument.decode(argument)
  return of.is === 'interaction' ? of : { args: new Uint8Array(0), signatures: new Uint8Array(0) }
}
