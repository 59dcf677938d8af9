/** The contract of a store, one for all engines. Each engine's test file runs it against a store of its own. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  STORE_INLINE_BYTES_MAX,
  STORE_KEY_BYTES_MAX,
  STORE_NAME_BYTES_MAX,
  STORE_PAGE_BYTES_MAX,
  STORE_UNIT_ITEMS_MAX,
  STORE_VALUE_BYTES_MAX,
} from '../../src/limits.ts'
import { chainNext, chainStart } from '../../src/store/chain.ts'
import { storeErrorCode } from '../../src/store/errors.ts'
import type { Entry, Outcome, Store, Unit } from '../../src/store/store.ts'
import { append, bytes, put, text, unit } from './contract-values.ts'

export type Place = {
  /** A store over the same data each time. */
  readonly open: () => Promise<Store>
  /** Whether data outlives a store that was closed. */
  readonly durable: boolean
  /** Empties it, while a store over it is open. */
  readonly reset: () => Promise<void>
  readonly remove: () => Promise<void>
}

export const stored = (outcome: Outcome): readonly Entry[] => {
  if (outcome.is !== 'stored') throw new Error(`not stored but ${outcome.is}`)
  return outcome.entries
}

export const codeOf = async (promise: Promise<unknown>): Promise<string | undefined> => {
  try {
    await promise
  } catch (error) {
    return storeErrorCode(error) ?? String(error)
  }
  return undefined
}

/** Entries whose chain is computed again, one after the other. */
export const expectChained = (journal: string, entries: readonly Entry[]): void => {
  let chain = chainStart(journal)
  let time = 0n
  for (const [at, entry] of entries.entries()) {
    expect(entry.index).toBe(BigInt(at))
    expect(entry.time).toBeGreaterThanOrEqual(time)
    chain = chainNext(chain, entry)
    expect(Buffer.from(entry.chain).toString('hex')).toBe(Buffer.from(chain).toString('hex'))
    time = entry.time
  }
}

export const readAll = async (store: Store, journal: string): Promise<readonly Entry[]> => {
  const entries: Entry[] = []
  for (;;) {
    const page = await store.read(journal, BigInt(entries.length), 1000)
    if (page.length === 0) return entries
    entries.push(...page)
  }
}

