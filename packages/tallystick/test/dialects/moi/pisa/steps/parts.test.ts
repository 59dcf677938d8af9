import { describe, expect, test } from 'vitest'
import { PISA_ITEMS_MAX } from '../../../../../src/base/limits.ts'
import { compile } from '../../../../../src/dialects/moi/pisa/compile.ts'
import {
  BOB,
  classAt,
  createWorld,
  id,
  outputsOf,
  readUint,
  runSketch,
  type Sketch,
  sketch,
  sound,
  stateAt,
  text,
  typeAt,
  uint,
} from '../world.ts'

const ARRAY = typeAt(1, '[]u64')
const MAP = typeAt(1, 'map[string]u64')
const out = (outcome: Parameters<typeof outputsOf>[0]): bigint =>
  readUint(outputsOf(outcome).get('out'))
const raised = (outcome: Parameters<typeof outputsOf>[0]): string =>
  outcome.is === 'exception' ? outcome.exception.class : outcome.is

describe('an array in a register', () => {
  const of: Sketch = {
    accepts: ['at u64'],
    returns: ['out u64'],
    asm: [
      'LDPTR1 $0 0x1',
      'MAKE $1 $0',
      'PMAKE $2 &5',
      'INCR $2',
      'APPEND $1 $2',
      'INCR $2',
      'APPEND $1 $2',
      'OBTAIN $3 &0',
      'GETIDX $4 $1 $3',
      'INCR $4',
      'SETIDX $1 $3 $4',
      'GETIDX $4 $1 $3',
      'YIELD $4 &0',
    ],
  }

  test('is read and written by index, and raises outside of it', () => {
    expect(out(runSketch(of, { at: uint(0) }, ARRAY))).toBe(2n)
    expect(out(runSketch(of, { at: uint(1) }, ARRAY))).toBe(3n)
    expect(raised(runSketch(of, { at: uint(2) }, ARRAY))).toBe('IndexOutOfRange')
    expect(raised(runSketch(of, { at: uint((1n << 64n) - 1n) }, ARRAY))).toBe('IndexOutOfRange')
  })

  test('has a size, and is made with one', () => {
    const made = {
      accepts: ['n u64'],
      returns: ['out u64'],
      asm: ['LDPTR1 $0 0x1', 'OBTAIN $1 &0', 'VMAKE $2 $0 $1', 'SIZE $3 $2', 'YIELD $3 &0'],
    }
    expect(out(runSketch(made, { n: uint(5) }, ARRAY))).toBe(5n)
    expect(out(runSketch(made, { n: uint(PISA_ITEMS_MAX) }, ARRAY))).toBe(BigInt(PISA_ITEMS_MAX))
    expect(raised(runSketch(made, { n: uint(PISA_ITEMS_MAX + 1) }, ARRAY))).toBe('defect')
  })

  test('holds values of its type alone, and grows if it has no size of its own', () => {
    const push = (type: string, item: string): string =>
      raised(
        runSketch(
          { asm: ['LDPTR1 $0 0x1', 'MAKE $0 $0', `PMAKE $1 &${item}`, 'APPEND $0 $1'] },
          {},
          typeAt(1, type),
        ),
      )
    expect(push('[]u64', '5')).toBe('ok')
    expect(push('[]u64', '7')).toBe('defect')
    expect(push('[3]u64', '5')).toBe('defect')
  })

  test('takes a copy of what is put into it, even of itself', () => {
    const nested = typeAt(2, '[][]u64')
    const asm = [
      'LDPTR1 $0 0x1',
      'MAKE $0 $0',
      'LDPTR1 $1 0x2',
      'MAKE $1 $1',
      'APPEND $1 $0',
      'PMAKE $2 &5',
      'APPEND $0 $2',
      'GETIDX $3 $1 $2',
      'SIZE $3 $3',
      'YIELD $3 &0',
    ]
    expect(out(runSketch({ returns: ['out u64'], asm }, {}, ARRAY, nested))).toBe(0n)
  })
})

