/**
 * What a newcomer waits for and stores: a demo from a cold process, and the bytes of this installation. The time to
 * install is the package manager's and is measured where the package is packed (`npm run smoke` in the repository).
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { isJsonObject, jsonCount, jsonFromText, jsonObjectWith } from '../forms/strict-json.ts'
import { atMost, type Figure, figureFrom, knownFigure } from './figure.ts'
import type { Rounds } from './harness.ts'

const ROUNDS_MAX = 5

export const benchCold = ({ rounds }: Rounds): readonly Figure[] => {
  const command = commandPath()
  if (!command) return []
  const folder = mkdtempSync(join(tmpdir(), 'tally-bench-'))
  try {
    const seconds = Array.from({ length: Math.min(rounds, ROUNDS_MAX) }, () =>
      coldRun(command, folder),
    )
    return [
      figureFrom(
        { id: 'cold', name: 'demo market, a fresh process', unit: 's', goal: atMost(15) },
        seconds,
      ),
      ...sizes(),
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Seconds by the clock on the wall. Raises an error if the demo fails. */
const coldRun = (command: string, folder: string): number => {
  const before = performance.now()
  const done = spawnSync(process.execPath, [command, 'demo', 'market'], { cwd: folder })
  if (done.status !== 0) throw new Error(`the demo ended with ${done.status}`)
  return (performance.now() - before) / 1000
}

/** The command beside this file: TypeScript in the repository, JavaScript where it was installed. */
const commandPath = (): string | undefined =>
  ['../cli/main.ts', '../cli/main.js']
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(path))

/** Bytes of this package where it is installed, or of the verifier as recorded where it is developed. */
const sizes = (): readonly Figure[] => {
  const here = dirname(fileURLToPath(import.meta.url))
  const record = join(here, '../../../../scripts/sizes.json')
  if (!existsSync(record)) {
    const bytes = bytesBelow(join(here, '..'))
    return [knownFigure({ id: 'cold', name: 'this package, installed', unit: 'bytes' }, bytes)]
  }
  return recordedSizes(readFileSync(record, 'utf8'))
}

const GOALS: Readonly<Record<string, number>> = {
  'nostr and evm': 30_000,
  'nostr, evm and quantum': 40_000,
}

const recordedSizes = (text: string): readonly Figure[] => {
  const record = jsonFromText(text)
  if (!isJsonObject(record)) return []
  return Object.entries(record).flatMap(([name, sizes]) => {
    const { minified, gzipped } = jsonObjectWith(sizes, ['minified', 'gzipped'], name)
    const goal = GOALS[name]
    const what = {
      id: 'cold',
      unit: 'bytes',
      note: 'as recorded by scripts/pack-check.ts',
    } as const
    return [
      knownFigure(
        {
          ...what,
          name: `verifier for ${name}, minified`,
          ...(goal ? { goal: atMost(goal) } : {}),
        },
        jsonCount(minified, name),
      ),
      knownFigure({ ...what, name: `verifier for ${name}, gzipped` }, jsonCount(gzipped, name)),
    ]
  })
}

const bytesBelow = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)
