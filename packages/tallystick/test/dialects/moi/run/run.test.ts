import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { keyOf as keyAt, sequenceOf } from '../../../../src/dialects/moi/run/account.ts'
import { PATH } from '../../../../src/dialects/moi/run/layout.ts'
import { receiptHash } from '../../../../src/dialects/moi/run/receipt.ts'
import { receiptRecord } from '../../../../src/dialects/moi/run/record.ts'
import { call, estimate, run } from '../../../../src/dialects/moi/run/run.ts'
import { interactionHash, writeInteraction } from '../../../../src/dialects/moi/interaction.ts'
import {
  action,
  ada,
  assetCreate,
  BALANCE,
  bob,
  createAssetIn,
  createTown,
  cyd,
  dan,
  keyOf,
  KMOI,
  messageOf,
  toward,
  transferOf,
} from './town.ts'

describe('an interaction that succeeds', () => {
  it('moves KMOI, pays 100 fuel and counts the key on', () => {
    const town = createTown()
    const { receipt, fuelUsed, created } = town.send({
      do: [transferOf(bob, 300n)],
      with: toward(bob),
    })
    expect(receipt.status).toBe('ok')
    expect(fuelUsed).toBe(100n)
    expect(created).toEqual([])
    expect(town.balance(ada)).toBe(BALANCE - 400n)
    expect(town.balance(bob)).toBe(BALANCE + 300n)
    expect(sequenceOf(town.read, ada.id, 0)).toBe(1n)
  })

  it('leaves the hash of its receipt with its sender', () => {
    const town = createTown()
    const { receipt } = town.send({ do: [transferOf(bob, 1n)], with: toward(bob) })
    const record = receiptRecord.decode(town.read(ada.id, PATH.receipt) ?? new Uint8Array())
    expect(record.receipt).toEqual(receiptHash(receipt))
    expect(record.interaction).toEqual(receipt.interaction)
  })

  it('creates a participant and pays to it at once', () => {
    const town = createTown()
    const { receipt, created } = town.send({
      do: [
        { is: 'participant-create', id: dan.id, keys: [keyOf(dan)], value: transferOf(dan, 5000n) },
      ],
      with: [[KMOI, 'none']],
    })
    expect(receipt.status).toBe('ok')
    expect(created).toEqual([dan.id])
    expect(town.balance(dan)).toBe(5000n)
    expect(keyAt(town.read, dan.id, 0)?.publicKey).toEqual(dan.publicKey)
  })

  it('creates an asset, mints it and moves it on', () => {
    const town = createTown()
    const asset = createAssetIn(town)
    const minted = town.send({
      do: [action(asset, 'Mint', { beneficiary: ada.id, amount: 500n })],
      with: [[asset, 'mutate']],
    })
    expect(minted.receipt.status).toBe('ok')
    const moved = town.send({ do: [transferOf(bob, 200n, asset)], with: toward(bob, asset) })
    expect(moved.receipt.status).toBe('ok')
    expect([town.balance(ada, asset), town.balance(bob, asset)]).toEqual([300n, 200n])
    expect(moved.receipt.operations[0]?.logs).toHaveLength(1)
  })

  it('lets a payer pay', () => {
    const town = createTown()
    town.send({
      do: [transferOf(bob, 1n)],
      with: [...toward(bob), [cyd.id, 'mutate']],
      payer: cyd.id,
    })
    expect(town.balance(ada)).toBe(BALANCE - 1n)
    expect(town.balance(cyd)).toBe(BALANCE - 100n)
  })
})

