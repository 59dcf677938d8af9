/**
 * The inbox that an operator keeps for a device: items that others leave, in the order in which they came.
 *
 * Promise. An item is named by its content, so leaving it again changes nothing. The device says up to where it has read by a
 * cursor that it signs for one operator; nobody else can make unread items go (attack: acknowledging for another device, or
 * showing one operator's cursor to another, whose order differs).
 *
 * Not promised. Who left an item, that it means anything, or that others cannot read it: whoever leaves something secret
 * seals it.
 */
import type { SignerId } from '../../base/brand.ts'
import { bytes, type Codec, list, struct, u64 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { hash } from '../../base/hash.ts'
import { INBOX_ITEM_BYTES_MAX, INBOX_ITEMS_MAX, SIGNATURE_BYTES_MAX } from '../../base/limits.ts'
import { type SignerKey, signerId, signerKey } from '../../base/signer.ts'
import { suite, type SuiteId } from '../../base/suite.ts'
import { TAGS } from '../../base/tags.ts'
import type { Verifier } from '../../base/verifier.ts'

export type InboxItem = {
  /** Position in this operator's inbox of the device, from 0 on. */
  readonly index: bigint
  /** When it came, by the operator's clock. */
  readonly time: bigint
  readonly item: Uint8Array
}

export const inboxItem: Codec<InboxItem> = struct<InboxItem>({
  index: u64,
  time: u64,
  item: bytes(INBOX_ITEM_BYTES_MAX),
})

export const inboxItems: Codec<readonly InboxItem[]> = list(inboxItem, INBOX_ITEMS_MAX)

/** What names an item: the hash of its bytes. */
export const inboxItemKey = (item: Uint8Array): Uint8Array => hash('blake3', TAGS.inboxItem, item)

/** What a device has read at one operator: everything before `next`. */
export type InboxCursor = {
  /** Of the machines on which the device's key has its id. */
  readonly suite: SuiteId
  readonly device: SignerKey
  /** The operator's key, as it stands in policies. */
  readonly operator: SignerKey
  readonly next: bigint
  readonly signature: Uint8Array
}

export const inboxCursor: Codec<InboxCursor> = struct<InboxCursor>({
  suite,
  device: signerKey,
  operator: signerKey,
  next: u64,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

/** The 32 bytes that the device signs. */
export const inboxCursorDigest = (of: Omit<InboxCursor, 'signature'>): Uint8Array =>
  hash(of.suite, TAGS.inboxCursor, unsigned.encode(of))

const unsigned = struct<Omit<InboxCursor, 'signature'>>({
  suite,
  device: signerKey,
  operator: signerKey,
  next: u64,
})

/**
 * Whether the device whose inbox this is has signed the cursor, for this operator. Returns `inbox/other-device`,
 * `inbox/other-operator` or `inbox/bad-signature`.
 */
export const checkInboxCursor = (
  inbox: SignerId,
  operator: SignerId,
  of: InboxCursor,
  verifier: Verifier,
): Fault | undefined => {
  if (signerId(of.suite, of.device.scheme, of.device.publicKey) !== inbox) {
    return new Fault('inbox/other-device', 'the cursor is of another device than the inbox')
  }
  if (signerId(of.suite, of.operator.scheme, of.operator.publicKey) !== operator) {
    return new Fault('inbox/other-operator', 'the cursor was signed for another operator')
  }
  const digest = inboxCursorDigest(of)
  return verifier.verify(of.device.scheme, of.device.publicKey, digest, of.signature)
    ? undefined
    : new Fault('inbox/bad-signature', 'the device has not signed this cursor')
}
