import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { openJournal } from '../../../src/cli/desk/journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'tally-journal-'))
afterAll(() => rmSync(folder, { recursive: true }))
const path = join(folder, 'journal')

const record = (number: number): Uint8Array => new Uint8Array(5 + number * 7).fill(number)
const records = [0, 1, 2, 3].map(record)

/** A journal file with records added one by one, and its size after each. */
const written = (given: readonly Uint8Array[]): { bytes: Uint8Array; sizes: number[] } => {
  rmSync(path, { force: true })
  const journal = openJournal(path, { durable: true })
  const sizes = [journal.size()]
  for (const one of given) {
    journal.append([one])
    sizes.push(journal.size())
  }
  journal.close()
  return { bytes: new Uint8Array(readFileSync(path)), sizes }
}

/** What opening a file with these bytes gives: its records, or the code of the fault. */
const opened = (bytes: Uint8Array): readonly Uint8Array[] | string => {
  writeFileSync(path, bytes)
  const journal = faultFrom(() => openJournal(path, { durable: false }))
  if (isFault(journal)) return journal.code
  journal.close()
  return journal.records
}

describe('a journal', () => {
  test('gives back what was added, in groups or one by one', () => {
    const { bytes, sizes } = written(records)
    expect(opened(bytes)).toEqual(records)
    expect(sizes.at(-1)).toBe(bytes.length)
    rmSync(path)
    const journal = openJournal(path, { durable: true })
    journal.append(records.slice(0, 3))
    journal.append([])
    journal.append(records.slice(3))
    journal.close()
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes)
  })

  test('cut off anywhere opens with every whole record, and goes on from there', () => {
    const { bytes, sizes } = written(records)
    for (let length = 0; length <= bytes.length; length++) {
      const whole = sizes.filter((size) => size <= length).length - 1
      expect(opened(bytes.subarray(0, length))).toEqual(records.slice(0, Math.max(0, whole)))
      const again = openJournal(path, { durable: false })
      expect(again.cut).toBe(0)
      again.append([record(9)])
      again.close()
      const next = openJournal(path, { durable: false })
      expect(next.records.at(-1)).toEqual(record(9))
      next.close()
    }
  })

  test('with any one bit flipped opens with the records before its last, or not at all', () => {
    const { bytes, sizes } = written(records)
    const lastAt = sizes.at(-2) ?? 0
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 128]) {
        const result = opened(bytes.with(at, (bytes[at] ?? 0) ^ bit))
        if (at < 16) expect(result).toBe('journal/not-a-journal')
        else if (at < lastAt) expect(result, `byte ${at}`).toBe('journal/damaged')
        else expect(result, `byte ${at}`).toEqual(records.slice(0, 3))
      }
    }
  })

  test('names the record that is damaged', () => {
    const { bytes, sizes } = written(records)
    const at = (sizes[1] ?? 0) + 21
    writeFileSync(path, bytes.with(at, 0xff))
    expect(() => openJournal(path, { durable: false })).toThrow(/record 1 /)
  })

  test('with records of another journal in it, or two swapped, is not opened', () => {
    const own = written(records)
    const other = written([record(4), record(1), record(5), record(6)])
    const part = (of: typeof own, at: number): Uint8Array =>
      of.bytes.subarray(of.sizes[at], of.sizes[at + 1])
    const joined = (...parts: readonly Uint8Array[]): Uint8Array =>
      new Uint8Array(Buffer.concat([own.bytes.subarray(0, 16), ...parts]))
    expect(opened(joined(part(own, 0), part(own, 1), part(own, 2)))).toEqual(records.slice(0, 3))
    expect(opened(joined(part(own, 0), part(other, 1), part(own, 2)))).toBe('journal/damaged')
    expect(opened(joined(part(own, 1), part(own, 0), part(own, 2)))).toBe('journal/damaged')
    expect(opened(joined(part(own, 0), part(own, 2)))).toBe('journal/damaged')
    expect(opened(joined(part(own, 0), part(own, 0)))).toBe('journal/damaged')
  })

  test('with zeros or rubbish behind the end cuts them off and says how much', () => {
    const { bytes } = written(records)
    for (const tail of [new Uint8Array(300), new Uint8Array(50).fill(0xa5)]) {
      writeFileSync(path, bytes)
      appendFileSync(path, tail)
      const journal = openJournal(path, { durable: false })
      expect(journal.cut).toBe(tail.length)
      expect(journal.records).toEqual(records)
      journal.close()
      expect(readFileSync(path)).toHaveLength(bytes.length)
    }
  })

  test('takes nothing more once it is closed', () => {
    rmSync(path, { force: true })
    const journal = openJournal(path, { durable: true })
    journal.append([record(1)])
    journal.close()
    journal.close()
    expect(() => journal.append([record(2)])).toThrow(/open it anew/)
    expect(opened(new Uint8Array(readFileSync(path)))).toEqual([record(1)])
  })
})
