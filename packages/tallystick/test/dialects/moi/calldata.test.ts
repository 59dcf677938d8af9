import { describe, expect, test } from 'vitest'
import { bytesFromHex, hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import {
  decodeArguments,
  decodeEvent,
  decodeException,
  decodeOutputs,
  encodeArguments,
  jsonFromValue,
  valueFromJson,
} from '../../../src/dialects/moi/calldata.ts'
import { createTypes } from '../../../src/dialects/moi/manifest/type-expression.ts'
import { topicOfName } from '../../../src/dialects/moi/topic.ts'
import { ALICE, BOB, createWorld, programOf, sound } from './pisa/world.ts'

const ledger = programOf('tokenledger.json')
// Of the tests of MOI's client, `js-moi-manifest/__tests__/abi.test.ts`.
const SEED = '0d6f0665b6019502737570706c790305f5e10073796d626f6c064d4f49'

describe('calldata', () => {
  test('is what the client writes', () => {
    const written = sound(encodeArguments(ledger, 'Seed', { symbol: 'MOI', supply: 100_000_000 }))
    expect(hexFromBytes(written)).toBe(SEED)
    expect(decodeArguments(ledger, 'Seed', bytesFromHex(SEED))).toEqual({
      supply: '100000000',
      symbol: 'MOI',
    })
  })

  test('is no bytes at all where there are no arguments', () => {
    expect(encodeArguments(ledger, 'Decimals', {})).toEqual(new Uint8Array())
    expect(decodeArguments(ledger, 'Decimals', new Uint8Array())).toEqual({})
  })

  test('that is missing in part is zero, and may not be more', () => {
    const written = sound(encodeArguments(ledger, 'Seed', { symbol: 'MOI' }))
    expect(decodeArguments(ledger, 'Seed', written)).toEqual({ supply: '0', symbol: 'MOI' })
    expect(isFault(encodeArguments(ledger, 'Seed', { symbol: 'MOI', note: 'x' }))).toBe(true)
    expect(isFault(encodeArguments(ledger, 'Plant', {}))).toBe(true)
  })

  test('of a number out of range is a fault', () => {
    expect(isFault(encodeArguments(ledger, 'Mint', { amount: (2n ** 256n - 1n).toString() }))).toBe(
      false,
    )
    expect(isFault(encodeArguments(ledger, 'Mint', { amount: (2n ** 256n).toString() }))).toBe(true)
    expect(isFault(encodeArguments(ledger, 'Mint', { amount: -1 }))).toBe(true)
  })
})

describe('answers', () => {
  test('are read by labels, from a document or a pack', () => {
    expect(decodeOutputs(ledger, 'BalanceOf', bytesFromHex('0e1f0305f5e100'))).toEqual({
      balance: '100000000',
    })
    expect(decodeOutputs(ledger, 'Transfer', new Uint8Array())).toEqual({})
    expect(isFault(decodeOutputs(ledger, 'BalanceOf', bytesFromHex('0661')))).toBe(true)
  })

  test('that are errors are read as the client reads them', () => {
    // Of the same tests: an exception of a real node.
    const error =
      '0e6f0666d104de04737472696e67696e73756666696369656e742062616c616e636520666f722073656e6465723f06e60172756e74696d652e726f6f742829726f7574696e652e5472616e736665722829205b3078635d202e2e2e205b307831623a205448524f57203078355d'
    expect(decodeException(bytesFromHex(error))).toEqual({
      class: 'string',
      error: 'insufficient balance for sender',
      revert: false,
      trace: ['runtime.root()', 'routine.Transfer() [0xc] ... [0x1b: THROW 0x5]'],
    })
  })

  test('that are events are found by their first topic', () => {
    const world = createWorld(ledger)
    const seed = sound(encodeArguments(ledger, 'Seed', { symbol: 'MOI', supply: 5 }))
    world.call('Seed', {}, { kind: 'deploy', calldata: seed })
    const receiver = `0x${BOB}`
    const transfer = sound(encodeArguments(ledger, 'Transfer', { amount: 2, receiver }))
    const end = world.call('Transfer', {}, { calldata: transfer })
    const [event] = end.is === 'ok' ? end.events : []
    const [topic, ...more] = event?.topics ?? []
    expect(more.length).toBe(2)
    expect(decodeEvent(ledger, topic ?? new Uint8Array(), event?.data ?? new Uint8Array())).toEqual(
      {
        name: 'Transfer',
        fields: { sender: `0x${ALICE}`, receiver, amount: '2' },
      },
    )
    expect(isFault(decodeEvent(ledger, topicOfName('Mint'), event?.data ?? new Uint8Array()))).toBe(
      true,
    )
  })
})

describe('values in JSON', () => {
  const types = createTypes([
    {
      name: 'Box',
      fields: [
        { label: 'held', type: 'u64' },
        { label: 'tags', type: '[]string' },
      ],
    },
  ])

  test.each([
    ['null', null],
    ['bool', true],
    ['u256', '12'],
    ['i64', '-12'],
    ['string', '0x12'],
    ['bytes', '0x00ff'],
    ['identifier', `0x${ALICE}`],
    ['[]u64', ['1', '2']],
    ['[2]bool', [true, false]],
    ['map[string][]u64', [['a', ['1']]]],
    ['class.Box', { held: '1', tags: ['x'] }],
    ['map[identifier]class.Box', [[`0x${ALICE}`, { held: '0', tags: [] }]]],
  ])('of %s go both ways', (type, json) => {
    expect(jsonFromValue(valueFromJson(types(type), json as never, 'it'))).toEqual(json)
  })

  test.each([
    ['null', 0],
    ['bool', 1],
    ['u64', '1.5'],
    ['u64', ''],
    ['u64', 1.5],
    ['u64', '9'.repeat(80)],
    ['string', 1],
    ['bytes', 'ff'],
    ['bytes', '0xf'],
    ['identifier', '0x00'],
    ['[]u64', '1'],
    ['[2]bool', [true]],
    ['map[string]u64', { a: '1' }],
    ['map[string]u64', [['a']]],
    [
      'map[string]u64',
      [
        ['a', '1'],
        ['a', '2'],
      ],
    ],
    ['class.Box', []],
    ['class.Box', { other: '1' }],
  ])('of %s are not %j', (type, json) => {
    expect(() => valueFromJson(types(type), json as never, 'it')).toThrow(
      expect.objectContaining({ code: 'calldata/does-not-fit' }),
    )
  })
})
