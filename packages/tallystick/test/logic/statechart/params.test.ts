import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../../src/base/brand.ts'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { DEFINITION_BYTES_MAX, PARAMS_BYTES_MAX } from '../../../src/base/limits.ts'
import {
  anyText,
  type StatechartParams,
  statechartParams,
} from '../../../src/logic/statechart/params.ts'

const PLAIN: StatechartParams = {
  definition: '{\n\t"id": "two lines and a tab"\n}',
  names: 'none',
  creator: 'alice',
  roles: [{ role: 'player', senders: ['alice', 'bob'] }],
  clock: { is: 'none' },
  startsAt: 0n,
  oracles: [],
  nostr: undefined,
}
const ID = 'ab'.repeat(32)

const codeOf = (run: () => unknown): string => {
  const found = faultFrom(run)
  return isFault(found) ? found.code : 'none'
}

describe('the parameters of a statechart', () => {
  test('come back as they were written, with every clock and every kind of oracle', () => {
    const full: StatechartParams = {
      ...PLAIN,
      startsAt: 1_800_000_000_000n,
      oracles: [{ name: 'score', machine: idFromHex(ID), suite: 'nostr', logic: 2 }],
      nostr: { id: idFromHex(ID), senders: 'anyone' },
    }
    for (const clock of [
      { is: 'none' },
      { is: 'agreed', skewMs: 60_000 },
      { is: 'machine', machine: idFromHex<'machine'>(ID) },
    ] as const) {
      const of = { ...full, clock }
      expect(statechartParams.decode(statechartParams.encode(of))).toEqual(of)
    }
    expect(statechartParams.decode(statechartParams.encode(PLAIN))).toEqual(PLAIN)
  })

  test('keep a definition of 48 KiB within what a charter holds, and refuse one byte more', () => {
    const largest = { ...PLAIN, definition: ' '.repeat(DEFINITION_BYTES_MAX) }
    expect(statechartParams.encode(largest).length).toBeLessThan(PARAMS_BYTES_MAX)
    const larger = { ...PLAIN, definition: ' '.repeat(DEFINITION_BYTES_MAX + 1) }
    expect(codeOf(() => statechartParams.encode(larger))).toBe('codec/too-long')
  })

  test('do not lose half a character', () => {
    expect(codeOf(() => anyText(8).encode('\u{1f600}'))).toBe('none')
    expect(codeOf(() => anyText(8).encode('\ud83d'))).toBe('text/not-utf8')
    expect(codeOf(() => anyText(8).decode(Uint8Array.of(1, 0, 0, 0, 0xff)))).toBe('text/not-utf8')
  })
})
