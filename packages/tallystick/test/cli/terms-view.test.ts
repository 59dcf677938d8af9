import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { createOutput } from '../../src/cli/print.ts'
import { operatorsText, warnOfOtherOperators } from '../../src/cli/terms-view.ts'
import { directoryTerms } from '../../src/models/directory/policy.ts'
import { aTerms } from '../kernel/sample.ts'

const operatorOf = (name: string, key: number) => ({
  name,
  scheme: 'ed25519' as const,
  publicKey: new Uint8Array(32).fill(key),
})
const operators = ['north', 'east', 'south', 'west'].map((name, at) => operatorOf(name, at + 1))
const terms = aTerms({ policy: directoryTerms({ operators, threshold: 3, faulty: 1 }) })
const known = operators.map(({ name, publicKey }) => ({
  name,
  publicKey: hexFromBytes(publicKey),
}))
const output = createOutput({ json: true })

describe('operators in terms', () => {
  test('stand with the beginning of their keys', () => {
    expect(operatorsText({ operators: operators.slice(0, 2) })).toBe(
      'north (0101010101010101), east (0202020202020202)',
    )
  })

  test('are named where one has the name of a known operator and another key', () => {
    expect(warnOfOtherOperators(output, known, terms)).toEqual([])
    const other = known.map((one) => (one.name === 'south' ? { ...one, publicKey: 'ff' } : one))
    expect(warnOfOtherOperators(output, other, terms)).toEqual(['south'])
  })

  test('are not where both of one name are known, or no key is, or no name', () => {
    expect(
      warnOfOtherOperators(output, [{ name: 'south', publicKey: 'ff' }, ...known], terms),
    ).toEqual([])
    expect(warnOfOtherOperators(output, [{ name: 'south' }], terms)).toEqual([])
    expect(warnOfOtherOperators(output, [{ name: 'center', publicKey: 'ff' }], terms)).toEqual([])
  })
})
