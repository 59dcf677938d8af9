import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { CONDITION_DEPTH_MAX, CONDITION_NODES_MAX } from '../../src/base/limits.ts'
import {
  allOf,
  anyOf,
  checkCondition,
  condition,
  type Condition,
  conditionHolds,
  conditionText,
  digestOfSecret,
  nodesOf,
  showsFact,
  type Showing,
  valueText,
} from '../../src/logic/vault-condition.ts'

const machine = idFromHex<'machine'>('1'.repeat(64))
const key = idFromHex<'state-key'>('2'.repeat(64))
const transition = idFromHex<'transition'>('3'.repeat(64))
const SECRETS = [1, 2, 3].map((byte) => new Uint8Array(32).fill(byte))
const NAMES = ['ann', 'ben', 'cay']

const codeFrom = (run: () => unknown): string => {
  const result = faultFrom(run)
  return isFault(result) ? result.code : 'done'
}

const leaf: fc.Arbitrary<Condition> = fc.oneof(
  fc
    .constantFrom(...SECRETS)
    .map((one) => ({ is: 'secret', digest: digestOfSecret(one) }) as const),
  fc.constantFrom(...NAMES).map((party) => ({ is: 'word', party }) as const),
  fc.nat(2).map((byte) => ({ is: 'fact', machine, key, value: Uint8Array.of(byte) }) as const),
)

const tree: fc.Arbitrary<Condition> = fc.letrec<{ tree: Condition }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    leaf,
    fc
      .array(tie('tree'), { minLength: 1, maxLength: 3 })
      .chain((of) =>
        fc
          .integer({ min: 1, max: of.length })
          .map((atLeast) => ({ is: 'some', atLeast, of }) as const),
      ),
  ),
})).tree

const showing = fc
  .record({
    secrets: fc.subarray(SECRETS),
    by: fc.subarray(NAMES),
    facts: fc.subarray([0, 1, 2]),
  })
  .map(({ secrets, by, facts }): Showing => ({
    secrets,
    consents: (party) => by.includes(party),
    premises: facts.map(
      (byte) => ({ is: 'fact', machine, transition, key, value: Uint8Array.of(byte) }) as const,
    ),
  }))

const both = (a: Showing, b: Showing): Showing => ({
  secrets: [...a.secrets, ...b.secrets],
  consents: (party) => a.consents(party) || b.consents(party),
  premises: [...a.premises, ...b.premises],
})

/** The same question answered by counting, without any of the code under test. */
const expected = (of: Condition, shown: Showing): boolean => {
  if (of.is === 'word') return shown.consents(of.party)
  if (of.is === 'secret') {
    return shown.secrets.some((one) => digestOfSecret(one).join() === of.digest.join())
  }
  if (of.is === 'fact') {
    return shown.premises.some((one) => one.is === 'fact' && one.value?.join() === of.value.join())
  }
  let held = 0
  for (const one of of.of) if (expected(one, shown)) held++
  return held >= of.atLeast
}

describe('whether a condition holds', () => {
  test('agrees with counting, and more shown never undoes it', () => {
    fc.assert(
      fc.property(tree, showing, showing, (of, shown, more) => {
        const holds = conditionHolds(of, shown)
        expect(holds).toBe(expected(of, shown))
        if (holds) expect(conditionHolds(of, both(shown, more))).toBe(true)
      }),
    )
  })

  test('all and any are the ends of a count', () => {
    const of = NAMES.map((party) => ({ is: 'word', party }) as const)
    const by = (...names: readonly string[]): Showing => ({
      secrets: [],
      premises: [],
      consents: (party) => names.includes(party),
    })
    expect([by('ann'), by(...NAMES), by()].map((one) => conditionHolds(anyOf(of), one))).toEqual([
      true,
      true,
      false,
    ])
    expect([by('ann', 'ben'), by(...NAMES)].map((one) => conditionHolds(allOf(of), one))).toEqual([
      false,
      true,
    ])
  })

  test('a fact of another machine, key or value, an absence and a time are not the fact', () => {
    const fact = { machine, key, value: Uint8Array.of(1) }
    const good = { is: 'fact', transition, ...fact } as const
    expect(showsFact(fact, [good])).toBe(true)
    for (const changed of [
      { machine: idFromHex<'machine'>('9'.repeat(64)) },
      { key: idFromHex<'state-key'>('9'.repeat(64)) },
      { value: Uint8Array.of(1, 0) },
      { value: undefined },
    ]) {
      expect(showsFact(fact, [{ ...good, ...changed }])).toBe(false)
    }
    expect(showsFact(fact, [{ is: 'time', machine, transition, atLeast: 1n }])).toBe(false)
    expect(showsFact(fact, [])).toBe(false)
  })
})

