import { expect, test } from 'vitest'
import { hexFromBytes } from '../../../../src/base/bytes.ts'
import { compile } from '../../../../src/dialects/moi/pisa/compile.ts'
import { entryKey, partKey, slotKey } from '../../../../src/dialects/moi/storage-key.ts'
import {
  classAt,
  createWorld,
  outputsOf,
  readText,
  readUint,
  sketch,
  sound,
  stateAt,
  text,
} from './world.ts'

const state = stateAt(
  1,
  'logic',
  'points map[string]class.Point',
  'list []u64',
  'one class.Point',
  'pair [2]u64',
)
const point = classAt(2, 'Point', 'x u64', 'name string')
const world = (asm: readonly string[], returns: readonly string[] = []) =>
  createWorld(sound(compile(sketch({ asm, returns }, state, point))))
const MAKE = [
  'LDPTR1 $0 0x2',
  'MAKE $0 $0',
  'PMAKE $1 &5',
  'INCR $1',
  'SETFLD $0 &0 $1',
  'PMAKE $2 &3',
]

test('an object in a map lies where the client looks for it', () => {
  const held = world([
    ...MAKE,
    'LLOAD $3 &0',
    'GENKEY $4 $3 $2',
    'DISPER $4 $0',
    'SETKEY $3 $2 $4',
    'STORE $3',
  ])
  outputsOf(held.call('Run'))
  const at = (key: Uint8Array) => held.slots.get('logic')?.get(hexFromBytes(key))
  const entry = entryKey(slotKey(0), text(''))
  expect(readUint(at(partKey(entry, 0)))).toBe(1n)
  expect(readText(at(partKey(entry, 1)))).toBe('')
  // Number of entries of the map; number of fields of the object.
  expect(readUint(at(slotKey(0)))).toBe(1n)
  expect(readUint(at(entry))).toBe(2n)
})

test('a field is written without the rest of its object', () => {
  const held = world([
    'LLOAD $0 &2',
    'GETFLD $1 $0 &0',
    'PMAKE $2 &5',
    'INCR $2',
    'DISPER $1 $2',
    'STORE $0',
  ])
  outputsOf(held.call('Run'))
  expect([...(held.slots.get('logic')?.keys() ?? [])].toSorted()).toEqual(
    [hexFromBytes(slotKey(2)), hexFromBytes(partKey(slotKey(2), 0))].toSorted(),
  )
})

test('an object is gathered with fields that were never written as zeros', () => {
  const held = world(['LLOAD $0 &2', 'GATHER $1 $0', 'GETFLD $2 $1 &0', 'YIELD $2 &0'], ['out u64'])
  expect(readUint(outputsOf(held.call('Run')).get('out'))).toBe(0n)
})

test('an array of a size has all its items from the start, and keeps its size', () => {
  const held = world(
    [
      'LLOAD $0 &3',
      'PMAKE $1 &5',
      'INCR $1',
      'SETIDX $0 $1 $1',
      'GATHER $2 $0',
      'SIZE $3 $2',
      'YIELD $3 &0',
    ],
    ['out u64'],
  )
  expect(readUint(outputsOf(held.call('Run')).get('out'))).toBe(2n)
  expect(world(['LLOAD $0 &3', 'PMAKE $1 &5', 'APPEND $0 $1']).call('Run').is).toBe('defect')
})

test('a slot that holds no value of its type is a defect', () => {
  const held = world(['LLOAD $0 &1', 'SIZE $1 $0'])
  outputsOf(held.call('Run'))
  held.slots.get('logic')?.set(hexFromBytes(slotKey(1)), text('no length'))
  expect(held.call('Run').is).toBe('defect')
})

test('a length beyond what an array may have is a defect, and takes no time', () => {
  const held = world(['LLOAD $0 &1', 'GATHER $1 $0'])
  outputsOf(held.call('Run'))
  held.slots.get('logic')?.set(hexFromBytes(slotKey(1)), Uint8Array.of(3, 255, 255, 255, 255))
  expect(held.call('Run').is).toBe('defect')
})
