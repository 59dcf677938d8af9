/**
 * Runs every file of `examples/` as a reader would and compares the last line it prints with the last line of the
 * file, a comment of the form `// prints: …`. An example has at most 60 lines: a longer one explains too much at once.
 *
 * Examples import the package by its name, so they show the built doors: run `npm run build` before.
 */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..')
const LINES_MAX = 60

/** Undefined when the example does what it says. */
const complaintAbout = (path: string): string | undefined => {
  const lines = readFileSync(join(root, path), 'utf8').trimEnd().split('\n')
  const promised = /^\/\/ prints: (.+)$/.exec(lines.at(-1) ?? '')?.[1]
  if (promised === undefined) return 'its last line is no comment "// prints: …"'
  if (lines.length > LINES_MAX)
    return `it has ${lines.length} lines, at most ${LINES_MAX} are allowed`
  const run = spawnSync(process.execPath, [path], { cwd: root, encoding: 'utf8' })
  if (run.status !== 0) return `it ended with ${run.status}\n${run.stderr}`
  const printed = run.stdout.trimEnd().split('\n').at(-1)
  return printed === promised
    ? undefined
    : `it printed "${printed}" where it promises "${promised}"`
}

let failed = 0
for (const path of globSync('examples/*.ts', { cwd: root }).toSorted()) {
  const complaint = complaintAbout(path)
  if (complaint !== undefined) failed++
  console.log(complaint === undefined ? `ok   ${path}` : `FAIL ${path}: ${complaint}`)
}
process.exitCode = failed === 0 ? 0 : 1
