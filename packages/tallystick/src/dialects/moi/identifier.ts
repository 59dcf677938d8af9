/**
 * Identifiers of MOI: 32 bytes that name a participant, an asset or a logic.
 *
 * | byte | what |
 * |---|---|
 * | 0 | kind and version: 00 participant, 10 asset, 20 logic |
 * | 1 | flags; bit 7 is `systemic`, the others depend on the kind |
 * | 2, 3 | of an asset its standard, big-endian; of the others zero |
 * | 4 to 27 | fingerprint |
 * | 28 to 31 | variant, big-endian: the number of a sub-account, an edition, a version |
 *
 * Promise. A `MoiId` was checked: its kind, version, flags and metadata are those that the specification knows. Whether there is an
 * account of that name is another question.
 */
import { bytesFromId, type Id, idFromBytes } from '../../base/brand.ts'
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom } from '../../base/fault.ts'
import { poloBytes } from './polo/scalar.ts'
import { type Polo, poloMapped } from './polo/schema.ts'
import { WIRE } from './polo/wire.ts'

export type MoiId = Id<'moi'>

export type MoiKind = 'participant' | 'asset' | 'logic'

export type MoiFlag = 'systemic' | 'stateful' | 'logical' | 'intrinsic' | 'extrinsic' | 'auxiliary'

const KINDS: readonly MoiKind[] = ['participant', 'asset', 'logic']

/** Bits of the flags that a kind has. */
const FLAGS: Readonly<Record<MoiKind, Readonly<Partial<Record<MoiFlag, number>>>>> = {
  participant: { systemic: 128 },
  asset: { systemic: 128, stateful: 1, logical: 2 },
  logic: { systemic: 128, intrinsic: 1, extrinsic: 2, auxiliary: 4 },
}

const flagMask = (kind: MoiKind): number =>
  Object.values(FLAGS[kind]).reduce((all, bit) => all | bit, 0)

const MASKS = {
  participant: flagMask('participant'),
  asset: flagMask('asset'),
  logic: flagMask('logic'),
}

const ID_BYTES = 32
const FINGERPRINT_BYTES = 24
const VARIANT_AT = 28

const badId = (why: string): Fault => new Fault('moi-id/malformed', why)

/** Raises `moi-id/malformed`. */
export const moiIdFromBytes = (bytes: Uint8Array): MoiId => {
  if (bytes.length !== ID_BYTES) throw badId(`an identifier of ${bytes.length} bytes`)
  const [tag = 0, flags = 0, high = 0, low = 0] = bytes
  const kind = KINDS[tag >> 4]
  if (kind === undefined || (tag & 15) !== 0)
    throw badId(`no kind and version are written ${hexFromBytes(bytes.subarray(0, 1))}`)
  if ((flags & ~MASKS[kind]) !== 0) throw badId(`flags ${flags} that a ${kind} has not`)
  if (kind !== 'asset' && high + low !== 0) throw badId(`a standard where a ${kind} has none`)
  return idFromBytes(bytes)
}

/** Reads 64 digits in any case, with `0x` in front or without it. */
export const moiIdFromHex = (text: string): MoiId | Fault =>
  faultFrom(() => {
    const digits = /^(?:0x)?([0-9a-f]{64})$/i.exec(text)?.[1]
    if (digits === undefined) throw badId('an identifier is 64 hexadecimal digits')
    return moiIdFromBytes(bytesFromHex(digits.toLowerCase()))
  })

/** `0x` and 64 digits in lower case: how MOI's interfaces spell an identifier. */
export const hexFromMoiId = (id: MoiId): `0x${string}` => `0x${id}`

export const bytesFromMoiId = (id: MoiId): Uint8Array => bytesFromId(id)

/** In POLO: a word of 32 bytes. */
export const poloMoiId: Polo<MoiId> = poloMapped(
  poloBytes(ID_BYTES),
  moiIdFromBytes,
  bytesFromMoiId,
)

/** In POLO: 32 zeros or null where there is none; written as 32 zeros. */
export const poloMoiIdOrZeros: Polo<MoiId | undefined> = poloMapped(
  poloBytes(ID_BYTES),
  (bytes) => (bytes.every((byte) => byte === 0) ? undefined : moiIdFromBytes(bytes)),
  (id) => (id === undefined ? new Uint8Array(ID_BYTES) : bytesFromMoiId(id)),
)

/** In POLO: null where there is none. */
export const poloMoiIdOrNull: Polo<MoiId | undefined> = {
  write: (out, id) => (id === undefined ? WIRE.null : poloMoiId.write(out, id)),
  read: poloMoiIdOrZeros.read,
}