export const describeStore = (name: string, create: () => Promise<Place>): void => {
  // One store serves all tests, and is opened again after one that closes it; opening costs more than most of them.
  let place: Place
  let store: Store | undefined
  beforeAll(async () => {
    place = await create()
  }, 60_000)
  afterAll(async () => {
    await store?.close()
    await place.remove()
  }, 60_000)
  const withStore = async (run: (store: Store, place: Place) => Promise<void>): Promise<void> => {
    store = store?.status().is === 'open' ? store : await place.open()
    await place.reset()
    await run(store, place)
  }
  const kept = (title: string, run: (store: Store, place: Place) => Promise<void>): void =>
    test(title, () => withStore(run))

  describe(`a journal of ${name}`, () => {
    kept('gives entries indices without gaps from 0 on, and a chain', async (store) => {
      const one = stored(await store.commit(unit([append('a'), append('b')])))
      const two = stored(await store.commit(unit([append('c', 'see')])))
      expect([...one, ...two].map(({ index }) => index)).toEqual([0n, 1n, 2n])
      expectChained('vows', [...one, ...two])
      expect(await store.read('vows', 0n, 10)).toEqual([...one, ...two])
      expect(await store.head('vows')).toEqual({ size: 3n, time: 0n, chain: two[0]?.chain })
    })

    kept('has a head before it has an entry', async (store) => {
      const head = { size: 0n, time: 0n, chain: chainStart('vows') }
      expect(await store.head('vows')).toEqual(head)
      expect(await store.read('vows', 0n, 10)).toEqual([])
      expect(await store.find('vows', bytes('a'))).toBeUndefined()
    })

    kept('never lets time go back', async (store) => {
      const times = [5n, 9n, 3n, 9n, 1n, 12n]
      const given: bigint[] = []
      for (const [at, time] of times.entries())
        given.push(
          ...stored(await store.commit(unit([append(`${at}`, 'v', time)]))).map((e) => e.time),
        )
      expect(given).toEqual([5n, 9n, 9n, 9n, 9n, 12n])
      expect((await store.head('vows')).time).toBe(12n)
    })

    kept('takes a key once, and says what stands there', async (store) => {
      const [first] = stored(await store.commit(unit([append('a', 'first')])))
      const again = await store.commit(unit([append('a', 'second')]))
      expect(again).toEqual({ is: 'taken', entry: first })
      expect(await store.find('vows', bytes('a'))).toEqual(first)
      expect((await store.head('vows')).size).toBe(1n)
    })

    kept('takes the same key in another journal', async (store) => {
      await store.commit(unit([append('a', 'one', 0n, 'left')]))
      const [other] = stored(await store.commit(unit([append('a', 'two', 0n, 'right')])))
      expect(other?.index).toBe(0n)
      expect(text((await store.find('left', bytes('a')))?.value ?? bytes(''))).toBe('one')
    })

    kept('stores one of many units that race for a key', async (store) => {
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, (_, at) => store.commit(unit([append('a', `${at}`)]))),
      )
      const winners = outcomes.filter(({ is }) => is === 'stored')
      expect(winners).toHaveLength(1)
      const winner = await store.find('vows', bytes('a'))
      for (const outcome of outcomes)
        if (outcome.is === 'taken') expect(outcome.entry).toEqual(winner)
    })

    kept('reads pages from any index on', async (store) => {
      const appends = Array.from({ length: 300 }, (_, at) => append(`k${at}`))
      await store.commit(unit(appends))
      const page = await store.read('vows', 120n, 7)
      expect(page.map(({ key }) => text(key))).toEqual(
        [120, 121, 122, 123, 124, 125, 126].map((n) => `k${n}`),
      )
      expect(await store.read('vows', 299n, 7)).toHaveLength(1)
      expect(await store.read('vows', 300n, 7)).toEqual([])
      expect(await store.read('vows', 1n << 62n, 7)).toEqual([])
      expectChained('vows', await readAll(store, 'vows'))
    })

    kept('ends a page where its values are many bytes, and goes on in the next', async (store) => {
      const large = new Uint8Array(STORE_PAGE_BYTES_MAX / 4 + 1).fill(7)
      for (let at = 0; at < 6; at++)
        await store.commit(unit([{ journal: 'vows', key: bytes(`${at}`), value: large, time: 0n }]))
      expect(await store.read('vows', 0n, 100)).toHaveLength(3)
      const all = await readAll(store, 'vows')
      expect(all).toHaveLength(6)
      expectChained('vows', all)
    })

    kept('keeps values of every size, the empty one and the largest too', async (store) => {
      const sizes = [0, 1, STORE_INLINE_BYTES_MAX, STORE_INLINE_BYTES_MAX + 1, 70_000]
      for (const size of [...sizes, STORE_VALUE_BYTES_MAX]) {
        const value = new Uint8Array(size).fill(size % 251)
        const key = bytes(`${size}`)
        stored(await store.commit(unit([{ journal: 'vows', key, value, time: 0n }])))
        const found = await store.find('vows', key)
        expect(Buffer.compare(found?.value ?? bytes('no'), value)).toBe(0)
      }
      expectChained('vows', await readAll(store, 'vows'))
    })
  })

  describe(`a record of ${name}`, () => {
    kept('counts its changes', async (store) => {
      await store.commit(unit([], [put('a', 'one')]))
      await store.commit(unit([], [put('a', 'two')]))
      const record = { key: bytes('a'), value: bytes('two'), version: 2n }
      expect(await store.get('heads', bytes('a'))).toEqual(record)
    })

    kept('is stored over the version that was named, and no other', async (store) => {
      expect((await store.commit(unit([], [put('a', 'one', 0n)]))).is).toBe('stored')
      expect(await store.commit(unit([], [put('a', 'two', 0n)]))).toEqual({ is: 'stale', put: 0 })
      expect((await store.commit(unit([], [put('a', 'two', 1n)]))).is).toBe('stored')
      expect(await store.commit(unit([], [put('b', 'x'), put('a', 'three', 1n)]))).toEqual({
        is: 'stale',
        put: 1,
      })
      expect(await store.get('heads', bytes('b'))).toBeUndefined()
      expect(text((await store.get('heads', bytes('a')))?.value ?? bytes(''))).toBe('two')
    })

    kept('goes when it is removed', async (store) => {
      await store.commit(unit([], [put('a', 'one')]))
      expect(await store.commit(unit([], [put('a', undefined, 7n)]))).toEqual({
        is: 'stale',
        put: 0,
      })
      await store.commit(unit([], [put('a', undefined, 1n), put('never-there', undefined)]))
      expect(await store.get('heads', bytes('a'))).toBeUndefined()
      expect((await store.commit(unit([], [put('a', 'again', 0n)]))).is).toBe('stored')
    })

    kept('is found in ascending order of keys, byte by byte', async (store) => {
      const keys = [[0], [0, 0], [0, 255], [1], [127], [128], [255], [255, 0]].map((key) =>
        Uint8Array.from(key),
      )
      for (const key of keys.toReversed())
        await store.commit(unit([], [{ space: 'heads', key, value: key }]))
      await store.commit(unit([], [{ space: 'other', key: Uint8Array.of(5), value: bytes('x') }]))
      expect((await store.scan('heads', undefined, 100)).map(({ key }) => key)).toEqual(keys)
      const rest = await store.scan('heads', Uint8Array.of(0, 255), 3)
      expect(rest.map(({ key }) => key)).toEqual(keys.slice(3, 6))
      expect(await store.scan('nothing', undefined, 3)).toEqual([])
    })
  })

  describe(`a space of ${name}`, () => {
    kept('says how many records it has, whatever was changed or removed', async (store) => {
      expect(await store.count('heads')).toBe(0)
      await store.commit(unit([], [put('a', 'one'), put('b', 'one'), put('c', 'one')]))
      await store.commit(unit([], [put('a', 'two')]))
      await store.commit(unit([], [{ space: 'other', key: bytes('a'), value: bytes('x') }]))
      expect(await store.count('heads')).toBe(3)
      await store.commit(unit([], [put('b', undefined), put('never-there', undefined)]))
      expect(await store.count('heads')).toBe(2)
      expect(await store.count('other')).toBe(1)
    })
  })

  describe(`a unit of ${name}`, () => {
    kept('is stored whole or not at all', async (store) => {
      await store.commit(unit([append('a')], [put('x', 'one')]))
      const taken = await store.commit(unit([append('b'), append('a')], [put('x', 'two')]))
      expect(taken.is).toBe('taken')
      const stale = await store.commit(unit([append('b')], [put('x', 'two', 5n)]))
      expect(stale).toEqual({ is: 'stale', put: 0 })
      expect(await store.find('vows', bytes('b'))).toBeUndefined()
      expect((await store.head('vows')).size).toBe(1n)
      expect((await store.get('heads', bytes('x')))?.version).toBe(1n)
    })

    kept('that fails does not harm those that share its sync', async (store) => {
      await store.commit(unit([append('a')]))
      const outcomes = await Promise.all([
        store.commit(unit([append('b')])),
        store.commit(unit([append('a')], [put('x', 'no')])),
        store.commit(unit([append('c')], [put('x', 'yes', 0n)])),
        store.commit(unit([append('d')], [put('x', 'no', 0n)])),
      ])
      expect(outcomes.map(({ is }) => is)).toEqual(['stored', 'taken', 'stored', 'stale'])
      expectChained('vows', await readAll(store, 'vows'))
      expect((await store.head('vows')).size).toBe(3n)
    })

    kept('may be empty', async (store) => {
      expect(await store.commit(unit([]))).toEqual({ is: 'stored', entries: [] })
    })

    kept('belongs to the store from the moment it was handed over', async (store) => {
      const value = bytes('before')
      const committing = store.commit(unit([{ ...append('a'), value }]))
      value.fill(0)
      await committing
      expect(text((await store.find('vows', bytes('a')))?.value ?? value)).toBe('before')
    })

    kept('is seen by whoever reads after its commit', async (store) => {
      for (let at = 0; at < 50; at++) {
        await store.commit(unit([append(`${at}`)], [put('x', `${at}`)]))
        expect((await store.head('vows')).size).toBe(BigInt(at + 1))
        expect(text((await store.get('heads', bytes('x')))?.value ?? bytes(''))).toBe(`${at}`)
      }
    })
  })

  describe(`the bounds of ${name}`, () => {
    const long = new Uint8Array(STORE_KEY_BYTES_MAX).fill(1)
    const many = Array.from({ length: STORE_UNIT_ITEMS_MAX }, (_, at) => append(`${at}`))
    const named = (journal: string): Unit => unit([append('a', 'a', 0n, journal)])
    const cases: readonly [what: string, inside: Unit, outside: Unit][] = [
      [
        'keys',
        unit([{ ...append(''), key: long }]),
        unit([{ ...append(''), key: new Uint8Array(STORE_KEY_BYTES_MAX + 1) }]),
      ],
      ['empty keys', unit([{ ...append(''), key: Uint8Array.of(0) }]), unit([append('')])],
      ['items', unit(many), unit([...many, append('one more')])],
      [
        'names',
        named('n'.repeat(STORE_NAME_BYTES_MAX)),
        named('n'.repeat(STORE_NAME_BYTES_MAX + 1)),
      ],
      ['empty names', named('n'), named('')],
      ['times', unit([append('a', 'a', 2n ** 53n - 1n)]), unit([append('a', 'a', 2n ** 53n)])],
      ['times before 1970', unit([append('a', 'a', 0n)]), unit([append('a', 'a', -1n)])],
      ['one key twice', unit([append('a'), append('b')]), unit([append('a'), append('a')])],
      [
        'one record twice',
        unit([], [put('a', 'a'), put('b', 'a')]),
        unit([], [put('a', 'a'), put('a', 'b')]),
      ],
    ]
    test.each(cases)(
      'hold for %s: the last that passes and the first that does not',
      (_, inside, outside) =>
        withStore(async (store) => {
          expect(await codeOf(store.commit(outside))).toBe('store/out-of-bounds')
          expect((await store.commit(inside)).is).toBe('stored')
        }),
    )

    kept('hold for values', async (store) => {
      const value = new Uint8Array(STORE_VALUE_BYTES_MAX + 1)
      expect(await codeOf(store.commit(unit([{ ...append('a'), value }])))).toBe(
        'store/out-of-bounds',
      )
    })

    kept('let strange names that are printable be nothing but names', async (store) => {
      const names = [
        '../../etc/passwd',
        "x';DROP/**/TABLE/**/entry;--",
        '%s%n',
        'CON',
        '$1',
        '"',
        'a/../b',
        '*',
      ]
      for (const name of names) {
        stored(
          await store.commit(
            unit([append('a', name, 0n, name)], [{ ...put('a', name), space: name }]),
          ),
        )
      }
      for (const name of names) {
        expect(text((await store.find(name, bytes('a')))?.value ?? bytes(''))).toBe(name)
        expect(text((await store.get(name, bytes('a')))?.value ?? bytes(''))).toBe(name)
        expect((await store.head(name)).size).toBe(1n)
      }
    })

    kept('refuse names with anything else', async (store) => {
      for (const name of ['a b', 'a\0b', 'a\nb', '\u202ea', 'ä', '\ud800', '\x1b[2J']) {
        expect(await codeOf(store.commit(named(name)))).toBe('store/out-of-bounds')
        expect(await codeOf(store.head(name))).toBe('store/out-of-bounds')
        expect(await codeOf(store.get(name, bytes('a')))).toBe('store/out-of-bounds')
      }
    })

    kept('keep keys apart whatever bytes they have', async (store) => {
      const keys = [[0], [0, 0], [39], [92], [255, 254], [0xc3, 0x28]].map((key) =>
        Uint8Array.from(key),
      )
      for (const key of keys)
        stored(await store.commit(unit([{ ...append('x'), key, value: key }])))
      for (const key of keys) expect((await store.find('vows', key))?.value).toEqual(key)
    })
  })

  describe(`closing ${name}`, () => {
    kept('commits what waits, and then takes nothing', async (store) => {
      const waiting = Promise.all([
        store.commit(unit([append('a')])),
        store.commit(unit([append('b')])),
      ])
      await store.close()
      expect(store.status().is).toBe('stopped')
      expect((await waiting).map(({ is }) => is)).toEqual(['stored', 'stored'])
      expect(await codeOf(store.commit(unit([append('c')])))).toBe('store/closed')
      expect(await codeOf(store.head('vows'))).toBe('store/closed')
    })

    kept('loses nothing', async (store, place) => {
      if (!place.durable) return
      const large = 'x'.repeat(STORE_INLINE_BYTES_MAX + 1)
      await store.commit(
        unit([append('a', 'a', 7n), append('b', large)], [put('x', 'one'), put('x2', large)]),
      )
      const before = await readAll(store, 'vows')
      await store.close()
      const again = await place.open()
      try {
        expect(await readAll(again, 'vows')).toEqual(before)
        expect(text((await again.get('heads', bytes('x')))?.value ?? bytes(''))).toBe('one')
        expect((await again.commit(unit([append('a', 'other')]))).is).toBe('taken')
        const [next] = stored(await again.commit(unit([append('c')])))
        expect(next).toMatchObject({ index: 2n, time: 7n })
        expectChained('vows', await readAll(again, 'vows'))
      } finally {
        await again.close()
      }
    })
  })
}
