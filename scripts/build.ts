/**
 * Emits `packages/tallystick/dist`: JavaScript, file by file, and declarations for the doors.
 *
 * The JavaScript is minified file by file, because an installed package has a limit in bytes; the sources are in the
 * repository. Docstrings are in the declarations of what stands behind a door (but for bytes, state tree and simulator). The command's own folders have no
 * declarations: nobody can import them.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { transformSync } from 'esbuild'

const root = join(import.meta.dirname, '..')
const library = join(root, 'packages/tallystick')
const command = join(library, 'dist/cli/main.js')

// A file whose source is gone must not be published.
rmSync(join(library, 'dist'), { recursive: true, force: true })
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const run = spawnSync(process.execPath, [tsc, '-p', join(library, 'tsconfig.build.json')], {
  stdio: 'inherit',
})
const dist = join(library, 'dist')
for (const name of globSync('**/*.js', { cwd: dist })) {
  const path = join(dist, name)
  const { code } = transformSync(readFileSync(path, 'utf8'), {
    minifyWhitespace: true,
    minifySyntax: true,
    minifyIdentifiers: true,
    legalComments: 'none',
    charset: 'utf8',
    target: 'es2024',
  })
  writeFileSync(path, code)
}
for (const name of globSync('{cli,bench}/**/*.d.ts', { cwd: dist })) rmSync(join(dist, name))
const behindDoors = new Set(
  globSync('exports/!(base|sim|state).d.ts', { cwd: dist }).flatMap((name) =>
    [...readFileSync(join(dist, name), 'utf8').matchAll(/from '\.\.\/([^']+)\.[jt]s'/g)].map(
      ([, path]) => `${path ?? ''}.d.ts`,
    ),
  ),
)
for (const name of globSync('**/*.d.ts', { cwd: dist })) {
  if (behindDoors.has(name.replaceAll('\\', '/')) || name.startsWith('exports')) continue
  const path = join(dist, name)
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/\/\*\*[\s\S]*?\*\/\s*/g, ''))
}
if (existsSync(command)) chmodSync(command, 0o755)
process.exitCode = run.status ?? 1
