import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  packOutcomes,
  packUnits,
  unpackOutcomes,
  unpackUnits,
} from '../../src/store/packed-units.ts'
import type { Append, Entry, Outcome, Put, Unit } from '../../src/store/store.ts'

const bytes = fc.uint8Array({ maxLength: 40 }).map((of) => new Uint8Array(of))
const name = fc.constantFrom('vows', 'inbox a', 'frozen', 'heads')
const time = fc.bigInt({ min: 0n, max: 2n ** 53n - 1n })
const append: fc.Arbitrary<Append> = fc.record({ journal: name, key: bytes, value: bytes, time })
const put: fc.Arbitrary<Put> = fc.oneof(
  fc.record({ space: name, key: bytes, value: fc.option(bytes, { nil: undefined }) }),
  fc.record({
    space: name,
    key: bytes,
    value: fc.option(bytes, { nil: undefined }),
    ifVersion: time,
  }),
)
const unit: fc.Arbitrary<Unit> = fc.record({
  appends: fc.array(append, { maxLength: 4 }),
  puts: fc.array(put, { maxLength: 4 }),
})
const units = fc.array(unit, { maxLength: 6 })

const entryOf = ({ journal, key, value, time: at }: Append, index: bigint): Entry => ({
  journal,
  key,
  value,
  time: at,
  index,
  chain: new Uint8Array(32).fill(Number(index % 256n)),
})

describe('packed units', () => {
  test('are the units again, with every name, key, value, time and condition', () => {
    fc.assert(
      fc.property(units, (of) => {
        expect(unpackUnits(packUnits(of))).toEqual(of)
      }),
    )
  })

  test('tell an empty value from none, and any version from version 0', () => {
    const key = new Uint8Array([1])
    const empty = new Uint8Array()
    const of: Unit[] = [
      { appends: [], puts: [{ space: 's', key, value: empty }] },
      { appends: [], puts: [{ space: 's', key, value: undefined }] },
      { appends: [], puts: [{ space: 's', key, value: empty, ifVersion: 0n }] },
    ]
    expect(unpackUnits(packUnits(of))).toStrictEqual(of)
  })

  test('are a copy: what happens to the caller’s bytes afterwards changes nothing', () => {
    const value = new Uint8Array([7])
    const packed = packUnits([
      { appends: [{ journal: 'j', key: new Uint8Array([1]), value, time: 0n }], puts: [] },
    ])
    value[0] = 9
    expect(unpackUnits(packed)[0]?.appends[0]?.value).toEqual(new Uint8Array([7]))
  })
})

describe('packed outcomes', () => {
  test('find their units again, stored ones and others in any order', () => {
    fc.assert(
      fc.property(
        units,
        fc.array(fc.constantFrom('stored', 'taken', 'stale'), { minLength: 6 }),
        (of, kinds) => {
          let index = 0n
          const outcomes = of.map(({ appends }, at): Outcome => {
            const kind = kinds[at]
            if (kind === 'stale') return { is: 'stale', put: 1 }
            const [first] = appends
            if (kind === 'taken' && first) return { is: 'taken', entry: entryOf(first, 77n) }
            return { is: 'stored', entries: appends.map((one) => entryOf(one, index++)) }
          })
          expect(unpackOutcomes(packOutcomes(outcomes), of)).toEqual(outcomes)
        },
      ),
    )
  })
})
