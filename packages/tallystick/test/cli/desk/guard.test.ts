import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import type { MachineId } from '../../../src/base/brand.ts'
import { type Guard, openGuard } from '../../../src/cli/desk/guard.ts'
import type { LastVow } from '../../../src/models/bilateral/state.ts'
import { anId } from '../../kernel/sample.ts'

const folder = mkdtempSync(join(tmpdir(), 'tally-guard-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'guard')
const machine: MachineId = anId('machine')

const vowAt = (sequence: number): LastVow => ({
  parent: anId(`parent ${sequence}`),
  sequence: BigInt(sequence),
  vow: { round: 0, phase: 'commit', child: anId(`child ${sequence}`), cited: 0 },
})

const found = (of: MachineId = machine): Guard['found'] => {
  const guard = openGuard(path, { machine: of, durable: false })
  guard.close()
  return guard.found
}

describe('a guard', () => {
  test('remembers the last vow through any number of openings', () => {
    expect(found()).toEqual({ is: 'missing' })
    expect(found()).toEqual({ is: 'missing' })
    const fresh = openGuard(path, { machine, durable: true })
    fresh.write(undefined)
    fresh.close()
    expect(found()).toEqual({ is: 'none' })
    for (let sequence = 1; sequence < 6; sequence++) {
      const guard = openGuard(path, { machine, durable: true })
      guard.write(vowAt(sequence))
      guard.close()
      expect(found()).toEqual({ is: 'vow', last: vowAt(sequence) })
    }
  })

  test('whose write was torn still has the vow before, wherever the tear is', () => {
    rmSync(path)
    const guard = openGuard(path, { machine, durable: false })
    for (const sequence of [1, 2, 3]) guard.write(vowAt(sequence))
    const before = new Uint8Array(readFileSync(path))
    guard.write(vowAt(4))
    guard.close()
    const after = new Uint8Array(readFileSync(path))
    let torn = 0
    for (let at = 0; at <= after.length; at++) {
      const bytes = new Uint8Array([...after.subarray(0, at), ...before.subarray(at)])
      writeFileSync(path, bytes)
      const now = found()
      if (now.is !== 'vow') throw new Error(`nothing found after a tear at ${at}`)
      if (now.last.sequence !== 4n) {
        torn += 1
        expect(now.last).toEqual(vowAt(3))
      } else expect(now.last).toEqual(vowAt(4))
    }
    expect(torn).toBeGreaterThan(50)
  })

  test('of another machine, or spoilt in both slots, counts as missing', () => {
    expect(found(anId('other'))).toEqual({ is: 'missing' })
    writeFileSync(path, new Uint8Array(1024).fill(7))
    expect(found()).toEqual({ is: 'missing' })
  })
})
