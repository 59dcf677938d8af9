/**
 * Signatures on interactions of MOI, and when they are enough.
 *
 * | bytes | what |
 * |---|---|
 * | 1 | 01: ECDSA on secp256k1 over a BLAKE2b-256 digest |
 * | 1 | size of what follows but the last byte |
 * | 8 to 72 | DER: 30, size, then r and s as 02, size, big-endian with a zero in front where the first bit is set |
 * | 1 | 02 or 03: first byte of the compressed key |
 *
 * Promise. One signature has one accepted spelling: strict DER, s in the lower half (the verifier's rule), the key's own parity.
 * Every function here is total. A signature is on the very bytes of an interaction; its list of signatures is not signed, so
 * anybody who passes an interaction on may leave some out, and whoever takes part counts only what is there.
 */
import { blake2b256 } from '../../base/blake2b.ts'
import { concatBytes } from '../../base/bytes.ts'
import { Fault, faultFrom } from '../../base/fault.ts'
import { MOI_KEYS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type MoiId, poloMoiId } from './identifier.ts'
import { poloKeyId } from './interaction.ts'
import { poloArray, poloStruct } from './polo/container.ts'
import { poloBytes } from './polo/scalar.ts'
import { encodePolo, readPolo } from './polo/schema.ts'

/** One key's signature, as it came. */
export type MoiSignature = {
  readonly id: MoiId
  readonly keyId: number
  readonly signature: Uint8Array
}

const SIGNATURE_BYTES_MAX = 256

const signatures = poloArray(
  poloStruct<MoiSignature>({
    id: poloMoiId,
    keyId: poloKeyId,
    signature: poloBytes(SIGNATURE_BYTES_MAX),
  }),
  MOI_KEYS_MAX,
)

/** The signatures that come with an interaction; or why these bytes are none. They are not checked. */
export const readSignatures = (bytes: Uint8Array): readonly MoiSignature[] | Fault =>
  faultFrom(() => readPolo(signatures, bytes))

export const writeSignatures = (of: readonly MoiSignature[]): Uint8Array =>
  encodePolo(signatures, of)

export type EcdsaSignature = {
  /** r and s, 32 bytes each, as the scheme `secp256k1-ecdsa` takes them. */
  readonly compact: Uint8Array
  /** 2 or 3. */
  readonly parity: number
}

const ECDSA = 1
const SCALAR_BYTES = 32
const KEY_BYTES = 33
/** Type and size, then the DER of two numbers of one byte each, then the parity. */
const SHORTEST = 2 + 8 + 1

const malformed = (why: string): Fault => new Fault('moi-signature/malformed', why)

/** Reads the one spelling of a signature; s may be high, which the verifier refuses. */
export const ecdsaFromMoi = (bytes: Uint8Array): EcdsaSignature | Fault =>
  faultFrom(() => {
    if (bytes.length < SHORTEST) throw malformed(`a signature of ${bytes.length} bytes`)
    if (bytes[0] !== ECDSA) throw malformed(`no kind of signature has the number ${bytes[0]}`)
    const der = bytes.subarray(2, -1)
    if (bytes[1] !== der.length)
      throw malformed(`${der.length} bytes where ${bytes[1]} are announced`)
    if (der[0] !== 0x30 || der[1] !== der.length - 2) throw malformed('no DER sequence of its size')
    const compact = new Uint8Array(2 * SCALAR_BYTES)
    const middle = readScalar(der, 2, compact.subarray(0, SCALAR_BYTES))
    const end = readScalar(der, middle, compact.subarray(SCALAR_BYTES))
    if (end !== der.length) throw malformed('bytes after the second number')
    const parity = bytes[bytes.length - 1] ?? 0
    if (parity !== 2 && parity !== 3) throw malformed(`no parity is written ${parity}`)
    return { compact, parity }
  })

/** Reads one number of DER into 32 bytes, and returns where it ends. */
const readScalar = (der: Uint8Array, start: number, into: Uint8Array): number => {
  const size = der[start + 1] ?? 0
  const end = start + 2 + size
  if (der[start] !== 2 || size === 0 || end > der.length)
    throw malformed('no DER integer of its size')
  const first = der[start + 2] ?? 0
  if (first >= 0x80) throw malformed('a negative number')
  const isPadded = first === 0 && size > 1
  if (isPadded && (der[start + 3] ?? 0) < 0x80) throw malformed('a number with a zero too much')
  const from = isPadded ? start + 3 : start + 2
  if (end - from > SCALAR_BYTES) throw malformed(`a number of ${end - from} bytes`)
  into.set(der.subarray(from, end), SCALAR_BYTES - (end - from))
  return end
}

