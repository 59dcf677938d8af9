import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { type ViteUserConfig, defineConfig } from 'vitest/config'

const slow = process.env['TALLYSTICK_SLOW'] === '1'

/** Slow tests (`test/slow`) run with TALLYSTICK_SLOW=1 only. */
/** The doors of the workspaces are their sources, as `scripts/source.mjs` has it for programs. */
const door = (name: string, folder: string): { find: RegExp; replacement: string }[] => [
  {
    find: new RegExp(`^${name}$`),
    replacement: `${import.meta.dirname}/packages/${folder}/src/exports/index.ts`,
  },
  {
    find: new RegExp(`^${name}/([a-z-]+)$`),
    replacement: `${import.meta.dirname}/packages/${folder}/src/exports/$1.ts`,
  },
]

// Threads and processes that tests start read the sources and take their types away, each anew: a third of what a guardian or a store
// costs here. What one of them has compiled the others need not.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'tmp/compiled')

const config: ViteUserConfig = defineConfig({
  resolve: { alias: [...door('tallystick', 'tallystick'), ...door('@tallystick/node', 'node')] },
  test: {
    include: ['packages/*/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(slow ? [] : ['**/test/slow/**'])],
    pool: 'threads',
    // The tests share no state; starting each file afresh would cost ten times as much.
    isolate: false,
    // Many tests wait for processes that they start or for time to pass, so even two cores have work for three.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // Long enough for a busy machine: a test that hangs is found as well after a minute.
    testTimeout: slow ? 600_000 : 60_000,
  },
})

export default config
