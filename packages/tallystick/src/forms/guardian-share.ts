/**
 * Guardian shares: the parts of a recovery secret, as texts that people keep for somebody, on paper or as a QR code.
 *
 * The splitting itself is not here (a library does it, beside the command). This form says which identity a part belongs to, which part
 * it is, how many are enough, and what all the parts of its set hash to.
 *
 * Promise. A text with a typing error is refused by its check. Of the shares that are gathered, each that is of another
 * identity or another set, stands twice, or is not what its set says is named by its position, also if a guardian
 * changed it on purpose and made the check fit. So whoever gathers knows whom to ask again.
 *
 * Not promised. That a set is the owner's: k guardians who agree on a made-up set are found out only by its secret, which gives a key
 * that may not recover. Nor that fewer than k learn nothing but by the splitting's own promise; the hashes say nothing about
 * parts that are as random as keys.
 *
 * | bytes | what |
 * |---|---|
 * | 32 | identity |
 * | u8 | threshold: how many are enough, 2 at least |
 * | u8 | position of this one, from 0 on |
 * | 33 | the part |
 * | u32 count, 32 each | for each part of the set H('tallystick/1 share value', identity, position u8, part) |
 * | 4 | the first bytes of H('tallystick/1 share check', all above) |
 *
 * As a text that is `TLYG1` and base32 (RFC 4648, no padding), in any groups. Hashes are BLAKE3.
 */
import { equalBytes } from '../base/bytes.ts'
import { type Codec, fixedBytes, id, list, struct, u8 } from '../base/codec.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { hash, HASH_BYTES } from '../base/hash.ts'
import { GUARDIANS_MAX } from '../base/limits.ts'
import { TAGS } from '../base/tags.ts'
import type { IdentityId } from '../kernel/key-event.ts'
import { base32FromBytes, bytesFromBase32 } from './base32.ts'

/** A byte more than the secret: where on the curve the part lies. */
export const SHARE_VALUE_BYTES = 33
const CHECK_BYTES = 4
const MARK = 'TLYG1'

export type GuardianShare = {
  readonly identity: IdentityId
  readonly threshold: number
  /** From 0 on. */
  readonly position: number
  readonly value: Uint8Array
  /** A hash for each part of the set, by position. */
  readonly digests: readonly Uint8Array[]
}

/** The shares of a set. Raises `share/bad-set` for counts that no set has. */
export const sharesFrom = (
  identity: IdentityId,
  threshold: number,
  values: readonly Uint8Array[],
): readonly GuardianShare[] => {
  const digests = values.map((value, position) => digestOf(identity, position, value))
  const fault = checkCounts(threshold, values.length)
  if (fault) throw fault
  return values.map((value, position) => ({ identity, threshold, position, value, digests }))
}

export const textFromShare = (of: GuardianShare): string => {
  const body = share.encode(of)
  const whole = new Uint8Array(body.length + CHECK_BYTES)
  whole.set(body)
  whole.set(checkOf(body), body.length)
  const groups = base32FromBytes(whole).match(/.{1,5}/g) ?? []
  return [MARK, ...groups].join(' ')
}

/** Reads one share. Raises `share/not-a-share`, `share/damaged` or `share/bad-set`. */
export const shareFromText = (text: string): GuardianShare => {
  const plain = text.slice(0, TEXT_MAX).replaceAll(/\s/g, '').toUpperCase()
  if (!plain.startsWith(MARK)) {
    throw new Fault('share/not-a-share', `a share starts with ${MARK}`)
  }
  const whole = faultFrom(() => bytesFromBase32(plain.slice(MARK.length)))
  if (isFault(whole)) throw damaged(whole.message)
  const body = whole.subarray(0, Math.max(0, whole.length - CHECK_BYTES))
  if (!equalBytes(checkOf(body), whole.subarray(body.length))) {
    throw damaged('its check does not fit: a character is missing or wrong')
  }
  const read = faultFrom(() => share.decode(body))
  if (isFault(read)) throw damaged(read.message)
  const fault = checkCounts(read.threshold, read.digests.length)
  if (fault) throw fault
  return read
}

