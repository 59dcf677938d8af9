/** How long the disk takes to sync, measured beside a load in the same run. */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const SYNCS = 300
const SYNC_BYTES = 4096

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
