import { describe, expect, it } from 'vitest'
import { deriveMoiId, type MoiId } from '../../../../src/dialects/moi/identifier.ts'
import type { MoiOperation } from '../../../../src/dialects/moi/operation.ts'
import {
  accountOf,
  keyCountOf,
  keysOf,
  sequenceOf,
} from '../../../../src/dialects/moi/run/account.ts'
import { subAccountCountOf } from '../../../../src/dialects/moi/run/derivation.ts'
import {
  ada,
  BALANCE,
  bob,
  createTown,
  cyd,
  dan,
  keyOf,
  KMOI,
  messageOf,
  SARGA,
  toward,
  transferOf,
} from './town.ts'

const createDan: MoiOperation = {
  is: 'participant-create',
  id: dan.id,
  keys: [keyOf(dan)],
  value: undefined,
}

describe('registering a participant', () => {
  it('happens once', () => {
    const town = createTown()
    expect(town.send({ do: [createDan] }).receipt.status).toBe('ok')
    expect(accountOf(town.read, dan.id)).toEqual({
      kind: 'participant',
      creator: ada.id,
      parent: undefined,
      inherits: undefined,
    })
    const again = town.send({ do: [createDan], from: bob }).receipt
    expect(messageOf(again)).toContain('account already exists')
  })

  it('happens not at all when the gift cannot be given', () => {
    const town = createTown()
    const gift = { ...createDan, value: transferOf(dan, 2n * BALANCE) }
    const { receipt, created } = town.send({ do: [gift], with: [[KMOI, 'none']] })
    expect(receipt.status).toBe('reverted')
    expect(created).toEqual([])
    expect(accountOf(town.read, dan.id)).toBeUndefined()
  })

  it('lets a later operation of the same interaction pay to the account', () => {
    const town = createTown()
    const { receipt } = town.send({ do: [createDan, transferOf(dan, 9n)], with: [[KMOI, 'none']] })
    expect(receipt.status).toBe('ok')
    expect(town.balance(dan)).toBe(9n)
  })

  it('takes a gift of nothing', () => {
    const town = createTown()
    const { receipt } = town.send({
      do: [{ ...createDan, value: transferOf(dan, 0n) }],
      with: [[KMOI, 'none']],
    })
    expect(receipt.status).toBe('ok')
    expect(town.balance(dan)).toBe(0n)
  })

  it('refuses the same key twice', () => {
    const twice = { ...createDan, keys: [keyOf(dan), keyOf(dan)] }
    expect(messageOf(createTown().send({ do: [twice] }).receipt)).toContain('key already exists')
  })
})

describe('configuring keys', () => {
  const configure = (add: readonly ReturnType<typeof keyOf>[], revoke: readonly number[]) =>
    ({ is: 'account-configure', add, revoke }) as const

  it('adds a key under the next number', () => {
    const town = createTown()
    expect(town.send({ do: [configure([keyOf(bob, 1n)], [])] }).receipt.status).toBe('ok')
    expect(keysOf(town.read, ada.id).map((key) => key.weight)).toEqual([1000n, 1n])
  })

  it('revokes a key, which keeps its number and its counter', () => {
    const town = createTown()
    town.send({ do: [configure([keyOf(bob)], [0])] })
    expect(keysOf(town.read, ada.id).map((key) => key.isRevoked)).toEqual([true, false])
    expect(sequenceOf(town.read, ada.id, 0)).toBe(1n)
    town.send({ do: [configure([keyOf(cyd)], [1])], keyId: 1 })
    expect(keyCountOf(town.read, ada.id)).toBe(3)
    expect(keysOf(town.read, ada.id)[0]?.publicKey).toEqual(ada.publicKey)
  })

  it('never leaves less than 1000 in force', () => {
    const last = createTown().send({ do: [configure([], [0])] }).receipt
    expect(messageOf(last)).toContain('below 1000')
    const short = createTown().send({ do: [configure([keyOf(bob, 999n)], [0])] }).receipt
    expect(messageOf(short)).toContain('would be 999, below 1000')
    const town = createTown()
    const enough = town.send({ do: [configure([keyOf(bob, 999n), keyOf(cyd, 1n)], [0])] }).receipt
    expect(enough.status).toBe('ok')
  })

  it('refuses keys that are there, and revokes none that is not', () => {
    const town = createTown()
    const message = (add: readonly ReturnType<typeof keyOf>[], revoke: readonly number[]) =>
      messageOf(town.send({ do: [configure(add, revoke)] }).receipt)
    expect(message([keyOf(ada)], [])).toContain('key already exists')
    expect(message([], [1])).toContain('key not found: 1')
    expect(message([keyOf(bob)], [0, 0])).toContain('key already revoked: 0')
  })

  it('lets a revoked key come back under a new number', () => {
    const town = createTown()
    town.send({ do: [configure([keyOf(bob)], [0])] })
    expect(town.send({ do: [configure([keyOf(ada)], [])], keyId: 1 }).receipt.status).toBe('ok')
    expect(keyCountOf(town.read, ada.id)).toBe(3)
  })

  it('keeps 128 keys and no more', () => {
    const town = createTown()
    const fresh = (from: number, count: number) =>
      Array.from({ length: count }, (_, at) => ({
        ...keyOf(bob, 1n),
        publicKey: bob.publicKey.with(32, at).with(31, from),
      }))
    expect(town.send({ do: [configure(fresh(1, 64), [])] }).receipt.status).toBe('ok')
    expect(town.send({ do: [configure(fresh(2, 63), [])] }).receipt.status).toBe('ok')
    expect(messageOf(town.send({ do: [configure(fresh(3, 1), [])] }).receipt)).toContain(
      'more than 128 keys',
    )
  })
})

