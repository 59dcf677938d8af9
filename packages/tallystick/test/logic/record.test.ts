import { describe, expect, test } from 'vitest'
import { bytesFromId } from '../../src/base/brand.ts'
import { isFault } from '../../src/base/fault.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { fieldsFrom } from '../../src/kernel/field.ts'
import type { Premise } from '../../src/kernel/interaction.ts'
import {
  agreed,
  operationOnRecord,
  type RecordOperation,
} from '../../src/logic/record-operation.ts'
import { record } from '../../src/logic/record.ts'
import { recordIn } from '../../src/logic/record-state.ts'
import { type Books, codeOf, machineIn, pairOf, take, taken } from './books.ts'
import {
  AGREE,
  AWAY,
  BEGIN,
  books,
  END,
  ENTRUST,
  G,
  HOLD,
  ID,
  LOT,
  on,
  proofIn,
  RELEASE,
  RULE,
  SETTLE,
  TO_BOB,
  W,
} from './goods.ts'

const holderIn = (of: Books): unknown => recordIn(machineIn(of, G), LOT, ID)?.holder
const begun = taken(books, on(BEGIN, 'alice'))
const tried = (of: Books, operation: RecordOperation, ...by: readonly string[]): string =>
  codeOf(take(of, on(operation, ...by)))

describe('a record', () => {
  test('begins with its maker’s consent, and with the holder’s where that is another', () => {
    expect(tried(books, BEGIN)).toBe('record/no-consent')
    expect(holderIn(begun)).toEqual({ is: 'party', name: 'alice' })
    const forBob: RecordOperation = { ...BEGIN, holder: { is: 'party', name: 'bob' } }
    expect(tried(books, forBob, 'alice')).toBe('record/no-consent')
    expect(tried(books, forBob, 'alice', 'bob')).toBe('done')
  })

  test('begins once', () => {
    expect(tried(begun, BEGIN, 'alice')).toBe('record/exists')
  })

  test('changes hands with the consent of giver and taker, and of no fewer', () => {
    expect(tried(begun, TO_BOB, 'alice')).toBe('record/no-consent')
    expect(tried(begun, TO_BOB, 'bob', 'carol')).toBe('record/no-consent')
    expect(holderIn(taken(begun, on(TO_BOB, 'alice', 'bob')))).toEqual({ is: 'party', name: 'bob' })
  })

  test('is handed on by its holder only, to somebody who takes part, with another key', () => {
    const byBob: RecordOperation = { ...TO_BOB, from: 'bob', to: 'carol' }
    expect(tried(begun, byBob, 'bob', 'carol')).toBe('record/not-holder')
    expect(tried(begun, { ...TO_BOB, to: 'zoe' }, 'alice')).toBe('record/unknown-party')
    expect(tried(begun, { ...TO_BOB, to: 'alice' }, 'alice')).toBe('record/shared-key')
    const atCarol = taken(begun, on({ ...TO_BOB, to: 'carol' }, 'alice', 'carol'))
    const toDora: RecordOperation = { ...TO_BOB, from: 'carol', to: 'dora' }
    expect(tried(atCarol, toDora, 'carol', 'dora')).toBe('record/shared-key')
  })

  test('ends with its maker’s and its holder’s consent, and nothing follows', () => {
    const atBob = taken(begun, on(TO_BOB, 'alice', 'bob'))
    expect(tried(atBob, END, 'alice')).toBe('record/no-consent')
    expect(tried(atBob, END, 'bob')).toBe('record/no-consent')
    const over = taken(atBob, on(END, 'alice', 'bob'))
    for (const of of [END, HOLD, RELEASE, ENTRUST, SETTLE]) {
      expect(tried(over, of, 'alice', 'bob', 'carol')).toBe('record/ended')
    }
  })

  test('of a key is ended by its maker alone, and handed to nobody', () => {
    const { publicKey } = pairOf('holder')
    const of = taken(
      books,
      on({ ...BEGIN, holder: { is: 'key', scheme: 'ed25519', publicKey } }, 'alice'),
    )
    expect(tried(of, TO_BOB, 'alice', 'bob')).toBe('record/not-handed')
    expect(tried(of, HOLD, 'alice')).toBe('record/not-handed')
    expect(tried(of, END, 'bob')).toBe('record/no-consent')
    expect(tried(of, END, 'alice')).toBe('done')
    const foreign: RecordOperation = {
      ...BEGIN,
      holder: { is: 'key', scheme: 'bip340', publicKey },
    }
    expect(tried(books, foreign, 'alice')).toBe('record/wrong-scheme')
  })

  test('that nobody began, or in a machine that is not written, is refused', () => {
    expect(tried(books, TO_BOB, 'alice', 'bob')).toBe('record/unknown')
    const elsewhere = operationOnRecord(LOT, { ...BEGIN, machine: W })
    expect(codeOf(take(books, { write: [G], operations: [elsewhere], by: ['alice'] }))).toBe(
      'record/not-written',
    )
  })

  test('takes no parameters', () => {
    const of = { params: Uint8Array.of(1), terms: machineIn(books, G).terms, machine: G }
    const refused = record.genesis(of)
    expect(isFault(refused) && refused.code).toBe('record/bad-params')
    expect(record.genesis({ ...of, params: new Uint8Array() })).toEqual([])
  })
})

