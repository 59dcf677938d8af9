/** A guardian whose disk is full for a while. */
import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { noDisk, withDisk } from '../store/small-disk.ts'
import { at } from './look.ts'
import {
  callAt,
  closeGuardian,
  openGuardian,
  partyAt,
  payment,
  receiptAt,
  send,
  settle,
  type SignedDraft,
} from './town.ts'

const [alice, bob, carol] = [partyAt(0), partyAt(1), partyAt(2)]

const readyAt = async (url: string): Promise<string> =>
  (await (await fetch(`${url}/readyz`)).text()).trim()

/** Waits until something holds; the suite's own limit ends it. */
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20))
}

/** Takes all room of a disk, in a file that can be removed. */
const fill = (disk: string): (() => void) => {
  const filler = join(disk, 'filler')
  const file = openSync(filler, 'w')
  // Block by block until none is left: the database goes on writing, so that a size that
  // was asked for beforehand may be too much.
  for (const size of [2 ** 20, 4096]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(size))
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    }
  }
  closeSync(file)
  return () => rmSync(filler)
}

describe.skipIf(noDisk !== '')(`A guardian on a disk that is full${noDisk}`, () => {
  test(
    'keeps what it took in, acknowledges nothing of it, and goes on by itself when there is room',
    () =>
      withDisk('64m', async (folder, disk) => {
        const limits = { receiptWaitMs: 100, poolMs: 1500 }
        const first = await openGuardian({ folder, limits })
        const { url } = first
        expect(at(await settle(url, payment(alice, bob.id, 1n, 0n)), 'status')).toBe(0)
        const empty = fill(disk)
        // What the files have room for already is still stored.
        let sequence = 1n
        const sent: SignedDraft[] = []
        await until(async () => {
          const one = payment(alice, bob.id, 1n, sequence)
          const { error } = await send(url, one)
          if (!error) {
            sent.push(one)
            sequence += 1n
          }
          return (await readyAt(url)) !== 'ready'
        })
        expect(await readyAt(url)).toBe('full')
        expect(first.failure()).toBeUndefined()
        const refused = await send(url, payment(carol, bob.id, 1n, 0n))
        expect(refused.error?.data).toMatchObject({ reason: 'later' })
        const last = sent.at(-1)
        if (!last) throw new Error('one was taken in')
        const waiting = (): Promise<unknown> =>
          callAt(url, 'moi.InteractionReceipt', { hash: `0x${last.hash}` })
        expect(await waiting()).toMatchObject({ error: { message: 'interaction pending' } })
        // Reads are answered, and show what is durable.
        const { store, context } = first
        expect((await store.head('guardian/interactions')).size).toBe(context.lattice.size())
        // Longer than anything may wait for its turn while there is room.
        await new Promise((resolve) => setTimeout(resolve, 2500))
        expect(await waiting()).toMatchObject({ error: { message: 'interaction pending' } })
        empty()
        for (const one of sent) expect(at(await receiptAt(url, `0x${one.hash}`), 'status')).toBe(0)
        expect(await readyAt(url)).toBe('ready')
        expect(at(await settle(url, payment(carol, bob.id, 1n, 0n)), 'status')).toBe(0)
        const size = context.lattice.size()
        await closeGuardian(first)
        const again = await openGuardian({ folder, limits })
        expect(again.context.lattice.size()).toBe(size)
        expect(await again.context.lattice.certified()).toBe(size)
        for (const one of sent) {
          expect(at(await receiptAt(again.url, `0x${one.hash}`), 'status')).toBe(0)
        }
        await closeGuardian(again)
      }),
    120_000,
  )

  test(
    'can be stopped, and begins again with what was durable',
    () =>
      withDisk('64m', async (folder, disk) => {
        const first = await openGuardian({ folder, limits: { receiptWaitMs: 100 } })
        const empty = fill(disk)
        let sequence = 0n
        await until(async () => {
          const { error } = await send(first.url, payment(alice, bob.id, 1n, sequence))
          sequence += 1n
          return error !== undefined || (await readyAt(first.url)) !== 'ready'
        })
        const size = first.context.lattice.size()
        await closeGuardian(first)
        empty()
        const again = await openGuardian({ folder })
        // What was on its way may have come to be stored, and was told to nobody.
        expect(again.context.lattice.size()).toBeGreaterThanOrEqual(size)
        expect(again.readiness()).toBe('ready')
        const next = await again.context.views.at(alice.id, { is: 'latest' })
        expect(at(await settle(again.url, payment(alice, bob.id, 1n, next.height)), 'status')).toBe(
          0,
        )
        await closeGuardian(again)
      }),
    120_000,
  )
})
