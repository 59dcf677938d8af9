import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { MOI } from '../../../src/base/moi-suite.ts'
import { interactionId } from '../../../src/kernel/interaction.ts'
import { tesseractOf } from '../../../src/models/krama/tesseract.ts'
import { MOI_LEGS_MAX } from '../../../src/dialects/moi/legs.ts'
import { type Prepared, readAccount } from '../../../src/dialects/moi/lattice.ts'
import { balancePath, PATH } from '../../../src/dialects/moi/run/layout.ts'
import { amountRecord } from '../../../src/dialects/moi/run/record.ts'
import type { MoiId } from '../../../src/dialects/moi/identifier.ts'
import { NO_TESSERACT } from '../../../src/dialects/moi/tesseract.ts'
import { rootOf } from '../../../src/state/tree.ts'
import { createLatticeTown, executeAgain, type LatticeTown } from './lattice-town.ts'
import {
  action,
  ada,
  assetCreate,
  BALANCE,
  bob,
  cyd,
  dan,
  genesis,
  keyOf,
  KMOI,
  personOf,
  SARGA,
  toward,
  transferOf,
  type Wish,
} from './run/town.ts'

const pay = (amount: bigint): Wish => ({ do: [transferOf(bob, amount)], with: toward(bob) ?? [] })

const accountsIn = ({ tesseract }: Pick<Prepared, 'tesseract'>): readonly MoiId[] =>
  [...tesseract.steps, ...tesseract.seen].map((one) => one.account)

/** Prepares a wish, has the kernel run it again on the same heads, and takes it over. */
const both = (of: LatticeTown, wish: Wish): Prepared => {
  const before = new Map(of.heads)
  const prepared = of.send(wish)
  const again = executeAgain(
    of.network,
    prepared.interaction,
    (account) => before.get(account),
    accountsIn(prepared),
  )
  if (isFault(again)) throw again
  expect(again.written.map((one) => one.headId)).toEqual(
    prepared.tesseract.steps.map((one) => one.head.machine.headId),
  )
  return prepared
}

const balanceIn = (of: LatticeTown, account: MoiId): bigint => {
  const head = of.heads.get(account)
  const value = head && readAccount(of.network, head.machine, balancePath(KMOI, 0n))
  return value ? amountRecord.decode(value) : 0n
}

describe('the genesis of a network', () => {
  test('gives each account its first step, with the height 0 and no link', () => {
    const { begun, heads } = createLatticeTown()
    const steps = begun.flatMap((one) => one.tesseract.steps)
    expect(steps.map((one) => one.account)).toEqual([SARGA, KMOI, ada.id, bob.id, cyd.id])
    expect(steps.every((one) => one.transition.sequence === 1n)).toBe(true)
    expect(steps.every((one) => one.link === NO_TESSERACT)).toBe(true)
    expect(heads.size).toBe(5)
  })

  test('comes in parts of as many accounts as an interaction has, and the kernel comes to the same', () => {
    const many = Array.from({ length: 40 }, (_, at) => {
      const person = personOf(`person ${at}`)
      return { id: person.id, keys: [keyOf(person)], balance: BALANCE }
    })
    const of = createLatticeTown({ ...genesis, participants: many })
    expect(of.begun.map((one) => one.tesseract.steps.length)).toEqual([15, 15, 12])
    expect(MOI_LEGS_MAX).toBe(15)
    for (const part of of.begun) {
      const again = executeAgain(of.network, part.interaction, () => undefined, accountsIn(part))
      if (isFault(again)) throw again
      expect(again.written.map((one) => one.headId)).toEqual(
        part.tesseract.steps.map((one) => one.head.machine.headId),
      )
    }
  })

  test('is applied once', () => {
    const of = createLatticeTown()
    const [part] = of.begun
    if (!part) throw new Error('there is one')
    const heads = of.heads
    const headOf = (account: MoiId) => heads.get(account)
    const pinned = part.interaction.legs.map((leg, at) => {
      const account = part.tesseract.steps[at - 1]?.account
      const head = account && heads.get(account)
      return head ? { ...leg, parent: head.machine.headId } : leg
    })
    const again = { ...part.interaction, legs: pinned }
    expect(executeAgain(of.network, again, headOf, accountsIn(part))).toMatchObject({
      code: 'moi/begun',
    })
    expect(executeAgain(of.network, part.interaction, headOf, accountsIn(part))).toMatchObject({
      code: 'interaction/wrong-parent',
    })
  })
})