describe('the bytes of a condition', () => {
  test('come back as they were', () => {
    fc.assert(
      fc.property(tree, (of) => {
        expect(condition.decode(condition.encode(of))).toEqual(of)
      }),
    )
  })

  const nested = (levels: number): Condition =>
    levels === 1 ? { is: 'word', party: 'ann' } : anyOf([nested(levels - 1)])

  test('eight levels pass, nine do not, in either direction', () => {
    const deepest = condition.encode(nested(CONDITION_DEPTH_MAX))
    expect(nodesOf(condition.decode(deepest))).toHaveLength(CONDITION_DEPTH_MAX)
    expect(codeFrom(() => condition.encode(nested(CONDITION_DEPTH_MAX + 1)))).toBe('vault/too-deep')
    // One more level in front: tag 3, at least 1, a list of one.
    const deeper = Uint8Array.of(3, 1, 1, 0, 0, 0, ...deepest)
    expect(codeFrom(() => condition.decode(deeper))).toBe('vault/too-deep')
  })

  test('sixty-four nodes pass, one more does not', () => {
    const wide = (leaves: number): Condition =>
      anyOf(Array.from({ length: leaves }, () => ({ is: 'word', party: 'ann' }) as const))
    expect(codeFrom(() => checkCondition(wide(CONDITION_NODES_MAX - 1)))).toBe('done')
    expect(codeFrom(() => checkCondition(wide(CONDITION_NODES_MAX)))).toBe('vault/too-many-nodes')
    expect(codeFrom(() => condition.encode(wide(CONDITION_NODES_MAX + 1)))).toBe('codec/too-long')
    const pair = anyOf([wide(40), wide(40)])
    expect(codeFrom(() => checkCondition(pair))).toBe('vault/too-many-nodes')
  })

  test('a count that nothing or everything meets is refused, also deep inside', () => {
    const word: Condition = { is: 'word', party: 'ann' }
    const counts = (atLeast: number): string =>
      codeFrom(() => checkCondition(allOf([word, { is: 'some', atLeast, of: [word, word] }])))
    expect([0, 1, 2, 3].map(counts)).toEqual(['vault/bad-count', 'done', 'done', 'vault/bad-count'])
    expect(codeFrom(() => checkCondition(anyOf([])))).toBe('vault/bad-count')
  })
})

test('a secret has 32 bytes, and its digest is the same under every suite', () => {
  for (const size of [0, 31, 33, 64]) {
    expect(codeFrom(() => digestOfSecret(new Uint8Array(size)))).toBe('vault/wrong-secret')
  }
  expect(digestOfSecret(new Uint8Array(32))).toHaveLength(32)
})

test('a condition reads as words', () => {
  const of = allOf([
    { is: 'secret', digest: new Uint8Array(32) },
    anyOf([
      { is: 'word', party: 'ann' },
      { is: 'fact', machine, key, value: new Uint8Array() },
    ]),
  ])
  expect(conditionText(of)).toBe(
    '2 of (for the secret of digest 00000000…; ' +
      '1 of (on ann’s word; on machine 11111111…, key 22222222…, showing nothing))',
  )
})

test('a value reads as its letters, or as its bytes where they are none, and never fills the line', () => {
  expect(valueText(bytesFromUtf8('"cancelled"'))).toBe('"cancelled"')
  const posing = '"bob"; 1 of (on the word of ann'
  expect(valueText(bytesFromUtf8(posing))).toBe(JSON.stringify(posing))
  expect(valueText(Uint8Array.of(0x1b, 0x5b))).toBe('1b5b')
  expect(valueText(bytesFromUtf8('„'))).toBe('e2809e')
  expect(valueText(new Uint8Array(32).fill(0xab))).toBe('abababab…')
  expect(valueText(new Uint8Array(256).fill(0x61))).toHaveLength(69)
})
