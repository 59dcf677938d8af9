import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createBlake3 } from '../../src/base/blake3.ts'
import { equalBytes } from '../../src/base/bytes.ts'
import { faultFrom, isFault } from '../../src/base/fault.ts'
import { type Chain, createChain, startOfChain } from '../../src/kernel/chain.ts'
import { verifyRange } from '../../src/kernel/chain-verify.ts'
import type { Entry } from '../../src/kernel/chain-record.ts'
import { type Charter, machineId } from '../../src/kernel/charter.ts'
import { checkLink } from '../../src/kernel/transition.ts'
import { cellsFromRoot } from '../../src/state/inline.ts'
import {
  cellsArbitrary,
  entryArbitrary,
  move,
  packed,
  PATHS,
  recordAt,
  recordsFrom,
  RICH,
  rounds,
  startOf,
} from './chain-sample.ts'

const U64_MAX = (1n << 64n) - 1n

const codeOf = (run: () => unknown): string => {
  const fault = faultFrom(run)
  return isFault(fault) ? fault.code : 'fine'
}

const stateOf = (chain: Chain): readonly unknown[] => {
  const head = chain.head()
  const count = Number(head.sequence)
  return [head, count === 0 ? undefined : chain.records(1, count)]
}

describe.each(PATHS)('a flat chain on the %s path', (path) => {
  const blake3 = createBlake3(path)
  const start = startOf(RICH)

  test('writes the records that the format describes, step by step', () => {
    const entries = rounds(200)
    const chain = createChain({ start, blake3 })
    expect(entries.map(chain.append)).toEqual(entries.map((_, at) => at + 1))
    expect(equalBytes(chain.records(1, 200), recordsFrom(start, entries))).toBe(true)
  })

  test('writes the same records however the steps are split into lists', () => {
    const entries = rounds(400)
    const expected = recordsFrom(start, entries)
    const sizes = fc.array(fc.integer({ min: 0, max: 150 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(sizes, (counts) => {
        const chain = createChain({ start, blake3, room: 1 })
        let done = 0
        for (const count of counts) {
          const part = entries.slice(done, done + count)
          if (part.length === 1) for (const entry of part) chain.append(entry)
          else expect(chain.appendMany(packed(part))).toBe(done + part.length)
          done += part.length
        }
        if (done === 0) return
        expect(equalBytes(chain.records(1, done), expected.subarray(0, done * 256))).toBe(true)
      }),
      { numRuns: 25 },
    )
  })

  test.each([31, 32, 33, 63, 64, 65, 96, 97, 128, 129, 257])(
    'writes a list of %i steps',
    (count) => {
      const chain = createChain({ start, blake3 })
      chain.append(move(3, 0, 1n))
      chain.appendMany(packed(rounds(count)))
      const expected = recordsFrom(start, [move(3, 0, 1n), ...rounds(count)])
      expect(equalBytes(chain.records(1, count + 1), expected)).toBe(true)
    },
  )

  test('links its steps as every other machine does', () => {
    const chain = createChain({ start, blake3 })
    chain.appendMany(packed(rounds(5)))
    for (let step = 2; step <= 5; step++) {
      const [parent, child] = [chain.at(step - 1), chain.at(step)]
      expect(checkLink('quantum', parent.transition, child.transition)).toBeUndefined()
    }
  })

  test('keeps the sum of its cells, and accepts exactly what the balances allow', () => {
    fc.assert(
      fc.property(cellsArbitrary, fc.array(entryArbitrary, { maxLength: 30 }), (cells, entries) => {
        const chain = createChain({ start: startOf(cells), blake3 })
        const balances: bigint[] = [...cells]
        for (const entry of entries) {
          const [from = 0n, to = 0n] = [balances[entry.from], balances[entry.to]]
          const expected =
            from < entry.amount
              ? 'chain/insufficient'
              : to + entry.amount > U64_MAX
                ? 'chain/overflow'
                : 'fine'
          expect(codeOf(() => chain.append(entry))).toBe(expected)
          if (expected !== 'fine') continue
          balances[entry.from] = from - entry.amount
          balances[entry.to] = to + entry.amount
        }
        expect([...cellsFromRoot(chain.head().state)]).toEqual(balances)
      }),
      { numRuns: 60 },
    )
  })

  test.each<[string, string, Partial<Entry>]>([
    ['more than the cell holds', 'chain/insufficient', { amount: (1n << 62n) + 1n }],
    ['more than the receiver can hold', 'chain/overflow', { to: 3 }],
    ['nothing', 'chain/bad-entry', { amount: 0n }],
    ['a negative amount', 'chain/bad-entry', { amount: -1n }],
    ['an amount of 2^64 and something', 'chain/bad-entry', { amount: (1n << 64n) + 1n }],
    ['a move within one cell', 'chain/bad-entry', { to: 0 }],
    ['a fifth cell', 'chain/bad-entry', { to: 4 }],
    ['a reference of another length', 'chain/bad-entry', { reference: new Uint8Array(41) }],
  ])('refuses %s and stays as it was', (_, code, change) => {
    const chain = createChain({ start: startOf([1n << 62n, 0n, 0n, U64_MAX]), blake3 })
    const good = move(0, 1, 1n << 61n)
    chain.append(move(0, 2, 5n))
    const before = stateOf(chain)
    const fault = faultFrom(() => chain.append({ ...good, ...change }))
    expect(isFault(fault) && [fault.code, fault.place.step, fault.place.machine]).toEqual([
      code,
      2,
      start.machine,
    ])
    expect(stateOf(chain)).toEqual(before)
    expect(chain.append(good)).toBe(2)
  })

  test('refuses a list with one bad entry anywhere, names the step and adds none', () => {
    const chain = createChain({ start, blake3 })
    chain.appendMany(packed(rounds(40)))
    const before = stateOf(chain)
    for (const bad of [0, 1, 31, 32, 50, 99]) {
      const entries = rounds(100).with(bad, move(0, 1, U64_MAX))
      const fault = faultFrom(() => chain.appendMany(packed(entries)))
      expect(isFault(fault) && [fault.code, fault.place.step]).toEqual([
        'chain/insufficient',
        41 + bad,
      ])
      expect(stateOf(chain)).toEqual(before)
    }
    const half = packed(rounds(2)).subarray(0, 111)
    expect(codeOf(() => chain.appendMany(half))).toBe('chain/wrong-length')
    expect(stateOf(chain)).toEqual(before)
    expect(chain.appendMany(packed(rounds(100)))).toBe(140)
  })

  test('accepts a move until the cell is empty', () => {
    const chain = createChain({ start: startOf([10n, 0n, 0n, 0n]), blake3 })
    const codes = [1, 2, 3, 4].map((seed) => codeOf(() => chain.append(move(0, 1, 3n, seed))))
    expect(codes).toEqual(['fine', 'fine', 'fine', 'chain/insufficient'])
    expect(chain.appendMany(packed([move(1, 0, 9n), move(0, 3, 10n)]))).toBe(5)
  })

  test('does not mind other chains, lists and checks in between', () => {
    const names = [1, 2, 3]
    const chains = names.map((name) => createChain({ start: startOf(RICH, name), blake3 }))
    for (let turn = 0; turn < 30; turn++) {
      for (const [at, chain] of chains.entries()) {
        if ((turn + at) % 3 === 0) chain.appendMany(packed(rounds(60).slice(turn, turn + 1)))
        else chain.append(rounds(60)[turn] ?? move(0, 1, 1n))
        if (at === 1 && turn > 2) {
          verifyRange({ records: chain.records(1, turn), anchor: startOf(RICH, 2) }, blake3)
        }
      }
    }
    for (const [at, chain] of chains.entries()) {
      const expected = recordsFrom(startOf(RICH, names[at]), rounds(60).slice(0, 30))
      expect(equalBytes(chain.records(1, 30), expected)).toBe(true)
    }
  })

  test('carries the sequence over 32 bits, one by one and in lists', () => {
    const late = { ...start, sequence: (1n << 32n) - 3n }
    const expected = recordsFrom(late, rounds(5))
    const [one, list] = [createChain({ start: late, blake3 }), createChain({ start: late, blake3 })]
    for (const entry of rounds(5)) one.append(entry)
    expect(list.appendMany(packed(rounds(5)))).toBe(2 ** 32 + 2)
    const [from, to] = [2 ** 32 - 2, 2 ** 32 + 2]
    expect(one.records(from, to)).toEqual(expected)
    expect(list.records(from, to)).toEqual(expected)
    expect(verifyRange({ records: expected, anchor: late }, blake3)).toEqual(list.head())
  })

  test('goes on from a head as if it had never stopped', () => {
    const whole = createChain({ start, blake3 })
    whole.appendMany(packed(rounds(90)))
    const first = createChain({ start, blake3 })
    first.appendMany(packed(rounds(50)))
    const second = createChain({ start: first.head(), blake3 })
    second.appendMany(packed(rounds(90).slice(50)))
    expect(second.head()).toEqual(whole.head())
    expect(second.records(51, 90)).toEqual(whole.records(51, 90))
    expect(codeOf(() => second.at(50))).toBe('chain/unknown-step')
  })
})

describe('a flat chain', () => {
  const start = startOf(RICH)

  test('both paths write the same bytes', () => {
    const [wasm, plain] = PATHS.map((path) => createChain({ start, blake3: createBlake3(path) }))
    for (const chain of [wasm, plain]) chain?.appendMany(packed(rounds(300)))
    expect(wasm?.records(1, 300)).toEqual(plain?.records(1, 300))
  })

  test('is empty at first', () => {
    const chain = createChain({ start })
    expect(chain.head()).toEqual(start)
    expect(chain.appendMany(new Uint8Array(0))).toBe(0)
    expect([0, 1, -1, 0.5, Number.NaN].map((step) => codeOf(() => chain.at(step)))).toEqual(
      Array(5).fill('chain/unknown-step'),
    )
  })

  test('shows its steps as objects, records and ids that are copies', () => {
    const chain = createChain({ start })
    chain.appendMany(packed(rounds(70)))
    const before = stateOf(chain)
    const record = chain.records(7, 7)
    expect(chain.at(7).entry).toEqual(rounds(70)[6])
    expect(chain.ids(7, 8)).toEqual(
      Uint8Array.of(...record.slice(224), ...chain.records(8, 8).slice(224)),
    )
    expect(chain.records(8, 7).length).toBe(0)
    record.fill(0)
    chain.ids(1, 70).fill(0)
    chain.at(7).entry.reference.fill(0)
    expect(stateOf(chain)).toEqual(before)
  })

  test('does not look at a reference or a list after it returned', () => {
    const chain = createChain({ start })
    const entry = move(0, 1, 5n)
    const list = packed([move(1, 2, 7n)])
    chain.append(entry)
    chain.appendMany(list)
    entry.reference.fill(9)
    list.fill(9)
    expect(chain.records(1, 2)).toEqual(recordsFrom(start, [move(0, 1, 5n), move(1, 2, 7n)]))
  })

  test('is full when the next sequence number could not be told from its neighbours', () => {
    const last = { ...start, sequence: BigInt(Number.MAX_SAFE_INTEGER) - 2n }
    const chain = createChain({ start: last })
    const before = chain.head()
    expect(codeOf(() => chain.appendMany(packed(rounds(3))))).toBe('chain/full')
    expect(chain.head()).toEqual(before)
    expect(chain.append(move(0, 1, 1n))).toBe(Number.MAX_SAFE_INTEGER - 1)
    expect(codeOf(() => chain.append(move(0, 1, 1n)))).toBe('chain/full')
    expect(recordAt(chain.records(2 ** 53 - 2, 2 ** 53 - 2), 0).length).toBe(256)
  })
})

describe('the start of a chain', () => {
  const charter: Charter = {
    network: 'test',
    nonce: new Uint8Array(32),
    terms: {
      suite: 'quantum',
      participants: [],
      turn: { is: 'anyone' },
      policy: { kind: 'none', params: new Uint8Array(0) },
    },
    logics: [],
    state: { is: 'cells', cells: [1n, 2n, 3n, 4n] },
  }

  test('is the genesis of a machine of cells', () => {
    const start = startOfChain(charter)
    expect([start.machine, start.sequence]).toEqual([machineId(charter), 0n])
    expect(cellsFromRoot(start.state)).toEqual([1n, 2n, 3n, 4n])
    const chain = createChain({ start })
    expect(chain.append(move(3, 0, 4n))).toBe(1)
    expect(cellsFromRoot(chain.head().state)).toEqual([5n, 2n, 3n, 0n])
  })

  test('needs a suite with the hash of the chain', () => {
    const classic: Charter = { ...charter, terms: { ...charter.terms, suite: 'classic' } }
    expect(codeOf(() => startOfChain(classic))).toBe('fine')
    const nostr: Charter = { ...charter, terms: { ...charter.terms, suite: 'nostr' } }
    expect(codeOf(() => startOfChain(nostr))).toBe('chain/wrong-suite')
  })

  test('needs four cells', () => {
    expect(codeOf(() => startOfChain({ ...charter, state: { is: 'tree' } }))).toBe('chain/no-cells')
    const three: Charter = { ...charter, state: { is: 'cells', cells: [1n, 2n, 3n] } }
    expect(codeOf(() => startOfChain(three))).toBe('chain/no-cells')
  })
})
