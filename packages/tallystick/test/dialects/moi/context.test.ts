import { describe, expect, test } from 'vitest'
import { blake2b256 } from '../../../src/base/blake2b.ts'
import { isFault } from '../../../src/base/fault.ts'
import type { MoiId } from '../../../src/dialects/moi/identifier.ts'
import {
  type ContextTime,
  contextObjectAt,
  contextOf,
  LATEST,
  superStateOf,
} from '../../../src/dialects/moi/context.ts'
import { readAccount } from '../../../src/dialects/moi/lattice.ts'
import { balancePath, PATH } from '../../../src/dialects/moi/run/layout.ts'
import { amountRecord } from '../../../src/dialects/moi/run/record.ts'
import { heightOf, type MoiHead } from '../../../src/dialects/moi/tesseract.ts'
import { rootOf } from '../../../src/state/tree.ts'
import { createLatticeTown } from './lattice-town.ts'
import {
  action,
  ada,
  BALANCE,
  bob,
  dan,
  genesis,
  keyOf,
  KMOI,
  KRAMA_ID,
  toward,
  transferOf,
} from './run/town.ts'

const nodes = { behaviour: [KRAMA_ID], random: [KRAMA_ID], storage: [] }

/** A town that keeps every head an account had. */
const historyTown = () => {
  const town = createLatticeTown({ ...genesis, nodes })
  const past: (readonly [MoiId, MoiHead])[] = [...town.heads]
  const pay = (amount: bigint): void => {
    const { tesseract } = town.send({ do: [transferOf(bob, amount)], with: toward(bob) ?? [] })
    for (const { account, head } of tesseract.steps) past.push([account, head])
  }
  const headAt = (account: MoiId, at: ContextTime): MoiHead | undefined =>
    past.findLast(
      ([whose, head]) =>
        whose === account &&
        (at.is === 'latest' ||
          (at.is === 'height' && heightOf(head.machine.head) === at.height) ||
          (at.is === 'tesseract' && head.tesseract === at.hash)),
    )?.[1]
  return { town, pay, headAt }
}

const balance = balancePath(KMOI, 0n)

describe('a context', () => {
  test('names the guardians of an account, by the hash of its record', () => {
    const { network, heads } = createLatticeTown({ ...genesis, nodes })
    const machine = heads.get(ada.id)?.machine
    if (!machine) throw new Error('she has one')
    const context = contextOf(network, machine)
    expect(context).toMatchObject(nodes)
    const record = readAccount(network, machine, PATH.context)
    expect(context?.hash).toEqual(record && blake2b256(record))
    expect(contextOf(network, network.open(dan.id))).toBeUndefined()
  })
})

describe('context addressing', () => {
  test('answers with the value and the context of one height: the newest, one by number, one by hash', () => {
    const { town, pay, headAt } = historyTown()
    pay(5n)
    pay(7n)
    const ask = (at: ContextTime): unknown => {
      const found = contextObjectAt(town.network, headAt, { account: bob.id, path: balance, at })
      if (isFault(found)) return found.code
      return found.content && [found.place.height, amountRecord.decode(found.content)]
    }
    expect(ask(LATEST)).toEqual([2n, BALANCE + 12n])
    expect(ask({ is: 'height', height: 1n })).toEqual([1n, BALANCE + 5n])
    expect(ask({ is: 'height', height: 0n })).toEqual([0n, BALANCE])
    const first = headAt(bob.id, { is: 'height', height: 1n })
    if (!first) throw new Error('there is one')
    expect(ask({ is: 'tesseract', hash: first.tesseract })).toEqual([1n, BALANCE + 5n])
    expect(ask({ is: 'height', height: 3n })).toBe('moi/no-account')
  })

  test('says where the value stands, and that there is none', () => {
    const { town, headAt } = historyTown()
    const path = balancePath(bob.id, 0n)
    const found = contextObjectAt(town.network, headAt, { account: ada.id, path, at: LATEST })
    expect(found).toMatchObject({ content: undefined, place: { account: ada.id, height: 0n } })
    const nobody = contextObjectAt(town.network, headAt, { account: dan.id, path, at: LATEST })
    expect(nobody).toMatchObject({ code: 'moi/no-account' })
  })
})

describe('a context super state', () => {
  test('holds everything that an account has, by its parts, under one root', () => {
    const { town } = historyTown()
    town.send({
      do: [
        action(KMOI, 'Approve', { beneficiary: bob.id, amount: 9n, expires_at: 2_000_000_000n }),
      ],
      with: toward(bob) ?? [],
    })
    town.send({ do: [{ is: 'account-configure', add: [keyOf(dan)], revoke: [] }] })
    const head = town.heads.get(ada.id)
    if (!head) throw new Error('she has one')
    const state = superStateOf(town.network, ada.id, head)
    expect(state?.root).toBe(rootOf(head.machine.state))
    expect(state?.place).toEqual({ account: ada.id, height: 2n, tesseract: head.tesseract })
    expect(state?.parts.assets.map((one) => one.path)).toEqual([balance])
    expect(state?.parts.keys.length).toBe(2)
    expect(state?.parts.trust.length).toBe(2)
    const all = Object.values(state?.parts ?? {}).flat()
    expect(all.every((one) => one.content !== undefined && one.context === state?.context)).toBe(
      true,
    )
  })

  test('is none for an account that does not exist', () => {
    const { town } = historyTown()
    const machine = town.network.open(dan.id)
    const head = town.heads.get(ada.id)
    if (!head) throw new Error('she has one')
    expect(superStateOf(town.network, dan.id, { ...head, machine })).toBeUndefined()
  })
})
