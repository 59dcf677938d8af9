import { describe, expect, test } from 'vitest'
import { WAIT_MS } from '../../src/relayed/limits.ts'
import { waitMsOf } from '../../src/relayed/wait.ts'

describe('how long a command waits', () => {
  test('is what is asked for, whoever stands in', () => {
    expect(waitMsOf({ wait: '2' })).toBe(2000)
    expect(waitMsOf({ wait: '2' }, 30_000n)).toBe(2000)
    expect(() => waitMsOf({ wait: 'long' })).toThrow('--wait cannot be "long"')
  })

  test('reaches past a short silence after which stand-ins decide, and not to a long one', () => {
    expect(waitMsOf({})).toBe(WAIT_MS)
    expect(waitMsOf({}, 30_000n)).toBe(30_000 + WAIT_MS)
    expect(waitMsOf({}, 60_000n)).toBe(60_000 + WAIT_MS)
    expect(waitMsOf({}, 60_001n)).toBe(WAIT_MS)
  })
})
