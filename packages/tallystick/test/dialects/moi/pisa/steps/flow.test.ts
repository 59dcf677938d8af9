import { describe, expect, test } from 'vitest'
import { outputsOf, readUint, runSketch, uint } from '../world.ts'

/** Adds up the numbers below `of`. */
const LOOP = [
  'PMAKE $0 &5',
  'PMAKE $1 &5',
  'OBTAIN $2 &0',
  'DEST',
  'LT $3 $1 $2',
  'NOT $3 $3',
  'LDPTR1 $4 0xc',
  'JUMPI $4 $3',
  'ADD $0 $0 $1',
  'INCR $1',
  'LDPTR1 $4 0x3',
  'JUMP $4',
  'DEST',
  'YIELD $0 &0',
]

describe('jumps', () => {
  const loop = (asm: readonly string[], of: number) =>
    runSketch({ accepts: ['of u64'], returns: ['sum u64'], asm }, { of: uint(of) })

  test('go on at the instruction that a pointer counts to', () => {
    expect(readUint(outputsOf(loop(LOOP, 10)).get('sum'))).toBe(45n)
  })

  test('are a defect where no DEST stands', () => {
    expect(loop(LOOP.with(10, 'LDPTR1 $4 0x4'), 10).is).toBe('defect')
    expect(loop(LOOP.with(10, 'LDPTR1 $4 0xff'), 10).is).toBe('defect')
  })

  test('end with the fuel and not before', () => {
    expect(loop(LOOP, 1_000_000).is).toBe('exhausted')
  })

  test('need a bool and a pointer', () => {
    expect(runSketch({ asm: ['PMAKE $0 &5', 'LDPTR1 $1 0x3', 'JUMPI $1 $0', 'DEST'] }).is).toBe(
      'defect',
    )
    expect(runSketch({ asm: ['PMAKE $0 &1', 'PMAKE $1 &5', 'JUMPI $1 $0', 'DEST'] }).is).toBe(
      'defect',
    )
    expect(runSketch({ asm: ['PMAKE $0 &1', 'LDPTR1 $1 0x3', 'JUMPI $1 $0', 'DEST'] }).is).toBe(
      'ok',
    )
  })
})

describe('the end of a routine', () => {
  test('is TERM or its last instruction', () => {
    const asm = ['OBTAIN $0 &0', 'YIELD $0 &0', 'TERM', 'INCR $0', 'YIELD $0 &0']
    const of = { accepts: ['of u64'], returns: ['out u64'] }
    expect(readUint(outputsOf(runSketch({ ...of, asm }, { of: uint(7) })).get('out'))).toBe(7n)
    const on = asm.with(2, 'DEST')
    expect(readUint(outputsOf(runSketch({ ...of, asm: on }, { of: uint(7) })).get('out'))).toBe(8n)
  })

  test('may be an exception with the class of what is thrown', () => {
    const outcome = runSketch({ asm: ['PMAKE $0 &7', 'INCR $0', 'THROW $0'] })
    expect(outcome).toMatchObject({
      is: 'exception',
      exception: {
        class: 'u256',
        error: '1',
        revert: false,
        trace: ['runtime.root()', 'routine.Run() [0x0] ... [0x2: THROW 0x0]'],
      },
    })
  })
})

describe('arguments and results', () => {
  test('that nobody gave are zero', () => {
    const of = {
      accepts: ['of u64'],
      returns: ['out u64', 'more string'],
      asm: ['OBTAIN $0 &0', 'YIELD $0 &0'],
    }
    expect([...outputsOf(runSketch(of)).keys()]).toEqual(['more', 'out'])
    expect(readUint(outputsOf(runSketch(of)).get('out'))).toBe(0n)
  })

  test('have their types', () => {
    const of = { accepts: ['of u64'], returns: ['out u64'], asm: ['OBTAIN $0 &0', 'YIELD $0 &0'] }
    expect(runSketch(of, { of: uint(1) }).is).toBe('ok')
    expect(runSketch(of, { of: uint(1n << 64n) }).is).toBe('defect')
    expect(runSketch({ ...of, returns: ['out u256'] }, { of: uint(1) }).is).toBe('defect')
  })

  test('that the routine does not know are a defect', () => {
    const of = { accepts: ['of u64'], asm: ['OBTAIN $0 &0'] }
    expect(runSketch(of, { of: uint(1), more: uint(1) }).is).toBe('defect')
  })
})
