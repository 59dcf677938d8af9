/** `scripts/run.mjs tally dev` from the sources: five processes, each of which reads all of them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const PATIENCE_MS = 120_000
const RUN = join(import.meta.dirname, '../../../../scripts/run.mjs')

describe('scripts/run.mjs tally dev', () => {
  test(
    'passes SIGTERM on, and stops every operator in order, none of which it then reports as lost',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tallystick-dev-run-'))
      const run = spawn(process.execPath, [RUN, 'tally', 'dev', '--port', '0', '--dir', folder], {
        env: { ...process.env, NO_COLOR: '1' },
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const ended = once(run, 'exit')
      let out = ''
      run.stdout.on('data', (part: Buffer) => (out += part.toString()))
      await expect.poll(() => out, { timeout: 90_000 }).toMatch(/\nnext: /)
      const pids = [...out.matchAll(/ process (\d+)/g)].map(([, pid]) => Number(pid))
      expect(pids).toHaveLength(4)
      run.kill('SIGTERM')
      // As a terminal and npm do, both of which tell it.
      run.kill('SIGTERM')
      expect(await ended).toEqual([0, null])
      expect(out).toMatch(/Stopping …\s*$/)
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow()
      rmSync(folder, { recursive: true, force: true })
    },
    PATIENCE_MS,
  )
})
