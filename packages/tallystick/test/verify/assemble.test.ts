import { describe, expect, test } from 'vitest'
import { bundleStepFrom } from '../../src/verify/assemble.ts'
import { BOTH, charterFor, machineFor, PAIR, reportOn, stepFor } from './world.ts'

const pair = machineFor(PAIR)
const other = machineFor({ ...PAIR, nonce: 1 })
const charters = [charterFor(PAIR), charterFor({ ...PAIR, nonce: 1 })]

const codeFrom = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return String(error instanceof Error && 'code' in error ? error.code : error)
  }
  return 'no fault'
}

describe('assembled steps', () => {
  test('are what a bundle holds, with machines beside looked at where the caller says', () => {
    const beside = [{ machine: other, access: 'refer', open: true }] as const
    const made = stepFor({ machine: pair, beside, say: 'set a b', certifiedBy: BOTH })
    const [leg] = made.step.legs
    if (leg?.is !== 'written') throw new Error('the leg is written')
    const { interaction } = made.step
    const parts = { interaction, transition: leg.transition, certificate: leg.certificate }
    const step = bundleStepFrom(parts, (machine) =>
      machine === other.id ? other.headId : undefined,
    )
    expect(step).toEqual(made.step)
    expect(reportOn({ charters, steps: [step] }).outcome).toBe('valid')
    expect(codeFrom(() => bundleStepFrom(parts, () => undefined))).toBe('bundle/other-legs')
  })

  test('take a pinned leg at its pin and refuse a second written one', () => {
    const pinned = stepFor({
      machine: pair,
      beside: [{ machine: other, access: 'read' }],
      say: 'set a b',
    })
    const transition = pinned.after.head
    const step = bundleStepFrom(
      { interaction: pinned.step.interaction, transition },
      () => undefined,
    )
    expect(step.legs[1]).toEqual({ is: 'read', at: other.headId })
    const two = stepFor({
      machine: pair,
      beside: [{ machine: other, access: 'write' }],
      say: 'set a b',
    })
    const parts = { interaction: two.step.interaction, transition: two.after.head }
    expect(codeFrom(() => bundleStepFrom(parts, () => other.headId))).toBe('bundle/other-legs')
  })
})
