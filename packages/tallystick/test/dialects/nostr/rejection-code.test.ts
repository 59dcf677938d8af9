import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Fault, type FaultCode } from '../../../src/base/fault.ts'
import { rejectionFromFault } from '../../../src/logic/statechart/rejection.ts'
import {
  isRejectionCode,
  REJECTION_CODES,
  rejectionOf,
  REJECTIONS,
} from '../../../src/dialects/nostr/rejection-code.ts'

const FAULTS_OF_STATECHARTS: readonly (readonly [FaultCode])[] = [
  ['statechart/bad-event'],
  ['statechart/expression-error'],
  ['statechart/final-state'],
  ['statechart/out-of-gas'],
  ['statechart/guard-failed'],
  ['statechart/limit'],
  ['statechart/no-transition'],
  ['statechart/out-of-range'],
  ['statechart/stale-head'],
  ['statechart/taken-before'],
  ['statechart/unknown-parent'],
  ['statechart/unknown-sender'],
]
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

  test.each<[fault: FaultCode, code: string]>([
    ['nostr-event/bad-signature', 'BAD_SIGNATURE'],
    ['nostr-event/wrong-id', 'BAD_SIGNATURE'],
    ['nostr-input/reserved-name', 'BAD_PAYLOAD'],
    ['nostr-input/other-machine', 'WRONG_MACHINE'],
    ['nostr-time/future', 'TIME_SKEW'],
    ['statechart/no-transition', 'NO_TRANSITION'],
    ['statechart/out-of-gas', 'GAS'],
    ['statechart/stale-head', 'STALE_HEAD'],
    ['json/too-large', 'LIMIT'],
    ['json/malformed', 'BAD_EVENT'],
  ])('are found for the fault %s: %s', (fault, code) => {
    expect(rejectionOf(new Fault(fault, ''))).toBe(code)
  })

  test('hold every name that statecharts have for a refusal', () => {
    for (const [fault] of FAULTS_OF_STATECHARTS) {
      const said = rejectionFromFault(new Fault(fault, ''))
      expect([fault, isRejectionCode(said)]).toEqual([fault, true])
    }
  })

  test('are no other words', () => {
    expect(isRejectionCode('GAS')).toBe(true)
    expect(isRejectionCode('toString')).toBe(false)
    expect(isRejectionCode(undefined)).toBe(false)
  })
})
