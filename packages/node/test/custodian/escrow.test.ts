import { describe, expect, test } from 'vitest'
import { isFault } from 'tallystick/base'
import { balanceOf, stakeVault, vaultId } from 'tallystick/logic'
import { partiesOf } from 'tallystick/nostr'
import { dueAt } from '../../src/custodian/due.ts'
import { type Beside, escrowBeside, type EscrowWish } from '../../src/custodian/escrow.ts'
import { alice, bob } from '../relay/people.ts'
import { COUNTER, defineMachine, wishFor } from './scene.ts'

const WISH = {
  players: [alice.key, bob.key],
  symbol: 'COIN',
  decimals: 2,
  each: 100n,
} as const

const bet = defineMachine(
  wishFor(COUNTER, [], {
    participants: [alice, bob].map(({ key }) => ({ key, relay: '', role: 'player' })),
  }),
)

const besideOf = (wish: EscrowWish = WISH, of = bet): Beside => {
  const found = escrowBeside(of, wish)
  if (isFault(found)) throw found
  return found
}

describe('the machine with the money', () => {
  test('is under the same custodians, and everybody who is told the same comes to it', () => {
    const { defined } = besideOf()
    expect(defined.charter.terms.policy).toEqual(bet.charter.terms.policy)
    expect(defined.custodians).toEqual(bet.custodians)
    expect(besideOf().defined.genesis.id).toBe(defined.genesis.id)
    const other = defineMachine(wishFor(COUNTER, [], { title: 'another' }))
    const ids = [
      defined.genesis.id,
      besideOf({ ...WISH, each: 99n }).defined.genesis.id,
      besideOf({ ...WISH, players: [bob.key, alice.key] }).defined.genesis.id,
      besideOf(WISH, other).defined.genesis.id,
    ]
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('begins with each player’s coins, waits for no time, and listens to the players alone', () => {
    const { defined, escrow } = besideOf()
    expect(WISH.players.map((key) => balanceOf(defined.genesis, escrow.asset, key))).toEqual([
      100n,
      100n,
    ])
    expect(dueAt(defined.genesis)).toBeUndefined()
    expect(partiesOf(defined.definition)).toEqual(WISH.players)
    expect(defined.definition.states).toEqual([])
  })

  test('does not open for coins that nobody can have', () => {
    const twice = { ...WISH, players: [alice.key, alice.key] }
    const found = escrowBeside(bet, twice)
    expect(isFault(found)).toBe(true)
  })

  test('keeps stakes that name the machine of the process', () => {
    const { escrow, process } = besideOf()
    const [from, to] = WISH.players.map((key) => ({ name: key, sender: key }))
    if (!from || !to) throw new Error('two play')
    const { terms } = stakeVault(process, escrow, { from, to, amount: 5n })
    expect(terms.release).toMatchObject({ is: 'fact', machine: bet.genesis.id })
    expect(terms.machine).toBe(besideOf().defined.genesis.id)
    const other = besideOf(WISH, defineMachine(wishFor(COUNTER, [], { title: 'another' })))
    const elsewhere = stakeVault(other.process, escrow, { from, to, amount: 5n })
    expect(vaultId('nostr', elsewhere.terms)).not.toBe(vaultId('nostr', terms))
  })
})
