/**
 * Every check of `STYLE.md`, offline: `npm run check`, or `npm run check -- lint size` for some rows.
 *
 * A row names a command that must end with 0. A row whose subject does not exist yet is left out. Each row is
 * printed with the time it took; the output of a row is shown only when it fails. All rows run even when one
 * fails, so that one run tells everything.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')

type Row = {
  readonly name: string
  readonly what: string
  /** Path, from the root, without which there is nothing to check. */
  readonly needs: string
  /** Programs, each with its arguments, run one after the other until one fails. */
  readonly run: readonly (readonly string[])[]
}

const library = 'packages/tallystick'
const doors = `${library}/src/exports`
const tsc = 'node_modules/typescript/bin/tsc'
const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--reporter=dot']
const tests = `${library}/test`

const rows: readonly Row[] = [
  {
    name: 'types',
    what: 'sources, tests and scripts',
    needs: 'tsconfig.json',
    run: [[tsc, '-p', 'tsconfig.json']],
  },
  {
    name: 'pure',
    what: 'pure folders, without the types of Node or a browser',
    needs: `${library}/tsconfig.pure.json`,
    run: [[tsc, '-p', `${library}/tsconfig.pure.json`]],
  },
  {
    name: 'lint',
    what: 'layers, cycles, doors, purity, sizes, honest types; and each rule shown to bite',
    needs: '.oxlintrc.json',
    run: [
      ['node_modules/oxlint/bin/oxlint', '-c', '.oxlintrc.json', '.'],
      [...vitest, `${tests}/lint.test.ts`],
    ],
  },
  {
    name: 'format',
    what: 'oxfmt (npm run format writes)',
    needs: '.oxfmtrc.json',
    run: [['node_modules/oxfmt/bin/oxfmt', '--check', '.']],
  },
  {
    name: 'tidy',
    what: 'what no linter knows',
    needs: `${tests}/tidy.test.ts`,
    run: [[...vitest, `${tests}/tidy.test.ts`]],
  },
  {
    name: 'vectors',
    what: 'regenerated and compared',
    needs: 'scripts/vectors.ts',
    run: [['scripts/vectors.ts', '--check']],
  },
  {
    name: 'docs',
    what: 'generated and sorted pages, compared',
    needs: 'scripts/docs.ts',
    run: [
      ['scripts/docs.ts', '--check'],
      ['scripts/directory-api.ts', '--check'],
      ['scripts/moi-fuel.ts', '--check'],
      ['scripts/moi-rpc.ts', '--check'],
    ],
  },
  {
    name: 'unused',
    what: 'files, exports and packages that nothing uses (knip)',
    needs: doors,
    run: [['node_modules/knip/bin/knip.js', '--production']],
  },
  {
    name: 'package',
    what: 'builds, and its manifest is sound (publint)',
    needs: doors,
    run: [['scripts/build.ts'], ['node_modules/publint/src/cli.js', library, '--strict']],
  },
  {
    name: 'examples',
    what: 'run, and their last line compared',
    needs: 'examples',
    run: [['scripts/examples.ts']],
  },
  {
    name: 'size',
    what: 'the verifier in a page, against what is recorded',
    needs: `${doors}/verify.ts`,
    run: [['scripts/pack-check.ts']],
  },
]

const isPresent = (row: Row): boolean => existsSync(join(root, row.needs))

/** Undefined when the row passes, else what it printed. */
const failureOf = (row: Row): string | undefined => {
  for (const words of row.run) {
    const run = spawnSync(process.execPath, words, {
      cwd: root,
      env: { ...process.env, NO_COLOR: '1' },
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    if (run.status !== 0) return `${words.join(' ')}\n${run.stdout}${run.stderr}`
  }
  return undefined
}

const seconds = (fromMs: number): string => `${((performance.now() - fromMs) / 1000).toFixed(1)} s`

const main = (wanted: readonly string[]): number => {
  const unknown = wanted.filter((name) => !rows.some((row) => row.name === name))
  if (unknown.length > 0) {
    console.error(
      `No check called ${unknown.join(', ')}. There are: ${rows.map((row) => row.name).join(', ')}`,
    )
    return 3
  }
  const start = performance.now()
  const failed: string[] = []
  for (const row of rows.filter(isPresent)) {
    if (wanted.length > 0 && !wanted.includes(row.name)) continue
    const rowStart = performance.now()
    const failure = failureOf(row)
    const sign = failure === undefined ? 'ok  ' : 'FAIL'
    console.log(`${sign} ${row.name.padEnd(9)} ${seconds(rowStart).padStart(7)}  ${row.what}`)
    if (failure !== undefined) {
      failed.push(row.name)
      console.log(failure.replaceAll(/^/gm, '     '))
    }
  }
  console.log(
    failed.length === 0 ? `all passed in ${seconds(start)}` : `failed: ${failed.join(', ')}`,
  )
  return failed.length === 0 ? 0 : 1
}

process.exitCode = main(process.argv.slice(2))
