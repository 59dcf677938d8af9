/**
 * The engine of the shells: `node:crypto` for each scheme that this runtime has, the portable engine for the rest.
 * Node 24.11 and later have Ed25519, ML-DSA-44 and SLH-DSA, and check ECDSA on secp256k1. The rest of secp256k1 is portable
 * everywhere: the runtime has no BIP-340, and its ECDSA signs no digest of another hash.
 *
 * Promise. The same bytes get the same answer as from the portable engine, on every runtime. Signatures are hedged by
 * the runtime; asked for a deterministic one, this engine signs with the portable code.
 */
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  hash,
  type KeyObject,
  type VerifyPublicKeyInput,
  randomBytes,
  sign as nativeSign,
  verify as nativeVerify,
} from 'node:crypto'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { bytesFromHex, bytesFromUtf8, concatBytes } from '../base/bytes.ts'
import { type SchemeId, schemeRules } from '../base/suite.ts'
import { type Engine, SIGNATURE_CONTEXT, type Verifier } from '../base/verifier.ts'
import { createEd25519, ed25519PointFromKey, isEd25519SignatureShape } from './ed25519.ts'
import { createMlDsa44 } from './ml-dsa.ts'
import { isOfPrimeOrder, PRIME_ORDER_SCALAR, type X25519 } from './prime-order.ts'
import {
  createEngine,
  rememberPerKey,
  rememberPerSecret,
  type SchemeEngine,
} from './scheme-engine.ts'
import { createBip340, createEcdsa } from './secp256k1.ts'
import { createKeyShift } from './shifted-ecdsa.ts'
import { createSlhDsa128s, slhDsaKeysFromSeed } from './slh-dsa.ts'

/** All five schemes, each by the fastest code that this runtime has. */
export const createNativeEngine = (): Engine =>
  createEngine(
    'native',
    [
      createNativeEd25519(),
      createNativeMlDsa44(),
      createNativeSlhDsa128s(),
      createBip340(),
      createNativeEcdsa(),
    ],
    (size) => new Uint8Array(randomBytes(size)),
  )

/** The schemes that `node:crypto` itself does on this runtime. */
export const nativeSchemes = (): readonly SchemeId[] =>
  (['ed25519', 'ml-dsa-44', 'slh-dsa-sha2-128s'] as const).filter(hasNative)

/** A public key that was checked and imported once, for signatures that are checked beside the main thread. */
export type PreparedKey = {
  /** Total, like the engine's; whoever awaits it lets others go on meanwhile. */
  readonly verify: (message: Uint8Array, signature: Uint8Array) => Promise<boolean>
}

/** Gives undefined where the engine accepts no such key. */
export type PrepareKey = (scheme: SchemeId, publicKey: Uint8Array) => PreparedKey | undefined

/**
 * Prepares keys for checks in the runtime's own threads, with the very answers of `engine`, a native one.
 *
 * A scheme that the runtime does not do is checked by the engine on the main thread, one signature between two turns of the
 * event loop. The caller keeps what it is given and bounds how much: to check an Ed25519 key costs as much as to
 * check a signature, and an ML-DSA-44 key holds about 20 KB.
 */
export const createKeyPreparation = (engine: Verifier): PrepareKey => {
  const schemes = new Set(nativeSchemes())
  return (scheme, publicKey) => {
    if (!engine.acceptsKey(scheme, publicKey)) return undefined
    if (!isNativeScheme(scheme) || !schemes.has(scheme)) {
      return {
        verify: (message, signature) =>
          new Promise((resolve) => {
            setImmediate(() => resolve(engine.verify(scheme, publicKey, message, signature)))
          }),
      }
    }
    return prepareForThreads(scheme, importPublicKey(scheme, publicKey))
  }
}

const prepareForThreads = (scheme: NativeScheme, imported: KeyObject): PreparedKey => {
  const { signatureBytes } = schemeRules(scheme)
  if (scheme === 'ed25519') return prepareForTurns(imported)
  const key = { key: imported, context: CONTEXT }
  return {
    verify: (message, signature) => {
      if (signature.length !== signatureBytes) return Promise.resolve(false)
      return new Promise((resolve) => {
        // Whatever the runtime says against a signature, it is not good; so the engine has it too.
        nativeVerify(null, message, key, signature, (error, isGood) => resolve(!error && isGood))
      })
    },
  }
}

