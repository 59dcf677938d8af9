/**
 * Key files: one key and the one that will follow it, sealed under a passphrase.
 *
 * A file is JSON. What it says openly (name, suite, role, scheme, public key, hash of the next key) and the cost of the
 * derivation are associated data of the cipher, so nothing of it can change unseen. The sealed part is two 32-byte seeds,
 * never a platform's key format: those change between versions of the runtime.
 *
 * Promise. Without the passphrase the seeds cost an attacker one Argon2id of the stated cost for each guess; a file that asks
 * for less than `COST_MIN` is not opened. Not promised: that seeds leave the memory of a JavaScript process.
 */
import * as nodeCrypto from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { argon2id } from '@noble/hashes/argon2.js'
import { bytesFromHex, bytesFromUtf8, concatBytes, hexFromBytes } from '../base/bytes.ts'
import { idFromHex } from '../base/brand.ts'
import { choice, type Codec, fixedBytes, id, struct, text, u32 } from '../base/codec.ts'
import { Fault, isFault } from '../base/fault.ts'
import { NAME_BYTES_MAX } from '../base/limits.ts'
import { type SignerKey, signerKey } from '../base/signer.ts'
import { SCHEME_IDS, suite, SUITE_IDS, type SuiteId } from '../base/suite.ts'
import {
  type Json,
  jsonCount,
  jsonFromBytes,
  jsonObjectWith,
  jsonText,
} from '../forms/strict-json.ts'
import type { NextKeyId } from '../kernel/reserve.ts'

/** `root` signs key events, `device` signs steps. */
export type KeyRole = 'root' | 'device'

/** What a key file shows without a passphrase. Only opening the file proves that it was not changed. */
export type KeyCard = {
  readonly name: string
  readonly suite: SuiteId
  readonly role: KeyRole
  readonly key: SignerKey
  readonly nextKey: NextKeyId
}

export type KeySecrets = {
  /** 32 bytes. */
  readonly seed: Uint8Array
  readonly nextSeed: Uint8Array
}

/** What each guess costs: memory in KiB, passes over it, and lanes. */
export type Cost = {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

/** RFC 9106's second choice. About 0.3 s natively, 2 s where the runtime has no Argon2. */
export const COST_DEFAULT: Cost = { memoryKib: 65_536, passes: 3, lanes: 1 }
/** Files that ask for less are not opened. */
export const COST_MIN: Cost = { memoryKib: 19_456, passes: 2, lanes: 1 }
/** Nor files that ask for more: they would only keep the machine busy. */
export const COST_MAX: Cost = { memoryKib: 1_048_576, passes: 16, lanes: 8 }

/** Bytes of a key file that is read. */
export const KEY_FILE_BYTES_MAX = 32_768
export const PASSPHRASE_CHARACTERS_MIN = 8

/** Writes a key file. Raises `keystore/weak-passphrase` and `keystore/weak-derivation`. */
export const sealKey = (
  card: KeyCard,
  secrets: KeySecrets,
  passphrase: string,
  cost: Cost = COST_DEFAULT,
): Uint8Array => {
  if (passphrase.length < PASSPHRASE_CHARACTERS_MIN) {
    throw new Fault(
      'keystore/weak-passphrase',
      `a passphrase has at least ${PASSPHRASE_CHARACTERS_MIN} characters; several random words are better`,
    )
  }
  const salt = saltFor(passphrase, cost)
  const nonce = new Uint8Array(nodeCrypto.randomBytes(NONCE_BYTES))
  const header: Header = { ...card, ...checkedCost(cost), salt }
  const { cipherKey, check } = derive(passphrase, header)
  const sealed = xchacha20poly1305(cipherKey, nonce, associatedData(header)).encrypt(
    concatBytes(secrets.seed, secrets.nextSeed),
  )
  cipherKey.fill(0)
  return bytesFromUtf8(`${JSON.stringify(jsonOf(header, { nonce, check, sealed }), null, 2)}\n`)
}

/**
 * What the file shows. Raises `keystore/damaged` where it is cut, is not such a file, or holds what it should not.
 */
export const readKeyCard = (file: Uint8Array): KeyCard => {
  const { name, suite: suiteId, role, key, nextKey } = readKeyFile(file).header
  return { name, suite: suiteId, role, key, nextKey }
}

/**
 * Opens a key file. Raises `keystore/wrong-passphrase`, `keystore/tampered`, `keystore/weak-derivation` and
 * `keystore/damaged`.
 */
export const openKey = (file: Uint8Array, passphrase: string): KeyCard & KeySecrets => {
  const { header, box } = readKeyFile(file)
  const { cipherKey, check } = derive(passphrase, header)
  if (!nodeCrypto.timingSafeEqual(check, box.check)) {
    throw new Fault('keystore/wrong-passphrase', `this passphrase does not open ${header.name}`)
  }
  const seeds = unsealed(cipherKey, header, box)
  cipherKey.fill(0)
  const { name, suite: suiteId, role, key, nextKey } = header
  const [seed, nextSeed] = [seeds.slice(0, SEED_BYTES), seeds.slice(SEED_BYTES)]
  seeds.fill(0)
  return { name, suite: suiteId, role, key, nextKey, seed, nextSeed }
}

type Header = KeyCard & Cost & { readonly salt: Uint8Array }

type Box = {
  readonly nonce: Uint8Array
  /** Tells a wrong passphrase from a changed file: the second half of what the passphrase gives. */
  readonly check: Uint8Array
  readonly sealed: Uint8Array
}

const FORMAT = 'tallystick/1 key'
const KDF = 'argon2id'
const CIPHER = 'xchacha20-poly1305'
const SALT_BYTES = 16
const NONCE_BYTES = 24
const SEED_BYTES = 32
const CHECK_BYTES = 16
const TAG_BYTES = 16

const header: Codec<Header> = struct<Header>({
  name: text(NAME_BYTES_MAX),
  suite,
  role: choice(['root', 'device']),
  key: signerKey,
  nextKey: id<'next-key'>(),
  memoryKib: u32,
  passes: u32,
  lanes: u32,
  salt: fixedBytes(SALT_BYTES),
})

const associatedData = (of: Header): Uint8Array =>
  concatBytes(bytesFromUtf8(`${FORMAT}\n${KDF}\n${CIPHER}\n`), header.encode(of))

type Salted = Cost & { readonly salt: Uint8Array }

type Shared = {
  /** Of files that are written meanwhile, by passphrase and cost. */
  readonly salts: Map<string, Uint8Array>
  /** By passphrase, cost and salt. */
  readonly derived: Map<string, Uint8Array>
}

let shared: Shared | undefined

/**
 * Until the work is over, files that are written with one passphrase at one cost share a salt, and what a passphrase gives is worked
 * out once. For folders with keys of several people who have one passphrase, as `tally dev` makes: whoever guesses it opens all of
 * them in any case. What is remembered is overwritten at the end.
 */
export const sharingDerivations = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  const before = shared
  const own: Shared = { salts: new Map(), derived: new Map() }
  shared = own
  try {
    return await work()
  } finally {
    shared = before
    for (const bytes of own.derived.values()) bytes.fill(0)
  }
}

