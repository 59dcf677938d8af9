import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Grade, GRADES } from '../../src/kernel/verdict.ts'
import { claimOf, operationOnLedger } from '../../src/logic/ledger-operation.ts'
import {
  type Footing,
  isReceipted,
  type Movement,
  movementsIn,
  paymentsIn,
  paymentState,
} from '../../src/logic/payment.ts'
import { A, ASSET, at, B, interactionOf, R, X } from './books.ts'
import { forkedInto, funded, sends } from './forked.ts'

const movement = (is: Movement['is']): Movement => ({
  is,
  from: at(A, 'alice'),
  to: at(R, 'carol'),
  amount: 30n,
})

const footing = (of: Partial<Footing>): Footing => ({
  standing: 'final',
  grade: 'cosigned',
  relied: 'proven',
  exposed: 0n,
  ...of,
})

const stateOf = (is: Movement['is'], of: Partial<Footing>) =>
  paymentState(movement(is), footing(of))

const atRisk = (exposure: bigint) => ({
  is: 'provisional',
  offline: true,
  mode: 'M2',
  exposure,
})

describe('a claim, which is how a payment from another machine is taken', () => {
  test('goes from proposed to accepted to what its source is worth', () => {
    const certified = { relied: 'receipted' } as const
    expect(stateOf('claim', { ...certified, standing: 'offered' })).toEqual({ is: 'proposed' })
    expect(stateOf('claim', { ...certified, standing: 'agreed' })).toEqual({ is: 'accepted' })
    // Taken on the payee's own machine, which its directory has not seen yet.
    expect(stateOf('claim', { ...certified, standing: 'signed' })).toEqual({ is: 'accepted' })
    expect(stateOf('claim', certified)).toEqual({ is: 'certified' })
  })

  test('exposes the payee to all of it while no quorum vouches for what it came from', () => {
    for (const relied of ['local', 'provisional', 'cosigned', 'published'] as const) {
      for (const standing of ['signed', 'final'] as const) {
        expect(stateOf('claim', { standing, relied, exposed: 30n })).toEqual(atRisk(30n))
      }
    }
  })

  test('becomes certified when the receipts come, and conflicted when something else has them', () => {
    const before = { standing: 'signed', relied: 'provisional', exposed: 30n } as const
    expect(stateOf('claim', before)).toEqual(atRisk(30n))
    const after = { ...before, standing: 'final', relied: 'receipted', exposed: 0n } as const
    expect(stateOf('claim', after)).toEqual({ is: 'certified' })
    const proof = forkedInto(sends([at(R, 'carol'), 1n]), sends([at(B, 'bob'), 2n])).evidence
    const lost = { ...before, standing: 'lost', proof } as const
    expect(stateOf('claim', lost)).toEqual({ is: 'conflicted', proof })
    expect(stateOf('claim', { ...before, standing: 'lost' })).toEqual({
      is: 'conflicted',
      proof: undefined,
    })
  })
})

describe('a send, before anybody has taken it', () => {
  test('is a proposal until a quorum vouches for it, whoever has signed it', () => {
    for (const standing of ['offered', 'signed'] as const) {
      expect(stateOf('send', { standing, grade: 'provisional' })).toEqual({ is: 'proposed' })
    }
    // Two who are in league may sign another step of theirs.
    expect(stateOf('send', { grade: 'cosigned' })).toEqual({ is: 'proposed' })
    expect(stateOf('send', { grade: 'receipted' })).toEqual({ is: 'certified' })
    expect(stateOf('send', { standing: 'lost', grade: 'receipted' }).is).toBe('conflicted')
  })
})

