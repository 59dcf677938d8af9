/**
 * Proofs, kind 7508: a file that shows steps of another machine, on which inputs of this one may rely. Relays keep it. It may be a
 * part of that machine's history; whoever needs it puts the parts together.
 *
 * Not promised. That the file shows anything, or that who published it had a part in it: it is judged by what it holds
 * (docs/decisions/0027).
 *
 * | part | what |
 * |---|---|
 * | content | hexadecimal of a bundle file, at most 24,576 bytes of it |
 * | `["e", definition]` | the machine whose inputs may rely on it |
 * | `["machine", id]` | the machine that it shows |
 */
import { idFromHex, type MachineId } from '../../base/brand.ts'
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { PROOF_FILE_BYTES_MAX } from '../../base/limits.ts'
import type { NostrDraft } from '../../forms/nostr-event.ts'
import { asId, badContent, expectKind, KINDS, onlyTag } from './message.ts'

export type NostrProof = {
  /** Id of the event that defines the machine whose inputs may rely on it. */
  readonly machine: string
  readonly author: string
  /** The machine that it shows. */
  readonly about: MachineId
  readonly file: Uint8Array
}

/** Raises `nostr-message/too-large`. */
export const proofDraft = (of: NostrProof, now: number): NostrDraft => {
  if (of.file.length > PROOF_FILE_BYTES_MAX) {
    throw new Fault('nostr-message/too-large', `${of.file.length} bytes of a file`)
  }
  return {
    pubkey: of.author,
    created_at: now,
    kind: KINDS.proof,
    tags: [
      ['e', of.machine],
      ['machine', of.about],
    ],
    content: hexFromBytes(of.file),
  }
}

/** Raises faults of `nostr-message/…`. */
export const proofFrom = (event: NostrDraft): NostrProof => {
  expectKind(event, KINDS.proof)
  const file = faultFrom(() => bytesFromHex(event.content))
  if (isFault(file)) throw badContent(file.message)
  if (file.length > PROOF_FILE_BYTES_MAX) throw badContent(`${file.length} bytes of a file`)
  return {
    machine: asId(onlyTag(event, 'e')[0], 'the machine'),
    author: event.pubkey,
    about: idFromHex<'machine'>(asId(onlyTag(event, 'machine')[0], 'the machine shown')),
    file,
  }
}
