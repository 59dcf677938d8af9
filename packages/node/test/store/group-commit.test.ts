/** Many commits share one sync: counted by the tracer, not by what a setting says. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { withFolder } from './temporary.ts'
import { readTrace, traced, traceUntil, withoutStrace } from './trace.ts'

const missing = withoutStrace()

describe.skipIf(missing !== undefined)(
  `group commit${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    test('syncs the log of the database once for many commits, and not less than once for each batch', () =>
      withFolder(async (folder) => {
        const data = join(folder, 'data')
        mkdirSync(data, { mode: 0o700 })
        const log = join(folder, 'trace')
        const writer = join(import.meta.dirname, 'writer.ts')
        const command = [process.execPath, '--no-warnings', writer, 'sqlite', '-', data, '0']
        await traceUntil([...traced(log), ...command], 400)
        const calls = readTrace(log, data)
        const said = calls.filter(({ is }) => is === 'said').length
        const syncs = calls.filter(
          (call) => call.is === 'sync' && call.path.endsWith('store.db-wal'),
        )
        const guarded = calls.filter((call) => call.is === 'sync' && call.path.endsWith('guard'))
        // Eight are in flight, so that a batch has eight at most.
        expect(said / syncs.length).toBeGreaterThan(2.5)
        expect(said / syncs.length).toBeLessThanOrEqual(8.5)
        expect(said / guarded.length).toBeGreaterThan(2)
      }))
  },
)
