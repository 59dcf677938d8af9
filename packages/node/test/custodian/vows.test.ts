import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { idFromHex } from 'tallystick/base'
import type { Transition, Vote } from 'tallystick/kernel'
import { checkWhole, CUSTODIAN_VOWS, newVows, vowAppend } from '../../src/custodian/vows.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { openGuardedSqlite } from '../../src/store/open.ts'
import { STORE_FILE } from '../../src/store/sqlite.ts'
import { withFolder } from '../store/temporary.ts'

const child = (state: string): Transition => ({
  machine: idFromHex('a1'.repeat(32)),
  sequence: 1n,
  parent: idFromHex('b2'.repeat(32)),
  interaction: idFromHex('c3'.repeat(32)),
  state: idFromHex(state.repeat(32)),
  entropy: idFromHex('d4'.repeat(32)),
})
const vote = (state: string, changes: Partial<Vote> = {}): Vote => ({
  is: 'vote',
  transition: child(state),
  round: 0,
  phase: 'commit',
  cited: 1,
  time: 5n,
  ...changes,
})

describe('the journal of vows', () => {
  test('has room for one child at each place', async () => {
    const store = createMemoryStore()
    const first = vowAppend('nostr', vote('01'), 1n)
    await store.commit({ appends: [first], puts: [] })
    expect(await newVows(store, [first])).toEqual([])
    const other = vowAppend('nostr', vote('02'), 1n)
    await expect(newVows(store, [other])).rejects.toThrow('another child')
    const later = vowAppend('nostr', vote('02', { round: 1 }), 1n)
    expect(await newVows(store, [later])).toEqual([later])
    const held = vowAppend('nostr', vote('02', { phase: 'hold' }), 1n)
    expect(await newVows(store, [held])).toEqual([held])
  })

  test('takes the same child again with another time: an attested time is no second child', async () => {
    const store = createMemoryStore()
    await store.commit({ appends: [vowAppend('nostr', vote('01'), 1n)], puts: [] })
    expect(await newVows(store, [vowAppend('nostr', vote('01', { time: 9n }), 2n)])).toEqual([])
  })

  test('is not gone on with once its store was set back, at no later start either', () =>
    withFolder(async (folder) => {
      const add = (state: string, round: number) => ({
        appends: [vowAppend('nostr', vote(state, { round }), 1n)],
        puts: [],
      })
      const before = await openGuardedSqlite(folder, CUSTODIAN_VOWS)
      await before.commit(add('01', 0))
      await checkWhole(before)
      await before.backup(join(folder, 'copy'))
      await before.commit(add('02', 1))
      await before.close()
      for (const end of ['', '-wal', '-shm'])
        rmSync(join(folder, `${STORE_FILE}${end}`), { force: true })
      copyFileSync(join(folder, 'copy'), join(folder, STORE_FILE))
      for (let start = 0; start < 2; start++) {
        const again = await openGuardedSqlite(folder, CUSTODIAN_VOWS)
        await expect(checkWhole(again)).rejects.toThrow('older than what was signed')
        await again.close()
      }
    }))
})