describe('an interaction on the lattice', () => {
  test('moves sender and beneficiary by one transition each, under one tesseract', () => {
    const of = createLatticeTown()
    const { tesseract, receipt } = both(of, pay(10n))
    expect(receipt.status).toBe('ok')
    expect(tesseract.steps.map((one) => one.account)).toEqual([ada.id, bob.id])
    expect(tesseract.seen).toMatchObject([{ account: KMOI, access: 'refer', height: 0n }])
    expect(tesseract.hash).toBe(
      tesseractOf(
        MOI,
        tesseract.steps.map((one) => one.head.machine.headId),
      ),
    )
    expect(balanceIn(of, bob.id)).toBe(BALANCE + 10n)
    expect(balanceIn(of, ada.id)).toBe(BALANCE - 10n - receipt.fuelUsed)
  })

  test('links each account to the tesseract that moved it before', () => {
    const of = createLatticeTown()
    const first = both(of, pay(1n))
    const second = both(of, { ...pay(1n), from: ada })
    const third = both(of, { from: cyd, do: [transferOf(bob, 1n)], with: toward(bob) ?? [] })
    const [begin] = of.begun
    expect(first.tesseract.steps.map((one) => one.link)).toEqual([
      begin?.tesseract.hash,
      begin?.tesseract.hash,
    ])
    expect(second.tesseract.steps.map((one) => one.link)).toEqual([
      first.tesseract.hash,
      first.tesseract.hash,
    ])
    expect(third.tesseract.steps.map((one) => one.link)).toEqual([
      begin?.tesseract.hash,
      second.tesseract.hash,
    ])
    expect(third.tesseract.steps.map((one) => one.transition.sequence)).toEqual([2n, 4n])
  })

  test('that fails moves the sender and nobody else', () => {
    const of = createLatticeTown()
    const mint = action(KMOI, 'Mint', { beneficiary: bob.id, amount: 5n })
    const { tesseract, receipt } = both(of, {
      do: [transferOf(bob, 1n), mint],
      with: toward(bob) ?? [],
    })
    expect(receipt.status).toBe('reverted')
    expect(tesseract.steps.map((one) => one.account)).toEqual([ada.id])
    expect(tesseract.seen).toMatchObject([
      { account: KMOI, access: 'refer' },
      { account: bob.id, access: 'read', height: 0n },
    ])
    expect(balanceIn(of, bob.id)).toBe(BALANCE)
    expect(balanceIn(of, ada.id)).toBe(BALANCE - receipt.fuelUsed)
  })

  test('gives an account that it creates its first step', () => {
    const of = createLatticeTown()
    const wish: Wish = {
      do: [
        {
          is: 'participant-create',
          id: dan.id,
          keys: [keyOf(dan)],
          value: action(KMOI, 'Transfer', { beneficiary: dan.id, amount: 7n }),
        },
      ],
      with: [[KMOI, 'none']],
    }
    const { tesseract, receipt } = both(of, wish)
    expect(receipt.status).toBe('ok')
    expect(tesseract.steps.map((one) => [one.account, one.transition.sequence])).toEqual([
      [ada.id, 2n],
      [dan.id, 1n],
    ])
    expect(balanceIn(of, dan.id)).toBe(7n)
    const again = both(of, wish)
    expect(again.receipt.status).toBe('reverted')
    expect(again.tesseract.steps.map((one) => one.account)).toEqual([ada.id])
  })

  test('gives an asset that it creates a machine of its own', () => {
    const of = createLatticeTown()
    const { tesseract, receipt } = both(of, { do: [assetCreate()] })
    const asset = receipt.operations[0]?.created
    expect(tesseract.steps.map((one) => one.account)).toEqual([ada.id, asset])
    expect(
      both(of, {
        do: [action(asset ?? KMOI, 'Mint', { beneficiary: bob.id, amount: 5n })],
        with: [
          [asset ?? KMOI, 'mutate'],
          [bob.id, 'mutate'],
        ],
      }).tesseract.steps.length,
    ).toBe(3)
  })

  test('that is refused leaves no trace, and says why in MOI’s words', () => {
    const of = createLatticeTown()
    const sent = of.signed(pay(1n))
    of.send(pay(1n))
    const heads = new Map(of.heads)
    expect(of.prepare(sent)).toMatchObject({
      is: 'refused',
      refusal: { code: 'sequence', message: 'invalid nonce' },
    })
    const other = of.signed(pay(2n))
    const forged = { args: other.args, signatures: sent.signatures }
    expect(of.prepare(forged)).toMatchObject({ is: 'refused', refusal: { code: 'signatures' } })
    const broken = { args: other.args.subarray(1), signatures: other.signatures }
    expect(of.prepare(broken)).toMatchObject({ is: 'refused', refusal: { code: 'payload' } })
    expect(of.heads).toEqual(heads)
  })

  test('has as many accounts as the kernel lets it, and no more', () => {
    const people = Array.from({ length: 20 }, (_, at) => personOf(`person ${at}`))
    const of = createLatticeTown({
      ...genesis,
      participants: [ada, bob, ...people].map((one) => ({
        id: one.id,
        keys: [keyOf(one)],
        balance: BALANCE,
      })),
    })
    const wish = (count: number): Wish => ({
      do: [transferOf(bob, 1n)],
      with: [
        [KMOI, 'none'],
        [bob.id, 'mutate'],
        ...people.slice(0, count).map((one) => [one.id, 'read'] as const),
      ],
    })
    expect(both(of, wish(12)).receipt.status).toBe('ok')
    const refused = of.prepare(of.signed(wish(13)))
    expect(refused).toMatchObject({ is: 'refused', refusal: { code: 'participants' } })
  })
})