describe('a map in a register', () => {
  const setup = ['LDPTR1 $0 0x1', 'MAKE $0 $0', 'OBTAIN $1 &0', 'PMAKE $2 &5', 'INCR $2']
  const of = (...asm: readonly string[]): Sketch => ({
    accepts: ['key string'],
    returns: ['out u64'],
    asm: [...setup, ...asm],
  })
  const key = { key: text('k') }

  test('gives what was set, and raises for a missing key', () => {
    expect(out(runSketch(of('SETKEY $0 $1 $2', 'GETKEY $3 $0 $1', 'YIELD $3 &0'), key, MAP))).toBe(
      1n,
    )
    expect(raised(runSketch(of('GETKEY $3 $0 $1'), key, MAP))).toBe('KeyNotFound')
  })

  test('has the size of its keys', () => {
    expect(
      out(
        runSketch(of('SETKEY $0 $1 $2', 'SETKEY $0 $1 $2', 'SIZE $3 $0', 'YIELD $3 &0'), key, MAP),
      ),
    ).toBe(1n)
  })

  test('has keys and values of its types alone', () => {
    expect(raised(runSketch(of('SETKEY $0 $2 $2'), key, MAP))).toBe('defect')
    expect(raised(runSketch(of('SETKEY $0 $1 $1'), key, MAP))).toBe('defect')
    expect(raised(runSketch(of('HASKEY $3 $0 $2'), key, MAP))).toBe('defect')
  })
})

describe('an object', () => {
  const POINT = classAt(1, 'Point', 'x u64', 'name string')
  test('has its fields and no others, each of its type', () => {
    const set = (line: string): string =>
      raised(runSketch({ asm: ['LDPTR1 $0 0x1', 'MAKE $0 $0', 'PMAKE $1 &5', line] }, {}, POINT))
    expect(set('SETFLD $0 &0 $1')).toBe('ok')
    expect(set('SETFLD $0 &1 $1')).toBe('defect')
    expect(set('SETFLD $0 &2 $1')).toBe('defect')
    expect(set('GETFLD $2 $0 &1')).toBe('ok')
    expect(set('GETFLD $2 $0 &2')).toBe('defect')
    expect(set('GETFLD $2 $1 &0')).toBe('defect')
  })
})

