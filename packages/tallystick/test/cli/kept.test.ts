/** The processes that stories run their commands in (`scripts/kept.ts`) do what a process of its own does. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { type Asked, runAlone, runKept } from '../../../../scripts/kept.ts'
import { MAIN } from './spawn.ts'

const places = ['here', 'there'].map((name) => mkdtempSync(join(tmpdir(), `tallystick-${name}-`)))
const [here = '', there = ''] = places
afterAll(() => places.forEach((one) => rmSync(one, { recursive: true })))

const asked = (cwd: string, ...args: readonly string[]): Asked => ({
  args,
  cwd,
  env: { ...process.env, NO_COLOR: '1', TALLY_HOME: join(cwd, 'home') },
})

describe('a kept process', () => {
  test.each([
    [['--version']],
    [['--help']],
    [['verify', 'nothing.tally']],
    [['verify', 'nothing.tally', '--json']],
    [['id', 'show']],
    [['show', '--nonsense']],
  ])('prints and returns for %j what a process of its own does', async (args) => {
    const of = asked(here, ...args)
    const [kept, alone] = [await runKept(MAIN, of), await runAlone(MAIN, of)]
    expect(kept).toEqual(alone)
    expect(kept.out + kept.err).not.toBe('')
  })

  test('has the folder and the home of each command, one after the other', async () => {
    const named = async (cwd: string): Promise<string> =>
      (await runKept(MAIN, asked(cwd, 'id', 'show'))).out
    expect(await named(here)).not.toContain(there)
    writeFileSync(join(there, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
    const made = ['id', 'new', '--name', 'tess', '--passphrase-file', 'passphrase']
    expect((await runKept(MAIN, asked(there, ...made))).code).toBe(0)
    expect(await named(there)).toContain('tess')
    expect(await named(here)).not.toContain('tess')
  })

  test('runs as many commands side by side as it is asked to', async () => {
    const ended = await Promise.all(places.map((one) => runKept(MAIN, asked(one, '--version'))))
    expect(ended.map((one) => one.code)).toEqual([0, 0])
  })
})

describe('a program in a kept process', () => {
  const program = (text: string): string => {
    const path = join(here, 'program.mjs')
    writeFileSync(path, text)
    return path
  }

  test('is over when nothing of it is left, not when it returns', async () => {
    const path = program(
      "setTimeout(() => { process.stdout.write('late'); process.exitCode = 2 }, 100)",
    )
    expect(await runKept(path, asked(here))).toEqual({ code: 2, out: 'late', err: '' })
  })

  test('that fails ends alone, with what it says', async () => {
    const ended = await runKept(program("throw new Error('broken')"), asked(here))
    expect(ended.code).toBe(1)
    expect(ended.err).toContain('broken')
    expect((await runKept(MAIN, asked(here, '--version'))).code).toBe(0)
  })
})
