import { describe, expect, test } from 'vitest'
import { TAGS } from '../../src/base/tags.ts'

describe('tags', () => {
  const tags = Object.values(TAGS)

  test('no two meanings share a tag', () => {
    expect(new Set(tags).size).toBe(tags.length)
  })

  test('no tag starts another, so none can be extended into another', () => {
    for (const one of tags) {
      for (const other of tags) if (one !== other) expect(other.startsWith(one)).toBe(false)
    }
  })

  test('every tag names the format, its version and one thing in plain letters', () => {
    for (const tag of tags) expect(tag).toMatch(/^tallystick\/1 [a-z]+( [a-z]+)?$/)
  })
})