/** Checks between two turns of the event loop: about five milliseconds. */
const CHECKS_EACH_TURN = 32

let checksThisTurn = 0

/**
 * An Ed25519 check takes a seventh of a millisecond, and to hand it to another thread and back costs nearly as much again.
 * It is made here, so many between two turns of the event loop.
 */
const prepareForTurns = (key: KeyObject): PreparedKey => {
  const check = (message: Uint8Array, signature: Uint8Array): boolean =>
    isEd25519SignatureShape(signature) && verifyEd25519(message, key, signature)
  return {
    verify: async (message, signature) => {
      while (checksThisTurn >= CHECKS_EACH_TURN) await nextTurn()
      void nextTurn()
      checksThisTurn += 1
      return check(message, signature)
    },
  }
}

let turn: Promise<void> | undefined

/** One promise for all that wait, so that they go on in the order in which they came. */
const nextTurn = (): Promise<void> =>
  (turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined
      checksThisTurn = 0
      resolve()
    })
  }))

const isNativeScheme = (scheme: SchemeId): scheme is NativeScheme => Object.hasOwn(DER, scheme)

/** Imported public keys that each scheme keeps, and at most twice as many. One of ML-DSA-44 holds about 20 KB. */
const KEYS_REMEMBERED = 512

/**
 * What the runtime checks differs: OpenSSL 3.5 in one major version refuses points that another accepts. Two checks
 * before the call make it irrelevant. The key is in the prime-order group and not the identity, so it is none of the
 * points they differ on, and [S]B − [k]A is in that group too. The signature's S is below L, and its R is not the
 * identity. What is left of the runtime's work is to compare the canonical encoding of that point with R, which
 * all of them do, or to decode R and compare points, which gives the same answer unless R is a second
 * encoding or of mixed order; the vectors show that these runtimes refuse such R.
 */
export const createNativeEd25519 = (): SchemeEngine => {
  if (!hasNative('ed25519')) return createEd25519()
  const privateKeyFrom = rememberPerSecret((seed) => importPrivateKey('ed25519', seed))
  return {
    scheme: 'ed25519',
    acceptsKey: (publicKey) => ed25519KeyFrom(publicKey) !== undefined,
    verify: (publicKey, message, signature) => {
      if (!isEd25519SignatureShape(signature)) return false
      const key = ed25519KeyFrom(publicKey)
      return key !== undefined && verifyEd25519(message, key, signature)
    },
    publicKey: (seed) => rawPublicKey('ed25519', privateKeyFrom(seed)),
    // Ed25519 has no randomness to hedge with: both engines make the same signature.
    sign: (seed, message) =>
      new Uint8Array(nativeSign(null, placed(DIGEST_PLACE, message), privateKeyFrom(seed))),
  }
}

const verifyEd25519 = (message: Uint8Array, key: KeyObject, signature: Uint8Array): boolean =>
  nativeVerify(null, placed(DIGEST_PLACE, message), key, placed(SIGNATURE_PLACE, signature))

/**
 * What the runtime works with lies outside of the heap of objects, where short arrays do not: each that it is handed it moves out
 * first, and a collection takes that away again. To copy it over another one that is outside costs a tenth of that.
 */
const placed = (place: Uint8Array, bytes: Uint8Array): Uint8Array => {
  if (bytes.length !== place.length) return bytes
  place.set(bytes)
  return place
}

const DIGEST_PLACE = new Uint8Array(new ArrayBuffer(32))
const SIGNATURE_PLACE = new Uint8Array(new ArrayBuffer(64))

export const createNativeMlDsa44 = (context: Uint8Array = CONTEXT): SchemeEngine => {
  const portable = createMlDsa44(context)
  if (!hasNative('ml-dsa-44')) return portable
  const privateKeyFrom = rememberPerSecret((seed) => importPrivateKey('ml-dsa-44', seed))
  return {
    ...portable,
    verify: nativeVerifyFrom('ml-dsa-44', context),
    publicKey: (seed) => rawPublicKey('ml-dsa-44', privateKeyFrom(seed)),
    sign: (seed, message, random) =>
      random === undefined
        ? portable.sign(seed, message, undefined)
        : new Uint8Array(nativeSign(null, message, { key: privateKeyFrom(seed), context })),
  }
}

