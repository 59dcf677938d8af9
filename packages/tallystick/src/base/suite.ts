/**
 * Suites and signature schemes: two closed lists, each with its wire code, and which suite takes which scheme for
 * what. A machine's charter fixes its suite, and with it the hash and every key that can speak for the machine.
 *
 * A code is never given twice, and 0 is no code, so that zeroed bytes name nothing.
 */
import { type Codec, codecFrom } from './codec.ts'
import { Fault } from './fault.ts'

export type HashName = 'blake3' | 'sha256' | 'keccak256' | 'blake2b'

export type SuiteId = 'quantum' | 'classic' | 'nostr' | 'evm' | 'moi'

export type SchemeId = 'ed25519' | 'ml-dsa-44' | 'slh-dsa-sha2-128s' | 'bip340' | 'secp256k1-ecdsa'

/** `step` keys sign consents and certificates; `root` keys sign rotations and device lists, rarely and offline. */
export type KeyUse = 'step' | 'root'

export type Suite = {
  readonly id: SuiteId
  readonly code: number
  readonly hash: HashName
  readonly schemes: Readonly<Record<KeyUse, readonly SchemeId[]>>
}

export type Scheme = {
  readonly id: SchemeId
  readonly code: number
  readonly publicKeyBytes: number
  readonly signatureBytes: number
  /** Bytes a message must have, where the scheme signs a digest as it is; undefined where any length will do. */
  readonly messageBytes: number | undefined
}

export const suiteRules = (id: SuiteId): Suite => SUITES[id]

export const schemeRules = (id: SchemeId): Scheme => SCHEMES[id]

const SUITES: Readonly<Record<SuiteId, Suite>> = {
  quantum: {
    id: 'quantum',
    code: 1,
    hash: 'blake3',
    schemes: { step: ['ml-dsa-44'], root: ['slh-dsa-sha2-128s'] },
  },
  classic: {
    id: 'classic',
    code: 2,
    hash: 'blake3',
    schemes: { step: ['ed25519'], root: ['ed25519'] },
  },
  nostr: {
    id: 'nostr',
    code: 3,
    hash: 'sha256',
    schemes: { step: ['bip340'], root: ['bip340'] },
  },
  evm: {
    id: 'evm',
    code: 4,
    hash: 'keccak256',
    schemes: { step: ['secp256k1-ecdsa'], root: ['secp256k1-ecdsa'] },
  },
  moi: {
    id: 'moi',
    code: 5,
    // Known here by name only; who works with it brings the function (`hash.ts`).
    hash: 'blake2b',
    schemes: { step: ['secp256k1-ecdsa'], root: ['secp256k1-ecdsa'] },
  },
}

const SCHEMES: Readonly<Record<SchemeId, Scheme>> = {
  ed25519: {
    id: 'ed25519',
    code: 1,
    publicKeyBytes: 32,
    signatureBytes: 64,
    messageBytes: undefined,
  },
  'ml-dsa-44': {
    id: 'ml-dsa-44',
    code: 2,
    publicKeyBytes: 1312,
    signatureBytes: 2420,
    messageBytes: undefined,
  },
  'slh-dsa-sha2-128s': {
    id: 'slh-dsa-sha2-128s',
    code: 3,
    publicKeyBytes: 32,
    signatureBytes: 7856,
    messageBytes: undefined,
  },
  bip340: {
    id: 'bip340',
    code: 4,
    publicKeyBytes: 32,
    signatureBytes: 64,
    messageBytes: 32,
  },
  'secp256k1-ecdsa': {
    id: 'secp256k1-ecdsa',
    code: 5,
    publicKeyBytes: 33,
    signatureBytes: 64,
    messageBytes: 32,
  },
}

export const SUITE_IDS: readonly SuiteId[] = ['quantum', 'classic', 'nostr', 'evm', 'moi']

/** In the order of their codes. */
export const SCHEME_IDS: readonly SchemeId[] = [
  'ed25519',
  'ml-dsa-44',
  'slh-dsa-sha2-128s',
  'bip340',
  'secp256k1-ecdsa',
]

/** Whether keys of `scheme` may be used for `use` on machines of `suite`. */
export const suiteTakes = (suiteId: SuiteId, scheme: SchemeId, use: KeyUse): boolean =>
  suiteRules(suiteId).schemes[use].includes(scheme)

/** A suite as its code. Raises `suite/unknown`. */
export const suite: Codec<SuiteId> = codecFrom(
  (writer, value) => writer.u8(suiteRules(value).code),
  (reader) => {
    const code = reader.u8()
    for (const known of Object.values(SUITES)) if (known.code === code) return known.id
    throw new Fault('suite/unknown', `no suite has the code ${code}`)
  },
)

/** A scheme as its code. Raises `scheme/unknown`. */
export const scheme: Codec<SchemeId> = codecFrom(
  (writer, value) => writer.u8(schemeRules(value).code),
  (reader) => {
    const code = reader.u8()
    for (const known of Object.values(SCHEMES)) if (known.code === code) return known.id
    throw new Fault('scheme/unknown', `no signature scheme has the code ${code}`)
  },
)
