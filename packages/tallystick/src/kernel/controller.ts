/**
 * Controllers: who a participant is, as weighted keys and a threshold.
 *
 * Promise. A party has signed when distinct keys of its controller with enough weight have. A key counts once,
 * however often and in whatever encoding its signature is offered (attack: the same voter counted twice).
 */
import type { SignerId } from '../base/brand.ts'
import { bytes, type Codec, list, struct, text, u32 } from '../base/codec.ts'
import { Fault } from '../base/fault.ts'
import { KEYS_MAX, NAME_BYTES_MAX, PUBLIC_KEY_BYTES_MAX } from '../base/limits.ts'
import { signerId } from '../base/signer.ts'
import { type KeyUse, scheme, type SchemeId, type SuiteId, suiteTakes } from '../base/suite.ts'
import type { Verifier } from '../base/verifier.ts'
import { weightOf } from './quorum.ts'

export type Key = {
  readonly scheme: SchemeId
  readonly publicKey: Uint8Array
  readonly weight: number
}

export type Controller = {
  readonly keys: readonly Key[]
  /** Sum of weights that speaks for the party. */
  readonly threshold: number
}

export type Participant = {
  /** What people call the party; unique within a machine. Proves nothing about who it is. */
  readonly name: string
  readonly controller: Controller
}

export const key: Codec<Key> = struct<Key>({
  scheme,
  publicKey: bytes(PUBLIC_KEY_BYTES_MAX),
  weight: u32,
})

export const controller: Codec<Controller> = struct<Controller>({
  keys: list(key, KEYS_MAX),
  threshold: u32,
})

export const participant: Codec<Participant> = struct<Participant>({
  name: text(NAME_BYTES_MAX),
  controller,
})

/** A controller of one key. */
export const soleController = (schemeId: SchemeId, publicKey: Uint8Array): Controller => ({
  keys: [{ scheme: schemeId, publicKey, weight: 1 }],
  threshold: 1,
})

/** Id of a key: hash of its scheme and bytes, so that a key cannot be presented under another scheme. */
export const signerOf = (suite: SuiteId, of: Pick<Key, 'scheme' | 'publicKey'>): SignerId =>
  signerId(suite, of.scheme, of.publicKey)

/**
 * Checks a controller once, when a machine is admitted or an identity takes new keys.
 * Returns `controller/no-quorum`, `controller/duplicate-key`, `controller/wrong-scheme` or `controller/bad-key`.
 */
export const checkController = (
  suite: SuiteId,
  checked: Controller,
  verifier: Verifier,
  use: KeyUse = 'step',
): Fault | undefined => {
  const seen = new Set<string>()
  let reachable = 0
  for (const one of checked.keys) {
    if (!suiteTakes(suite, one.scheme, use)) {
      return new Fault('controller/wrong-scheme', `suite ${suite} does not accept ${one.scheme}`)
    }
    if (!verifier.acceptsKey(one.scheme, one.publicKey)) {
      return new Fault(
        'controller/bad-key',
        `${one.publicKey.length} bytes are no valid ${one.scheme} key`,
      )
    }
    const signer = signerOf(suite, one)
    if (seen.has(signer))
      return new Fault('controller/duplicate-key', `key ${signer} is listed twice`)
    seen.add(signer)
    reachable += one.weight
  }
  if (checked.threshold === 0 || reachable < checked.threshold) {
    return new Fault(
      'controller/no-quorum',
      `weights sum to ${reachable}, threshold is ${checked.threshold}`,
    )
  }
  return undefined
}

/** Whether the distinct keys at these positions carry the controller's threshold. */
export const reachesThreshold = (of: Controller, keyPositions: Iterable<number>): boolean => {
  const seats = of.keys.map((one, signer) => ({ signer, weight: one.weight }))
  return weightOf(seats, keyPositions) >= of.threshold
}
