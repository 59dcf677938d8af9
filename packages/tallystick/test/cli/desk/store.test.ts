import { existsSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { openJournal } from '../../../src/cli/desk/journal.ts'
import { type DeskStore, openFolderStore } from '../../../src/cli/desk/store.ts'
import { type RecordedInput, recordedInput } from '../../../src/models/bilateral/input.ts'
import type { LastVow } from '../../../src/models/bilateral/state.ts'
import { anId } from '../../kernel/sample.ts'
import { machine, newFolder } from './sides.ts'

const folder = newFolder()
afterAll(() => rmSync(folder, { recursive: true }))

const open = (): DeskStore => openFolderStore(folder, { machine, durable: true })
const bytes = (value: number): Uint8Array => new Uint8Array(40).fill(value)
const input = (value: number): RecordedInput => ({
  env: { now: 0n, random: new Uint8Array(32) },
  input: { is: 'message', bytes: bytes(value) },
})
const stored = (...values: readonly number[]): readonly Uint8Array[] =>
  values.map((value) => recordedInput.encode(input(value)))
const vow: LastVow = {
  parent: anId('parent'),
  sequence: 3n,
  vow: { round: 1, phase: 'abort', child: undefined, cited: 0 },
}

describe('a folder store', () => {
  test('gives back inputs, memory, steps and the last vow', () => {
    const first = open()
    expect(first.loaded).toMatchObject({ memory: undefined, inputs: [], steps: [], cut: 0 })
    first.record([input(1), input(2)], undefined)
    first.record([input(3)], vow)
    first.close()
    const second = open()
    expect(second.loaded.inputs).toEqual(stored(1, 2, 3))
    expect(second.loaded.guard).toEqual({ is: 'vow', last: vow })
    second.checkpoint(bytes(9), [bytes(11), bytes(12)])
    second.record([input(4)], undefined)
    second.close()
    const third = open()
    expect(third.loaded.memory).toEqual(bytes(9))
    expect(third.loaded.inputs).toEqual(stored(4))
    expect(third.loaded.steps).toEqual([bytes(11), bytes(12)])
    expect(third.size().since).toBeLessThan(third.size().total)
    third.close()
  })

  test('finds a lost guard missing until what follows from that is stored', () => {
    const lost = newFolder()
    const openLost = (): DeskStore => openFolderStore(lost, { machine, durable: false })
    const guardOf = (work?: (store: DeskStore) => void): unknown => {
      const store = openLost()
      work?.(store)
      store.close()
      return store.loaded.guard
    }
    guardOf((store) => store.record([input(1)], vow))
    expect(guardOf()).toEqual({ is: 'vow', last: vow })
    rmSync(join(lost, 'guard'))
    // Opened, and killed before anything was stored.
    expect(guardOf()).toEqual({ is: 'missing' })
    expect(guardOf((store) => store.record([input(2)], undefined))).toEqual({ is: 'missing' })
    expect(guardOf()).toEqual({ is: 'none' })
    rmSync(lost, { recursive: true })
  })

  test('clears what an interrupted checkpoint left', () => {
    writeFileSync(join(folder, 'journal.next'), bytes(1))
    const store = open()
    expect(store.loaded.inputs).toEqual(stored(4))
    store.close()
    expect(existsSync(join(folder, 'journal.next'))).toBe(false)
  })

  test('lets nobody else read it', () => {
    for (const name of ['journal', 'history', 'guard']) {
      expect(statSync(join(folder, name)).mode & 0o077, name).toBe(0)
    }
  })

  test('refuses a record of no known kind', () => {
    const other = newFolder()
    const journal = openJournal(join(other, 'journal'), { durable: false })
    journal.append([Uint8Array.of(0, 1), Uint8Array.of(7, 1)])
    journal.close()
    const result = faultFrom(() => openFolderStore(other, { machine, durable: false }))
    expect(isFault(result) && [result.code, result.place.part]).toEqual([
      'journal/damaged',
      'record 1',
    ])
    rmSync(other, { recursive: true })
  })
})