describe('a transfer within a machine', () => {
  test('of money that was certified before is provisional in mode M1, exposed to nobody', () => {
    expect(stateOf('transfer', {})).toEqual({
      is: 'provisional',
      offline: true,
      mode: 'M1',
      exposure: 0n,
    })
  })

  test('is in mode M2 where something in the machine is exposed, up to its own amount', () => {
    expect(stateOf('transfer', { standing: 'signed', exposed: 12n })).toEqual(atRisk(12n))
    expect(stateOf('transfer', { exposed: 80n })).toEqual(atRisk(30n))
    // Signed by an owner alone.
    expect(stateOf('transfer', { standing: 'signed', grade: 'provisional' })).toEqual(atRisk(30n))
  })

  test('is certified where a quorum vouches for it', () => {
    expect(stateOf('transfer', { grade: 'receipted' })).toEqual({ is: 'certified' })
    expect(stateOf('transfer', { standing: 'agreed' })).toEqual({ is: 'accepted' })
  })
})

test('a state holds no more than its footing: certified is final by a quorum, M1 is final and exposed to nothing', () => {
  const anyFooting = fc.record({
    is: fc.constantFrom('transfer', 'send', 'claim'),
    standing: fc.constantFrom('lost', 'offered', 'agreed', 'signed', 'final'),
    grade: fc.constantFrom(...GRADES),
    relied: fc.constantFrom(...GRADES),
    exposed: fc.bigInt(0n, 99n),
  })
  fc.assert(
    fc.property(anyFooting, ({ is, ...of }) => {
      const state = stateOf(is, of)
      if (state.is === 'certified') {
        const rests = is === 'claim' ? of.relied : of.grade
        expect([of.standing, isReceipted(rests)]).toEqual(['final', true])
      }
      if (state.is !== 'provisional') return
      expect(['signed', 'final']).toContain(of.standing)
      if (state.mode === 'M1')
        expect([is, of.standing, of.exposed]).toEqual(['transfer', 'final', 0n])
      else expect(state.exposure > 0n && state.exposure <= 30n).toBe(true)
    }),
    { numRuns: 3000 },
  )
})

test('nothing below a quorum’s receipts is certified, whatever else is true', () => {
  for (const is of ['transfer', 'send', 'claim'] as const) {
    for (const grade of GRADES as readonly Grade[]) {
      const found = stateOf(is, { grade, relied: grade })
      expect(found.is === 'certified').toBe(isReceipted(grade))
    }
  }
})

describe('movements of money', () => {
  const interaction = interactionOf(funded, sends([at(B, 'bob'), 4n], [at(R, 'carol'), 5n]))

  test('are told for the machine that they leave and the one that takes them', () => {
    expect(movementsIn(ASSET, A, interaction).map(({ is, amount }) => [is, amount])).toEqual([
      ['send', 4n],
      ['send', 5n],
    ])
    expect(movementsIn(ASSET, B, interaction)).toEqual([])
    const out = {
      is: 'out',
      from: 'alice',
      to: at(R, 'carol'),
      amount: 5n,
      interaction: '0'.repeat(64),
      nonce: 1,
    } as never
    const { operation } = claimOf({
      asset: ASSET,
      source: A,
      suite: 'classic',
      transition: '0'.repeat(64) as never,
      out,
    })
    const claim = { ...interaction, operations: [operation] }
    expect(movementsIn(ASSET, R, claim)).toEqual([
      { is: 'claim', from: at(A, 'alice'), to: at(R, 'carol'), amount: 5n },
    ])
    expect(movementsIn(ASSET, A, claim)).toEqual([])
  })

  test('are none of other assets, other operations and what does not decode', () => {
    expect(movementsIn({ ...ASSET, logic: 1 }, A, interaction)).toEqual([])
    const issue = operationOnLedger(ASSET, { is: 'issue', to: at(A, 'alice'), amount: 1n })
    const garbled = { ...issue, argument: Uint8Array.of(99) }
    expect(movementsIn(ASSET, A, { ...interaction, operations: [issue, garbled] })).toEqual([])
  })

  test('carry their state', () => {
    const step = { interaction, footing: footing({ grade: 'receipted' }) }
    expect(paymentsIn(ASSET, A, step).map((one) => one.state.is)).toEqual([
      'certified',
      'certified',
    ])
    expect(paymentsIn(ASSET, X, step)).toEqual([])
  })
})
