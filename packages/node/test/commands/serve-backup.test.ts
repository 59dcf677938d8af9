/** What a backup is worth: the store of a guardian copied while it works, and put back. */
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at, textAt } from '../guardian/look.ts'
import { callAt, partyAt, payment, settle } from '../guardian/town.ts'
import { temporaryFolder } from '../store/temporary.ts'
import { type Running, start, tally } from './spawn.ts'

const [alice, bob] = [partyAt(0), partyAt(1)]
let folder: string
const running: Running[] = []
beforeAll(() => {
  folder = temporaryFolder()
})
afterAll(async () => {
  for (const one of running) await stop(one)
  rmSync(folder, { recursive: true, force: true })
})

type Served = { readonly running: Running; readonly url: string; readonly said: unknown }

const serve = async (): Promise<Served> => {
  const argv = ['serve', 'guardian', '--dev', '--port', '0', '--data', 'data', '--json']
  const one = start(folder, ...argv)
  running.push(one)
  const said: unknown = JSON.parse(await one.until(/\}\n$/))
  return { running: one, url: textAt(said, 'url'), said }
}

const stop = async (one: Running): Promise<void> => {
  one.process.kill('SIGTERM')
  await one.ended
}

const putBack = (copy: string): void => {
  for (const end of ['', '-wal', '-shm']) {
    rmSync(join(folder, 'data', `store.db${end}`), { force: true })
  }
  copyFileSync(join(folder, copy), join(folder, 'data', 'store.db'))
}

describe('tally serve backup', () => {
  test('copies a store in use; put back beside its guard it has what came after the copy, and without it nothing new', async () => {
    const first = await serve()
    await settle(first.url, payment(alice, bob.id, 1n, 0n))
    const copied = await tally(folder, 'serve', 'backup', '--data', 'data', '-o', 'monday.db')
    expect(copied.code, copied.err).toBe(0)
    const again = await tally(folder, 'serve', 'backup', '--data', 'data', '-o', 'monday.db')
    expect(again.code).toBe(3)
    expect(again.err).toContain('there already')
    const later = payment(alice, bob.id, 2n, 1n)
    const receipt = JSON.stringify(await settle(first.url, later))
    await stop(first.running)

    putBack('monday.db')
    const second = await serve()
    expect(at(second.said, 'readiness')).toBe('ready')
    const hash = `0x${later.hash}`
    const { result } = await callAt(second.url, 'moi.InteractionReceipt', { hash })
    expect(JSON.stringify(result)).toBe(receipt)
    await settle(second.url, payment(alice, bob.id, 3n, 2n))
    await stop(second.running)

    rmSync(join(folder, 'data', 'guard'))
    const third = await serve()
    expect(at(third.said, 'readiness')).toBe('quarantined')
    const known = await callAt(third.url, 'moi.InteractionReceipt', { hash })
    expect(JSON.stringify(known.result)).toBe(receipt)
    await expect(settle(third.url, payment(alice, bob.id, 4n, 3n))).rejects.toThrow('not now')
  }, 300_000)

  test('says where there is nothing to copy', async () => {
    const none = await tally(folder, 'serve', 'backup', '--data', 'nowhere', '-o', 'none.db')
    expect(none.code).toBe(3)
    expect(none.err).toContain('there is no store in nowhere')
  })
})