/**
 * Checks with the runtime's code under a shifted key, because it checks no digest but one that it made (`shifted-ecdsa.ts`). The
 * runtime refuses r and s out of range and points off the curve as the portable code does, and compares x(R) modulo n.
 */
export const createNativeEcdsa = (): SchemeEngine => {
  const portable = createEcdsa()
  // Most processes never see such a signature: the curve is loaded, and the runtime tried, with the first one.
  let verify: SchemeEngine['verify'] | undefined
  return { ...portable, verify: (...given) => (verify ??= nativeEcdsaVerify(portable))(...given) }
}

const nativeEcdsaVerify = (portable: SchemeEngine): SchemeEngine['verify'] => {
  if (!hasNativeEcdsa()) return portable.verify
  const shift = createKeyShift(hash('sha256', CONTEXT, 'buffer'))
  return (publicKey, message, signature) => {
    const shifted = shift(publicKey, message, signature)
    if (!shifted) return false
    if (shifted.is === 'none') return portable.verify(publicKey, message, signature)
    return nativeVerify('sha256', CONTEXT, ecdsaKey(shifted.point), signature)
  }
}

/** A curve that a runtime may have been built without. */
const hasNativeEcdsa = (): boolean => {
  try {
    const base = secp256k1.Point.BASE.toBytes(false).subarray(1)
    return createPublicKey(ecdsaKey(base)).asymmetricKeyType === 'ec'
  } catch {
    return false
  }
}

/** Up to the two coordinates of a point. */
const ECDSA_DER: Uint8Array = bytesFromHex('3056301006072a8648ce3d020106052b8104000a03420004')

/** Parsed with the signature, once: to import it first would cost a tenth more. */
const ecdsaKey = (point: Uint8Array): VerifyPublicKeyInput => ({
  key: Buffer.concat([ECDSA_DER, point]),
  format: 'der',
  type: 'spki',
  dsaEncoding: 'ieee-p1363',
})

/** Making the key of a seed stays portable: the runtime imports a private key only together with its root. */
export const createNativeSlhDsa128s = (context: Uint8Array = CONTEXT): SchemeEngine => {
  const portable = createSlhDsa128s(context)
  if (!hasNative('slh-dsa-sha2-128s')) return portable
  const privateKeyFrom = rememberPerSecret((seed) =>
    importPrivateKey('slh-dsa-sha2-128s', slhDsaKeysFromSeed(seed).secretKey),
  )
  return {
    ...portable,
    verify: nativeVerifyFrom('slh-dsa-sha2-128s', context),
    publicKey: (seed) => rawPublicKey('slh-dsa-sha2-128s', privateKeyFrom(seed)),
    sign: (seed, message, random) =>
      random === undefined
        ? portable.sign(seed, message, undefined)
        : new Uint8Array(nativeSign(null, message, { key: privateKeyFrom(seed), context })),
  }
}

const nativeVerifyFrom = (scheme: NativeScheme, context: Uint8Array): SchemeEngine['verify'] => {
  const publicKeyFrom = rememberPerKey(
    KEYS_REMEMBERED,
    (publicKey) => importPublicKey(scheme, publicKey),
    latin1,
  )
  return (publicKey, message, signature) => {
    const key = publicKeyFrom(publicKey)
    return key !== undefined && nativeVerify(null, message, { key, context }, signature)
  }
}

// Naming an ML-DSA key by spreading its 1,312 bytes would cost a tenth of a verification.
const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')

/** For all engines of the process: a command makes several, and to check a key costs as much as to check a signature. */
const ed25519KeyFrom = rememberPerKey(
  KEYS_REMEMBERED,
  (publicKey) => (acceptsEd25519Key(publicKey) ? importPublicKey('ed25519', publicKey) : undefined),
  latin1,
)