/** Writes a signature of the scheme `secp256k1-ecdsa` as MOI's client does. Raises `moi-signature/malformed` for wrong sizes. */
export const moiFromEcdsa = ({ compact, parity }: EcdsaSignature): Uint8Array => {
  if (compact.length !== 2 * SCALAR_BYTES) throw malformed(`a signature of ${compact.length} bytes`)
  if (parity !== 2 && parity !== 3) throw malformed(`no parity is written ${parity}`)
  const r = derInteger(compact.subarray(0, SCALAR_BYTES))
  const s = derInteger(compact.subarray(SCALAR_BYTES))
  const size = r.length + s.length
  const head = Uint8Array.of(ECDSA, size + 2, 0x30, size)
  return concatBytes(head, r, s, Uint8Array.of(parity))
}

const derInteger = (scalar: Uint8Array): Uint8Array => {
  const nonZero = scalar.findIndex((byte) => byte !== 0)
  const digits = scalar.subarray(nonZero < 0 ? SCALAR_BYTES - 1 : nonZero)
  const padding = (digits[0] ?? 0) >= 0x80 ? [0] : []
  return Uint8Array.of(2, padding.length + digits.length, ...padding, ...digits)
}

/**
 * Whether a signature in MOI's form is one of this key over these bytes. The key has 33 bytes, or 32 where its parity is known
 * from the signature alone.
 */
export const verifiesMoi = (
  verifier: Verifier,
  publicKey: Uint8Array,
  signed: Uint8Array,
  signature: Uint8Array,
): boolean => verifiesMoiDigest(verifier, publicKey, blake2b256(signed), signature)

/** The same where the digest is known. */
export const verifiesMoiDigest = (
  verifier: Verifier,
  publicKey: Uint8Array,
  digest: Uint8Array,
  signature: Uint8Array,
): boolean => {
  const parts = ecdsaFromMoi(signature)
  if (parts instanceof Fault) return false
  const parity = Uint8Array.of(parts.parity)
  const full = publicKey.length === KEY_BYTES - 1 ? concatBytes(parity, publicKey) : publicKey
  if (full[0] !== parts.parity) return false
  return verifier.verify('secp256k1-ecdsa', full, digest, parts.compact)
}

/** A key as an account holds it. */
export type WeightedKey = {
  readonly publicKey: Uint8Array
  readonly weight: bigint
  readonly isRevoked: boolean
}

/** Weights of keys add up to this much, or there is no consent. */
export const MOI_WEIGHT_MIN = 1000n

export type MoiConsent = {
  readonly account: MoiId
  readonly signatures: readonly MoiSignature[]
  /** The account's key of a number; undefined where it has none. */
  readonly keyOf: (keyId: number) => WeightedKey | undefined
  /** `interactionHash` of the bytes. */
  readonly digest: Uint8Array
}

export type Weighed =
  | { readonly is: 'enough'; readonly weight: bigint }
  | { readonly is: 'too-light'; readonly weight: bigint }
  /** A signature of this account that does not count, whatever the others weigh. */
  | { readonly is: 'bad'; readonly keyId: number; readonly why: BadSignature }

export type BadSignature = 'unknown key' | 'revoked key' | 'wrong signature' | 'repeated key'

/**
 * Weighs the signatures of one account. Those of others are passed over. A single bad one of its own spoils all: a client that
 * sends such a thing is broken, and an interaction must not mean different things to who checks lazily and who does not.
 * Cheap checks come first, for all of them, before the first signature is verified.
 */
export const weighSignatures = (verifier: Verifier, of: MoiConsent): Weighed => {
  const own = of.signatures.filter(({ id }) => id === of.account)
  const seen = new Set<number>()
  const due: { readonly key: WeightedKey; readonly entry: MoiSignature }[] = []
  for (const entry of own) {
    const { keyId } = entry
    const key = of.keyOf(keyId)
    if (key === undefined) return { is: 'bad', keyId, why: 'unknown key' }
    if (key.isRevoked) return { is: 'bad', keyId, why: 'revoked key' }
    if (seen.has(keyId)) return { is: 'bad', keyId, why: 'repeated key' }
    seen.add(keyId)
    due.push({ key, entry })
  }
  const weight = due.reduce((sum, { key }) => sum + key.weight, 0n)
  if (weight < MOI_WEIGHT_MIN) return { is: 'too-light', weight }
  for (const { key, entry } of due) {
    if (!verifiesMoiDigest(verifier, key.publicKey, of.digest, entry.signature))
      return { is: 'bad', keyId: entry.keyId, why: 'wrong signature' }
  }
  return { is: 'enough', weight }
}