describe('a held record', () => {
  const held = taken(begun, on(HOLD, 'alice'))

  test('is kept back by its holder, and goes nowhere', () => {
    expect(tried(begun, HOLD, 'bob')).toBe('record/no-consent')
    expect(tried(held, TO_BOB, 'alice', 'bob')).toBe('record/held')
    expect(tried(held, HOLD, 'alice')).toBe('record/held')
    expect(tried(held, ENTRUST, 'alice', 'bob')).toBe('record/held')
  })

  test.each([
    [['bob'], 'record/not-enough'],
    [['alice', 'bob'], 'done'],
    [['bob', 'carol'], 'done'],
    [['alice', 'bob', 'carol'], 'done'],
    [['bob', 'dora'], 'record/not-enough'],
    [[], 'record/not-enough'],
  ])('is released by two of three: %j %s', (by, code) => {
    expect(tried(held, RELEASE, ...by)).toBe(code)
  })

  test('is released by its own rule, once', () => {
    const own: RecordOperation = { ...RELEASE, rule: { atLeast: 1, of: ['bob'] } }
    expect(tried(held, own, 'bob')).toBe('record/other-rule')
    const free = taken(held, on(RELEASE, 'bob', 'carol'))
    expect(tried(free, RELEASE, 'bob', 'carol')).toBe('record/not-held')
    expect(tried(free, TO_BOB, 'alice', 'bob')).toBe('done')
  })

  test.each([
    [{ atLeast: 0, of: ['bob'] }, 'record/bad-rule'],
    [{ atLeast: 3, of: ['bob', 'carol'] }, 'record/bad-rule'],
    [{ atLeast: 2, of: ['bob', 'bob'] }, 'record/bad-rule'],
    [{ atLeast: 1, of: ['zoe'] }, 'record/unknown-party'],
    [{ atLeast: 2, of: ['carol', 'dora'] }, 'record/shared-key'],
    [{ atLeast: 2, of: ['bob', 'carol'] }, 'done'],
  ])('has a rule that can be met by different people: %j %s', (rule, code) => {
    expect(tried(begun, { ...HOLD, rule }, 'alice')).toBe(code)
  })

  test('has the rule that is told', () => {
    const told = record.tell?.(operationOnRecord(LOT, RELEASE).argument)
    expect(told).toMatchObject({ machine: G, record: ID, deed: { is: 'release', ...RULE } })
  })
})

