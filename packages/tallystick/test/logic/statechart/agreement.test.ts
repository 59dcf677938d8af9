import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/forms/strict-json.ts'
import {
  agreementFrom,
  COMMUTE_WINDOW,
  isAgreement,
} from '../../../src/logic/statechart/agreement.ts'
import { isDefinition, readDefinition } from '../../../src/logic/statechart/read.ts'

const chart = (nsm: Json | undefined) => {
  const definition = readDefinition(
    JSON.stringify({
      id: 'a',
      initial: 'on',
      ...(nsm !== undefined && { meta: { nsm } }),
      states: { on: { on: { GO: 'off' } }, off: { type: 'final' } },
    }),
  )
  if (!isDefinition(definition)) throw new Error(JSON.stringify(definition))
  return agreementFrom(definition)
}
const pathsOf = (nsm: Json): readonly string[] => {
  const read = chart(nsm)
  return isAgreement(read) ? [] : read.map((one) => one.path)
}

describe('what a definition agrees on', () => {
  test('is read, with what holds where nothing is said', () => {
    expect(chart(undefined)).toEqual({
      custody: undefined,
      commute: new Set(),
      window: COMMUTE_WINDOW,
    })
    expect(chart({ custody: 'bilateral', commute: ['GO'], window: 9 })).toEqual({
      custody: 'bilateral',
      commute: new Set(['GO']),
      window: 9,
    })
  })

  test('is refused with a place for each thing that is wrong', () => {
    expect(pathsOf({ commute: ['GO'], window: 1 })).toEqual([])
    expect(pathsOf({ commute: ['GO'], window: 1024 })).toEqual([])
    expect(pathsOf({ window: 0 })).toEqual(['$.meta.nsm.window'])
    expect(pathsOf({ window: 1025 })).toEqual(['$.meta.nsm.window'])
    expect(pathsOf({ commute: 'GO' })).toEqual(['$.meta.nsm.commute'])
    expect(pathsOf({ commute: ['GO', 1] })).toEqual(['$.meta.nsm.commute'])
    expect(pathsOf({ commute: ['STAY'] })).toEqual(['$.meta.nsm.commute'])
    expect(pathsOf({ custody: 1, window: 0, commute: 1 })).toHaveLength(3)
  })
})
