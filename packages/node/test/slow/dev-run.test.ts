/** `scripts/run.mjs tally dev` from the sources: five processes, each of which reads all of them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startFromSources } from '../commands/spawn.ts'

const PATIENCE_MS = 120_000

describe('scripts/run.mjs tally dev', () => {
  test(
    'passes SIGTERM on, and stops every operator in order, none of which it then reports as lost',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tallystick-dev-run-'))
      const run = startFromSources(folder, 'dev', '--port', '0', '--dir', folder)
      const out = await run.until(/\nnext: /)
      const pids = [...out.matchAll(/ process (\d+)/g)].map(([, pid]) => Number(pid))
      expect(pids).toHaveLength(4)
      run.process.kill('SIGTERM')
      // As a terminal and npm do, both of which tell it.
      run.process.kill('SIGTERM')
      expect(await run.ended).toBe(0)
      expect(run.out()).toMatch(/Stopping …\s*$/)
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow()
      rmSync(folder, { recursive: true, force: true })
    },
    PATIENCE_MS,
  )
})
