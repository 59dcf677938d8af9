import { describe, expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { isFault } from '../../src/base/fault.ts'
import { terms as termsCodec } from '../../src/kernel/charter.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { AMEND, type Operation } from '../../src/kernel/interaction.ts'
import { createStreams } from '../../src/sim/random.ts'
import { entriesOf } from '../../src/state/tree.ts'
import { type Bundle, EMPTY_BUNDLE, fileFromBundle } from '../../src/verify/bundle.ts'
import type { Report } from '../../src/verify/report.ts'
import { type Scope, scopeBundle } from '../../src/verify/scope.ts'
import { verify } from '../../src/verify/verify.ts'
import {
  parcel,
  PARCEL,
  parcelOptions,
  parcelStory,
  type ParcelStep,
  stepOn,
  stepsIn,
} from './parcel.ts'
import {
  BOTH,
  certificateFor,
  charterFor,
  codesOf,
  found,
  history,
  machineFor,
  noteIn,
  options,
  OWNED,
  PAIR,
  stepFor,
  termsFor,
} from './world.ts'

const ALL: Scope = { machines: undefined, steps: undefined, hide: [], show: undefined }
const range = (first: number, last: number): Scope => ({
  ...ALL,
  steps: { first: BigInt(first), last: BigInt(last) },
})

const scoped = (bundle: Bundle, scope: Partial<Scope>, checks = parcelOptions): Bundle => {
  const cut = scopeBundle(bundle, { ...ALL, ...scope }, checks)
  if (isFault(cut)) throw cut
  return cut
}
const reported = (bundle: Bundle, checks = parcelOptions): Report =>
  verify(fileFromBundle(bundle), checks)
const codeOf = (bundle: Bundle, scope: Partial<Scope> = {}): string => {
  const cut = scopeBundle(bundle, { ...ALL, ...scope }, parcelOptions)
  return isFault(cut) ? cut.code : 'done'
}
const bundleOf = (of: readonly ParcelStep[]): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [PARCEL],
  steps: of.map((one) => one.step),
  openings: of.flatMap((one) => one.openings),
})
const marks = (report: Report): string =>
  stepsIn(report)
    .map((one) => (one.withheld ? '-' : one.standing === 'final' ? 'f' : one.standing[0]))
    .join('')

const story = parcelStory()
const whole = bundleOf(story)

describe('a scope of fields', () => {
  test('leaves out the values of those that are hidden, and nothing else', () => {
    const cut = scoped(whole, { hide: ['price'] })
    expect(cut).toEqual({
      ...whole,
      openings: whole.openings.filter((one) => one.name !== 'price'),
    })
    expect(reported(cut).outcome).toBe('valid')
  })

  test('may name the only ones that are shown; hiding goes first', () => {
    expect(scoped(whole, { show: ['origin'] }).openings.map((one) => one.name)).toEqual(['origin'])
    expect(scoped(whole, { show: ['origin'], hide: ['origin'] }).openings).toEqual([])
  })

  test('of everything is the file itself', () => {
    expect(scoped(whole, {})).toEqual(whole)
  })
})

describe('a scope of steps', () => {
  test.each([
    [1, 1, 'f--'],
    [2, 2, '-v-'],
    [3, 3, '--v'],
    [1, 2, 'ff-'],
    [2, 3, '-vv'],
    [1, 3, 'fff'],
    [4, 9, '---'],
  ])('from %i to %i shows %s, and the file holds', (first, last, expected) => {
    const cut = scoped(whole, range(first, last))
    const report = reported(cut)
    expect(report.faults).toEqual([])
    expect(marks(report)).toBe(expected)
    expect(report.machines[0]?.head.sequence).toBe(3n)
  })

  test('carries openings of shown steps only', () => {
    const cut = scoped(whole, range(2, 2))
    expect(cut.openings.map((one) => one.value)).toEqual(['13.75 EUR'])
    const file = Buffer.from(fileFromBundle(cut)).toString('latin1')
    expect(file).not.toMatch(/12\.50|14\.00|Huelva/)
  })

  test('shows of a withheld state what the shown steps need, and no more', () => {
    const things = 'abcdefghijklmnop'.split('')
    const put = (say: string): Operation => ({
      machine: parcel.id,
      logic: 2,
      argument: bytesFromUtf8(say),
    })
    const first = stepOn(parcel, [put(`put ${things.join(' ')}`)])
    const second = stepOn(first.after, [put('put a')])
    const cut = scoped(bundleOf([first, second]), range(2, 2))
    const [hidden] = cut.withheld
    const values = entriesOf(first.after.state).length
    expect(values).toBe(things.length + 1)
    const leaves = [...(hidden?.witness ?? [])].length
    expect(leaves).toBeGreaterThan(0)
    const text = Buffer.from(hidden?.witness ?? []).toString('hex')
    const key = (word: string): string =>
      pathKey('classic', { machine: parcel.id, logic: 2 }, ['thing', word])
    const withValue = things.filter((word) => text.includes(`02${key(word)}`))
    expect(withValue).toEqual(['a'])
  })

  test('is not left with a step dropped from the middle', () => {
    const cut = scoped(whole, range(3, 3))
    const report = reported({ ...cut, withheld: cut.withheld.slice(1) })
    expect(codesOf(report)).toContain('bundle/missing-step')
    expect(report.outcome).not.toBe('valid')
  })

  test('goes by a tree whose shape changes both ways: no range of random steps is unprovable', () => {
    const random = createStreams(11)('shelf')
    const words = 'abcdefghijkl'.split('')
    for (let round = 0; round < 12; round++) {
      const made: ParcelStep[] = []
      for (let at = 0; at < 7; at++) {
        const say = Array.from({ length: 1 + random.below(4) }, () => {
          const verb = random.chance(50) ? 'put' : 'drop'
          return `${verb} ${words[random.below(words.length)]}`
        }).join(' ')
        const argument = bytesFromUtf8(say)
        made.push(
          stepOn(made.at(-1)?.after ?? parcel, [{ machine: parcel.id, logic: 2, argument }]),
        )
      }
      const first = 1 + random.below(7)
      const last = first + random.below(8 - first)
      const report = reported(scoped(bundleOf(made), range(first, last)))
      expect([round, codesOf(report)]).toEqual([round, []])
      expect(marks(report)).toHaveLength(7)
    }
  })
})