const costName = (passphrase: string, { memoryKib, passes, lanes }: Cost): string =>
  `${memoryKib} ${passes} ${lanes} ${passphrase}`

const saltFor = (passphrase: string, cost: Cost): Uint8Array => {
  const name = costName(passphrase, cost)
  const salt = shared?.salts.get(name) ?? new Uint8Array(nodeCrypto.randomBytes(SALT_BYTES))
  shared?.salts.set(name, salt)
  return salt
}

const derive = (
  passphrase: string,
  of: Salted,
): { readonly cipherKey: Uint8Array; readonly check: Uint8Array } => {
  const name = `${hexFromBytes(of.salt)} ${costName(passphrase, of)}`
  const known = shared?.derived.get(name)
  const derived = known ?? derivedFrom(passphrase, of)
  const [cipherKey, check] = [derived.slice(0, 32), derived.slice(32)]
  if (shared) shared.derived.set(name, derived)
  else derived.fill(0)
  return { cipherKey, check }
}

const derivedFrom = (
  passphrase: string,
  { memoryKib, passes, lanes, salt }: Salted,
): Uint8Array => {
  // One spelling for what looks the same: keyboards differ in how they compose accents.
  const password = bytesFromUtf8(passphrase.normalize('NFKC'))
  const derived = argon2idBytes(password, salt, { memoryKib, passes, lanes })
  password.fill(0)
  return derived
}

/** 48 bytes of Argon2id, by the runtime from Node 24.7 on and by the noble library before. */
export const argon2idBytes = (
  password: Uint8Array,
  salt: Uint8Array,
  { memoryKib, passes, lanes }: Cost,
): Uint8Array => {
  const size = 32 + CHECK_BYTES
  if (!hasNativeArgon2()) {
    return argon2id(password, salt, { t: passes, m: memoryKib, p: lanes, dkLen: size })
  }
  return new Uint8Array(
    nodeCrypto.argon2Sync(KDF, {
      message: password,
      nonce: salt,
      parallelism: lanes,
      tagLength: size,
      memory: memoryKib,
      passes,
    }),
  )
}

export const hasNativeArgon2 = (): boolean => 'argon2Sync' in nodeCrypto

