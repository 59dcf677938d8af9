import { type ViteUserConfig, defineConfig } from 'vitest/config'

const slow = process.env['TALLYSTICK_SLOW'] === '1'

/** Slow tests (`test/slow`) run with TALLYSTICK_SLOW=1 only. */
const config: ViteUserConfig = defineConfig({
  test: {
    include: ['packages/*/test/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(slow ? [] : ['**/test/slow/**'])],
    pool: 'threads',
    // The tests share no state; starting each file afresh would cost ten times as much.
    isolate: false,
    testTimeout: slow ? 600_000 : 20_000,
  },
})

export default config