describe('state', () => {
  const state = stateAt(
    1,
    'logic',
    'count u64',
    'by map[string]u64',
    'list []u64',
    'many map[string]map[string]u64',
  )
  const actor = stateAt(2, 'actor', 'mine u64')
  const world = (of: Sketch) => createWorld(sound(compile(sketch(of, state, actor))))

  test('is left alone by a pure routine, and read by a static one', () => {
    const end = (mode: string, line: string): string =>
      raised(world({ mode, asm: [line] }).call('Run'))
    expect(['pure', 'static', 'dynamic'].map((mode) => end(mode, 'LLOAD $0 &0'))).toEqual([
      'defect',
      'ok',
      'ok',
    ])
    const actorOf = (mode: string): string =>
      raised(world({ mode, asm: ['ORIGIN $0', 'ALOAD $1 $0 &0'] }).call('Run'))
    expect(['pure', 'static', 'dynamic'].map(actorOf)).toEqual(['defect', 'ok', 'ok'])
  })

  test.each([
    ['DISPER', ['LLOAD $0 &0', 'PMAKE $1 &5', 'DISPER $0 $1']],
    ['SETKEY', ['LLOAD $0 &1', 'PMAKE $1 &5', 'PMAKE $2 &3', 'SETKEY $0 $2 $1']],
    ['APPEND', ['LLOAD $0 &2', 'PMAKE $1 &5', 'APPEND $0 $1']],
    ['SETIDX', ['LLOAD $0 &2', 'PMAKE $1 &5', 'APPEND $0 $1', 'SETIDX $0 $1 $1']],
  ])('is written by %s in a dynamic routine alone', (_name, asm) => {
    expect(raised(world({ mode: 'dynamic', asm }).call('Run'))).toBe('ok')
    expect(raised(world({ mode: 'static', asm }).call('Run'))).toBe('defect')
  })

  test('of a participant is that of the identifier, if it is one in reach', () => {
    const held = world({
      accepts: ['who identifier'],
      asm: ['OBTAIN $0 &0', 'ALOAD $1 $0 &0', 'PMAKE $2 &5', 'INCR $2', 'DISPER $1 $2', 'STORE $1'],
    })
    expect(held.call('Run', { who: id(BOB) }).is).toBe('ok')
    expect(readUint(held.slots.get(BOB)?.get('0'.repeat(64)))).toBe(1n)
    held.unreachable.add(BOB)
    expect(held.call('Run', { who: id(BOB) }).is).toBe('defect')
    const nobody = Uint8Array.of(6, ...new Uint8Array(32).fill(0xff))
    expect(held.call('Run', { who: nobody }).is).toBe('defect')
  })

  test('of a map keeps entries and their number', () => {
    const put = {
      accepts: ['key string'],
      returns: ['out u64'],
      asm: [
        'LLOAD $0 &1',
        'OBTAIN $1 &0',
        'PMAKE $2 &5',
        'SETKEY $0 $1 $2',
        'SIZE $3 $0',
        'YIELD $3 &0',
        'STORE $0',
      ],
    }
    const held = world(put)
    expect(out(held.call('Run', { key: text('a') }))).toBe(1n)
    expect(out(held.call('Run', { key: text('a') }))).toBe(1n)
    expect(out(held.call('Run', { key: text('b') }))).toBe(2n)
  })

  test('of a map raises for a missing key', () => {
    const get = world({
      mode: 'static',
      accepts: ['key string'],
      asm: ['LLOAD $0 &1', 'OBTAIN $1 &0', 'GETKEY $2 $0 $1'],
    })
    expect(raised(get.call('Run', { key: text('a') }))).toBe('KeyNotFound')
  })

  test('of a map inside a map comes to be with its first entry', () => {
    const put = {
      accepts: ['key string'],
      returns: ['out u64'],
      asm: [
        'LLOAD $0 &3',
        'OBTAIN $1 &0',
        'PMAKE $2 &5',
        'GENKEY $3 $0 $1',
        'SETKEY $3 $1 $2',
        'SETKEY $0 $1 $3',
        'SIZE $4 $0',
        'YIELD $4 &0',
        'STORE $0',
      ],
    }
    const held = world(put)
    expect(out(held.call('Run', { key: text('a') }))).toBe(1n)
    expect(out(held.call('Run', { key: text('b') }))).toBe(2n)
    expect(out(held.call('Run', { key: text('a') }))).toBe(2n)
  })

  test('of a map cannot be read as a whole, nor replaced once it has entries', () => {
    expect(raised(world({ asm: ['LLOAD $0 &1', 'GATHER $1 $0'] }).call('Run'))).toBe('defect')
    const replace = ['LDPTR1 $3 0x3', 'MAKE $3 $3', 'LLOAD $0 &1', 'DISPER $0 $3']
    const put = ['PMAKE $1 &3', 'PMAKE $2 &5', 'SETKEY $0 $1 $2']
    const end = (asm: readonly string[]): string =>
      raised(
        createWorld(sound(compile(sketch({ asm }, state, typeAt(3, 'map[string]u64'))))).call(
          'Run',
        ),
      )
    expect(end([...replace, ...put])).toBe('ok')
    expect(end([...replace, ...put, 'DISPER $0 $3'])).toBe('defect')
  })

  test('of an array keeps items and their number', () => {
    const held = world({
      returns: ['out u64'],
      asm: [
        'LLOAD $0 &2',
        'SIZE $1 $0',
        'APPEND $0 $1',
        'GETIDX $2 $0 $1',
        'YIELD $2 &0',
        'STORE $0',
      ],
    })
    expect([out(held.call('Run')), out(held.call('Run')), out(held.call('Run'))]).toEqual([
      0n,
      1n,
      2n,
    ])
  })

  test('is let go by STORE and DUMP', () => {
    expect(raised(world({ asm: ['LLOAD $0 &0', 'DUMP $0', 'GATHER $1 $0'] }).call('Run'))).toBe(
      'defect',
    )
    expect(raised(world({ asm: ['LLOAD $0 &0', 'GATHER $1 $0', 'DUMP $0'] }).call('Run'))).toBe(
      'ok',
    )
  })
})
