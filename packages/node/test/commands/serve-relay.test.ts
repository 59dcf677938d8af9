/** The relay for trials as a command: it says where it listens and what it does not keep, carries events, and ends when it is told to. */
import { rmSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../store/temporary.ts'
import { type Running, start, tally } from './spawn.ts'

const folder = temporaryFolder()
const running: Running[] = []
afterAll(() => {
  for (const one of running) one.process.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

describe('tally serve relay', { timeout: 120_000 }, () => {
  test('listens on this machine until it is told to stop, and says that it keeps nothing', async () => {
    const one = start(folder, 'serve', 'relay', '--dev')
    running.push(one)
    const said = await one.until(/next: /)
    expect(said).toContain('forgets it at its end')
    const url = /ws:\/\/127\.0\.0\.1:[0-9]+/.exec(said)?.[0] ?? ''
    const checked = await tally(folder, 'relay-check', url)
    expect(checked.out, checked.err).toContain('tallystick, a relay for trials')
    const taken = await tally(folder, 'serve', 'relay', '--dev', '--port', url.split(':')[2] ?? '')
    expect([taken.code, taken.err.includes('is taken')]).toEqual([3, true])
    one.process.kill('SIGTERM')
    expect(await one.ended).toBe(0)
  })

  test('is none without --dev, and takes no port that is none', async () => {
    const bare = await tally(folder, 'serve', 'relay')
    expect([bare.code, bare.err.includes('--dev')]).toEqual([3, true])
    const odd = await tally(folder, 'serve', 'relay', '--dev', '--port', '70000')
    expect([odd.code, odd.err.includes('is no port')]).toEqual([3, true])
  })
})