describe('an interaction that fails', () => {
  const attempts = [
    ['too little balance', [transferOf(bob, 2n * BALANCE)], 'reverted', 100n],
    ['a later operation', [transferOf(bob, 1n), transferOf(bob, 2n * BALANCE)], 'reverted', 200n],
    ['an unknown callsite', [action(KMOI, 'Steal', {})], 'reverted', 100n],
    ['an undeclared account', [transferOf(cyd, 1n)], 'reverted', 100n],
  ] as const
  it.each(attempts)(
    'changes sequence, fuel and receipt of the sender alone: %s',
    (_, ops, status, fuel) => {
      const town = createTown()
      const before = town.all()
      const { receipt, changes } = town.send({ do: ops, with: toward(bob) })
      expect(receipt.status).toBe(status)
      expect(receipt.fuelUsed).toBe(fuel)
      expect(changes.map(({ account, path }) => [account, path.join('/')])).toEqual([
        [ada.id, 'sequence/0'],
        [ada.id, `balance/${KMOI}/0`],
        [ada.id, 'fuel'],
        [ada.id, 'receipt'],
      ])
      const after = town.all()
      expect([...before].filter(([at, value]) => after.get(at) !== value)).toHaveLength(1)
      expect(town.balance(ada)).toBe(BALANCE - fuel)
    },
  )

  it('names its failing operation last, without logs or created accounts', () => {
    const town = createTown()
    const { receipt } = town.send({
      do: [assetCreate(), transferOf(bob, 2n * BALANCE), transferOf(bob, 1n)],
      with: toward(bob),
    })
    expect(receipt.operations.map((one) => one.status)).toEqual(['ok', 'exception'])
    expect(receipt.operations.map((one) => one.created)).toEqual([undefined, undefined])
    expect(messageOf(receipt)).toContain('insufficient balance')
  })

  it('runs out of fuel at the limit and not before', () => {
    const wish = { do: [transferOf(bob, 1n), transferOf(bob, 1n)], with: toward(bob) }
    const enough = createTown().send({ ...wish, fuelLimit: 200n })
    expect(enough.receipt.status).toBe('ok')
    const town = createTown()
    const { receipt } = town.send({ ...wish, fuelLimit: 199n })
    expect(receipt.status).toBe('insufficient-fuel')
    expect(receipt.fuelUsed).toBe(199n)
    expect(town.balance(bob)).toBe(BALANCE)
    expect(town.balance(ada)).toBe(BALANCE - 199n)
  })

  it('cannot spend what was set aside for fuel', () => {
    const spend = (amount: bigint) =>
      createTown().send({ do: [transferOf(bob, amount)], with: toward(bob) }).receipt.status
    expect(spend(BALANCE - 10_000n)).toBe('ok')
    expect(spend(BALANCE - 9999n)).toBe('reverted')
  })
})

describe('locks', () => {
  it.each([
    ['mutate', 'ok'],
    ['read', 'reverted'],
    ['none', 'reverted'],
  ] as const)('let a beneficiary declared with %s be credited: %s', (lock, status) => {
    const { receipt } = createTown().send({
      do: [transferOf(bob, 1n)],
      with: [
        [KMOI, 'none'],
        [bob.id, lock],
      ],
    })
    expect(receipt.status).toBe(status)
    if (status !== 'ok') expect(receipt.operations[0]?.status).toBe('defect')
  })

  it('show the supply of an asset under a read lock, and not without one', () => {
    const ask = (lock: 'read' | 'none') =>
      createTown().send({ do: [action(KMOI, 'CirculatingSupply')], with: [[KMOI, lock]] }).receipt
    expect(ask('read').status).toBe('ok')
    expect(ask('none').status).toBe('reverted')
  })

  it('do not stand in the way of a question', () => {
    const town = createTown()
    const args = town.make({
      do: [action(KMOI, 'BalanceOf', { address: cyd.id })],
      with: [[KMOI, 'none']],
    })
    const hash = interactionHash(writeInteraction(args))
    const receipt = call({ args, hash, read: town.read, network: town.network, time: town.time })
    expect(receipt.status).toBe('ok')
    const sent = town.send({
      do: [action(KMOI, 'BalanceOf', { address: cyd.id })],
      with: [[KMOI, 'none']],
    })
    expect(sent.receipt.status).toBe('reverted')
  })
})

describe('questions', () => {
  it('are answered for a sender that does not exist', () => {
    const town = createTown()
    const args = town.make({ from: dan, do: [action(KMOI, 'Symbol')], with: [[KMOI, 'read']] })
    const receipt = call({
      args,
      hash: new Uint8Array(32),
      read: town.read,
      network: town.network,
      time: 0n,
    })
    expect(receipt.status).toBe('ok')
  })

  it('estimate what execution then uses', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), fc.bigInt(0n, 2n * BALANCE), (count, amount) => {
        const town = createTown()
        const wish = {
          do: Array.from({ length: count }, () => transferOf(bob, amount)),
          with: toward(bob),
        }
        const args = town.make(wish)
        const hash = interactionHash(writeInteraction(args))
        const of = { args, hash, read: town.read, network: town.network, time: town.time }
        expect(estimate(of)).toBeGreaterThanOrEqual(run(of).fuelUsed)
      }),
    )
  })
})

it('gives the same result each time', () => {
  const town = createTown()
  const args = town.make({ do: [assetCreate()] })
  const of = { args, hash: new Uint8Array(32), read: town.read, network: town.network, time: 7n }
  expect(run(of)).toEqual(run(of))
})
