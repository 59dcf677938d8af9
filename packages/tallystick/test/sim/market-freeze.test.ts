import { describe, expect, test } from 'vitest'
import { signerOf } from '../../src/kernel/controller.ts'
import type { Evidence } from '../../src/kernel/evidence.ts'
import { freezing } from '../../src/sim/market-freeze.ts'
import type { Desk, MarketState } from '../../src/sim/market-node.ts'
import type { World } from '../../src/sim/world.ts'
import { aliceWants, type Day, dayOf, town, withNode } from './market-world.ts'

const day = dayOf([aliceWants(10, 'send', 0), aliceWants(200, 'send', 1)])

const deskIn = (of: Day, name: string): Desk => {
  const found = of.world.nodes.find((one) => one.name === name)?.state
  if (found?.is !== 'desk') throw new Error(`${name} is no operator`)
  return found
}

/** Whom it convicts is all that the rule looks at; whether it does is for the operator to have asked. */
const evidenceAgainst = (publicKey: Uint8Array): Evidence =>
  ({ suite: 'classic', scheme: 'ed25519', publicKey }) as Evidence

/** An operator with its first vows only, and evidence against a key. */
const south = (vows: number, accused?: Uint8Array): World<MarketState> => {
  const desk = deskIn(day, 'south')
  const operator = {
    ...desk.operator,
    vows: new Map([...desk.operator.vows].slice(0, vows)),
    forks: accused ? [evidenceAgainst(accused)] : [],
  }
  return withNode(day, 'south', { state: { ...desk, operator } }).world
}

const alice = town.publicKey('alice')

const after = (...worlds: readonly World<MarketState>[]): string | undefined => {
  const rule = freezing(new Set())
  return worlds.map((one) => rule.check(one)).find((says) => says !== undefined)
}

describe('freezing', () => {
  test('lets an operator vow until it holds evidence, and keep what it has vowed for', () => {
    expect(deskIn(day, 'south').operator.vows.size).toBe(2)
    expect(after(south(1), south(2), south(2, alice), south(2, alice))).toBeUndefined()
  })

  test('objects to a vow for a key that the operator holds evidence against', () => {
    expect(after(south(1, alice), south(2, alice))).toBe(
      'south vowed for a key it holds evidence against',
    )
  })

  test('asks nothing about other keys, liars, and an operator that a crash took back', () => {
    expect(after(south(1, town.publicKey('bob')), south(2, town.publicKey('bob')))).toBeUndefined()
    expect(after(south(1, alice), south(1), south(2), south(2, alice))).toBeUndefined()
    const lying = (world: World<MarketState>): World<MarketState> => ({
      ...world,
      nodes: world.nodes.map((one) => ({ ...one, honest: one.name !== 'south' && one.honest })),
    })
    expect(after(lying(south(1, alice)), lying(south(2, alice)))).toBeUndefined()
  })

  test('notes that a key was frozen', () => {
    const seen = new Set<string>()
    freezing(seen).check(south(1, alice))
    expect(seen).toContain('frozen key')
    expect(signerOf('classic', evidenceAgainst(alice))).toHaveLength(64)
  })
})
