/**
 * Invitations: the charter of a new machine, from the party that wrote it to the ones that are named in it.
 *
 * Promise. Who reads one knows the whole terms, and the machine's id follows from them. The card that comes along is the
 * inviter's, and the charter names the very key that the card says signs for him.
 *
 * Not promised. That the inviter means it: an invitation binds nobody and is not signed. What binds is the first step.
 *
 * | field | what |
 * |---|---|
 * | from | u8: position of the inviter among the participants |
 * | charter | the charter |
 * | card | u32 length and a card file |
 */
import { equalBytes } from '../base/bytes.ts'
import { bytes, type Codec, struct, u8 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { BUNDLE_PART_BYTES_MAX } from '../base/limits.ts'
import type { Verifier } from '../base/verifier.ts'
import { type Charter, charter, checkCharter } from '../kernel/charter.ts'
import { cardFromFile, type ReadCard } from './card.ts'
import { bodyFromFile, fileFromBody } from './file.ts'

export type Invite = {
  readonly from: number
  readonly charter: Charter
  /** The inviter's card, as a file. */
  readonly card: Uint8Array
}

export type ReadInvite = Omit<Invite, 'card'> & { readonly card: ReadCard }

const invite: Codec<Invite> = struct<Invite>({
  from: u8,
  charter,
  card: bytes(BUNDLE_PART_BYTES_MAX),
})

/** Raises `file/too-large` and what the codecs raise. */
export const fileFromInvite = (of: Invite): Uint8Array => fileFromBody('invite', invite.encode(of))

/**
 * Reads and checks an invitation. Raises `invite/not-the-inviter`, the faults of `checkCharter`, of `cardFromFile`, of
 * `bodyFromFile` and of the codecs.
 */
export const inviteFromFile = (file: Uint8Array, verifier: Verifier): ReadInvite => {
  const read = invite.decode(bodyFromFile('invite', file))
  const fault = checkCharter(read.charter, verifier)
  if (fault) throw fault
  const card = cardFromFile(read.card, verifier)
  const keys = read.charter.terms.participants[read.from]?.controller.keys ?? []
  const isCards = keys.some(
    (one) =>
      one.scheme === card.device.key.scheme && equalBytes(one.publicKey, card.device.key.publicKey),
  )
  if (!isCards) {
    const says = 'the terms name another key than the card that came with them'
    throw new Fault('invite/not-the-inviter', says, { party: card.card.name })
  }
  return { ...read, card }
}
