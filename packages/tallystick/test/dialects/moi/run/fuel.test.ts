import { describe, expect, it } from 'vitest'
import {
  BASE_FUEL,
  burnFuel,
  createMeter,
  exhausted,
  FUEL_PRICE,
} from '../../../../src/dialects/moi/run/fuel.ts'
import { PATH } from '../../../../src/dialects/moi/run/layout.ts'
import { amountRecord, valueOr } from '../../../../src/dialects/moi/run/record.ts'
import { ada, bob, createTown, cyd, toward, transferOf } from './town.ts'

describe('a meter', () => {
  it('lets its limit be burnt and no more; then all of it is', () => {
    const meter = createMeter(250n)
    burnFuel(meter, 100)
    burnFuel(meter, 150)
    expect(meter.used).toBe(250)
    expect(() => burnFuel(meter, 1)).toThrow('meter exhausted')
    const other = createMeter(250n)
    expect(() => burnFuel(other, 251)).toThrow('meter exhausted')
    expect(other.used).toBe(250)
    expect(exhausted(createMeter(1n)).code).toBe('moi/exhausted')
  })

  it('has ten million at most, whatever limit is named', () => {
    expect(createMeter(9_999_999n).limit).toBe(9_999_999)
    expect(createMeter(10_000_001n).limit).toBe(10_000_000)
    expect(createMeter(2n ** 64n - 1n).limit).toBe(10_000_000)
  })
})

describe('fuel', () => {
  it('has the price and the base of the source', () => {
    expect([FUEL_PRICE, BASE_FUEL]).toEqual([1n, 100])
  })

  it('is counted where it was paid, success or not', () => {
    const town = createTown()
    const spent = ({ id }: typeof ada) => valueOr(amountRecord, town.read(id, PATH.fuel), 0n)
    town.send({ do: [transferOf(bob, 1n)], with: toward(bob) })
    town.send({ do: [transferOf(bob, 2n ** 70n)], with: toward(bob) })
    town.send({
      do: [transferOf(bob, 1n)],
      with: [...toward(bob), [cyd.id, 'mutate']],
      payer: cyd.id,
    })
    expect([spent(ada), spent(bob), spent(cyd)]).toEqual([200n, 0n, 100n])
  })

  it('is the payer’s to lose where an interaction fails', () => {
    const town = createTown()
    const before = [town.balance(ada), town.balance(cyd)]
    const { changes } = town.send({
      do: [transferOf(bob, 2n ** 70n)],
      with: [...toward(bob), [cyd.id, 'mutate']],
      payer: cyd.id,
    })
    expect([town.balance(ada), town.balance(cyd)]).toEqual([before[0], (before[1] ?? 0n) - 100n])
    expect([...new Set(changes.map((one) => one.account))].toSorted()).toEqual(
      [ada.id, cyd.id].toSorted(),
    )
  })
})
