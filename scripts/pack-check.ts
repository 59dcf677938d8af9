/**
 * What the verifier costs a web page, in bytes, against what is recorded in `scripts/sizes.json`.
 *
 * Each bundle is the verifier's door with the signature schemes it names and all that they need, minified, for a
 * browser. A bundle that cannot be built for a browser fails. One that grew by more than the margin fails too, until
 * the growth is looked at and recorded with `--write`. Shrinking is free. The goal is printed beside every figure.
 * Every other door is bundled too, to show that a browser can have it; `command`, `shell`, `help` and `engine-native` alone are for Node.
 */
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, gzipSync } from 'node:zlib'
import { build } from 'esbuild'

const root = join(import.meta.dirname, '..')
const recordPath = join(import.meta.dirname, 'sizes.json')
const doors = join(root, 'packages/tallystick/src/exports')

/** Share by which a bundle may grow unseen: compilers of another platform differ in a few bytes. */
const MARGIN = 0.005

const verifier = `export { verify, createModelRegistry, createLogicRegistry } from './verify.ts'`
const engineOf = (schemes: readonly string[]): string =>
  `import { createEngine, ${schemes.join(', ')} } from './engine.ts'
   export const engine = createEngine('page', [${schemes.map((name) => `${name}()`).join(', ')}])`

const bundles: readonly {
  readonly name: string
  readonly goalBytes: number
  readonly code: string
}[] = [
  {
    name: 'nostr and evm',
    goalBytes: 30_000,
    code: `${verifier}\n${engineOf(['createBip340', 'createEcdsa'])}`,
  },
  {
    name: 'nostr, evm and quantum',
    goalBytes: 40_000,
    code: `${verifier}\n${engineOf(['createBip340', 'createEcdsa', 'createMlDsa44', 'createSlhDsa128s'])}`,
  },
]

type Size = { readonly minified: number; readonly gzipped: number }

const sizeOf = async (code: string): Promise<Size> => {
  const result = await build({
    stdin: { contents: code, resolveDir: doors, loader: 'ts' },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    legalComments: 'none',
    logLevel: 'error',
  })
  const [file] = result.outputFiles
  if (file === undefined) throw new Error('esbuild wrote nothing')
  const gzipped = gzipSync(file.contents, { level: constants.Z_BEST_COMPRESSION }).length
  return { minified: file.contents.length, gzipped }
}

/** esbuild refuses a module of Node in a bundle for a browser, and says where it is imported. */
const checkDoors = async (): Promise<void> => {
  for (const door of globSync('*.ts', { cwd: doors }).filter(
    (name) => !['command.ts', 'engine-native.ts', 'help.ts', 'shell.ts'].includes(name),
  )) {
    await sizeOf(`export * from './${door}'`)
  }
}

const readRecord = (): Readonly<Record<string, Size>> =>
  JSON.parse(readFileSync(recordPath, 'utf8')) as Record<string, Size>

const main = async (isWriting: boolean): Promise<number> => {
  const sizes: Record<string, Size> = {}
  for (const { name, code } of bundles) sizes[name] = await sizeOf(code)
  if (isWriting) writeFileSync(recordPath, `${JSON.stringify(sizes, undefined, 2)}\n`)
  await checkDoors()
  const record = readRecord()
  let grown = 0
  for (const { name, goalBytes } of bundles) {
    const { minified, gzipped } = sizes[name] ?? { minified: Infinity, gzipped: Infinity }
    const before = record[name]?.minified ?? 0
    const hasGrown = minified > before * (1 + MARGIN)
    if (hasGrown) grown++
    const facts = `${minified} bytes minified (recorded ${before}, goal ${goalBytes}), ${gzipped} gzipped`
    console.log(`${hasGrown ? 'FAIL' : 'ok  '} ${name}: ${facts}`)
  }
  if (grown > 0)
    console.log(
      'Smaller, please; or say why in the commit and record it: scripts/pack-check.ts --write',
    )
  return grown > 0 ? 1 : 0
}

process.exitCode = await main(process.argv.includes('--write'))
