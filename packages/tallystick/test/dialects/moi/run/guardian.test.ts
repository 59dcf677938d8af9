import { describe, expect, it } from 'vitest'
import type { MoiOperation } from '../../../../src/dialects/moi/operation.ts'
import { earnedBy, guardianIdsOf, guardianOf } from '../../../../src/dialects/moi/run/guardian.ts'
import {
  ada,
  BALANCE,
  bob,
  createTown,
  genesis,
  KRAMA_ID,
  messageOf,
  type Person,
  SARGA,
  type Town,
} from './town.ts'

const register = (amount: bigint, of: { readonly walletId?: Person['id'] } = {}): MoiOperation => ({
  is: 'guardian-register',
  kramaId: KRAMA_ID,
  walletId: ada.id,
  consensusKey: Uint8Array.of(1, 2),
  kycProof: Uint8Array.of(3),
  amount,
  ...of,
})

const act = (town: Town, operation: MoiOperation, from = ada) =>
  town.send({ from, do: [operation], with: [[SARGA, 'mutate']], fuelLimit: 100n }).receipt

const guardian = (stake = 2000n) => {
  const town = createTown()
  expect(act(town, register(stake)).status).toBe('ok')
  const doing =
    (is: 'guardian-stake' | 'guardian-unstake' | 'guardian-withdraw' | 'guardian-claim') =>
    (amount: bigint, from = ada) =>
      act(town, { is, kramaId: KRAMA_ID, amount }, from)
  return {
    town,
    stake: doing('guardian-stake'),
    unstake: doing('guardian-unstake'),
    withdraw: doing('guardian-withdraw'),
    claim: doing('guardian-claim'),
    record: () => guardianOf(town.read, town.network, KRAMA_ID),
  }
}

describe('registering a guardian', () => {
  it('moves the stake from the sender to the guardian', () => {
    const { town, record } = guardian(1000n)
    expect(record()).toMatchObject({ wallet: ada.id, stake: 1000n, unstaking: [], rewards: 0n })
    expect(town.balance(ada)).toBe(BALANCE - 1100n)
    expect(guardianIdsOf(town.read, town.network)).toEqual([KRAMA_ID])
  })

  it('takes a stake of what the network asks, and once', () => {
    expect(messageOf(act(createTown(), register(999n)))).toContain('insufficient stake')
    const { town } = guardian(1000n)
    expect(messageOf(act(town, register(1000n), bob))).toContain('already registered')
  })

  it('may be for the wallet of somebody who is declared', () => {
    const town = createTown()
    expect(act(town, register(1000n, { walletId: bob.id })).operations[0]?.status).toBe('defect')
    const { receipt } = town.send({
      do: [register(1000n, { walletId: bob.id })],
      with: [
        [SARGA, 'mutate'],
        [bob.id, 'read'],
      ],
    })
    expect(receipt.status).toBe('ok')
    expect(messageOf(act(town, { is: 'guardian-stake', kramaId: KRAMA_ID, amount: 1n }))).toContain(
      'not the wallet',
    )
  })

  it('takes what the sender has', () => {
    expect(messageOf(act(createTown(), register(BALANCE)))).toContain('insufficient balance')
  })
})

describe('staking', () => {
  it('is the wallet’s, for a guardian that is registered', () => {
    const { stake, record } = guardian()
    expect(stake(500n).status).toBe('ok')
    expect(record()?.stake).toBe(2500n)
    expect(messageOf(stake(1n, bob))).toContain('not the wallet')
    const nobody = createTown()
    expect(
      messageOf(act(nobody, { is: 'guardian-stake', kramaId: KRAMA_ID, amount: 1n })),
    ).toContain('guardian not found')
  })

  it('stakes something that is there', () => {
    const { stake } = guardian()
    expect(messageOf(stake(0n))).toContain('amount must be positive')
    expect(messageOf(stake(BALANCE))).toContain('insufficient balance')
  })
})

describe('unstaking', () => {
  it('leaves nothing, or as much as a stake needs', () => {
    const { unstake, record } = guardian(2000n)
    expect(messageOf(unstake(2001n))).toContain('insufficient stake')
    expect(messageOf(unstake(1001n))).toContain('999 would stay')
    expect(unstake(1000n).status).toBe('ok')
    expect(unstake(1000n).status).toBe('ok')
    expect(record()?.stake).toBe(0n)
  })

  it('has so many parts that wait at a time', () => {
    const { unstake, withdraw, town } = guardian(2000n)
    for (let at = 0; at < 16; at++) expect(unstake(1n).status).toBe('ok')
    expect(messageOf(unstake(1n))).toContain('withdraw first')
    town.time += 100n
    expect(withdraw(16n).status).toBe('ok')
    expect(unstake(1n).status).toBe('ok')
  })
})

describe('withdrawing', () => {
  it('pays when the period has passed and not a second before', () => {
    const { town, unstake, withdraw, record } = guardian(2000n)
    const begun = town.time
    unstake(500n)
    const before = town.balance(ada)
    town.time = begun + 99n
    expect(messageOf(withdraw(500n))).toContain('has not elapsed')
    town.time = begun + 100n
    expect(withdraw(200n).status).toBe('ok')
    expect(withdraw(300n).status).toBe('ok')
    expect(town.balance(ada)).toBe(before + 500n - 300n)
    expect(record()?.unstaking).toEqual([])
  })

  it('pays the oldest part first and no younger one', () => {
    const { town, unstake, withdraw, record } = guardian(2000n)
    const begun = town.time
    unstake(500n)
    town.time = begun + 50n
    unstake(500n)
    town.time = begun + 149n
    expect(messageOf(withdraw(501n))).toContain('has not elapsed for 1 of 501')
    expect(withdraw(400n).status).toBe('ok')
    expect(record()?.unstaking).toEqual([
      { amount: 100n, from: begun + 100n },
      { amount: 500n, from: begun + 150n },
    ])
  })
})

describe('rewards', () => {
  const YEAR = 31_536_000n

  it('grow with stake and time, and are claimed bit by bit', () => {
    const { town, claim, record } = guardian(2000n)
    town.time += YEAR
    const now = record()
    expect(now && earnedBy(now, town.network, town.time)).toBe(200n)
    expect(messageOf(claim(201n))).toContain('insufficient rewards: 200')
    expect(claim(150n).status).toBe('ok')
    expect(claim(50n).status).toBe('ok')
    expect(messageOf(claim(1n))).toContain('insufficient rewards: 0')
  })

  it('do not grow backwards in time', () => {
    const { town, claim } = guardian(2000n)
    town.time -= YEAR
    expect(messageOf(claim(1n))).toContain('insufficient rewards: 0')
  })

  it('end with what the genesis put aside', () => {
    const { town, claim } = guardian(100_000n)
    town.time += YEAR
    expect(messageOf(claim(genesis.rewards + 1n))).toContain('rewards are used up: 5000')
    expect(claim(genesis.rewards).status).toBe('ok')
    expect(messageOf(claim(1n))).toContain('rewards are used up: 0')
  })
})