/** By X25519 where the runtime has it, which a strict one may not. */
const acceptsEd25519Key = (publicKey: Uint8Array): boolean => {
  x25519 ??= nativeX25519(PRIME_ORDER_SCALAR)
  hasX25519 ??= x25519(BASE_U) !== undefined
  if (hasX25519) return isOfPrimeOrder(publicKey, x25519)
  return ed25519PointFromKey(publicKey) !== undefined
}

let x25519: X25519 | undefined
let hasX25519: boolean | undefined
const BASE_U = Uint8Array.of(9, ...new Uint8Array(31))

/** The runtime refuses a result of 0. Exported for tests. */
export const nativeX25519 = (scalar: Uint8Array): X25519 => {
  const keyOf = (prefix: string, bytes: Uint8Array): Buffer =>
    Buffer.from(concatBytes(bytesFromHex(prefix), bytes))
  // Made once: the runtime multiplies the base point for it.
  let privateKey: KeyObject | undefined
  return (u) => {
    try {
      privateKey ??= createPrivateKey({
        key: keyOf('302e020100300506032b656e04220420', scalar),
        format: 'der',
        type: 'pkcs8',
      })
      const publicKey = createPublicKey({
        key: keyOf('302a300506032b656e032100', u),
        format: 'der',
        type: 'spki',
      })
      return new Uint8Array(diffieHellman({ privateKey, publicKey }))
    } catch {
      return undefined
    }
  }
}

type NativeScheme = 'ed25519' | 'ml-dsa-44' | 'slh-dsa-sha2-128s'

const CONTEXT: Uint8Array = bytesFromUtf8(SIGNATURE_CONTEXT)

/**
 * The DER that goes before the raw bytes of a key. The runtimes' own raw formats are younger than the schemes, and one
 * version exports what another cannot read; this framing is read by all of them.
 */
const DER: Readonly<Record<NativeScheme, { readonly publicKey: string; readonly secret: string }>> =
  {
    ed25519: {
      publicKey: '302a300506032b6570032100',
      secret: '302e020100300506032b657004220420',
    },
    'ml-dsa-44': {
      publicKey: '30820532300b06096086480165030403110382052100',
      // The seed alone, under the context tag 0 of the choice that the format gives.
      secret: '3034020100300b060960864801650304031104228020',
    },
    'slh-dsa-sha2-128s': {
      publicKey: '3030300b0609608648016503040314032100',
      secret: '3052020100300b06096086480165030403140440',
    },
  }

const importPublicKey = (scheme: NativeScheme, publicKey: Uint8Array): KeyObject =>
  createPublicKey({
    key: Buffer.from(concatBytes(bytesFromHex(DER[scheme].publicKey), publicKey)),
    format: 'der',
    type: 'spki',
  })

const importPrivateKey = (scheme: NativeScheme, secret: Uint8Array): KeyObject =>
  createPrivateKey({
    key: Buffer.from(concatBytes(bytesFromHex(DER[scheme].secret), secret)),
    format: 'der',
    type: 'pkcs8',
  })

const rawPublicKey = (scheme: NativeScheme, privateKey: KeyObject): Uint8Array => {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' })
  return new Uint8Array(der.subarray(DER[scheme].publicKey.length / 2))
}

/**
 * Whether this runtime has the scheme, and knows the context option where the scheme needs it: a runtime that does not
 * know it would sign without a context and say nothing.
 */
const hasNative = (scheme: NativeScheme): boolean => {
  const known = found.get(scheme)
  if (known !== undefined) return known
  const has = tryNative(scheme)
  found.set(scheme, has)
  return has
}

/** A runtime does not change while it runs. */
const found = new Map<NativeScheme, boolean>()

const tryNative = (scheme: NativeScheme): boolean => {
  try {
    if (scheme === 'ed25519')
      return importPublicKey(scheme, new Uint8Array(32).fill(0x58)) !== undefined
    const size = scheme === 'ml-dsa-44' ? 1312 : 32
    const key = importPublicKey(scheme, new Uint8Array(size))
    return refusesLongContext(key)
  } catch {
    return false
  }
}

const refusesLongContext = (key: KeyObject): boolean => {
  try {
    nativeVerify(null, CONTEXT, { key, context: new Uint8Array(256) }, new Uint8Array(64))
    return false
  } catch {
    return true
  }
}
