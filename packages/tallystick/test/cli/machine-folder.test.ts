import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { createMachineFolder, readMachineFolder } from '../../src/cli/machine-folder.ts'
import { machineId } from '../../src/kernel/charter.ts'
import { charter } from './deal.ts'

const base = mkdtempSync(join(tmpdir(), 'tallystick-folder-'))
afterAll(() => rmSync(base, { recursive: true }))

const card = { charter, party: 1, identity: 'bob', device: 'first', peerIdentity: 'ab' }
const made = createMachineFolder(join(base, 'one'), card, new Map([['a.tally', Uint8Array.of(1)]]))

const codeOf = (path: string): string => {
  const read = faultFrom(() => readMachineFolder(path))
  return isFault(read) ? read.code : 'read'
}

describe('a machine folder', () => {
  test('gives back what it was made with, and is its owner’s alone', () => {
    expect(readMachineFolder(made.path)).toEqual({
      ...card,
      path: made.path,
      id: machineId(charter),
      own: 'bob',
      peer: 'alice',
    })
    expect(readdirSync(base)).toEqual(['one'])
    for (const name of ['', 'machine.json', 'out', 'out/a.tally']) {
      expect([name, statSync(join(made.path, name)).mode & 0o077]).toEqual([name, 0])
    }
  })

  test('is not made where something is', () => {
    expect(() => createMachineFolder(made.path, card)).toThrow('exists')
    expect(readdirSync(base)).toEqual(['one'])
  })

  test('is refused where it is damaged, open to others, or none', () => {
    const path = join(made.path, 'machine.json')
    const text = readFileSync(path, 'utf8')
    for (const bad of [
      text.slice(0, -5),
      text.replace('"party": 1', '"party": 2'),
      text.replace('tallystick/1 machine', 'tallystick/9 machine'),
      text.replace(/"charter": "..../, '"charter": "ffff'),
    ]) {
      writeFileSync(path, bad)
      expect(codeOf(made.path)).toBe('machine/damaged')
    }
    writeFileSync(path, text)
    expect(codeOf(made.path)).toBe('read')
    chmodSync(path, 0o644)
    expect(codeOf(made.path)).toBe('keystore/open-to-others')
    expect(() => readMachineFolder(base)).toThrow('no machine')
  })
})
