import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src/base/fault.ts'
import { exposureOf } from '../../src/logic/ledger-audit.ts'
import {
  capFault,
  type Caps,
  type Exposure,
  exposureByPayer,
  hopFault,
  joinExposures,
  spendableOf,
  totalOf,
} from '../../src/logic/ledger-exposure.ts'
import { operationOnLedger } from '../../src/logic/ledger-operation.ts'
import { A, ASSET, at, B, interactionOf, R, X } from './books.ts'
import { funded, sends } from './forked.ts'

const claiming = (source: typeof A, amount: bigint) => {
  const interaction = interactionOf(funded, sends([at(B, 'bob'), 1n]))
  const out = {
    is: 'out',
    from: 'alice',
    to: at(R, 'carol'),
    amount,
    interaction: interaction.legs[0]?.parent ?? '',
    nonce: 0,
  } as never
  return { ...interaction, operations: [operationOnLedger(ASSET, { is: 'claim', source, out })] }
}

const exposed = (...of: readonly (readonly [typeof A, bigint])[]): Exposure => new Map(of)

const codeOf = (fault: Fault | undefined): string => fault?.code ?? 'taken'

describe('exposure', () => {
  test('is counted by the machine that the money comes from, and adds up to the whole', () => {
    const steps = [
      { interaction: claiming(A, 30n), grade: 'provisional' },
      { interaction: claiming(A, 5n), grade: 'cosigned' },
      { interaction: claiming(B, 7n), grade: 'local' },
      { interaction: claiming(B, 100n), grade: 'receipted' },
    ] as const
    const found = exposureByPayer(ASSET, R, steps)
    expect([...found]).toEqual([
      [A, 35n],
      [B, 7n],
    ])
    expect(totalOf(found)).toBe(exposureOf(ASSET, R, steps))
    expect(exposureByPayer(ASSET, X, steps).size).toBe(0)
  })

  test('in several machines is joined by payer', () => {
    const joined = joinExposures([exposed([A, 1n]), exposed([A, 2n], [B, 4n]), exposed()])
    expect([...joined]).toEqual([
      [A, 3n],
      [B, 4n],
    ])
  })
})

describe('caps', () => {
  const caps: Caps = { perPayer: 20n, total: 30n }
  const next = (of: Exposure, hops = 1) => ({ exposure: of, hops })

  test('are reached by the last unit and passed by the next', () => {
    expect(codeOf(capFault(caps, exposed([A, 12n]), next(exposed([A, 8n]))))).toBe('taken')
    expect(codeOf(capFault(caps, exposed([A, 12n]), next(exposed([A, 9n]))))).toBe(
      'payment/above-payer-cap',
    )
    expect(codeOf(capFault(caps, exposed([A, 12n]), next(exposed([B, 18n]))))).toBe('taken')
    expect(codeOf(capFault(caps, exposed([A, 12n]), next(exposed([B, 19n]))))).toBe(
      'payment/above-cap',
    )
  })

  test('name the payer, and say nothing of what exposes to nothing', () => {
    const fault = capFault(caps, exposed(), next(exposed([B, 21n])))
    expect(fault?.place.machine).toBe(B)
    expect(capFault(caps, exposed([A, 500n]), next(exposed(), 9))).toBeUndefined()
    expect(capFault(caps, exposed([A, 500n]), next(exposed([A, 0n])))).toBeUndefined()
  })

  test('of nothing take nothing that is at risk', () => {
    const none: Caps = { perPayer: 0n, total: 0n }
    expect(codeOf(capFault(none, exposed(), next(exposed([A, 1n]))))).toBe(
      'payment/above-payer-cap',
    )
  })
})

describe('money of a second hop', () => {
  test('is not taken unless somebody says so, however small', () => {
    const risk = { exposure: exposed([A, 1n]), hops: 2 }
    expect(codeOf(hopFault(risk))).toBe('payment/second-hop')
    expect(codeOf(capFault({ perPayer: 9n, total: 9n }, exposed(), risk))).toBe(
      'payment/second-hop',
    )
    expect(codeOf(hopFault(risk, 2))).toBe('taken')
    expect(codeOf(capFault({ perPayer: 9n, total: 9n, hopsMax: 2 }, exposed(), risk))).toBe('taken')
    expect(codeOf(hopFault({ exposure: exposed(), hops: 5 }))).toBe('taken')
    expect(codeOf(hopFault({ ...risk, hops: 1 }))).toBe('taken')
  })

  test('is not offered: what is exposed cannot be spent on', () => {
    expect(spendableOf(50n, 12n)).toBe(38n)
    expect(spendableOf(50n, 0n)).toBe(50n)
    // Part of what was taken at risk has been paid back already.
    expect(spendableOf(5n, 12n)).toBe(0n)
  })
})
