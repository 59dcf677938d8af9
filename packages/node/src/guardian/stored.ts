/** What stands in an entry of the journal in bytes, read. Raises a fault where the store has been changed by somebody else. */
import { hexFromBytes, isFault } from 'tallystick/base'
import { interaction as kernelInteraction } from 'tallystick/kernel'
import {
  argumentOfMoi,
  readInteraction,
  readSignatures,
  type Receipt,
  receipt as receiptCodec,
} from 'tallystick/moi'
import type { Signed } from './shapes/interaction.ts'
import type { LatticeEntry } from './store/entry.ts'
import type { StoredEntry } from './store/lattice.ts'

export const readReceipt = (entry: LatticeEntry): Receipt => receiptCodec.decode(entry.receipt)

/** What was signed, and by whom. */
export const readArgument = ({ hash, entry }: Pick<StoredEntry, 'hash' | 'entry'>): Signed => {
  const [operation] = kernelInteraction.decode(entry.interaction).operations
  const { args, signatures } = argumentOfMoi(operation?.argument ?? new Uint8Array(0))
  return signedFrom(hexFromBytes(hash), args, signatures)
}

export const signedFrom = (hash: string, args: Uint8Array, signatureBytes: Uint8Array): Signed => {
  const read = readInteraction(args)
  if (isFault(read)) throw read
  const signatures = readSignatures(signatureBytes)
  if (isFault(signatures)) throw signatures
  return { hash, read, signatures, signatureBytes }
}
