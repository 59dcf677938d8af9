/** A guardian that keeps two books, as its users find out, and one that was stopped and started again, of whom nothing is said. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listAt, textAt } from '../guardian/look.ts'
import { temporaryFolder } from '../store/temporary.ts'
import { type Ended, type Running, start, tally } from './spawn.ts'

let folder: string
const running: Running[] = []
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(async () => {
  for (const one of running) await stop(one)
  rmSync(folder, { recursive: true, force: true })
})

type Served = { readonly running: Running; readonly url: string; readonly bob: string }

const serve = async (data: string): Promise<Served> => {
  const argv = ['serve', 'guardian', '--dev', '--port', '0', '--data', data, '--json']
  const one = start(folder, ...argv)
  running.push(one)
  const said: unknown = JSON.parse(await one.until(/\}\n$/))
  const [, , bob] = listAt(said, 'accounts')
  return { running: one, url: textAt(said, 'url'), bob: textAt(bob, 'id') }
}

const stop = async (one: Running): Promise<void> => {
  one.process.kill('SIGTERM')
  await one.ended
}

const pay = async ({ url, bob }: Served, amount: number): Promise<void> => {
  const sent = await tally(folder, 'moi', 'transfer', bob, `${amount}`, '--dev', '--url', url)
  expect(sent.code, sent.err).toBe(0)
}

const prove = async ({ url, bob }: Served, file: string): Promise<string> => {
  const kept = await tally(folder, 'moi', 'balance', bob, '--proof', '-o', file, '--url', url)
  expect(kept.code, kept.err).toBe(0)
  return file
}

const fork = (...args: readonly string[]): Promise<Ended> => tally(folder, 'fork', 'show', ...args)

describe('balances that one guardian proves', () => {
  test('convict it where two of one height differ, and not where it went on after a stop', async () => {
    const first = await serve('north')
    await pay(first, 1)
    const early = await prove(first, 'early.tally')
    await stop(first.running)
    // What a guardian does that wants to tell two stories: a copy of all that it keeps.
    cpSync(join(folder, 'north'), join(folder, 'south'), { recursive: true })
    const north = await serve('north')
    await pay(north, 10)
    const later = await prove(north, 'later.tally')
    const honest = await fork(early, later, '-o', 'none.tally')
    expect(honest.out).toContain('no guardian is shown to have sealed two steps')
    expect(honest.code).toBe(0)
    const south = await serve('south')
    await pay(south, 11)
    const other = await prove(south, 'other.tally')
    // Each of them is good by itself.
    for (const file of [early, later, other]) {
      expect((await tally(folder, 'verify', file)).code).toBe(0)
    }
    const caught = await fork(early, later, other, '-o', 'proof.tally')
    expect(caught.code).toBe(1)
    expect(caught.out).toContain(`at account ${north.bob}`)
    const checked = await tally(folder, 'verify', 'proof.tally')
    expect(checked.code).toBe(0)
    expect(checked.out).toContain('sealed two different steps at one place')
  }, 300_000)
})
