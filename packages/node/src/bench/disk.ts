/** How long the disk takes to sync, and what processor time, measured beside a load in the same run. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quantileOf } from './load.ts'
import { spentHere } from './processor.ts'

const SYNCS = 300
const SYNC_BYTES = 4096

export type Syncs = {
  readonly latenciesMs: readonly number[]
  /** Processor time of one, without the write before it, seconds; the median, since what else the disk does makes some dearer. */
  readonly seconds: number
}

/** Syncs of 4 KiB to the disk that the operators' data lies on. What a batch of vows syncs is more, and takes no less. */
export const measureSyncs = (): Syncs => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-sync-'))
  const file = openSync(join(folder, 'log'), 'w')
  const bytes = new Uint8Array(SYNC_BYTES)
  try {
    const spent: number[] = []
    const latenciesMs = Array.from({ length: SYNCS }, () => {
      const begun = performance.now()
      writeSync(file, bytes)
      const { main } = spentHere()
      fdatasyncSync(file)
      spent.push(spentHere().main - main)
      return performance.now() - begun
    })
    return { latenciesMs, seconds: quantileOf(spent, 0.5) }
  } finally {
    closeSync(file)
    rmSync(folder, { recursive: true, force: true })
  }
}
