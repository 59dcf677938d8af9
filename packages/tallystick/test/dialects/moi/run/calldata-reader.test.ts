import { expect, it } from 'vitest'
import { poloNatural, poloText } from '../../../../src/dialects/moi/polo/scalar.ts'
import { readArguments } from '../../../../src/dialects/moi/run/calldata-reader.ts'
import { calldata } from './town.ts'

const amount = poloNatural(256)

it('reads arguments by label, and zero where one is missing', () => {
  const args = readArguments(calldata({ amount: 7n, key: 'k' }), ['amount', 'key', 'other'])
  expect(args.read('amount', amount)).toBe(7n)
  expect(args.read('key', poloText(9))).toBe('k')
  expect(args.read('other', amount)).toBe(0n)
  expect(readArguments(new Uint8Array(), ['amount']).read('amount', amount)).toBe(0n)
})

it('refuses labels that are not there, other kinds, and what is no document', () => {
  expect(() => readArguments(calldata({ amout: 7n }), ['amount'])).toThrow(
    'no argument is called amout',
  )
  expect(() =>
    readArguments(calldata({ amount: 'x' }), ['amount']).read('amount', amount),
  ).toThrow()
  expect(() => readArguments(Uint8Array.of(14, 15), ['amount'])).toThrow('invalid calldata')
})
