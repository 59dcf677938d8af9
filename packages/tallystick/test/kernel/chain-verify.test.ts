import { describe, expect, test } from 'vitest'
import { createBlake3 } from '../../src/base/blake3.ts'
import { idFromHex } from '../../src/base/brand.ts'
import { concatBytes, hexFromBytes } from '../../src/base/bytes.ts'
import { type Fault, isFault } from '../../src/base/fault.ts'
import {
  type ChainRange,
  verifyLinks,
  verifyMany,
  verifyRange,
  verifyStep,
} from '../../src/kernel/chain-verify.ts'
import { type ChainHead, headFromRecord, recordFromHead } from '../../src/kernel/chain-record.ts'
import {
  entryBytes,
  type Fields,
  fieldsOfStart,
  headOfFields,
  move,
  nextFields,
  PATHS,
  recordAt,
  recordOf,
  recordsFrom,
  RICH,
  rounds,
  startOf,
} from './chain-sample.ts'

const start = startOf(RICH)
const COUNT = 150
const records = recordsFrom(start, rounds(COUNT))
const headAt = (step: number): ChainHead =>
  step === 0 ? start : headFromRecord(recordAt(records, step - 1))

const told = (verdict: ChainHead | Fault | undefined): unknown =>
  isFault(verdict) ? [verdict.code, verdict.place.step] : verdict

/** What a flipped bit in byte `at` of a record is told as. */
const codesFor = (at: number): readonly string[] => {
  if (at < 32) return ['transition/wrong-machine']
  if (at < 64) return ['chain/wrong-interaction']
  if (at < 96) return ['chain/wrong-state']
  if (at < 128) return ['transition/wrong-entropy']
  if (at < 136) return ['transition/wrong-sequence']
  if (at < 168) return ['transition/wrong-parent']
  if (at === 168 || (at >= 171 && at < 176)) return ['chain/bad-entry']
  if (at < 171) return ['chain/bad-entry', 'chain/wrong-state', 'chain/insufficient']
  if (at < 184) return ['chain/wrong-state', 'chain/insufficient', 'chain/overflow']
  if (at < 224) return ['chain/wrong-interaction']
  return ['chain/wrong-id']
}

