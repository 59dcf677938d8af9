/**
 * Signatures that are checked on the main thread, where there is no other: some after each other, between the turns of the event loop.
 *
 * Checking one in the middle of each request that brings it costs more: what requests are read and answered with leaves the
 * processor's caches for each of them. `CHECKS_MAX` is for how long nobody else is answered.
 */
import type { Verifier } from 'tallystick/base'
import type { GoodSignature } from './lane-order.ts'

export type ChecksHere = {
  readonly check: (checks: readonly GoodSignature[]) => Promise<readonly boolean[]>
}

/** Some milliseconds of them. */
const CHECKS_MAX = 8

type Waiting = {
  readonly check: GoodSignature
  readonly settle: (good: boolean) => void
  readonly fail: (error: unknown) => void
}

export const createChecksHere = (verifier: Verifier): ChecksHere => {
  const waiting: Waiting[] = []
  let isDue = false
  const work = (): void => {
    for (const { check, settle, fail } of waiting.splice(0, CHECKS_MAX)) {
      try {
        settle(isGood(verifier, check))
      } catch (error) {
        fail(error)
      }
    }
    isDue = waiting.length > 0
    if (isDue) setImmediate(work)
  }
  return {
    check: (checks) => {
      const found = checks.map(
        (check) => new Promise<boolean>((settle, fail) => waiting.push({ check, settle, fail })),
      )
      if (!isDue && waiting.length > 0) {
        isDue = true
        setImmediate(work)
      }
      return Promise.all(found)
    },
  }
}

const isGood = (verifier: Verifier, { publicKey, digest, signature }: GoodSignature): boolean =>
  verifier.verify('secp256k1-ecdsa', publicKey, digest, signature)
