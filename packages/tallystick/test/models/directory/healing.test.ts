import { describe, expect, test } from 'vitest'
import { U64_MAX } from '../../../src/base/codec.ts'
import {
  aheadFault,
  healed,
  type Healed,
  healingFault,
  isEnoughForHealing,
  peersNeeded,
} from '../../../src/models/directory/healing.ts'
import { anId } from '../../kernel/sample.ts'
import { livedThrough, type Mistake } from './healing-world.ts'
import { policy } from './town.ts'

/** All of them where slow tests are asked for; the suite itself runs some. */
const SEEDS = process.env['TALLYSTICK_SLOW'] === undefined ? 2_000 : 10_000
const MISTAKEN_SEEDS = 20_000
const at = (sequence: bigint) => ({ machine: anId<'machine'>('m'), sequence })

describe('an operator', () => {
  test('vows so far ahead of a certified step, and no further', () => {
    expect(aheadFault(at(12n), 4n, 8n)).toBeUndefined()
    expect(aheadFault(at(13n), 4n, 8n)?.code).toBe('operator/too-far-ahead')
    expect(aheadFault(at(1n), 0n, 1n)).toBeUndefined()
  })

  test('that has healed signs above the floor and what it may have vowed for, and nothing where that is not known', () => {
    expect(healingFault(at(12n), 4n, 8n)?.code).toBe('operator/healing')
    expect(healingFault(at(13n), 4n, 8n)).toBeUndefined()
    expect(healingFault(at(U64_MAX), undefined, 0n)?.code).toBe('operator/healing')
    // Of an unknown distance nothing is far enough.
    expect(healingFault(at(U64_MAX), 0n, U64_MAX)?.code).toBe('operator/healing')
  })

  test('counts the operators of the policy that have answered, each once, and not itself or strangers', () => {
    const [self, ...others] = policy.operators
    if (!self) throw new Error('an operator')
    // n = 4, k = 3, f = 1.
    expect(peersNeeded(policy)).toBe(3)
    expect(isEnoughForHealing(policy, self, others)).toBe(true)
    expect(isEnoughForHealing(policy, self, others.slice(1))).toBe(false)
    const [one = self, two = self] = others
    expect(isEnoughForHealing(policy, self, [one, two, two])).toBe(false)
    expect(isEnoughForHealing(policy, self, [one, two, self])).toBe(false)
    const stranger = { scheme: 'ed25519', publicKey: new Uint8Array(32) } as const
    expect(isEnoughForHealing(policy, self, [one, two, stranger])).toBe(false)
    // One operator alone has nobody to ask.
    const alone = { operators: [self], threshold: 1, faulty: 0 }
    expect(isEnoughForHealing(alone, self, [])).toBe(false)
  })

  test('keeps what it knows of its healing in one spelling', () => {
    const of: Healed = {
      answered: policy.operators.slice(1),
      ahead: 9n,
      logSize: 5n,
      isWhole: false,
    }
    const read = healed.decode(healed.encode(of))
    expect(read.ahead).toBe(9n)
    expect(read.answered.map((one) => one.publicKey)).toEqual(
      policy.operators.slice(1).map((one) => one.publicKey),
    )
  })
})

describe('operators that were set back and have healed', () => {
  test(`never sign twice in one place, whatever owners and liars do, in ${SEEDS} lives`, () => {
    let [lost, onward, quarantined] = [0, 0, 0]
    for (let seed = 0; seed < SEEDS; seed++) {
      const outcome = livedThrough(seed, 'none')
      if (outcome.twice.length > 0) throw new Error(`seed ${seed}: ${outcome.twice.join(', ')}`)
      expect(outcome.certifiedTwice).toBe(false)
      if (outcome.hasLost) lost++
      if (outcome.hasLost && outcome.goesOn) onward++
      if (!outcome.isHealed) quarantined++
    }
    // The lives are no idle ones.
    expect(lost).toBeGreaterThan(SEEDS / 10)
    expect(onward).toBeGreaterThan(SEEDS / 50)
    expect(quarantined).toBe(0)
  })

  const mistakes: readonly Mistake[] = [
    'asks one too few',
    'is told less than it asks for',
    'vows any number ahead',
    'forgets how far ahead it was',
    'does not ask',
  ]
  test.each(mistakes)('sign twice where one %s', (mistake) => {
    let seed = 0
    while (seed < MISTAKEN_SEEDS && livedThrough(seed, mistake).twice.length === 0) seed++
    expect(seed).toBeLessThan(MISTAKEN_SEEDS)
  })
})
