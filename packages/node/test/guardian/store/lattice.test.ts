/** The lattice over a store: what was added, shown, left without rows, or set back. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type Id, idFromHex, u64 } from 'tallystick/base'
import type { Transition } from 'tallystick/kernel'
import { openSqliteStore } from '../../../src/store/sqlite.ts'
import { storeError } from '../../../src/store/errors.ts'
import { createMemoryStore } from '../../../src/store/memory.ts'
import type { Store } from '../../../src/store/store.ts'
import type { LatticeEntry, MoiId } from '../../../src/guardian/store/entry.ts'
import { latticeEntry } from '../../../src/guardian/store/entry.ts'
import { type Added, INTERACTIONS, openLattice } from '../../../src/guardian/store/lattice.ts'
import { MARK, MARK_KEY } from '../../../src/guardian/store/rows.ts'

const id = <Name extends string>(fill: number): Id<Name> =>
  idFromHex<Name>(fill.toString(16).padStart(2, '0').repeat(32))
const [alice, bob]: readonly [MoiId, MoiId] = [id(1), id(2)]

const folders: string[] = []
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true })
})

const transitionAt = (account: MoiId, height: bigint): Transition => ({
  machine: idFromHex(account),
  interaction: id(9),
  state: id(8),
  entropy: id(7),
  sequence: height + 1n,
  parent: id(6),
})

type Moves = readonly (readonly [account: MoiId, height: bigint, value: string | undefined])[]

const added = (fill: number, moves: Moves, more: Partial<LatticeEntry> = {}): Added => ({
  hash: new Uint8Array(32).fill(fill),
  entry: {
    kind: 'interaction',
    interaction: new Uint8Array([fill]),
    tesseract: id(fill + 100),
    time: 1000n,
    receipt: new Uint8Array([fill]),
    steps: moves.map(([account, height]) => ({
      account,
      link: id(0),
      transition: transitionAt(account, height),
    })),
    seen: [],
    told: [],
    changes: moves.map(([account, , value]) => ({
      account,
      path: ['balance', 'x'],
      value: value === undefined ? undefined : new TextEncoder().encode(value),
    })),
    ...more,
  },
})

const textAt = async (
  store: Store,
  account: MoiId,
  height: bigint,
): Promise<string | undefined> => {
  const found = await (await openLattice(store)).leafAt(account, ['balance', 'x'], height)
  return found && Buffer.from(found).toString()
}

describe('A lattice', () => {
  test('takes a batch with more bytes than the store takes at a time', async () => {
    const lattice = await openLattice(createMemoryStore())
    const receipt = new Uint8Array(3_000_000)
    const batch = Array.from({ length: 24 }, (_, at) =>
      added(at + 1, [[alice, BigInt(at), 'a']], { receipt }),
    )
    await lattice.add(batch)
    lattice.show()
    expect(lattice.size()).toBe(24n)
    expect(await lattice.stepOf(alice)).toMatchObject({ height: 23n, index: 23n })
    const last = await lattice.entryByHash(new Uint8Array(32).fill(24))
    expect(last?.entry.receipt).toHaveLength(3_000_000)
  })

  test('shows what was added only once it is told to', async () => {
    const lattice = await openLattice(createMemoryStore())
    const one = added(1, [[alice, 0n, 'a']])
    await lattice.add([one])
    expect(lattice.size()).toBe(0n)
    expect(await lattice.stepOf(alice)).toBeUndefined()
    expect(await lattice.entryByHash(one.hash)).toBeUndefined()
    expect(await lattice.entryByTesseract(one.entry.tesseract)).toBeUndefined()
    lattice.show()
    expect(lattice.size()).toBe(1n)
    expect(await lattice.stepOf(alice)).toMatchObject({ height: 0n, index: 0n })
    expect((await lattice.entryByHash(one.hash))?.entry).toEqual(one.entry)
    expect((await lattice.entryByTesseract(one.entry.tesseract))?.index).toBe(0n)
  })

  test('still shows what is before while more is stored', async () => {
    const lattice = await openLattice(createMemoryStore())
    await lattice.add([added(1, [[alice, 0n, 'a']])])
    lattice.show()
    await lattice.add([added(2, [[alice, 1n, 'b']])])
    expect(await lattice.stepOf(alice)).toMatchObject({ height: 0n })
    lattice.show()
    expect(await lattice.stepOf(alice)).toMatchObject({ height: 1n })
  })

  test('knows a value at every height, also where it did not change or was removed', async () => {
    const store = createMemoryStore()
    const lattice = await openLattice(store)
    await lattice.add([
      added(1, [
        [alice, 0n, 'a'],
        [bob, 0n, 'z'],
      ]),
      added(2, [[alice, 1n, 'b']]),
      added(3, [[alice, 2n, undefined]]),
      added(4, [[alice, 3n, 'c']], { changes: [] }),
    ])
    lattice.show()
    expect(await textAt(store, alice, 0n)).toBe('a')
    expect(await textAt(store, alice, 1n)).toBe('b')
    expect(await textAt(store, alice, 2n)).toBeUndefined()
    expect(await textAt(store, alice, 9n)).toBeUndefined()
    expect(await textAt(store, bob, 5n)).toBe('z')
    expect(await lattice.leavesAt(alice, 1n, 10)).toHaveLength(1)
    expect(await lattice.leavesAt(alice, 2n, 10)).toHaveLength(0)
    await expect(lattice.leavesAt(alice, 1n, 0)).rejects.toThrow('more than 0 values')
    expect((await lattice.accounts(undefined, 10)).map((one) => one.account)).toEqual([alice, bob])
    expect((await lattice.accounts(alice, 10)).map((one) => one.account)).toEqual([bob])
  })

  test('finds entries with logs by the height at which their account stood', async () => {
    const lattice = await openLattice(createMemoryStore())
    const seen = [{ account: bob, height: 4n, head: id<'transition'>(5) }]
    await lattice.add([
      added(1, [[alice, 0n, 'a']], { told: [alice] }),
      added(2, [[alice, 1n, 'b']], { seen, told: [bob] }),
      added(3, [[alice, 2n, 'c']], { seen, told: [bob, alice] }),
    ])
    lattice.show()
    const indices = async (account: MoiId, from: bigint, to: bigint): Promise<readonly bigint[]> =>
      (await lattice.logsOf({ account, from, to, limit: 10 })).map((one) => one.index)
    expect(await indices(bob, 4n, 5n)).toEqual([1n, 2n])
    expect(await indices(bob, 0n, 4n)).toEqual([])
    expect(await indices(alice, 0n, 3n)).toEqual([0n, 2n])
    expect(await indices(alice, 1n, 3n)).toEqual([2n])
  })

  test('finds the certificate that covers an entry', async () => {
    const lattice = await openLattice(createMemoryStore())
    await lattice.add([1, 2, 3, 4].map((at) => added(at, [[alice, BigInt(at - 1), 'a']])))
    lattice.show()
    expect(await lattice.certified()).toBe(0n)
    await lattice.keepCertificate(0n, 0n, new Uint8Array([1]))
    await lattice.keepCertificate(1n, 2n, new Uint8Array([2]))
    expect(await lattice.certified()).toBe(3n)
    expect(await lattice.certificateOf(0n)).toMatchObject({ first: 0n, last: 0n })
    expect(await lattice.certificateOf(1n)).toMatchObject({ first: 1n, last: 2n })
    expect(await lattice.certificateOf(3n)).toBeUndefined()
  })

  test('stores nothing of a batch whose rows cannot be made, so that the next start finds none', async () => {
    const store = createMemoryStore()
    const lattice = await openLattice(store)
    const wrong = added(2, [[alice, 1n, 'b']], { told: [bob] })
    await expect(lattice.add([added(1, [[alice, 0n, 'a']]), wrong])).rejects.toThrow('logs stand')
    expect((await store.head(INTERACTIONS)).size).toBe(0n)
    await expect(openLattice(store)).resolves.toBeDefined()
  })

  test('refuses an interaction that it has already', async () => {
    const lattice = await openLattice(createMemoryStore())
    await lattice.add([added(1, [[alice, 0n, 'a']])])
    await expect(lattice.add([added(1, [[alice, 1n, 'b']])])).rejects.toThrow('stored before')
  })
})

describe('A store that is full for a while', () => {
  const batch = [added(1, [[alice, 0n, 'a']]), added(2, [[bob, 0n, 'b']])]
  const full = () => storeError('store/full', 'there is no room')

  test.each([
    ['that kept nothing of it', false],
    ['that kept it, and had no room to say so', true],
  ])('%s takes the same entries again, once', async (_, isKept) => {
    const inner = createMemoryStore()
    let isFull = true
    const store: Store = {
      ...inner,
      commit: async (unit) => {
        if (!isFull) return inner.commit(unit)
        if (isKept) await inner.commit(unit)
        throw full()
      },
    }
    const lattice = await openLattice(store)
    await expect(lattice.add(batch)).rejects.toThrow('no room')
    expect(lattice.size()).toBe(0n)
    await expect(lattice.add(batch)).rejects.toThrow('no room')
    isFull = false
    await lattice.add(batch)
    lattice.show()
    expect(lattice.size()).toBe(2n)
    expect((await store.head(INTERACTIONS)).size).toBe(2n)
    expect(await textAt(store, bob, 0n)).toBe('b')
    await lattice.add([added(3, [[alice, 1n, 'c']])])
    lattice.show()
    expect(await textAt(store, alice, 1n)).toBe('c')
  })

  test('takes the rest where it had room for a part', async () => {
    const inner = createMemoryStore()
    let commits = 0
    const store: Store = {
      ...inner,
      commit: async (unit) => {
        commits += 1
        if (commits === 2) throw full()
        return inner.commit(unit)
      },
    }
    const lattice = await openLattice(store)
    const receipt = new Uint8Array(6_000_000)
    const large = [1, 2, 3].map((fill) =>
      added(fill, [[alice, BigInt(fill - 1), 'a']], { receipt }),
    )
    await expect(lattice.add(large)).rejects.toThrow('no room')
    await lattice.add(large)
    lattice.show()
    expect(await lattice.stepOf(alice)).toMatchObject({ height: 2n, index: 2n })
    expect((await inner.head(INTERACTIONS)).size).toBe(3n)
  })

  test('is no excuse for another entry in the same place', async () => {
    const inner = createMemoryStore()
    const lattice = await openLattice(inner)
    await (await openLattice(inner)).add(batch)
    const other = added(1, [[alice, 0n, 'else']])
    await expect(lattice.add([other])).rejects.toMatchObject({ code: 'store/stopped' })
  })
})

describe('A start', () => {
  test('makes the rows that a process which was killed had not written', async () => {
    const store = createMemoryStore()
    const whole = [added(1, [[alice, 0n, 'a']]), added(2, [[alice, 1n, 'b']])]
    for (const { hash, entry } of whole) {
      const value = latticeEntry.encode(entry)
      await store.commit({
        appends: [{ journal: INTERACTIONS, key: hash, value, time: 1n }],
        puts: [],
      })
    }
    const lattice = await openLattice(store)
    expect(lattice.size()).toBe(2n)
    expect(await lattice.stepOf(alice)).toMatchObject({ height: 1n, index: 1n })
    expect(await textAt(store, alice, 0n)).toBe('a')
    const mark = await store.get(MARK, MARK_KEY)
    expect(mark && u64.decode(mark.value)).toBe(2n)
  })

  test('finds what another process left on disk', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'lattice-'))
    folders.push(folder)
    const first = await openSqliteStore(folder)
    const lattice = await openLattice(first)
    const many: Moves = [[alice, 0n, 'a']]
    const changes = Array.from({ length: 3000 }, (_, at) => ({
      account: alice,
      path: ['state', u64.encode(BigInt(at))],
      value: u64.encode(BigInt(at)),
    }))
    // More rows than one unit holds.
    await lattice.add([added(1, many, { changes })])
    lattice.show()
    await first.close()
    const second = await openSqliteStore(folder)
    const again = await openLattice(second)
    expect(again.size()).toBe(1n)
    expect(await again.leavesAt(alice, 0n, 5000)).toHaveLength(3000)
    const path = ['state', u64.encode(2999n)]
    expect(await again.leafAt(alice, path, 0n)).toEqual(u64.encode(2999n))
    await second.close()
  })
})