/**
 * The parts of one set, in the order of their positions, enough of them to combine. Raises `share/too-few`,
 * `share/other-identity`, `share/other-set`, `share/twice` or `share/altered`; the place says which share.
 */
export const gatherShares = (
  identity: IdentityId,
  shares: readonly GuardianShare[],
): readonly GuardianShare[] => {
  const foreign = shares.find((one) => one.identity !== identity)
  if (foreign) {
    const place = placeOf(foreign)
    throw new Fault('share/other-identity', `${place.part} is of another identity`, place)
  }
  const own = setOf(shares)
  const stray = shares.find((one) => keyOfSet(one) !== own)
  if (stray) {
    const place = placeOf(stray)
    const says = `${place.part} is of another set than most: an older one, or made up`
    throw new Fault('share/other-set', says, place)
  }
  const seen = new Set<number>()
  for (const one of shares) {
    const place = placeOf(one)
    if (seen.has(one.position)) throw new Fault('share/twice', `${place.part} stands twice`, place)
    seen.add(one.position)
    const digest = one.digests[one.position]
    const isWhole = digest && equalBytes(digest, digestOf(identity, one.position, one.value))
    if (!isWhole) {
      throw new Fault('share/altered', `${place.part} is not the part that its set names`, place)
    }
  }
  const threshold = shares[0]?.threshold ?? 0
  if (shares.length === 0 || shares.length < threshold) {
    throw new Fault('share/too-few', `${shares.length} shares where ${threshold} are needed`)
  }
  return [...shares].sort((a, b) => a.position - b.position)
}

/** What most of the shares are of, so that the odd one is named and not the others. */
const setOf = (shares: readonly GuardianShare[]): string => {
  const counts = new Map<string, number>()
  for (const one of shares) counts.set(keyOfSet(one), (counts.get(keyOfSet(one)) ?? 0) + 1)
  const [most] = [...counts].sort((a, b) => b[1] - a[1])
  return most?.[0] ?? ''
}

const setFields = struct<Pick<GuardianShare, 'threshold' | 'digests'>>({
  threshold: u8,
  digests: list(fixedBytes(HASH_BYTES), GUARDIANS_MAX),
})

const keyOfSet = (of: GuardianShare): string =>
  hash('blake3', TAGS.shareSet, setFields.encode(of)).join()

const placeOf = (of: GuardianShare): { readonly part: string } => ({
  part: `share ${of.position + 1}`,
})

const share: Codec<GuardianShare> = struct<GuardianShare>({
  identity: id<'key-event'>(),
  threshold: u8,
  position: u8,
  value: fixedBytes(SHARE_VALUE_BYTES),
  digests: list(fixedBytes(HASH_BYTES), GUARDIANS_MAX),
})

/** Characters of a share that are read: the largest set's, with room for blanks. */
const TEXT_MAX = 4096

const checkCounts = (threshold: number, count: number): Fault | undefined =>
  threshold >= 2 && threshold <= count && count <= GUARDIANS_MAX
    ? undefined
    : new Fault('share/bad-set', `${threshold} of ${count}: two at least, ${GUARDIANS_MAX} at most`)

const valueFields = struct<Pick<GuardianShare, 'identity' | 'position' | 'value'>>({
  identity: id<'key-event'>(),
  position: u8,
  value: fixedBytes(SHARE_VALUE_BYTES),
})

const digestOf = (identity: IdentityId, position: number, value: Uint8Array): Uint8Array =>
  hash('blake3', TAGS.shareValue, valueFields.encode({ identity, position, value }))

const checkOf = (body: Uint8Array): Uint8Array =>
  hash('blake3', TAGS.shareCheck, body).subarray(0, CHECK_BYTES)

const damaged = (says: string): Fault => new Fault('share/damaged', says)