describe.each(PATHS)('verification on the %s path', (path) => {
  const blake3 = createBlake3(path)
  const verify = (range: Partial<ChainRange>): unknown =>
    told(verifyRange({ records, anchor: start, ...range }, blake3))

  test('accepts a chain and tells its head', () => {
    expect(verify({})).toEqual(headAt(COUNT))
  })

  test('accepts every slice against the head before it, and no other', () => {
    for (const [from, to] of [
      [0, 1],
      [1, 2],
      [0, 63],
      [0, 64],
      [0, 65],
      [63, 128],
      [64, 150],
      [149, 150],
      [20, 20],
    ] as const) {
      expect(verify({ from, to, anchor: headAt(from) })).toEqual(headAt(to))
      if (from < to) {
        const code = from === 0 ? 'transition/wrong-sequence' : 'transition/wrong-sequence'
        expect(verify({ from, to, anchor: headAt(from + 1) })).toEqual([code, BigInt(from + 2)])
      }
    }
  })

  test('reads records at any offset, and in shared memory', () => {
    const shared = new Uint8Array(new SharedArrayBuffer(records.length + 3), 3)
    shared.set(records)
    expect(verify({ records: shared })).toEqual(headAt(COUNT))
  })

  test('catches one flipped bit in any byte of a record, and names step and field', () => {
    const spoilt = records.slice()
    for (const step of [1, 64, 65, 67, COUNT]) {
      for (let byte = 0; byte < 256; byte++) {
        const place = (step - 1) * 256 + byte
        const good = spoilt[place] ?? 0
        spoilt[place] = good ^ (1 << (byte % 8))
        const verdict = verifyRange({ records: spoilt, anchor: start }, blake3)
        expect(isFault(verdict) && verdict.place.step).toBe(BigInt(step))
        expect(codesFor(byte)).toContain(isFault(verdict) && verdict.code)
        spoilt[place] = good
      }
    }
    expect(verify({ records: spoilt })).toEqual(headAt(COUNT))
  })

  test.each<[string, Partial<ChainHead>, string]>([
    ['another machine', { machine: idFromHex('cd'.repeat(32)) }, 'transition/wrong-machine'],
    ['another sequence', { sequence: 1n }, 'transition/wrong-sequence'],
    ['another id', { id: idFromHex('cd'.repeat(32)) }, 'transition/wrong-parent'],
    ['other balances', { state: startOf([1n, 1n, 1n, 1n]).state }, 'chain/insufficient'],
    [
      'a little more money',
      { state: startOf([RICH[0] + 1n, ...rest()]).state },
      'chain/wrong-state',
    ],
    ['another entropy', { entropy: idFromHex('cd'.repeat(32)) }, 'transition/wrong-entropy'],
  ])('refuses an anchor with %s', (_, change, code) => {
    const anchor = { ...start, ...change }
    expect(verify({ anchor })).toEqual([code, anchor.sequence + 1n])
  })

  test('refuses buffers that are truncated, extended or shorter than the range', () => {
    for (const range of [
      { records: records.subarray(0, records.length - 1) },
      { records: Uint8Array.of(...records, 0) },
      { from: 0, to: COUNT + 1 },
      { from: -1, to: 3 },
      { from: 3, to: 2 },
      { from: 0.5, to: 2 },
    ]) {
      const verdict = verifyRange({ records, anchor: start, ...range }, blake3)
      expect(isFault(verdict) && verdict.code).toBe('chain/wrong-length')
    }
  })

  test('refuses records left out, doubled or exchanged', () => {
    const list = Array.from({ length: 6 }, (_, at) => recordAt(records, at))
    const [a, b, c, d] = list.map((one) => one)
    const join = (...some: readonly (Uint8Array | undefined)[]): unknown =>
      verify({ records: concatBytes(...some.map((one) => one ?? new Uint8Array(0))) })
    expect(join(a, b, c, d)).toEqual(headAt(4))
    expect(join(a, c, d)).toEqual(['transition/wrong-sequence', 2n])
    expect(join(a, b, b, c)).toEqual(['transition/wrong-sequence', 3n])
    expect(join(b, a)).toEqual(['transition/wrong-sequence', 1n])
    expect(join(a, c, b)).toEqual(['transition/wrong-sequence', 2n])
  })

  describe('a forger who hashes everything anew', () => {
    const before = rounds(9).reduce(
      (fields, entry) => nextFields(fields, entry),
      fieldsOfStart(start),
    )
    const prefix = records.subarray(0, 9 * 256)
    const attempt = (forged: Partial<Fields>): unknown => {
      const tenth = nextFields(before, move(0, 1, 5n), forged)
      const eleventh = nextFields(tenth, move(1, 2, 1n))
      const all = concatBytes(prefix, recordOf(tenth), recordOf(eleventh))
      return verify({ records: all })
    }

    test('is believed as long as nothing is forged', () => {
      const eleventh = nextFields(nextFields(before, move(0, 1, 5n)), move(1, 2, 1n))
      expect(attempt({})).toEqual(headOfFields(eleventh))
    })

    test.each<[string, Partial<Fields>, string]>([
      ['the balances', { state: new Uint8Array(32).fill(1) }, 'chain/wrong-state'],
      ['the machine', { machine: new Uint8Array(32).fill(1) }, 'transition/wrong-machine'],
      ['the sequence', { sequence: 11n }, 'transition/wrong-sequence'],
      ['the parent', { parent: new Uint8Array(32).fill(1) }, 'transition/wrong-parent'],
      ['the interaction', { interaction: new Uint8Array(32).fill(1) }, 'chain/wrong-interaction'],
      ['the entropy', { entropy: new Uint8Array(32).fill(1) }, 'transition/wrong-entropy'],
      ['the id', { id: new Uint8Array(32).fill(1) }, 'chain/wrong-id'],
      ['the amount', { entry: entryBytes(move(0, 1, 6n)) }, 'chain/wrong-state'],
      ['the cells', { entry: entryBytes(move(0, 2, 5n)) }, 'chain/wrong-state'],
      [
        'the verb',
        { entry: Uint8Array.of(2, ...entryBytes(move(0, 1, 5n)).slice(1)) },
        'chain/bad-entry',
      ],
    ])('is caught changing %s', (_, forged, code) => {
      expect(attempt(forged)).toEqual([code, 10n])
    })
  })

  test('refuses a step after the last sequence number', () => {
    const last = { ...start, sequence: (1n << 64n) - 1n }
    const wrapped = recordOf(nextFields(fieldsOfStart(last), move(0, 1, 1n), { sequence: 0n }))
    expect(verify({ records: wrapped, anchor: last })).toEqual([
      'transition/wrong-sequence',
      1n << 64n,
    ])
  })

  test('verifies many chains at once, each on its own', () => {
    const lengths = [1, 2, 3, 64, 65, 0, 200, 5, 1, 1, 30]
    const chains = lengths.map((length, at) => {
      const anchor = startOf(RICH, at + 1)
      return { anchor, records: recordsFrom(anchor, rounds(length)) }
    })
    const heads = chains.map(({ anchor, records: own }) =>
      own.length === 0 ? anchor : headFromRecord(own.slice(-256)),
    )
    expect(verifyMany(chains, blake3)).toEqual(heads)
    for (const [at, step] of [
      [0, 1],
      [3, 40],
      [4, 65],
      [6, 1],
      [6, 200],
      [10, 30],
    ] as const) {
      const spoilt = chains.map(({ anchor, records: own }) => ({ anchor, records: own.slice() }))
      const bytes = spoilt[at]?.records
      if (bytes !== undefined)
        bytes[(step - 1) * 256 + 100] = (bytes[(step - 1) * 256 + 100] ?? 0) ^ 4
      const verdicts = verifyMany(spoilt, blake3)
      expect(verdicts.map(told)).toEqual(
        heads
          .with(at, 0 as never)
          .map((head, chain) => (chain === at ? ['transition/wrong-entropy', BigInt(step)] : head)),
      )
    }
    expect(verifyMany([], blake3)).toEqual([])
  })

  describe('links alone', () => {
    test('hold from any step to any later one', () => {
      for (const [from, to] of [
        [0, 0],
        [0, 1],
        [0, 63],
        [0, 64],
        [5, 149],
        [62, 65],
      ] as const) {
        expect(verifyLinks(records.subarray(from * 256, (to + 1) * 256), blake3)).toBeUndefined()
      }
      expect(verifyLinks(new Uint8Array(0), blake3)).toBeUndefined()
    })

    test('break behind a changed header and at a changed parent', () => {
      for (const step of [1, 63, 64, 65, 149]) {
        const spoilt = records.slice()
        spoilt[(step - 1) * 256 + 70] = (spoilt[(step - 1) * 256 + 70] ?? 0) ^ 1
        expect(told(verifyLinks(spoilt, blake3))).toEqual([
          'transition/wrong-parent',
          BigInt(step + 1),
        ])
        const orphan = records.slice()
        orphan[step * 256 + 140] = (orphan[step * 256 + 140] ?? 0) ^ 1
        expect(told(verifyLinks(orphan, blake3))).toEqual([
          'transition/wrong-parent',
          BigInt(step + 1),
        ])
      }
    })

    test('say nothing about entries, ids and the last header', () => {
      const spoilt = records.slice()
      for (const byte of [200, 250]) spoilt[256 * 9 + byte] = (spoilt[256 * 9 + byte] ?? 0) ^ 1
      spoilt[256 * (COUNT - 1) + 70] = (spoilt[256 * (COUNT - 1) + 70] ?? 0) ^ 1
      expect(verifyLinks(spoilt, blake3)).toBeUndefined()
      expect(told(verifyLinks(records.subarray(1), blake3))).toEqual([
        'chain/wrong-length',
        undefined,
      ])
    })
  })

  describe('one signed step', () => {
    const [parent, child] = [recordAt(records, 4), recordAt(records, 5)]
    const good = hexFromBytes(child.slice(224))
    /** A signature of this test is the bytes it signs. */
    const verifySignature = (id: Uint8Array, signature: Uint8Array): boolean =>
      hexFromBytes(id) === good && hexFromBytes(signature) === good
    const step = { parent, child, signature: child.slice(224), verify: verifySignature }
    const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
      bytes.map((byte, place) => (place === at ? byte ^ 1 : byte))

    test('is accepted when it is complete, computed and authorised', () => {
      expect(verifyStep(step, blake3)).toBeUndefined()
    })

    test('is accepted as the first after a genesis', () => {
      const first = recordAt(records, 0)
      const after = { parent: recordFromHead(start), child: first, signature: first }
      expect(verifyStep({ ...after, verify: () => true }, blake3)).toBeUndefined()
    })

    test('is refused without a signature over its id', () => {
      const unsigned = { ...step, signature: flipped(step.signature, 0) }
      expect(told(verifyStep(unsigned, blake3))).toEqual(['chain/bad-signature', 6n])
    })

    test('is refused when either record is not what its hashes say', () => {
      expect(told(verifyStep({ ...step, parent: flipped(parent, 100) }, blake3))).toEqual([
        'chain/wrong-id',
        5n,
      ])
      expect(told(verifyStep({ ...step, parent: flipped(parent, 250) }, blake3))).toEqual([
        'chain/wrong-id',
        5n,
      ])
      expect(told(verifyStep({ ...step, child: flipped(child, 70) }, blake3))).toEqual([
        'chain/wrong-state',
        6n,
      ])
      expect(told(verifyStep({ ...step, child: recordAt(records, 6) }, blake3))).toEqual([
        'transition/wrong-sequence',
        6n,
      ])
    })

    test('is refused when a record is missing or more than one', () => {
      for (const length of [0, 255, 512]) {
        const bytes = records.slice(5 * 256, 5 * 256 + length)
        expect(told(verifyStep({ ...step, child: bytes }, blake3))).toEqual([
          'chain/wrong-length',
          undefined,
        ])
        expect(told(verifyStep({ ...step, parent: bytes }, blake3))).toEqual([
          'chain/wrong-length',
          undefined,
        ])
      }
    })
  })
})

function rest(): readonly [bigint, bigint, bigint] {
  return [RICH[1], RICH[2], RICH[3]]
}
