import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { CLOSED, type Terms } from '../../../src/kernel/charter.ts'
import { checkNextTerms, modelFor } from '../../../src/models/rounds/next-terms.ts'
import { town } from './purse.ts'

const { genesis, options } = town
const { terms } = genesis
const codeOf = (change: Partial<Terms>): string | undefined =>
  checkNextTerms(options, terms, { ...terms, ...change })?.code

describe('terms that are to follow others', () => {
  test('may name other certifiers, or close the machine', () => {
    expect(codeOf({})).toBeUndefined()
    expect(codeOf({ policy: { kind: CLOSED, params: new Uint8Array() } })).toBeUndefined()
  })

  test('keep the hash, are well formed, and are admitted by a model that is known', () => {
    expect(codeOf({ suite: 'quantum', participants: [] })).toBe('charter/no-participants')
    expect(codeOf({ turn: { is: 'alternate' } })).toBe('directory/wrong-turn')
    const policy = { kind: 'oracle', params: new Uint8Array() }
    expect(codeOf({ policy })).toBe('terms/unknown-model')
    const model = modelFor(options, { ...terms, policy })
    expect(isFault(model) && model.code).toBe('terms/unknown-model')
  })
})
