import { describe, expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { type Machine, pathKey } from '../../src/kernel/execute.ts'
import { AMEND, type Operation } from '../../src/kernel/interaction.ts'
import { terms as termsCodec } from '../../src/kernel/charter.ts'
import { witnessOf } from '../../src/state/witness.ts'
import type { Bundle, BundleStep, WithheldStep } from '../../src/verify/bundle.ts'
import { termsKey } from '../../src/verify/withheld.ts'
import { linesFromReport } from '../../src/verify/words.ts'
import { parcel, parcelReport, parcelStory, type ParcelStep, stepOn, stepsIn } from './parcel.ts'
import { certificateFor, BOTH, codesOf, termsFor } from './world.ts'

const note = (say: string): Operation => ({
  machine: parcel.id,
  logic: 1,
  argument: bytesFromUtf8(say),
})
const noteKey = (name: string) =>
  pathKey('classic', { machine: parcel.id, logic: 1 }, ['note', name])

/** Five notes, the third of which writes what the fifth writes again. */
const story = ['a 1', 'b 2', 'c 3', 'd 4', 'c 5'].reduce<ParcelStep[]>((steps, say) => {
  steps.push(stepOn(steps.at(-1)?.after ?? parcel, [note(`set ${say}`)]))
  return steps
}, [])
const steps = story.map((one) => one.step)
const at = (index: number): ParcelStep => {
  const one = story[index]
  if (!one) throw new Error('no such step')
  return one
}

const keysOf = ({ id, terms }: Machine, names: readonly string[]) => [
  termsKey(terms, id),
  ...names.map(noteKey),
]

const withhold = ({ step, after }: ParcelStep, names?: readonly string[]): WithheldStep => {
  const [leg] = step.legs
  if (leg?.is !== 'written') throw new Error('the step writes')
  const { transition, proposal, certificate } = leg
  const witness = names
    ? witnessOf(after.state, {
        reads: keysOf(after, names),
        changes: names.map((name) => ({ key: noteKey(name), value: new Uint8Array(1) })),
      })
    : new Uint8Array(0)
  return { transition, proposal, certificate, witness }
}

const shown = (from: number, to: number): readonly BundleStep[] => steps.slice(from, to)
const standings = (bundle: Partial<Bundle>): readonly string[] =>
  stepsIn(parcelReport(bundle)).map((one) => `${one.standing}${one.withheld ? ' withheld' : ''}`)

describe('withheld steps', () => {
  test('are vouched for, not run, and the file is incomplete', () => {
    const report = parcelReport({
      steps: shown(0, 3),
      withheld: [withhold(at(3)), withhold(at(4))],
    })
    expect(report.outcome).toBe('incomplete')
    expect(report.faults).toEqual([])
    const found = stepsIn(report)
    expect(found.map((one) => [one.standing, one.withheld])).toEqual([
      ['final', false],
      ['final', false],
      ['final', false],
      ['vouched', true],
      ['vouched', true],
    ])
    expect(found[3]?.described).toEqual([])
    const lines = linesFromReport(report).join('\n')
    expect(lines).toContain('step 4: vouched for, not run')
    expect(lines).toContain('2 steps are withheld')
    expect(report.machines[0]?.head).toMatchObject({ sequence: 5n, standing: 'vouched' })
  })

  test('in front of a shown one leave it run on a state that is vouched for, never final', () => {
    const withheld = [withhold(at(0)), withhold(at(1), ['c', 'd'])]
    const bundle = { steps: shown(2, 5), withheld }
    expect(parcelReport(bundle).faults).toEqual([])
    expect(standings(bundle)).toEqual([
      'vouched withheld',
      'vouched withheld',
      'vouched',
      'vouched',
      'vouched',
    ])
    expect(stepsIn(parcelReport(bundle))[2]?.described).toEqual(['set c 3'])
    expect(linesFromReport(parcelReport(bundle)).join('\n')).toContain(
      'step 3: set c 3: run, on a state that is vouched for',
    )
  })

  test('may stand in any order in the file, and between shown ones', () => {
    const bundle = {
      steps: [...shown(0, 1), ...shown(4, 5)],
      withheld: [withhold(at(3), ['c']), withhold(at(1)), withhold(at(2))],
    }
    expect(parcelReport(bundle).faults).toEqual([])
    expect(standings(bundle)).toEqual([
      'final',
      'vouched withheld',
      'vouched withheld',
      'vouched withheld',
      'vouched',
    ])
  })

  test('cannot be dropped from the middle unseen', () => {
    const report = parcelReport({
      steps: shown(0, 1),
      withheld: [withhold(at(2)), withhold(at(3))],
    })
    expect(codesOf(report)).toEqual(['bundle/missing-step'])
    expect(report.faults[0]?.place.step).toBe(3n)
    expect(report.outcome).toBe('incomplete')
    expect(stepsIn(report).map((one) => one.standing)).toEqual(['final', 'unchecked', 'unchecked'])
  })

  test('are not run for want of a witness, and the step behind them is not taken for one that was', () => {
    const report = parcelReport({
      steps: shown(2, 3),
      withheld: [withhold(at(0)), withhold(at(1))],
    })
    expect(codesOf(report)).toEqual(['state/unknown-place'])
    expect(report.outcome).toBe('incomplete')
    expect(stepsIn(report).at(-1)?.standing).toBe('unchecked')
  })

  test('are refused twice, or beside the same step shown', () => {
    const once = [withhold(at(0))]
    expect(codesOf(parcelReport({ steps: shown(0, 1), withheld: once }))).toEqual([
      'bundle/duplicate-step',
    ])
    expect(codesOf(parcelReport({ withheld: [...once, ...once] }))).toEqual([
      'bundle/duplicate-step',
    ])
  })

  test.each<[string, string, Partial<WithheldStep>]>([
    [
      'a certificate of one',
      'pending',
      { certificate: certificateFor(at(0).before, at(0).after.head, { by: ['alice'] }) },
    ],
    ['no certificate', 'pending', { certificate: new Uint8Array(0) }],
  ])('with %s are %s', (_, standing, change) => {
    expect(standings({ withheld: [{ ...withhold(at(0)), ...change }] })).toEqual([
      `${standing} withheld`,
    ])
  })

  test('with a changed header, certificate or witness are refused', () => {
    const one = withhold(at(1), ['c'])
    const bent = (bytes: Uint8Array): Uint8Array => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1)
    const codes = (change: Partial<WithheldStep>): readonly string[] =>
      codesOf(parcelReport({ steps: shown(0, 1), withheld: [{ ...one, ...change }] }))
    expect(codes({})).toEqual([])
    const { transition } = one
    expect(codes({ transition: { ...transition, sequence: 3n } })).toEqual([
      'transition/wrong-sequence',
    ])
    expect(codes({ transition: { ...transition, state: at(2).after.head.state } })).toEqual([
      'proof/wrong-root',
    ])
    expect(codes({ certificate: bent(one.certificate) })).toEqual(['test/bad-signature'])
    expect(codes({ witness: bent(one.witness) })).toEqual(['proof/wrong-root'])
    const other = witnessOf(at(2).after.state, { reads: keysOf(at(2).after, ['c']), changes: [] })
    expect(codes({ witness: other })).toEqual(['proof/wrong-root'])
  })
})