describe('a sub-account', () => {
  const inherit = (subAccountIndex: number, targetAccount: MoiId = SARGA) =>
    ({ is: 'account-inherit', targetAccount, value: undefined, subAccountIndex }) as const

  it('bears its number, or the next one, and the keys of the sender', () => {
    const town = createTown()
    const next = town.send({ do: [inherit(0)] })
    expect(next.created).toEqual([deriveMoiId(ada.id, { variant: 1 })])
    const named = town.send({ do: [inherit(7)] })
    expect(named.created).toEqual([deriveMoiId(ada.id, { variant: 7 })])
    expect(subAccountCountOf(town.read, ada.id)).toBe(2)
    const [sub = ada.id] = next.created
    expect(keysOf(town.read, sub)).toEqual(keysOf(town.read, ada.id))
    expect(sequenceOf(town.read, sub, 0)).toBe(0n)
    expect(accountOf(town.read, sub)).toMatchObject({ parent: ada.id, inherits: SARGA })
  })

  it('acts for itself with those keys', () => {
    const town = createTown()
    const sub = deriveMoiId(ada.id, { variant: 1 })
    town.send({
      do: [{ ...inherit(1), value: transferOf(sub, 1000n) }],
      with: [[KMOI, 'none']],
    })
    const args = town.make({
      from: { ...ada, id: sub },
      do: [transferOf(bob, 5n)],
      with: toward(bob),
      fuelLimit: 100n,
    })
    expect(town.refusal(args, [{ as: sub, key: ada, keyId: 0 }])).toBeUndefined()
    expect(town.refusal(args, [{ as: sub, key: bob, keyId: 0 }])?.code).toBe('signatures')
  })

  it('comes once, and has none of its own', () => {
    const town = createTown()
    town.send({
      do: [{ ...inherit(1), value: transferOf(deriveMoiId(ada.id, { variant: 1 }), 1000n) }],
      with: [[KMOI, 'none']],
    })
    expect(messageOf(town.send({ do: [inherit(1)] }).receipt)).toContain('already exists')
    const sub = deriveMoiId(ada.id, { variant: 1 })
    const { receipt } = town.send({ from: { ...ada, id: sub }, do: [inherit(1)], fuelLimit: 100n })
    expect(messageOf(receipt)).toContain('a sub-account has no sub-accounts')
  })

  it('inherits from an account that exists and is declared', () => {
    const at = (target: MoiId, isDeclared: boolean) =>
      createTown().send({
        do: [inherit(1, target)],
        with: isDeclared ? [[target, 'read']] : [],
      }).receipt
    expect(at(bob.id, true).status).toBe('ok')
    expect(at(bob.id, false).operations[0]?.status).toBe('defect')
    expect(messageOf(at(dan.id, true))).toContain('account not found')
  })
})