const unsealed = (cipherKey: Uint8Array, of: Header, box: Box): Uint8Array => {
  try {
    return xchacha20poly1305(cipherKey, box.nonce, associatedData(of)).decrypt(box.sealed)
  } catch {
    throw new Fault(
      'keystore/tampered',
      `the passphrase is right, and the key file of ${of.name} was changed since it was written`,
    )
  }
}

const checkedCost = (cost: Cost): Cost => {
  for (const name of ['memoryKib', 'passes', 'lanes'] as const) {
    if (cost[name] < COST_MIN[name]) {
      throw new Fault(
        'keystore/weak-derivation',
        `${name} is ${cost[name]}, below ${COST_MIN[name]}`,
      )
    }
    if (cost[name] > COST_MAX[name]) {
      throw new Fault('keystore/damaged', `${name} is ${cost[name]}, above ${COST_MAX[name]}`)
    }
  }
  return cost
}

const jsonOf = (of: Header, box: Box): Readonly<Record<string, unknown>> => ({
  format: FORMAT,
  name: of.name,
  suite: of.suite,
  role: of.role,
  scheme: of.key.scheme,
  publicKey: hexFromBytes(of.key.publicKey),
  nextKey: of.nextKey,
  kdf: {
    name: KDF,
    memoryKib: of.memoryKib,
    passes: of.passes,
    lanes: of.lanes,
    salt: hexFromBytes(of.salt),
    check: hexFromBytes(box.check),
  },
  cipher: { name: CIPHER, nonce: hexFromBytes(box.nonce), sealed: hexFromBytes(box.sealed) },
})

const readKeyFile = (file: Uint8Array): { readonly header: Header; readonly box: Box } => {
  try {
    return keyFileFromJson(jsonFromBytes(file, KEY_FILE_BYTES_MAX))
  } catch (error) {
    if (!isFault(error) || error.code.startsWith('keystore/')) throw error
    throw new Fault('keystore/damaged', `no usable key file: ${error.message}`)
  }
}

const FIELDS = [
  'format',
  'name',
  'suite',
  'role',
  'scheme',
  'publicKey',
  'nextKey',
  'kdf',
  'cipher',
] as const

const keyFileFromJson = (json: Json): { readonly header: Header; readonly box: Box } => {
  const file = jsonObjectWith(json, FIELDS, 'the key file')
  const kdf = jsonObjectWith(
    file.kdf,
    ['name', 'memoryKib', 'passes', 'lanes', 'salt', 'check'],
    'the derivation',
  )
  const cipher = jsonObjectWith(file.cipher, ['name', 'nonce', 'sealed'], 'the cipher')
  oneOf(file.format, [FORMAT], 'the format')
  oneOf(kdf.name, [KDF], 'the derivation')
  oneOf(cipher.name, [CIPHER], 'the cipher')
  const cost = {
    memoryKib: jsonCount(kdf.memoryKib, 'memoryKib'),
    passes: jsonCount(kdf.passes, 'passes'),
    lanes: jsonCount(kdf.lanes, 'lanes'),
  }
  const read: Header = {
    name: jsonText(file.name, 'the name'),
    suite: oneOf(file.suite, SUITE_IDS, 'the suite'),
    role: oneOf(file.role, ['root', 'device'], 'the role'),
    key: {
      scheme: oneOf(file.scheme, SCHEME_IDS, 'the scheme'),
      publicKey: bytesFromHex(jsonText(file.publicKey, 'the public key')),
    },
    nextKey: idFromHex(jsonText(file.nextKey, 'the next key')),
    ...checkedCost(cost),
    salt: sized(kdf.salt, SALT_BYTES, 'the salt'),
  }
  const box: Box = {
    nonce: sized(cipher.nonce, NONCE_BYTES, 'the nonce'),
    check: sized(kdf.check, CHECK_BYTES, 'the check'),
    sealed: sized(cipher.sealed, 2 * SEED_BYTES + TAG_BYTES, 'the sealed part'),
  }
  // Sizes, names and the suite are checked once more by the codec that writes the associated data.
  header.encode(read)
  return { header: read, box }
}

const oneOf = <Name extends string>(
  json: Json | undefined,
  names: readonly Name[],
  what: string,
): Name => {
  const found = names.find((name) => name === json)
  if (found === undefined) throw new Fault('keystore/damaged', `${what} is unknown`)
  return found
}

const sized = (json: Json | undefined, size: number, what: string): Uint8Array => {
  const read = bytesFromHex(jsonText(json, what))
  if (read.length !== size) {
    throw new Fault('keystore/damaged', `${what} has ${read.length} bytes instead of ${size}`)
  }
  return read
}
