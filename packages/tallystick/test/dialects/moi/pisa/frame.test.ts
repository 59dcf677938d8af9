import { describe, expect, test } from 'vitest'
import { PISA_MEMORY_MAX } from '../../../../src/base/limits.ts'
import { compile } from '../../../../src/dialects/moi/pisa/compile.ts'
import { stopFrom } from '../../../../src/dialects/moi/pisa/frame.ts'
import { createWorld, runSketch, sketch, sound, typeAt } from './world.ts'

describe('a run', () => {
  test('names the place of a defect', () => {
    expect(runSketch({ asm: ['DEST', 'NOT $0 $1'] })).toEqual({
      is: 'defect',
      message: 'register 0x1 holds nothing (routine.Run() [0x0] ... [0x1: NOT 0x0 0x1])',
    })
  })

  test('makes so many values and no more, whatever its fuel', () => {
    // Each round makes an array of twice the size of the one before.
    const asm = [
      'LDPTR1 $0 0x1',
      'PMAKE $1 &5',
      ...Array.from({ length: 14 }, () => 'INCR $1'),
      'VMAKE $2 $0 $1',
      'DEST',
      'COPY $3 $2',
      'LDPTR1 $4 0x11',
      'JUMP $4',
    ]
    const meter = { used: 0, limit: 10_000_000 }
    const end = createWorld(sound(compile(sketch({ asm }, typeAt(1, '[][1000]u64'))))).call(
      'Run',
      {},
      { meter },
    )
    expect(end).toMatchObject({ is: 'defect' })
    expect(meter.used).toBeLessThan(PISA_MEMORY_MAX / 32)
  })

  test('pays for an instruction before it is done', () => {
    const program = sound(compile(sketch({ asm: ['PMAKE $0 &5', 'THROW $0'] })))
    expect(createWorld(program).call('Run', {}, { meter: { used: 0, limit: 6 } }).is).toBe(
      'exception',
    )
    expect(createWorld(program).call('Run', {}, { meter: { used: 0, limit: 5 } }).is).toBe(
      'exhausted',
    )
    expect(createWorld(program).call('Run', {}, { meter: { used: 3, limit: 8 } }).is).toBe(
      'exhausted',
    )
  })
})

test('an error that is no stop carries none', () => {
  expect(stopFrom(new Error('no'))).toBeUndefined()
  expect(stopFrom('no')).toBeUndefined()
})
