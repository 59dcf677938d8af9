import { describe, expect, test } from 'vitest'
import { Fault } from '../../../src/base/fault.ts'
import { faultFromRejection, rejectionFromFault } from '../../../src/logic/statechart/rejection.ts'
import type { RejectionCode } from '../../../src/logic/statechart/snapshot.ts'

const CODES: readonly RejectionCode[] = [
  'BAD_EVENT',
  'EXPR_ERROR',
  'FINAL_STATE',
  'GAS',
  'GUARD_FAILED',
  'LIMIT',
  'NO_TRANSITION',
  'RANGE',
]

describe('a rejection', () => {
  test.each(CODES)(
    '%s is a fault of its own, and the fault is published under that name',
    (code) => {
      const fault = faultFromRejection({ is: 'rejected', code, detail: 'why', candidates: [] })
      expect(fault.message).toBe('why')
      expect(rejectionFromFault(fault)).toBe(code)
    },
  )

  test('of an input that came wrongly has a name too', () => {
    const names = [
      'statechart/stale-head',
      'statechart/taken-before',
      'nostr-event/bad-signature',
      'claim/off-clock',
    ] as const
    expect(names.map((code) => rejectionFromFault(new Fault(code, '')))).toEqual([
      'STALE_HEAD',
      'DUPLICATE',
      'BAD_SIGNATURE',
      'TIME_SKEW',
    ])
  })

  test('has none for what is not the input’s fault', () => {
    expect(rejectionFromFault(new Fault('logic/unknown', ''))).toBeUndefined()
  })
})