describe('a change of terms', () => {
  const next = termsFor({ parties: ['alice', 'bob', 'carol'] })
  const amend: Operation = { machine: parcel.id, logic: AMEND, argument: termsCodec.encode(next) }
  const changed = stepOn(at(1).after, [amend])
  const later = stepOn({ ...changed.after, terms: parcel.terms }, [note('set c 3')])

  test('in a withheld step is seen by the witness behind it', () => {
    const withheld = [withhold(at(0)), withhold(at(1)), withhold(changed, ['c'])]
    const report = parcelReport({ steps: [later.step], withheld })
    expect(codesOf(report)).toEqual(['bundle/withheld-terms'])
    expect(report.outcome).toBe('invalid')
  })

  test('is not passed over by a witness that does not show whether there was one', () => {
    const { transition, proposal, certificate } = withhold(changed)
    const witness = witnessOf(changed.after.state, { reads: [noteKey('c')], changes: [] })
    const hidden = { transition, proposal, certificate, witness }
    const report = parcelReport({
      steps: [later.step],
      withheld: [withhold(at(0)), withhold(at(1)), hidden],
    })
    expect(codesOf(report)).toEqual(['state/unknown-place'])
    expect(report.outcome).toBe('incomplete')
  })

  test('that is shown counts from then on, and its record must stay', () => {
    const [leg] = changed.step.legs
    if (leg?.is !== 'written') throw new Error('the step writes')
    const accepted = certificateFor(changed.after, changed.after.head, { by: [...BOTH, 'carol'] })
    const shownAmend = { ...changed.step, legs: [{ ...leg, accepted }] }
    const behind = stepOn(changed.after, [note('set c 3')], { by: [...BOTH, 'carol'] })
    const report = parcelReport({
      steps: [...shown(0, 2), shownAmend],
      withheld: [withhold(behind, ['c'])],
    })
    expect(report.faults).toEqual([])
    expect(stepsIn(report).map((one) => one.standing)).toEqual([
      'final',
      'final',
      'final',
      'vouched',
    ])
    const old = stepOn(
      { ...at(1).after, headId: changed.after.headId, head: changed.after.head },
      [note('set c 3')],
      { by: BOTH },
    )
    const forged = {
      ...withhold(old, ['c']),
      certificate: certificateFor(changed.after, old.after.head, { by: [...BOTH, 'carol'] }),
    }
    const lost = parcelReport({ steps: [...shown(0, 2), shownAmend], withheld: [forged] })
    expect(codesOf(lost)).toEqual(['bundle/withheld-terms'])
  })
})

test('a withheld step and its shown rival are compared like any two', () => {
  const rival = stepOn(at(0).before, [note('set a 9')])
  const report = parcelReport({ steps: shown(0, 1), withheld: [withhold(rival)] })
  expect(codesOf(report)).toContain('bundle/contested')
  expect(report.convictions.map((one) => one.name)).toEqual(['alice', 'bob'])
})

test('an opening for a withheld step is refused', () => {
  const [begun, there] = parcelStory()
  if (!begun || !there) throw new Error('the story has two steps')
  const hidden = withhold(there)
  const bundle = { steps: [begun.step], withheld: [hidden] }
  expect(codesOf(parcelReport({ ...bundle, openings: begun.openings }))).toEqual([])
  expect(codesOf(parcelReport({ ...bundle, openings: there.openings }))).toEqual([
    'opening/no-step',
  ])
})