export const kindOfMoiId = (id: MoiId): MoiKind => {
  const kind = KINDS[Number.parseInt(id.slice(0, 1), 16)]
  if (kind === undefined) throw badId(`no kind is called ${id.slice(0, 1)}`)
  return kind
}

/** False for a flag that the kind does not have. */
export const hasFlag = (id: MoiId, flag: MoiFlag): boolean =>
  (Number.parseInt(id.slice(2, 4), 16) & (FLAGS[kindOfMoiId(id)][flag] ?? 0)) !== 0

/** The standard of an asset; 0 for everything else. */
export const standardOf = (id: MoiId): number => Number.parseInt(id.slice(4, 8), 16)

export const fingerprintOf = (id: MoiId): Uint8Array => bytesFromHex(id.slice(8, 56))

export const variantOf = (id: MoiId): number => Number.parseInt(id.slice(56), 16)

export type MoiIdParts = {
  readonly kind: MoiKind
  readonly flags?: readonly MoiFlag[]
  /** Assets only. */
  readonly standard?: number
  readonly fingerprint: Uint8Array
  readonly variant?: number
}

/** Raises `moi-id/malformed` for flags that the kind has not, a fingerprint not of 24 bytes, or a number out of range. */
export const moiIdFrom = (of: MoiIdParts): MoiId => {
  const bytes = new Uint8Array(ID_BYTES)
  const view = new DataView(bytes.buffer)
  bytes[0] = KINDS.indexOf(of.kind) << 4
  bytes[1] = flagBits(of.kind, of.flags ?? [])
  view.setUint16(2, checkedNumber(of.standard ?? 0, 0xffff))
  if (of.fingerprint.length !== FINGERPRINT_BYTES)
    throw badId(`a fingerprint of ${of.fingerprint.length} bytes`)
  bytes.set(of.fingerprint, 4)
  view.setUint32(VARIANT_AT, checkedNumber(of.variant ?? 0, 0xffff_ffff))
  return moiIdFromBytes(bytes)
}

const flagBits = (kind: MoiKind, flags: readonly MoiFlag[]): number =>
  flags.reduce((bits, flag) => {
    const bit = FLAGS[kind][flag]
    if (bit === undefined) throw badId(`a ${kind} has no flag ${flag}`)
    return bits | bit
  }, 0)

const checkedNumber = (value: number, max: number): number => {
  if (Number.isInteger(value) && value >= 0 && value <= max) return value
  throw badId(`${value} is not between 0 and ${max}`)
}

export type MoiVariant = {
  readonly variant: number
  readonly set?: readonly MoiFlag[]
  readonly unset?: readonly MoiFlag[]
}

/** A variant of an identifier that is none itself. Raises `moi-id/malformed`, also for the variant 0. */
export const deriveMoiId = (id: MoiId, { variant, set = [], unset = [] }: MoiVariant): MoiId => {
  if (variantOf(id) !== 0) throw badId('a variant is derived from an identifier that is none')
  if (variant === 0) throw badId('a variant is not 0')
  const bytes = bytesFromMoiId(id)
  const kind = kindOfMoiId(id)
  bytes[1] = ((bytes[1] ?? 0) | flagBits(kind, set)) & ~flagBits(kind, unset)
  new DataView(bytes.buffer).setUint32(VARIANT_AT, checkedNumber(variant, 0xffff_ffff))
  return moiIdFromBytes(bytes)
}

const KEY_BYTES = 33

/**
 * The participant that a key of secp256k1 names: 24 bytes of its x-coordinate, and the number of a sub-account. Raises
 * `moi-id/malformed` unless the key has 33 bytes; whether they are a point is for an engine to say.
 */
export const participantOfKey = (publicKey: Uint8Array, subAccount = 0): MoiId => {
  if (publicKey.length !== KEY_BYTES) throw badId(`a key of ${publicKey.length} bytes`)
  const fingerprint = publicKey.slice(1, 1 + FINGERPRINT_BYTES)
  return moiIdFrom({ kind: 'participant', fingerprint, variant: subAccount })
}

const known = (text: string): MoiId => moiIdFromBytes(bytesFromHex(text))

/** The asset that fuel is paid in. */
export const KMOI_ASSET: MoiId = known(
  '108000004cd973c4eb83cdb8870c0de209736270491b7acc99873da100000000',
)

/** The account that every other is registered with. */
export const SARGA_ACCOUNT: MoiId = known(
  '20800000a6ba9853f131679d00da0f033516a2efe9cd53c3d54e1f9a00000000',
)
