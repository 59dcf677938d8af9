import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import {
  createDesk,
  createPayee,
  createPayer,
  type MarketActor,
  type MarketInput,
  type MarketState,
  relationOf,
} from '../../src/sim/market-node.ts'
import { aliceWants, dayOf, nodeIn, payerIn, town } from './market-world.ts'

const step = (actor: MarketActor, state: MarketState, input: MarketInput): MarketState =>
  actor.step(state, input, 50, new Uint8Array(32))

const payer = createPayer(town, {}, { name: 'alice', honest: true })
const desk = createDesk(town, {}, { name: 'east', seat: 1, honest: true })

/** What is submitted to an operator, and its state with the receipt. */
const submission = (): { readonly input: MarketInput; readonly signed: MarketState } => {
  const day = dayOf([aliceWants(10, 'send', 0)])
  const made = payerIn(day).account.steps.at(-1)
  if (!made?.signature) throw new Error('the step is signed')
  const { transition, interaction, consents, signature } = made
  const parent = town.funded.machine.head
  const input: MarketInput = {
    is: 'desk',
    input: {
      is: 'submit',
      charter: town.account.charter,
      submission: { transition, parent, interaction, consents, proposal: signature },
    },
  }
  const asked = step(desk, desk.start(), input)
  const [, effect] = desk.outstanding(asked)[0] ?? []
  if (effect?.is !== 'desk' || effect.effect.is !== 'sign') throw new Error('it wants to sign')
  const { digest } = effect.effect
  const receipt = town.sign('east', digest)
  const answer = { is: 'signed', digest: hexFromBytes(digest), signature: receipt } as const
  return { input, signed: step(desk, asked, { is: 'desk', input: answer }) }
}

describe('an operator’s desk', () => {
  const { input, signed } = submission()
  const ids = (state: MarketState): readonly string[] => desk.outstanding(state).map(([id]) => id)

  test('hands the same receipt out again whenever it is asked', () => {
    const again = step(desk, signed, input)
    expect(ids(signed)[0]).toMatch(/^receipt /)
    expect(ids(again)).not.toEqual(ids(signed))
    const effects = [signed, again].map((one) => desk.outstanding(one)[0]?.[1])
    expect(effects[0]).toEqual(effects[1])
  })

  test('has a clock of its own', () => {
    const [, effect] = desk.outstanding(signed)[0] ?? []
    const isReceipt = effect?.is === 'desk' && effect.effect.is === 'receipt'
    expect(isReceipt && effect.effect.receipt.time).toBe(57n)
  })
})

describe('the payer', () => {
  const day = dayOf([aliceWants(10, 'send', 0)])
  const { signed } = submission()
  const [, effect] = desk.outstanding(signed)[0] ?? []
  if (effect?.is !== 'desk' || effect.effect.is !== 'receipt') throw new Error('a receipt')
  const { transition, receipt } = effect.effect
  const uncertified = ((): MarketState => {
    const state = payerIn(day)
    const steps = state.account.steps.map((one) => ({ ...one, certificate: undefined }))
    return {
      ...state,
      account: { ...state.account, steps: [...town.funded.steps, ...steps.slice(1)] },
    }
  })()
  const receiptsIn = (state: MarketState): number =>
    state.is === 'payer' ? [...state.receipts.values()].flat().length : 0

  test('keeps each operator’s receipt once', () => {
    const once = step(payer, uncertified, { is: 'receipt', transition, receipt })
    expect(receiptsIn(once)).toBe(1)
    expect(step(payer, once, { is: 'receipt', transition, receipt })).toBe(once)
  })

  test('takes no receipt that is not signed or for no step of hers', () => {
    const forged = { ...receipt, signature: new Uint8Array(64) }
    expect(step(payer, uncertified, { is: 'receipt', transition, receipt: forged })).toBe(
      uncertified,
    )
    const other = { ...transition, sequence: 9n }
    expect(step(payer, uncertified, { is: 'receipt', transition: other, receipt })).toBe(
      uncertified,
    )
  })

  test('has a certificate when enough have answered', () => {
    expect(payerIn(day).account.steps.every((one) => one.certificate)).toBe(true)
    expect(receiptsIn(payerIn(day))).toBe(0)
  })

  test('submits again when nudged', () => {
    const ids = (state: MarketState): readonly string[] =>
      payer.outstanding(state).map(([id]) => id)
    expect(ids(uncertified)).toEqual(['account submit 2 ' + String(payerIn(day).attempt)])
    expect(ids(step(payer, uncertified, { is: 'resend' }))).not.toEqual(ids(uncertified))
  })
})

describe('a payee', () => {
  const carol = createPayee(town, {}, 1)

  test('is told after a restore what its guard remembers', () => {
    expect(carol.wake('restored')[0]).toMatchObject({ is: 'relation', input: { is: 'restored' } })
    expect(carol.wake('restarted')).toEqual([{ is: 'resend' }])
  })

  test('takes no part in what is not hers', () => {
    const state = carol.start()
    expect(
      step(carol, state, {
        is: 'account',
        input: { is: 'certified', sequence: 1n, certificate: new Uint8Array(0) },
      }),
    ).toBe(state)
    expect(relationOf(state, 0)).toBeUndefined()
    expect(relationOf(state, 1)?.party).toBe(1)
    expect(relationOf(payer.start(), 1)?.party).toBe(0)
    expect(relationOf(desk.start(), 0)).toBeUndefined()
    expect(nodeIn(dayOf([]), 'carol').honest).toBe(true)
  })
})
