/** What tests have made once and can make again does not pile up, and is not taken from whoever uses it. */
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { tidyShelf, useOnShelf } from '../../../scripts/shelf.ts'

const HOUR_MS = 3_600_000
const RULE = { count: 3, usedMs: HOUR_MS }

/** A folder with one thing for each age in hours, named after it. */
const shelfOf = (hours: readonly number[]): string => {
  const shelf = mkdtempSync(join(tmpdir(), 'tallystick-shelf-'))
  onTestFinished(() => rmSync(shelf, { recursive: true, force: true }))
  for (const [at, age] of hours.entries()) {
    const path = join(shelf, `${age}`)
    // Both kinds of things that lie there.
    if (at % 2 === 0) writeFileSync(path, 'x')
    else {
      mkdirSync(path)
      writeFileSync(join(path, 'program.js'), 'x')
    }
    const time = new Date(Date.now() - age * HOUR_MS)
    utimesSync(path, time, time)
  }
  return shelf
}

const namesIn = (shelf: string): readonly string[] =>
  readdirSync(shelf).toSorted((a, b) => Number(a) - Number(b))

describe('a shelf', () => {
  test('keeps the newest, however old they are', () => {
    const shelf = shelfOf([50, 10, 40, 20, 30, 60])
    tidyShelf(shelf, RULE)
    expect(namesIn(shelf)).toEqual(['10', '20', '30'])
  })

  test('keeps all that were used within the time, and what somebody has just said to use', () => {
    const shelf = shelfOf([0.1, 0.2, 0.3, 0.4, 0.5, 20, 30])
    expect(useOnShelf(join(shelf, '30'))).toBe(true)
    tidyShelf(shelf, RULE)
    expect(namesIn(shelf)).toEqual(['0.1', '0.2', '0.3', '0.4', '0.5', '30'])
  })

  test('loses what was left half taken away', () => {
    const shelf = shelfOf([1])
    mkdirSync(join(shelf, '.gone-17-4', 'packages'), { recursive: true })
    tidyShelf(shelf, RULE)
    expect(namesIn(shelf)).toEqual(['1'])
  })

  test('that is not there is tidy, and what is not there is not in use', () => {
    const shelf = join(shelfOf([]), 'none')
    expect(() => tidyShelf(shelf, RULE)).not.toThrow()
    expect(useOnShelf(shelf)).toBe(false)
  })

  test('is tidied by several processes at once, none of which fails', async () => {
    const shelf = shelfOf(Array.from({ length: 300 }, (_, at) => at + 2))
    const script = `import { tidyShelf } from ${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../../scripts/shelf.ts')).href)}
      tidyShelf(${JSON.stringify(shelf)}, ${JSON.stringify(RULE)})`
    const codes = await Promise.all(
      Array.from(
        { length: 4 },
        () =>
          new Promise((resolve) => {
            const child = spawn(
              process.execPath,
              ['--input-type=module-typescript', '-e', script],
              { stdio: ['ignore', 'ignore', 'inherit'] },
            )
            child.once('exit', resolve)
          }),
      ),
    )
    expect(codes).toEqual([0, 0, 0, 0])
    expect(namesIn(shelf)).toEqual(['2', '3', '4'])
  })
})