describe('a hand-over that is left to another machine', () => {
  const left = taken(begun, on(ENTRUST, 'alice', 'bob'))
  const onRoad = taken(left, on(AGREE, 'alice', 'bob'))
  const settling = (of: Books, operation: RecordOperation = SETTLE): string =>
    codeOf(take(of, { ...on(operation), premises: [proofIn(of)] }))

  test('is taken in by proof, with nobody’s consent', () => {
    const done = taken(onRoad, { ...on(SETTLE), premises: [proofIn(onRoad)] })
    expect(holderIn(done)).toEqual({ is: 'party', name: 'bob' })
    expect(codeOf(take(done, { ...on(SETTLE), premises: [proofIn(done)] }))).toBe(
      'record/not-holder',
    )
  })

  test('needs both to have said so, and both to agree there', () => {
    expect(tried(begun, ENTRUST, 'alice')).toBe('record/no-consent')
    expect(tried(begun, ENTRUST, 'bob')).toBe('record/no-consent')
    expect(tried(left, ENTRUST, 'alice', 'bob')).toBe('record/entrusted')
    expect(tried(left, AGREE, 'alice')).toBe('record/no-consent')
    expect(tried(left, AGREE, 'bob')).toBe('record/no-consent')
  })

  test('is not taken in without proof, or where nobody left it to that machine', () => {
    expect(tried(onRoad, SETTLE)).toBe('record/unproven')
    expect(settling(taken(begun, on(AGREE, 'alice', 'bob')))).toBe('record/not-entrusted')
    const other: RecordOperation = { ...SETTLE, at: { ...AWAY, logic: 1 } }
    expect(settling(onRoad, other)).toBe('record/not-entrusted')
    expect(settling(onRoad, { ...SETTLE, to: 'carol' })).toBe('record/not-entrusted')
  })

  test('is not proven by what another logic of that machine wrote', () => {
    const path = { machine: W, logic: 1 }
    const value = agreed.encode({ from: 'alice', to: 'bob' })
    const argument = Uint8Array.of(...bytesFromId(ID), ...value)
    const spoilt = taken(left, { write: [W], operations: [{ ...path, argument }], by: ['alice'] })
    const key = pathKey('classic', path, ['outcome', bytesFromId(ID)])
    const premise: Premise = { ...proofIn(spoilt), is: 'fact', key, value }
    expect(codeOf(take(spoilt, { ...on(SETTLE), premises: [premise] }))).toBe('record/unproven')
  })

  test('goes to nobody else meanwhile, and may still be done here with the taker', () => {
    expect(tried(left, { ...TO_BOB, to: 'carol' }, 'alice', 'carol')).toBe('record/entrusted')
    expect(tried(left, HOLD, 'alice')).toBe('record/entrusted')
    const here = taken(onRoad, on(TO_BOB, 'alice', 'bob'))
    expect(settling(here)).toBe('record/not-holder')
  })

  test('is agreed once', () => {
    expect(tried(onRoad, AGREE, 'alice', 'bob')).toBe('record/agreed-already')
  })
})

describe('the fields of a record', () => {
  const values = new Map([['price', { salt: new Uint8Array(32).fill(1), value: '5' }]])
  const fields = fieldsFrom({ suite: 'classic', machine: G, record: ID }, values)

  test('are kept as commitments, one for each interaction', () => {
    const first = taken(books, on({ ...BEGIN, fields }, 'alice'))
    expect(tried(first, { ...TO_BOB, fields }, 'alice', 'bob')).toBe('done')
    const both = [BEGIN, TO_BOB].map((of) => operationOnRecord(LOT, { ...of, fields }))
    expect(codeOf(take(books, { write: [G], operations: both, by: ['alice', 'bob'] }))).toBe(
      'field/twice',
    )
  })

  test('are told with the record they are of', () => {
    const told = record.tell?.(operationOnRecord(LOT, { ...TO_BOB, fields }).argument)
    expect(told).toEqual({
      machine: G,
      record: ID,
      fields,
      deed: { is: 'custody', from: 'alice', to: 'bob', via: undefined },
    })
  })
})
