/**
 * One signature scheme on one engine, and the assembly of several into an `Engine`.
 *
 * The assembly is the boundary of `Verifier`'s promise: it checks types and lengths before a library sees a byte, and
 * turns whatever a library throws while verifying into false. So a scheme's own code may throw on bad input.
 * `createEngine` takes the schemes as an argument, so a bundle holds only the libraries of those it names.
 */
import { equalBytes } from '../base/bytes.ts'
import { Fault } from '../base/fault.ts'
import { type SchemeId, schemeRules } from '../base/suite.ts'
import type { Engine } from '../base/verifier.ts'

/** Fresh bytes from the platform's generator. Shells hand it in; without one, signing is deterministic. */
export type RandomBytes = (size: number) => Uint8Array

/** All arguments already have the lengths that `schemeRules` names; seeds have `SEED_BYTES`. */
export type SchemeEngine = {
  readonly scheme: SchemeId
  readonly acceptsKey: (publicKey: Uint8Array) => boolean
  readonly verify: (publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array) => boolean
  readonly publicKey: (seed: Uint8Array) => Uint8Array
  /** Throws where no key can be made of the seed. `random` is missing when the signature must be deterministic. */
  readonly sign: (
    seed: Uint8Array,
    message: Uint8Array,
    random: RandomBytes | undefined,
  ) => Uint8Array
}

/** Every secret is a seed of this size; a scheme that needs more stretches it. */
export const SEED_BYTES = 32

/** Assembles an engine. Without `random`, every signature is deterministic. */
export const createEngine = (
  name: string,
  schemes: readonly SchemeEngine[],
  random?: RandomBytes,
): Engine => {
  const byId = new Map(schemes.map((entry) => [entry.scheme, entry]))
  const required = (scheme: SchemeId): SchemeEngine => {
    const found = byId.get(scheme)
    if (found === undefined) {
      throw new Fault('scheme/not-available', `the engine ${name} was made without ${scheme}`)
    }
    return found
  }
  return {
    name,
    schemes: schemes.map((entry) => entry.scheme),
    acceptsKey: (scheme, publicKey) => {
      try {
        const entry = byId.get(scheme)
        if (entry === undefined || !isSized(publicKey, schemeRules(scheme).publicKeyBytes)) {
          return false
        }
        return entry.acceptsKey(publicKey)
      } catch {
        return false
      }
    },
    verify: (scheme, publicKey, message, signature) => {
      try {
        const entry = byId.get(scheme)
        if (entry === undefined) return false
        const rules = schemeRules(scheme)
        if (!isSized(publicKey, rules.publicKeyBytes)) return false
        if (!isSized(signature, rules.signatureBytes)) return false
        if (!isSized(message, rules.messageBytes)) return false
        return entry.verify(publicKey, message, signature)
      } catch {
        return false
      }
    },
    fromSeed: (scheme, seed) => {
      const secret = checkedSeed(seed).slice()
      return { publicKey: required(scheme).publicKey(secret), secret }
    },
    sign: (scheme, secret, message, options = {}) => {
      const entry = required(scheme)
      const messageBytes = schemeRules(scheme).messageBytes
      if (messageBytes !== undefined && message.length !== messageBytes) {
        throw new Fault(
          'message/wrong-size',
          `${scheme} signs ${messageBytes} bytes, not ${message.length}`,
        )
      }
      const wanted = options.deterministic === true ? undefined : random
      return entry.sign(checkedSeed(secret), message, wanted)
    },
  }
}

/**
 * Remembers what was made of a secret as long as the caller keeps that secret's array, so that a second signature need
 * not make the key again. A secret that was overwritten since (wiped, for example) is not recognised.
 */
export const rememberPerSecret = <Made>(
  make: (seed: Uint8Array) => Made,
): ((seed: Uint8Array) => Made) => {
  const known = new WeakMap<Uint8Array, { readonly seed: Uint8Array; readonly made: Made }>()
  return (seed) => {
    const found = known.get(seed)
    if (found !== undefined && equalBytes(found.seed, seed)) return found.made
    const made = make(seed)
    known.set(seed, { seed: seed.slice(), made })
    return made
  }
}

/**
 * Remembers what was made of the last `countMax` or more distinct keys, at most twice as many. Failures are not
 * remembered, so a flood of bad keys pushes out no good one. `nameOf` must be one to one.
 */
export const rememberPerKey = <Made>(
  countMax: number,
  make: (publicKey: Uint8Array) => Made | undefined,
  nameOf: (publicKey: Uint8Array) => string = (publicKey) => String.fromCharCode(...publicKey),
): ((publicKey: Uint8Array) => Made | undefined) => {
  let young = new Map<string, Made>()
  let old = new Map<string, Made>()
  return (publicKey) => {
    const key = nameOf(publicKey)
    const found = young.get(key) ?? old.get(key) ?? make(publicKey)
    if (found === undefined || young.has(key)) return found
    if (young.size >= countMax) {
      old = young
      young = new Map()
    }
    young.set(key, found)
    return found
  }
}

const isSized = (bytes: Uint8Array, size: number | undefined): boolean =>
  bytes instanceof Uint8Array && (size === undefined || bytes.length === size)

const checkedSeed = (seed: Uint8Array): Uint8Array => {
  if (seed.length !== SEED_BYTES) {
    throw new Fault('key/wrong-size', `a secret has ${SEED_BYTES} bytes, not ${seed.length}`)
  }
  return seed
}
