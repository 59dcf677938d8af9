import { expect, test } from 'vitest'
import { moduleBytes } from '../../../src/base/blake3/assembler.ts'

type Run = (...values: number[]) => number

const run = (params: readonly string[], text: string): Run => {
  const module = new WebAssembly.Module(moduleBytes([{ name: 'run', params, text }], 1))
  return new WebAssembly.Instance<{ readonly run: Run }>(module).exports.run
}

test.each([0, 1, 63, 64, 127, 128, 8191, 8192, 65_535, 1_048_575])(
  'writes the constant %i',
  (value) => {
    expect(run([], `${value}`)()).toBe(value)
  },
)

test('reads parameters, sets locals and keeps what it set', () => {
  expect(run(['a', 'b'], 'a b i.sub &c c i.mul')(7, 4)).toBe(9)
  expect(run(['a'], 'a =b b b i.add')(21)).toBe(42)
})

test('runs a loop until its condition is 0, and both sides of a branch', () => {
  expect(run(['n'], 'do. sum n i.add =sum n 1 i.sub &n while. sum')(10)).toBe(55)
  expect([0, 1].map((x) => run(['x'], 'x if. 5 =y else. 6 =y end. y')(x))).toEqual([6, 5])
})

test('keeps integers and vectors apart whatever the order they come in', () => {
  const text = 'n v.splat =va n =k 2 v.splat =vb va vb v.add va vb v.add v.xor v.any k i.add'
  expect(run(['n'], text)(5)).toBe(5)
})

test('picks lanes and bytes, and finds out whether any is left', () => {
  const lanes = 'n v.splat =va va va v.pick:0,1,2,3 va v.xor v.any'
  expect(run(['n'], lanes)(5)).toBe(0)
  const bytes = 'n v.splat =va va va v.bytes:1,2,3,0,5,6,7,4,9,10,11,8,13,14,15,12 =vb'
  expect(run(['n'], `${bytes} vb 1 v.splat v.xor v.any`)(256)).toBe(0)
  expect(run(['n'], `${bytes} vb 256 v.splat v.xor v.any`)(256)).toBe(1)
})

test('shifts, masks and joins', () => {
  const text = 'n v.splat =va va 4 v.shl 240 v.splat v.and va 4 v.shr v.or 17 v.splat v.xor v.any'
  expect([run(['n'], text)(17), run(['n'], text)(18)]).toEqual([0, 1])
})

test('stores and loads at an offset', () => {
  const text = `a 7 v.splat v.store:300 a i.load:312 a v.load:300 a v.store 0 i.load i.add`
  expect(() => run(['a'], text)).toThrow()
  expect(run(['a'], 'a 7 v.splat v.store:300 a i.load:312')(8)).toBe(7)
})
