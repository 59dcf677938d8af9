/** Sealing by itself: what shares a seal, in which order, and what is never signed. */
import { describe, expect, test } from 'vitest'
import { type Id, idFromHex, type Signer } from 'tallystick/base'
import type { Transition } from 'tallystick/kernel'
import { MOI, sealed } from 'tallystick/moi'
import { createSealer, type Sealer } from '../../src/guardian/sealer.ts'
import type { LatticeEntry } from '../../src/guardian/store/entry.ts'
import { type Lattice, openLattice } from '../../src/guardian/store/lattice.ts'
import { storeError } from '../../src/store/errors.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { dev } from './town.ts'

const id = <Name extends string>(fill: number): Id<Name> =>
  idFromHex<Name>(fill.toString(16).padStart(2, '0').repeat(32))

/** Step `height` of a machine; `other` for another child of the same parent. */
const entryAt = (fill: number, height: bigint, other = 8): LatticeEntry => {
  const transition: Transition = {
    machine: id(fill),
    interaction: id(9),
    state: id(other),
    entropy: id(7),
    sequence: height + 1n,
    parent: id(6),
  }
  return {
    kind: 'interaction',
    interaction: new Uint8Array(0),
    tesseract: id(100 + Number(height)),
    time: 1n,
    receipt: new Uint8Array(0),
    steps: [{ account: id(fill), link: id(0), transition }],
    seen: [],
    told: [],
    changes: [],
  }
}

type Town = { readonly lattice: Lattice; readonly sealer: Sealer; readonly signs: () => number }

const townWith = async (
  clock: () => bigint = () => 5n,
  store: Store = createMemoryStore(),
): Promise<Town> => {
  const lattice = await openLattice(store)
  let count = 0
  const signer: Signer = {
    ...dev.guardian,
    sign: (message) => {
      count += 1
      return dev.guardian.sign(message)
    },
  }
  const sealer = await createSealer({ lattice, signer, suite: MOI, clock })
  return { lattice, sealer, signs: () => count }
}

const timeOf = async ({ lattice }: Town, index: bigint): Promise<bigint | undefined> => {
  const found = await lattice.certificateOf(index)
  return found && sealed.decode(found.certificate).time
}

describe('A sealer', () => {
  test('puts what comes together under one seal, and what comes later under another', async () => {
    const town = await townWith()
    town.sealer.seal([entryAt(1, 0n)])
    town.sealer.seal([entryAt(2, 0n), entryAt(3, 0n)])
    await town.sealer.settled()
    expect(town.signs()).toBe(1)
    expect(await town.lattice.certificateOf(2n)).toMatchObject({ first: 0n, last: 2n })
    town.sealer.seal([entryAt(1, 1n)])
    await town.sealer.settled()
    expect(town.signs()).toBe(2)
    expect(await town.lattice.certificateOf(3n)).toMatchObject({ first: 3n, last: 3n })
  })

  test('never lets its time go back', async () => {
    let now = 50n
    const town = await townWith(() => now)
    town.sealer.seal([entryAt(1, 0n)])
    await town.sealer.settled()
    now = 20n
    town.sealer.seal([entryAt(1, 1n)])
    await town.sealer.settled()
    expect(await timeOf(town, 0n)).toBe(50n)
    expect(await timeOf(town, 1n)).toBe(50n)
  })

  test('signs no second child of a parent, and nothing after it', async () => {
    const town = await townWith()
    town.sealer.seal([entryAt(1, 0n)])
    await town.sealer.settled()
    town.sealer.seal([entryAt(1, 0n, 4)])
    await expect(town.sealer.settled()).rejects.toThrow('another child')
    await expect(town.sealer.hasRoom()).rejects.toThrow('another child')
    expect(town.signs()).toBe(1)
  })

  test('signs at a start what was left unsigned', async () => {
    const { lattice, sealer, signs } = await townWith()
    await lattice.add(
      [0n, 1n, 2n].map((at) => ({
        hash: new Uint8Array(32).fill(Number(at)),
        entry: entryAt(1, at),
      })),
    )
    lattice.show()
    await sealer.catchUp()
    expect(signs()).toBe(1)
    expect(await lattice.certified()).toBe(3n)
    sealer.seal([entryAt(1, 3n)])
    await sealer.settled()
    expect(await lattice.certified()).toBe(4n)
  })

  describe('whose store is full', () => {
    const fullStore = (): { readonly store: Store; readonly empty: () => void } => {
      const inner = createMemoryStore()
      let isFull = true
      const commit: Store['commit'] = (unit) =>
        isFull ? Promise.reject(storeError('store/full', 'there is no room')) : inner.commit(unit)
      return {
        store: { ...inner, commit },
        empty: () => {
          isFull = false
        },
      }
    }

    test('waits with the seal that it made, and goes on', async () => {
      const { store, empty } = fullStore()
      let now = 5n
      const town = await townWith(() => now, store)
      town.sealer.seal([entryAt(1, 0n)])
      // Who wants a proof is told why there is none, and nobody is shown a seal that is not stored.
      await expect(town.sealer.settled()).rejects.toMatchObject({ code: 'store/full' })
      expect(await town.lattice.certificateOf(0n)).toBeUndefined()
      now = 9n
      empty()
      await town.sealer.hasRoom()
      town.sealer.seal([entryAt(1, 1n)])
      await town.sealer.stop()
      expect(await timeOf(town, 0n)).toBe(5n)
      expect(await timeOf(town, 1n)).toBe(9n)
      expect(town.signs()).toBe(2)
      await town.sealer.settled()
    })

    test('gives up when it is told to stop, and leaves the rest to the next start', async () => {
      const { store, empty } = fullStore()
      const town = await townWith(() => 5n, store)
      town.sealer.seal([entryAt(1, 0n)])
      await expect(town.sealer.stop()).rejects.toMatchObject({ code: 'store/full' })
      empty()
      expect(await town.lattice.certified()).toBe(0n)
    })
  })
})
