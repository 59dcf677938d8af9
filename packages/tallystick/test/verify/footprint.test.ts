import { expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { interactionId, type Operation } from '../../src/kernel/interaction.ts'
import { footprintsOf, noteUse, type Uses } from '../../src/verify/footprint.ts'
import { verify } from '../../src/verify/verify.ts'
import { on, opening, parcel, parcelFile, parcelOptions, stepOn } from './parcel.ts'

const shelf = (say: string): Operation => ({
  machine: parcel.id,
  logic: 2,
  argument: bytesFromUtf8(say),
})
const key = (word: string) => pathKey('classic', { machine: parcel.id, logic: 2 }, ['thing', word])

test('what a step reads, sets and removes is noted, for its machine', () => {
  const made = stepOn(parcel, [shelf('put a b'), shelf('drop b c')])
  const footprints = footprintsOf(parcelOptions.logics)
  const options = { ...parcelOptions, logics: footprints.logics }
  const file = parcelFile({ steps: [made.step] })
  expect(verify(file, options)).toEqual(verify(file, parcelOptions))
  const found = footprints.of(interactionId(made.step.interaction), parcel.id)
  expect(new Map(found)).toEqual(
    new Map([
      [key('a'), 'set'],
      [key('b'), 'removed'],
      [key('c'), 'removed'],
    ]),
  )
})

test('a step that is refused leaves what it was refused for', () => {
  const footprints = footprintsOf(parcelOptions.logics)
  const begun = stepOn(parcel, [on(opening())])
  const options = { ...parcelOptions, logics: footprints.logics }
  verify(parcelFile({ steps: [begun.step] }), options)
  expect(footprints.of(interactionId(begun.step.interaction), parcel.id).size).toBe(1)
})

test('of two uses the one that needs more of the tree stays', () => {
  const uses: Uses = new Map()
  const one = key('a')
  for (const [use, stays] of [
    ['read', 'read'],
    ['set', 'set'],
    ['read', 'set'],
    ['removed', 'removed'],
    ['set', 'removed'],
  ] as const) {
    noteUse(uses, one, use)
    expect(uses.get(one)).toBe(stays)
  }
})
