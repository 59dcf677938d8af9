/**
 * Emits `dist` of the published packages: JavaScript, file by file, and declarations for the doors.
 *
 * The JavaScript is minified file by file, because an installed package has a limit in bytes; the sources are in the
 * repository. Docstrings are in the declarations of what stands behind a door (but for bytes, state tree, simulator and
 * the command). Folders that no door leads to have no declarations: nobody can import them.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { transformSync } from 'esbuild'

const root = join(import.meta.dirname, '..')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
/** Doors whose declarations are published without docstrings, for their size. */
const BARE_DOORS = ['base', 'command', 'sim', 'state']

const compile = (folder: string): void => {
  const project = join(folder, 'tsconfig.build.json')
  const run = spawnSync(process.execPath, [tsc, '-p', project], { stdio: 'inherit' })
  if (run.status !== 0) process.exitCode = run.status ?? 1
}

const minify = (dist: string): void => {
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
}

/** The declarations that a declaration names, and those that they name. */
const reachable = (path: string, found: Set<string>): void => {
  if (found.has(path) || !existsSync(path)) return
  found.add(path)
  for (const [, to = ''] of readFileSync(path, 'utf8').matchAll(/['"](\.[^'"]+)\.[jt]s['"]/g)) {
    reachable(join(dirname(path), `${to}.d.ts`), found)
  }
}

/** Takes away declarations behind no door, and docstrings where a door is published without. */
const trimDeclarations = (dist: string): void => {
  const doors = globSync('exports/*.d.ts', { cwd: dist }).map((name) => join(dist, name))
  const kept = new Set<string>()
  for (const door of doors) reachable(door, kept)
  const documented = new Set(
    doors
      .filter((door) => !BARE_DOORS.some((name) => door.endsWith(`exports/${name}.d.ts`)))
      .flatMap((door) => [
        door,
        ...[...readFileSync(door, 'utf8').matchAll(/from '(\.\.\/[^']+)\.[jt]s'/g)].map(
          ([, to = '']) => join(dirname(door), `${to}.d.ts`),
        ),
      ]),
  )
  for (const name of globSync('**/*.d.ts', { cwd: dist })) {
    const path = join(dist, name)
    if (!kept.has(path)) rmSync(path)
    else if (!documented.has(path)) {
      writeFileSync(path, readFileSync(path, 'utf8').replaceAll(/\/\*\*[\s\S]*?\*\/\s*/g, ''))
    }
  }
}

for (const name of ['tallystick', 'node']) {
  const folder = join(root, 'packages', name)
  const dist = join(folder, 'dist')
  // A file whose source is gone must not be published.
  rmSync(dist, { recursive: true, force: true })
  compile(folder)
  minify(dist)
  trimDeclarations(dist)
}
const command = join(root, 'packages/tallystick/dist/cli/main.js')
if (existsSync(command)) chmodSync(command, 0o755)