describe('a change of terms', () => {
  const next = termsFor({ parties: ['alice', 'bob', 'carol'] })
  const [begun] = story
  if (!begun) throw new Error('the story begins')
  const operation: Operation = {
    machine: parcel.id,
    logic: AMEND,
    argument: termsCodec.encode(next),
  }
  const amend = stepOn(begun.after, [operation])
  const [leg] = amend.step.legs
  if (leg?.is !== 'written') throw new Error('the step writes')
  const accepted = certificateFor(amend.after, amend.after.head, { by: [...BOTH, 'carol'] })
  const argument = bytesFromUtf8('put a')
  const put: Operation = { machine: parcel.id, logic: 2, argument }
  const later = stepOn(amend.after, [put], { by: [...BOTH, 'carol'] })
  const bundle: Bundle = {
    ...bundleOf([begun, amend, later]),
    steps: [begun.step, { ...amend.step, legs: [{ ...leg, accepted }] }, later.step],
  }

  test('is shown wherever it is on the way, so that it is known who certifies', () => {
    expect(reported(bundle).outcome).toBe('valid')
    for (const scope of [range(3, 3), range(1, 1), range(9, 9)]) {
      const report = reported(scoped(bundle, scope))
      expect(report.faults).toEqual([])
      expect(stepsIn(report)[1]?.withheld).toBe(false)
    }
  })
})

describe('a scope of machines', () => {
  // Alice's account says something that the two of the relationship rely on.
  const account = machineFor(OWNED)
  const said = ['set deal yes', 'set more no'].reduce(
    (made, say) => {
      const machine = made.at(-1)?.after ?? account
      const wish = { machine, say, proposedBy: 'alice', certifiedBy: ['oda', 'ove'] }
      return [...made, stepFor({ ...wish, consentOf: ['alice'] })]
    },
    [] as ReturnType<typeof stepFor>[],
  )
  const [first, second] = said
  if (!first || !second) throw new Error('she says two things')
  const { steps, head } = history(2)
  const taking = stepFor({
    machine: head,
    say: 'take deal',
    premises: [noteIn(first.after, 'deal')],
    certifiedBy: BOTH,
  })
  const bundle: Bundle = {
    ...EMPTY_BUNDLE,
    charters: [charterFor(OWNED), charterFor(PAIR)],
    steps: [...steps, first.step, second.step, taking.step],
  }

  test('holds all of the chosen one, and of others only what it rests on', () => {
    expect(reported(bundle, options).outcome).toBe('valid')
    const cut = scoped(bundle, { machines: [head.id] }, options)
    const report = reported(cut, options)
    expect(report.faults).toEqual([])
    expect(found(report, head).steps.map((one) => one.standing)).toEqual([
      'final',
      'final',
      'vouched',
    ])
    const other = found(report, account).steps
    expect(other.map((one) => [one.sequence, one.withheld])).toEqual([[1n, true]])
    expect(Buffer.from(fileFromBundle(cut)).toString('latin1')).not.toContain('set more no')
  })

  test('leaves out machines that nothing chosen rests on', () => {
    const cut = scoped(bundle, { machines: [account.id] }, options)
    expect(cut.charters).toEqual([charterFor(OWNED)])
    expect(reported(cut, options).outcome).toBe('valid')
  })
})

describe('what cannot be cut down', () => {
  test('is a file with anything false in it, and one that was cut down before', () => {
    const [first] = whole.openings
    if (!first) throw new Error('there is an opening')
    expect(codeOf({ ...whole, openings: [{ ...first, value: 'x' }] })).toBe('opening/wrong-value')
    expect(codeOf(scoped(whole, range(1, 1)))).toBe('scope/withheld-already')
    expect(codeOf(whole)).toBe('done')
  })
})
