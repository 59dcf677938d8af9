import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { type Terms, terms as termsCodec } from '../../../src/kernel/charter.ts'
import { AMEND } from '../../../src/kernel/interaction.ts'
import {
  beginBook,
  draftFrom,
  provenByAgreement,
  runDraft,
  withGuarded,
} from '../../../src/models/bilateral/draft.ts'
import { bilateral } from '../../../src/models/bilateral/certificate.ts'
import { adding, alice, anId, bob, carol, engine, participantOf } from '../../kernel/sample.ts'
import { createPair, draftOf, give, type Pair, refusals, settle, wish } from './pair.ts'

const amended = (pair: Pair, changes: Partial<Terms>): void => {
  const { machine } = pair.alice.state
  const argument = termsCodec.encode({ ...machine.terms, ...changes })
  give(pair.alice, {
    is: 'wish',
    operations: [{ machine: machine.id, logic: AMEND, argument }],
    premises: [],
    legs: [],
    consents: [],
    attachments: [],
  })
  settle(pair)
}

describe('a change of terms', () => {
  test('that both certify is a step like any other, and the role goes on under the new ones', () => {
    const pair = createPair()
    amended(pair, { turn: { is: 'leader', party: 1 } })
    for (const { state } of [pair.alice, pair.bob]) {
      expect(state.machine.terms.turn).toEqual({ is: 'leader', party: 1 })
      expect(state.closed).toBe(false)
      const step = state.history?.step
      expect(step?.accepted).toEqual(step?.certificate)
    }
    wish(pair.bob)
    settle(pair)
    wish(pair.bob)
    settle(pair)
    expect(pair.alice.state.machine.head.sequence).toBe(3n)
  })

  test.each([
    ['another policy', { policy: { kind: 'directory', params: new Uint8Array() } }],
    [
      'another key',
      { participants: [participantOf({ ...alice, keys: carol.keys }), participantOf(bob)] },
    ],
    ['a third party', { participants: [alice, bob, carol].map(participantOf) }],
    ['a turn that is not taken', { turn: { is: 'anyone' } as const }],
  ])('to %s is final, and ends what this role can do', (_, changes) => {
    const pair = createPair()
    amended(pair, changes)
    for (const side of [pair.alice, pair.bob]) {
      expect(side.state.machine.head.sequence).toBe(1n)
      expect(side.state.closed).toBe(true)
      expect(side.state.history?.step.accepted).toHaveLength(0)
      wish(side)
      expect(refusals(side).at(-1)).toBe('party/closed')
    }
    expect(pair.alice.party.outstanding(pair.alice.state)).toEqual([])
  })
})

describe('a draft', () => {
  test('runs to what both get, and changes nothing', () => {
    const { alice: side } = createPair()
    wish(side, 3n)
    const draft = draftOf(side)
    const next = runDraft(side.config, side.state, draft)
    if (isFault(next)) throw next
    expect(next.head).toEqual(draft.next?.head)
    expect(side.state.machine.head.sequence).toBe(0n)
  })

  test('without premises needs no proof; with some it is not run before it has one', () => {
    const { alice: side } = createPair()
    wish(side)
    const { interaction } = draftOf(side)
    const plain = { interaction, consents: [], attachments: [] }
    expect(draftFrom(plain).proven).toEqual([])
    const premise = {
      is: 'time',
      machine: anId<'machine'>('m'),
      transition: anId<'transition'>('t'),
      atLeast: 1n,
    } as const
    const needing = { ...interaction, premises: [premise] }
    const draft = draftFrom({ ...plain, interaction: needing })
    expect(draft.proven).toBeUndefined()
    expect(runDraft(side.config, side.state, draft)).toMatchObject({
      code: 'interaction/unproven-premise',
    })
    const agreed = { ...draft, proven: provenByAgreement(needing) }
    expect(isFault(runDraft(side.config, side.state, agreed))).toBe(false)
  })
})

describe('a book', () => {
  const { machine } = createPair().alice.state
  const vow = { round: 0, phase: 'abort', child: undefined, cited: 0 } as const
  const guarded = { parent: machine.headId, sequence: 0n, vow }

  test('begins empty, or with the vow that a guard remembers for this head', () => {
    expect(beginBook(machine, undefined).vows).toEqual([])
    expect(beginBook(machine, { ...guarded, parent: anId('other') }).vows).toEqual([])
    expect(beginBook(machine, guarded).vows).toEqual([vow])
  })

  test('takes a remembered vow once, and makes a remembered abort again', () => {
    const book = withGuarded(beginBook(machine, undefined), guarded)
    expect(book.leaving).toEqual([])
    expect(withGuarded(book, guarded)).toBe(book)
    const commit = { ...vow, phase: 'commit', child: anId<'transition'>('c') } as const
    expect(withGuarded(beginBook(machine, undefined), { ...guarded, vow: commit }).leaving).toBe(
      undefined,
    )
  })
})

test('a step that became final carries a certificate that the model judges final', () => {
  const pair = createPair()
  const { terms } = pair.alice.state.machine
  wish(pair.alice)
  give(pair.alice, { is: 'withdraw' })
  settle(pair)
  give(pair.alice, {
    is: 'wish',
    operations: [adding(pair.alice.state.machine, 1n)],
    premises: [],
    legs: [],
    consents: [],
    attachments: [],
  })
  settle(pair)
  for (const { state } of [pair.alice, pair.bob]) {
    const step = state.history?.step
    if (!step) throw new Error('no step')
    const verdict = bilateral.judge({
      terms,
      policy: {},
      anchor: {},
      transition: step.transition,
      certificate: bilateral.certificate.decode(step.certificate),
      known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
    })
    expect(verdict.is).toBe('final')
    expect(bilateral.certificate.decode(step.certificate).round).toBe(1)
  }
})
