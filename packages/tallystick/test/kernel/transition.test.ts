import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { zeroId } from '../../src/base/brand.ts'
import { hexFromBytes } from '../../src/base/bytes.ts'
import {
  checkLink,
  childTransition,
  genesisTransition,
  nextEntropy,
  type Transition,
  TRANSITION_BYTES,
  transition,
  transitionId,
} from '../../src/kernel/transition.ts'
import { anId, aTransition } from './sample.ts'

const genesis = genesisTransition('classic', anId('machine'), anId('state'))
const child = childTransition('classic', genesis, anId('interaction'), anId('next state'))

describe('the header', () => {
  test('has 168 bytes, with what depends on the step before at the end', () => {
    const one = aTransition({ sequence: 0x0102n, parent: anId('parent') })
    const bytes = transition.encode(one)
    expect(bytes).toHaveLength(TRANSITION_BYTES)
    const field = (from: number, to: number): string => hexFromBytes(bytes.subarray(from, to))
    expect(field(0, 32)).toBe(one.machine)
    expect(field(32, 64)).toBe(one.interaction)
    expect(field(64, 96)).toBe(one.state)
    expect(field(96, 128)).toBe(one.entropy)
    expect(field(128, 136)).toBe('0201000000000000')
    expect(field(136, 168)).toBe(one.parent)
  })

  test('reads back as it was written', () => {
    const id = fc.string().map((text) => anId<never>(text))
    const any = fc.record({
      machine: id,
      interaction: id,
      state: id,
      entropy: id,
      sequence: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
      parent: id,
    })
    fc.assert(
      fc.property(any, (one) => {
        expect(transition.decode(transition.encode(one))).toEqual(one)
      }),
    )
  })

  test('has another id for every change of a field', () => {
    const changes: readonly Partial<Transition>[] = [
      { machine: anId('x') },
      { interaction: anId('x') },
      { state: anId('x') },
      { entropy: anId('x') },
      { sequence: 2n },
      { parent: anId('x') },
    ]
    const ids = [{}, ...changes].map((one) => transitionId('classic', aTransition(one)))
    expect(new Set(ids).size).toBe(changes.length + 1)
  })
})

describe('genesis', () => {
  test('follows from machine and state: number 0, parent and interaction of zeros', () => {
    expect(genesis).toMatchObject({ sequence: 0n, parent: zeroId(), interaction: zeroId() })
    expect(genesisTransition('classic', anId('machine'), anId('state'))).toEqual(genesis)
    expect(genesis.entropy).not.toBe(zeroId())
  })
})

describe('a link', () => {
  test('holds between a step and its child', () => {
    expect(checkLink('classic', genesis, child)).toBeUndefined()
    const next = childTransition('classic', child, anId('interaction'), anId('next state'))
    expect(checkLink('classic', child, next)).toBeUndefined()
    expect(checkLink('classic', genesis, next)?.code).toBe('transition/wrong-sequence')
  })

  test.each<[string, Partial<Transition>, string]>([
    ['another machine', { machine: anId('x') }, 'transition/wrong-machine'],
    ['a number skipped', { sequence: 2n }, 'transition/wrong-sequence'],
    ['the number of its parent', { sequence: 0n }, 'transition/wrong-sequence'],
    ['another parent', { parent: anId('x') }, 'transition/wrong-parent'],
    ['entropy of its own', { entropy: anId('x') }, 'transition/wrong-entropy'],
    [
      'another interaction and the old entropy',
      { interaction: anId('x') },
      'transition/wrong-entropy',
    ],
  ])('breaks with %s', (_, change, code) => {
    const fault = checkLink('classic', genesis, { ...child, ...change })
    expect(fault).toMatchObject({ code, place: { step: change.sequence ?? child.sequence } })
  })

  test('breaks when the parent is changed behind the child', () => {
    const other = { ...genesis, state: anId<'state-root'>('other state') }
    expect(checkLink('classic', other, child)?.code).toBe('transition/wrong-parent')
  })
})

describe('entropy', () => {
  test('depends on machine, interaction, number and the entropy before, and on nothing else', () => {
    const of = (changes: Partial<Transition>, before = genesis.entropy): string =>
      nextEntropy('classic', { ...child, ...changes }, before)
    const values = [
      of({}),
      of({ machine: anId('x') }),
      of({ interaction: anId('x') }),
      of({ sequence: 9n }),
      of({}, anId('x')),
    ]
    expect(new Set(values).size).toBe(values.length)
    expect(of({ state: anId('x'), parent: anId('x') })).toBe(of({}))
  })

  test('tells equal operations at two positions apart', () => {
    const twin = childTransition('classic', child, child.interaction, child.state)
    expect(twin.entropy).not.toBe(child.entropy)
  })
})
