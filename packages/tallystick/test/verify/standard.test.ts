import { describe, expect, test } from 'vitest'
import { STANDARD_MODELS } from '../../src/verify/standard.ts'

describe('the models of this version', () => {
  test('are those that charters can name', () => {
    expect([...STANDARD_MODELS.keys()]).toEqual(['bilateral', 'directory', 'custodians'])
  })
})
