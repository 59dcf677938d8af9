import { describe, expect, test } from 'vitest'
import { u64 } from '../../src/base/codec.ts'
import { checkClaims, claimsOf } from '../../src/kernel/claim.ts'
import type { Interaction } from '../../src/kernel/interaction.ts'
import type { Logic } from '../../src/kernel/logic.ts'
import { adding, counter, interactionOn, opened } from './sample.ts'

/** Counts, and says that it does so at the time that the amount spells. */
const timed: Logic = {
  ...counter,
  claims: (argument) => ({ at: u64.decode(argument), skewMs: 10 }),
}
const machine = opened()
const machines = new Map([[machine.id, machine]])
const at = (...times: readonly bigint[]): Interaction =>
  interactionOn(
    machine,
    times.map((one) => adding(machine, one)),
  )
const codeAt = (interaction: Interaction, now: bigint, logic = timed): string =>
  checkClaims({ interaction, machines, logics: new Map([['counter', logic]]) }, now)?.code ?? 'fine'

describe('a claimed time', () => {
  test('is agreed to within the skew of a clock, on both sides of it', () => {
    expect(codeAt(at(100n), 100n)).toBe('fine')
    expect(codeAt(at(100n), 110n)).toBe('fine')
    expect(codeAt(at(100n), 90n)).toBe('fine')
    expect(codeAt(at(100n), 111n)).toBe('claim/off-clock')
    expect(codeAt(at(100n), 89n)).toBe('claim/off-clock')
  })

  test('is looked at in every operation', () => {
    expect(codeAt(at(100n, 105n), 100n)).toBe('fine')
    expect(codeAt(at(100n, 111n), 100n)).toBe('claim/off-clock')
    const logics = new Map([['counter', timed]])
    expect(claimsOf({ interaction: at(1n, 2n), machines, logics })).toEqual([
      { at: 1n, skewMs: 10 },
      { at: 2n, skewMs: 10 },
    ])
  })

  test('is nothing where the logic claims none, or the machine is not known', () => {
    expect(codeAt(at(100n), 0n, counter)).toBe('fine')
    const logics = new Map([['counter', timed]])
    expect(checkClaims({ interaction: at(100n), machines: new Map(), logics }, 0n)).toBeUndefined()
  })

  test('that cannot be read is refused as the decoder says', () => {
    const interaction = interactionOn(machine, [
      { machine: machine.id, logic: 0, argument: new Uint8Array(3) },
    ])
    expect(codeAt(interaction, 0n)).toBe('codec/truncated')
  })
})
