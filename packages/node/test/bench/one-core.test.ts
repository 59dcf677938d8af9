/** Which cores a process is held to and when it is let go, over a `taskset` that notes what it is asked. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { onOneCore } from '../../src/bench/one-core.ts'
import { withFolder } from '../store/temporary.ts'

afterEach(() => vi.unstubAllEnvs())

const PID = process.pid

/** Says that the process has cores 1 to 3, and ends with this status when it is to hold it to one. */
const withTaskset = (status: number, use: (asked: () => readonly string[]) => Promise<void>) =>
  withFolder(async (folder) => {
    const [program, notes] = [join(folder, 'taskset'), join(folder, 'notes')]
    const text = `#!/bin/sh
echo "$@" >> '${notes}'
[ "$1" = -p ] && echo "pid $2's current affinity mask: e"
[ "$3" = 2 ] && exit ${status}
exit 0
`
    writeFileSync(program, text)
    chmodSync(program, 0o755)
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`)
    await use(() => readFileSync(notes, 'utf8').trim().split('\n'))
  })

test('a process is held to its first core, with all its threads, and then has all of them again', () =>
  withTaskset(0, async (asked) => {
    const before = [`-p ${PID}`, `-a -p 2 ${PID}`]
    const told = await onOneCore(async (isHeld) => ({ isHeld, asked: asked() }))
    expect(told).toEqual({ isHeld: true, asked: before })
    expect(asked()).toEqual([...before, `-a -p e ${PID}`])
  }))

test('has them again where what was measured failed', () =>
  withTaskset(0, async (asked) => {
    await expect(onOneCore(() => Promise.reject(new Error('no store')))).rejects.toThrow('no store')
    expect(asked().at(-1)).toBe(`-a -p e ${PID}`)
  }))

test('has them again at once where only some of its threads could be held, as one that ended meanwhile cannot', () =>
  withTaskset(1, async (asked) => {
    const told = await onOneCore(async (isHeld) => ({ isHeld, last: asked().at(-1) }))
    expect(told).toEqual({ isHeld: false, last: `-a -p e ${PID}` })
  }))

test('is held at the second try where a thread had ended during the first', () =>
  withFolder(async (folder) => {
    const [program, marks] = [join(folder, 'taskset'), join(folder, 'marks')]
    const text = `#!/bin/sh
[ "$1" = -p ] && echo "pid $2's current affinity mask: 3" && exit 0
echo mark >> '${marks}'
[ "$(wc -l < '${marks}')" -gt 1 ]
`
    writeFileSync(program, text)
    chmodSync(program, 0o755)
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`)
    expect(await onOneCore(async (isHeld) => isHeld)).toBe(true)
  }))

test('is not held where the system has no such program', () =>
  withFolder(async (folder) => {
    vi.stubEnv('PATH', folder)
    expect(await onOneCore(async (isHeld) => isHeld)).toBe(false)
  }))
