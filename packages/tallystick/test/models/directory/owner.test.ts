import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { checkLink } from '../../../src/kernel/transition.ts'
import { type OwnerState, type OwnerStep, ownerVote } from '../../../src/models/directory/owner.ts'
import {
  engine,
  env,
  freshOwner,
  genesis,
  owner,
  ownerRole,
  stranger,
  taken,
  wishOf,
} from './town.ts'

describe('an owner', () => {
  test('takes one step after another, each linked to the one before', () => {
    const state = taken(taken(freshOwner(), 'one'), 'two')
    const [first, second] = state.steps.map((one) => one.transition)
    if (!first || !second) throw new Error('two steps were taken')
    expect(checkLink('classic', genesis().head, first)).toBeUndefined()
    expect(checkLink('classic', first, second)).toBeUndefined()
  })

  test('wants the same signature again after a crash, until it has it', () => {
    const wished = ownerRole.step(freshOwner(), wishOf('one'), env())
    expect(ownerRole.outstanding(wished)).toEqual(ownerRole.outstanding(wished))
    expect(ownerRole.outstanding(wished).map((one) => one.is)).toEqual(['sign'])
    expect(ownerRole.outstanding(taken(freshOwner(), 'one')).map((one) => one.is)).toEqual([
      'submit',
    ])
  })

  test('submits a step when the one before it is certified', () => {
    const two = taken(taken(freshOwner(), 'one'), 'two')
    const submitted = (state: OwnerState): readonly bigint[] =>
      ownerRole
        .outstanding(state)
        .flatMap((one) => (one.is === 'submit' ? [one.step.transition.sequence] : []))
    expect(submitted(two)).toEqual([1n])
    const certificate = new Uint8Array(1)
    const certified = ownerRole.step(two, { is: 'certified', sequence: 1n, certificate }, env())
    expect(submitted(certified)).toEqual([2n])
  })

  test('ignores a signature of somebody else', () => {
    const wished = ownerRole.step(freshOwner(), wishOf('one'), env())
    const [effect] = ownerRole.outstanding(wished)
    if (effect?.is !== 'sign') throw new Error('a signature is wanted')
    const signature = engine.sign('ed25519', stranger.secret, effect.digest)
    const digest = hexFromBytes(effect.digest)
    expect(ownerRole.step(wished, { is: 'signed', digest, signature }, env()).steps).toEqual(
      wished.steps,
    )
  })

  test('keeps its head when a wish is refused, and says why', () => {
    const once = taken(freshOwner(), 'same')
    const twice = ownerRole.step(once, wishOf('same'), env())
    expect(twice.machine).toBe(once.machine)
    expect(twice.refusals.at(-1)?.place.step).toBe(2n)
  })

  test('adopts its own steps from elsewhere, and goes on above them', () => {
    const elsewhere = taken(taken(freshOwner(), 'one'), 'two')
    let state = freshOwner()
    for (const step of elsewhere.steps) {
      state = ownerRole.step(state, { is: 'adopt', step, beside: [] }, env())
    }
    expect(state.machine.headId).toBe(elsewhere.machine.headId)
    expect(state.vows).toEqual(elsewhere.vows)
    const [step] = elsewhere.steps
    if (!step) throw new Error('two steps were taken')
    expect(ownerRole.step(state, { is: 'adopt', step, beside: [] }, env())).toBe(state)
  })

  test('adopts no step that is not its own, does not follow, or has a rival here', () => {
    const [step] = taken(freshOwner(), 'one').steps
    const [, second] = taken(taken(freshOwner(), 'one'), 'two').steps
    if (!step || !second) throw new Error('two steps were taken')
    const codeOf = (state: OwnerState, of: OwnerStep): string | undefined => {
      const after = ownerRole.step(state, { is: 'adopt', step: of, beside: [] }, env())
      expect(after.steps).toEqual(state.steps)
      return after.refusals.at(-1)?.code
    }
    const unsigned = { ...step, signature: new Uint8Array(64) }
    expect(codeOf(freshOwner(), unsigned)).toBe('owner/not-own')
    expect(codeOf(freshOwner(), second)).toBe('interaction/wrong-parent')
    expect(codeOf(taken(freshOwner(), 'rival'), step)).toBe('interaction/wrong-parent')
  })

  test('that runs twice leaves evidence against its own key', () => {
    const [one, two] = ['to bob', 'to carol'].map((word) => taken(freshOwner(), word).steps[0])
    if (!one?.signature || !two?.signature) throw new Error('both copies signed')
    const conviction = convict(
      {
        suite: 'classic',
        scheme: 'ed25519',
        publicKey: owner.publicKey,
        first: { statement: ownerVote(one.transition), signature: one.signature },
        second: { statement: ownerVote(two.transition), signature: two.signature },
      },
      engine,
    )
    expect(isFault(conviction) ? conviction.code : conviction.kind).toBe('fork')
  })
})
