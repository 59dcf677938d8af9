/** What this machine allows at most: its signatures, and its disk's syncs. Measured beside the load, in the same run. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { engine } from './payer.ts'

const CHECKS = 2000
const SYNCS = 300
const SYNC_BYTES = 4096

export type SignatureCost = { readonly signSeconds: number; readonly verifySeconds: number }

/** Processor time of one Ed25519 signature and of one check, as the operators and the client do them. */
export const signatureCost = (): SignatureCost => {
  const pair = engine.fromSeed('ed25519', new Uint8Array(32).fill(7))
  const message = new Uint8Array(32)
  const signature = engine.sign('ed25519', pair.secret, message)
  const signSeconds = cpuSecondsOf(() => engine.sign('ed25519', pair.secret, message))
  const verifySeconds = cpuSecondsOf(() =>
    engine.verify('ed25519', pair.publicKey, message, signature),
  )
  return { signSeconds, verifySeconds }
}

const cpuSecondsOf = (run: () => unknown): number => {
  const before = process.cpuUsage()
  for (let at = 0; at < CHECKS; at++) run()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1e6 / CHECKS
}

/**
 * Certified steps in a second if signatures were all that there is to do: for each step the owner signs, n operators check
 * that and sign, and the client checks k receipts; spread over all cores.
 */
export const signatureLimit = (cost: SignatureCost, n: number, k: number): number =>
  availableParallelism() / ((1 + n) * cost.signSeconds + (n + k) * cost.verifySeconds)

/** Milliseconds of a sync of 4 KiB to the disk that the operators' data lies on, each. */
export const syncLatenciesMs = (): readonly number[] => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-sync-'))
  const file = openSync(join(folder, 'log'), 'w')
  const bytes = new Uint8Array(SYNC_BYTES)
  try {
    return Array.from({ length: SYNCS }, () => {
      const before = performance.now()
      writeSync(file, bytes)
      fdatasyncSync(file)
      return performance.now() - before
    })
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true, force: true })
  }
}