describe('the kernel, running an interaction again', () => {
  const of = createLatticeTown()
  const before = new Map(of.heads)
  const prepared = of.send(pay(10n))
  const headOf = (account: MoiId) => before.get(account)
  const again = (interaction: Prepared['interaction']) =>
    executeAgain(of.network, interaction, headOf, accountsIn(prepared))

  test('comes to the same states from the interaction alone', () => {
    const found = again(prepared.interaction)
    if (isFault(found)) throw found
    expect(found.interaction).toBe(interactionId(prepared.interaction))
    expect(found.written.map((one) => rootOf(one.state))).toEqual(
      prepared.tesseract.steps.map((one) => one.transition.state),
    )
  })

  test('refuses legs that do not follow: one moved without a reason, or one left out', () => {
    const { legs } = prepared.interaction
    const more = legs.map((one) =>
      one.access === 'refer' ? { ...one, access: 'write' as const } : one,
    )
    expect(again({ ...prepared.interaction, legs: more })).toMatchObject({ code: 'moi/wrong-legs' })
    const fewer = legs.map((one, at) =>
      at === legs.length - 1 ? { ...one, access: 'read' as const } : one,
    )
    expect(again({ ...prepared.interaction, legs: fewer })).toMatchObject({
      code: 'moi/wrong-legs',
    })
  })

  test('refuses another amount under the same signature', () => {
    const [operation] = prepared.interaction.operations
    if (!operation) throw new Error('there is one')
    const argument = operation.argument.slice()
    // The last byte of the calldata's amount: 10 becomes 11.
    const at = argument.lastIndexOf(10)
    argument[at] = 11
    expect(
      again({ ...prepared.interaction, operations: [{ ...operation, argument }] }),
    ).toMatchObject({
      code: 'moi/refused',
    })
  })

  test('keeps what the receipt says under the sender', () => {
    const head = of.heads.get(ada.id)
    expect(head && readAccount(of.network, head.machine, PATH.receipt)).toBeDefined()
  })
})
