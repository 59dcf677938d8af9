/**
 * Signature checks of an operator: beside the main thread, in fair turns, and never twice for the same bad bytes.
 *
 * Promise. A check is made for exactly the key, the digest and the signature that are named: what is remembered of a failure
 * is the hash of all three, so nobody can have somebody else's good signature refused by sending a bad one first. Good
 * signatures are not remembered. Where too much waits, the answer is `busy` and says nothing about the signature.
 */
import { hash as nodeHash } from 'node:crypto'
import { concatBytes, type SignerKey, signerKey } from 'tallystick/base'
import type { PreparedKey } from 'tallystick/engine-native'
import { setBounded } from './bounded-map.ts'
import { createFairQueue } from './fair-queue.ts'
import type { ServerLimits } from './limits.ts'

export type CheckResult = 'good' | 'bad' | 'busy'

export type SignatureChecks = {
  /** `line` names who waits: the one whose turn it is. */
  readonly check: (
    line: string,
    key: PreparedKey & SignerKey,
    digest: Uint8Array,
    signature: Uint8Array,
  ) => Promise<CheckResult>
  readonly waiting: () => number
  readonly failures: () => number
}

export const createSignatureChecks = (limits: ServerLimits): SignatureChecks => {
  const queue = createFairQueue({
    running: limits.checksRunning,
    waiting: limits.checksWaiting,
    waitingEach: limits.checksWaitingEach,
  })
  const failures = new Map<string, true>()
  return {
    check: async (line, key, digest, signature) => {
      // While nothing has failed there is nothing to look up.
      if (failures.size > 0 && failures.has(nameOf(key, digest, signature))) return 'bad'
      const isGood = await queue.run(line, () => key.verify(digest, signature))
      if (isGood === undefined) return 'busy'
      if (!isGood) {
        setBounded(failures, nameOf(key, digest, signature), true, limits.failuresKept)
      }
      return isGood ? 'good' : 'bad'
    },
    waiting: queue.waiting,
    failures: () => failures.size,
  }
}

const nameOf = (key: SignerKey, digest: Uint8Array, signature: Uint8Array): string =>
  nodeHash('sha256', concatBytes(signerKey.encode(key), digest, signature), 'base64')
