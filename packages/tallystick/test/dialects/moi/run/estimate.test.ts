/** What an estimate promises, and on what: the same state, the same second, and no look at what the sender has for fuel. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { MoiId } from '../../../../src/dialects/moi/identifier.ts'
import { interactionHash, writeInteraction } from '../../../../src/dialects/moi/interaction.ts'
import { call, estimate, type Run } from '../../../../src/dialects/moi/run/run.ts'
import {
  deploy,
  deployIn,
  fields,
  interfaceOf,
  invoke,
  manifest,
  routine,
  state,
} from './sketch.ts'
import { ada, BALANCE, bob, createTown, cyd, KMOI, type Town, type Wish } from './town.ts'

/** Adds to a counter, then goes round as often as the counter says. `Fail` raises an exception at the end of that. */
const count = ['OBTAIN $0 &0', 'LLOAD $1 &0', 'GATHER $2 $1', 'ADD $2 $2 $0', 'DISPER $1 $2']
const round = ['PMAKE $3 &5', 'DEST', 'INCR $3', 'LT $4 $3 $2', 'LDPTR1 $5 0x6', 'JUMPI $5 $4']
/** A jump's target moves with its place. */
const shifted =
  (by: number) =>
  (line: string): string =>
    line.replace('0x6', `0x${6 + by}`)
const accepts = { accepts: fields('n u64') }
const counting = manifest(
  [
    state(0, 'logic', fields('count u64')),
    routine(1, 'Count', [...count, ...round], accepts),
    routine(2, 'Fail', [...count, ...round, 'STR $6 $3', 'THROW $6'], accepts),
    routine(3, 'Later', ['TIMESTAMP $2', ...round.map(shifted(-4))], accepts),
  ],
  'logic',
)

const PEOPLE = [ada, bob, cyd]

const wishFor = (logic: MoiId, callsite: string, n: number, from = ada): Wish => ({
  from,
  do: [invoke(logic, callsite, { n: BigInt(n) })],
  with: [[logic, 'mutate']],
  fuelLimit: 100_000n,
})

const runOf = (town: Town, wish: Wish): Run => {
  const args = town.make(wish)
  const hash = interactionHash(writeInteraction(args))
  return { args, hash, read: town.read, network: town.network, time: town.time }
}

describe('an estimate', () => {
  it('is enough for the same interaction on the same state, whatever its logic does with it', () => {
    const drawn = fc.record({
      callsite: fc.constantFrom('Count', 'Count', 'Fail'),
      n: fc.nat(60),
      from: fc.nat(2),
      isTwice: fc.boolean(),
    })
    let done = 0
    fc.assert(
      fc.property(fc.array(drawn, { minLength: 1, maxLength: 12 }), (draws) => {
        const town = createTown()
        const logic = deployIn(town, deploy(counting))
        for (const { callsite, n, from, isTwice } of draws) {
          const one = wishFor(logic, callsite, n, PEOPLE[from])
          const wish = isTwice ? { ...one, do: [...one.do, ...one.do] } : one
          const of = runOf(town, wish)
          const [guess, told] = [estimate(of), call(of)]
          const { receipt } = town.send({ ...wish, fuelLimit: guess })
          expect(receipt.fuelUsed).toBeLessThanOrEqual(guess)
          expect(receipt.status).toBe(told.status)
          expect(receipt.fuelUsed).toBe(told.fuelUsed)
          if (receipt.status === 'ok') done += 1
        }
      }),
      { numRuns: 60 },
    )
    expect(done).toBeGreaterThan(60)
  })

  it('is enough for a state that moved little, and need not be for one that moved much', () => {
    const after = (moved: number) => {
      const town = createTown()
      const logic = deployIn(town, deploy(counting))
      town.send(wishFor(logic, 'Count', 100))
      const guess = estimate(runOf(town, wishFor(logic, 'Count', 0)))
      town.send(wishFor(logic, 'Count', moved, bob))
      return town.send({ ...wishFor(logic, 'Count', 0), fuelLimit: guess }).receipt.status
    }
    expect(after(0)).toBe('ok')
    expect(after(20)).toBe('ok')
    expect(after(100)).toBe('insufficient-fuel')
  })

  it('is of its own second', () => {
    const town = createTown()
    town.time = 100n
    const logic = deployIn(town, deploy(counting))
    const wish = wishFor(logic, 'Later', 0)
    const guess = estimate(runOf(town, wish))
    const at = (time: bigint) => {
      town.time = time
      return town.send({ ...wish, fuelLimit: guess }).receipt.status
    }
    expect(at(100n)).toBe('ok')
    expect(at(1000n)).toBe('insufficient-fuel')
  })

  it('is not of what the sender has left once its fuel is put aside', () => {
    const asking = manifest(
      [
        interfaceOf(0, {
          name: 'BalanceOf',
          mode: 'asset',
          accepts: fields('address identifier'),
          returns: fields('balance u256'),
        }),
        routine(
          1,
          'Look',
          [
            'OBTAIN $0 &0',
            'LDPTR1 $1 0x0',
            'XBIND $0 $1 $0',
            'CARGS $1',
            'ORIGIN $2',
            'SETFLD $1 &0 $2',
            'CALLX $1 $0 &0 $1',
            'GETFLD $1 $1 &0',
            'OBTAIN $2 &1',
            'LT $3 $1 $2',
            'LDPTR1 $4 0xd',
            'JUMPI $4 $3',
            'TERM',
            'DEST',
            ...Array.from({ length: 200 }, () => 'INCR $2'),
          ],
          { accepts: fields('asset identifier', 'least u256') },
        ),
      ],
      'logic',
    )
    const town = createTown()
    const logic = deployIn(town, deploy(asking))
    const least = town.balance(ada)
    const wish: Wish = {
      do: [invoke(logic, 'Look', { asset: KMOI, least })],
      with: [
        [logic, 'none'],
        [KMOI, 'none'],
      ],
    }
    const guess = estimate(runOf(town, wish))
    expect(town.send({ ...wish, fuelLimit: guess }).receipt.status).toBe('insufficient-fuel')
    // With another to pay, the sender has what it had.
    const paid: Wish = { ...wish, payer: bob.id, with: [...(wish.with ?? []), [bob.id, 'mutate']] }
    const left = town.balance(ada)
    const same = { ...paid, do: [invoke(logic, 'Look', { asset: KMOI, least: left })] }
    const enough = estimate(runOf(town, same))
    expect(left).toBeLessThan(BALANCE)
    expect(town.send({ ...same, fuelLimit: enough }).receipt.status).toBe('ok')
  })
})
