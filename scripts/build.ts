/** Emits `packages/tallystick/dist`: JavaScript and declarations, nothing bundled, nothing minified. */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const library = join(root, 'packages/tallystick')
const command = join(library, 'dist/cli/main.js')

// A file whose source is gone must not be published.
rmSync(join(library, 'dist'), { recursive: true, force: true })
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const run = spawnSync(process.execPath, [tsc, '-p', join(library, 'tsconfig.build.json')], {
  stdio: 'inherit',
})
if (existsSync(command)) chmodSync(command, 0o755)
process.exitCode = run.status ?? 1
