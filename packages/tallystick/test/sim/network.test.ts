import { describe, expect, test } from 'vitest'
import { createNetwork, type Network } from '../../src/sim/network.ts'
import type { Plan } from '../../src/sim/plan.ts'
import { createStreams } from '../../src/sim/random.ts'
import { calm, planWith } from './toy.ts'

const networkWith = (knobs: Partial<Plan['knobs']>): Network<string> => {
  const plan = planWith([], { knobs: { ...calm, ...knobs } })
  return createNetwork<string>(plan, createStreams(plan.seed))
}

const sendMany = (network: Network<string>, now = 10): readonly (readonly { at: number }[])[] =>
  Array.from({ length: 200 }, () => network.send(0, 1, now))

describe('the network', () => {
  test('hands over everything at once when nothing is wrong with it', () => {
    expect(networkWith({}).send(0, 1, 10)).toEqual([{ at: 11, mangled: false }])
  })

  test('loses, repeats, delays and mangles as often as the plan says', () => {
    const lost = sendMany(networkWith({ lossPercent: 30 })).filter((one) => one.length === 0)
    expect(lost.length).toBeGreaterThan(35)
    expect(lost.length).toBeLessThan(85)
    const twice = sendMany(networkWith({ repeatPercent: 30 })).filter((one) => one.length === 2)
    expect(twice.length).toBeGreaterThan(35)
    const late = sendMany(networkWith({ delayMax: 20 })).map((one) => one[0]?.at ?? 0)
    expect(Math.min(...late)).toBe(11)
    expect(Math.max(...late)).toBe(30)
    expect(networkWith({ manglePercent: 100 }).send(0, 1, 10)).toEqual([{ at: 11, mangled: true }])
  })

  test('cuts one direction of a link for as long as planned', () => {
    const network = networkWith({})
    network.cut({ at: 10, is: 'cut', from: 0, to: 1, ticks: 5 })
    expect(network.send(0, 1, 14)).toEqual([])
    expect(network.send(1, 0, 14)).toHaveLength(1)
    expect(network.send(0, 1, 15)).toHaveLength(1)
  })

  test('heals when the safety phase is over', () => {
    const network = networkWith({ lossPercent: 100, manglePercent: 100, delayMax: 40 })
    network.cut({ at: 10, is: 'cut', from: 0, to: 1, ticks: 5000 })
    expect(network.send(0, 1, 200)).toEqual([])
    expect(network.send(0, 1, 201)).toEqual([{ at: 203, mangled: false }])
  })

  test('draws the same for each message of a link, whatever became of those before', () => {
    const clean = networkWith({ delayMax: 20 })
    const cut = networkWith({ delayMax: 20 })
    cut.cut({ at: 0, is: 'cut', from: 0, to: 1, ticks: 5 })
    cut.send(0, 1, 1)
    clean.send(0, 1, 1)
    expect(cut.send(0, 1, 50)).toEqual(clean.send(0, 1, 50))
  })

  test('keeps what was sent, for an echo', () => {
    const network = networkWith({})
    expect(network.recall(1, 5)).toBeUndefined()
    for (let at = 0; at < 70; at++) network.keep(1, `mail ${at}`)
    expect(network.recall(1, 0)).toBe('mail 6')
    expect(network.recall(1, 63)).toBe('mail 69')
    expect(network.recall(0, 0)).toBeUndefined()
  })
})
