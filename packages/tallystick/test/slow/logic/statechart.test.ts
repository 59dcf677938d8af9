import { describe, expect, it } from 'vitest'
import { runCases } from '../../logic/statechart/differ.ts'

/**
 * A hundred thousand random definitions, eight events each, in ten parts:
 * `TALLYSTICK_SLOW=1 npm test -- packages/tallystick/test/slow/logic/statechart`.
 */
const CASES = 100_000
const PARTS = 10

describe('the interpreter beside XState 5.33, at length', () => {
  it.each(Array.from({ length: PARTS }, (_, part) => 1 + (part * CASES) / PARTS))(
    'agrees from seed %i on',
    { timeout: 3_600_000 },
    (from) => {
      const { difference, totals } = runCases({ from, count: CASES / PARTS })
      expect(difference).toBeUndefined()
      expect(totals.accepted).toBeGreaterThan((2 * CASES) / PARTS)
    },
  )
})
