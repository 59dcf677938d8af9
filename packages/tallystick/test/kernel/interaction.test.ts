import { describe, expect, test } from 'vitest'
import {
  checkInteraction,
  type Interaction,
  interaction,
  interactionId,
  type Leg,
  leg,
  operation,
  premise,
  type Premise,
} from '../../src/kernel/interaction.ts'
import { adding, anId, interactionOn, opened } from './sample.ts'

const machine = opened()
const base = interactionOn(machine, [adding(machine, 1n)])
const [written] = base.legs as [Leg]
const read: Leg = { machine: anId('beside'), access: 'read', parent: anId('head') }
const fact: Premise = {
  is: 'fact',
  machine: anId('elsewhere'),
  transition: anId('there'),
  key: anId('key'),
  value: Uint8Array.of(1),
}
const time: Premise = {
  is: 'time',
  machine: anId('elsewhere'),
  transition: anId('there'),
  atLeast: 5n,
}

describe('an interaction id', () => {
  test('covers every part', () => {
    const changes: readonly Partial<Interaction>[] = [
      { suite: 'quantum' },
      { legs: [{ ...written, parent: undefined }] },
      { legs: [{ ...written, parent: anId('other') }] },
      { legs: [{ ...written, access: 'read' }] },
      { legs: [written, read] },
      { operations: [] },
      { operations: [adding(machine, 2n)] },
      { operations: [{ ...adding(machine, 1n), logic: 1 }] },
      { premises: [fact] },
      { premises: [{ ...fact, value: undefined }] },
      { premises: [{ ...fact, value: new Uint8Array() }] },
      { premises: [time] },
      { premises: [fact, time] },
      { premises: [time, fact] },
    ]
    const ids = [{}, ...changes].map((change) => interactionId({ ...base, ...change }))
    expect(new Set(ids).size).toBe(changes.length + 1)
  })
})

describe('bytes', () => {
  test('of interactions and their parts read back as they were written', () => {
    const whole = { ...base, legs: [written, read], premises: [fact, time] }
    expect(interaction.decode(interaction.encode(whole))).toEqual(whole)
    expect(leg.decode(leg.encode(read))).toEqual(read)
    const one = adding(machine, 1n)
    expect(operation.decode(operation.encode(one))).toEqual(one)
    for (const each of [fact, { ...fact, value: undefined }, time]) {
      expect(premise.decode(premise.encode(each))).toEqual(each)
    }
  })
})

describe('shape', () => {
  const codeOf = (changes: Partial<Interaction>): string | undefined =>
    checkInteraction({ ...base, ...changes })?.code

  test('of one pinned written leg is in order', () => {
    expect(codeOf({})).toBeUndefined()
    expect(codeOf({ legs: [written, read] })).toBeUndefined()
  })

  test('needs something written', () => {
    expect(codeOf({ legs: [read], operations: [] })).toBe('interaction/nothing-written')
    expect(codeOf({ legs: [], operations: [] })).toBe('interaction/nothing-written')
  })

  test('needs a written leg that is pinned; one that is read does not do', () => {
    const open = { ...written, parent: undefined }
    expect(codeOf({ legs: [open] })).toBe('interaction/not-pinned')
    expect(codeOf({ legs: [open, read] })).toBe('interaction/not-pinned')
    expect(codeOf({ legs: [open, { ...read, access: 'write' }] })).toBeUndefined()
  })

  test('has each machine once and operations on its legs only', () => {
    expect(codeOf({ legs: [written, { ...written, access: 'read' }] })).toBe(
      'interaction/duplicate-leg',
    )
    const elsewhere = { ...adding(machine, 1n), machine: anId<'machine'>('nowhere') }
    expect(codeOf({ operations: [elsewhere] })).toBe('interaction/unknown-leg')
  })
})
