import { describe, expect, test } from 'vitest'
import {
  BOOL,
  DYN,
  INT,
  listOf,
  mapOf,
  mayBe,
  mixedType,
  NULL,
  sharedType,
  SIGNED,
  STRING,
  textFromType,
} from '../../../src/logic/expression/type.ts'

describe('types', () => {
  test('meet where one value can be of both', () => {
    expect(sharedType(INT, INT)).toEqual(INT)
    expect(sharedType(INT, DYN)).toEqual(DYN)
    expect(sharedType(listOf(INT), listOf(DYN))).toEqual(listOf(DYN))
    expect(sharedType(SIGNED, mapOf(INT))).toEqual(mapOf(DYN))
    expect(sharedType(mapOf(INT), SIGNED)).toEqual(mapOf(DYN))
    expect(sharedType(INT, STRING)).toBe(undefined)
    expect(sharedType(listOf(INT), mapOf(INT))).toBe(undefined)
    expect(sharedType(listOf(INT), listOf(STRING))).toBe(undefined)
    expect(sharedType(NULL, BOOL)).toBe(undefined)
  })

  test('of mixed items are known where all items are alike', () => {
    expect(mixedType([])).toEqual(DYN)
    expect(mixedType([INT, INT])).toEqual(INT)
    expect(mixedType([INT, STRING, INT])).toEqual(DYN)
  })

  test('say which kinds a value may be of', () => {
    expect(mayBe(DYN, 'map')).toBe(true)
    expect(mayBe(SIGNED, 'map')).toBe(true)
    expect(mayBe(SIGNED, 'list')).toBe(false)
    expect(mayBe(INT, 'string')).toBe(false)
  })

  test('are written as in the specification', () => {
    expect(textFromType(listOf(mapOf(INT)))).toBe('list(map(int))')
    expect(textFromType(SIGNED)).toBe('signed')
  })
})
