import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  isRejectionCode,
  REJECTION_CODES,
  rejectionOf,
  REJECTIONS,
} from '../../../src/dialects/nostr/rejection-code.ts'

const page = readFileSync(join(import.meta.dirname, '../../../../../docs/spec/nostr.md'), 'utf8')

describe('the codes of rejections', () => {
  test('stand in the document as they stand in the code', () => {
    const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (final|may be heard again) \| (.+) \|$/gm)]
    const shown = rows.map(([, code = '', heard, means]) => [code, heard === 'final', means])
    const known = REJECTION_CODES.map((code) => [
      code,
      REJECTIONS[code].isFinal,
      REJECTIONS[code].means,
    ])
    expect(shown).toEqual(known)
  })

  test('are found for faults by the list, by their name, and else say that the event is none', () => {
    expect(rejectionOf({ code: 'nostr-event/bad-signature' })).toBe('BAD_SIGNATURE')
    expect(rejectionOf({ code: 'nostr-input/reserved-name' })).toBe('BAD_PAYLOAD')
    expect(rejectionOf({ code: 'nostr-input/other-machine' })).toBe('WRONG_MACHINE')
    expect(rejectionOf({ code: 'nostr-time/future' })).toBe('TIME_SKEW')
    expect(rejectionOf({ code: 'statechart/no-transition' })).toBe('NO_TRANSITION')
    expect(rejectionOf({ code: 'statechart/gas' })).toBe('GAS')
    expect(rejectionOf({ code: 'json/malformed' })).toBe('BAD_EVENT')
  })

  test('are no other words', () => {
    expect(isRejectionCode('GAS')).toBe(true)
    expect(isRejectionCode('toString')).toBe(false)
    expect(isRejectionCode(undefined)).toBe(false)
  })
})
