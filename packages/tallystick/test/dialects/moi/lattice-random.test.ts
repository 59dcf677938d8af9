/** The kernel, running again what was prepared: the same transitions, whatever the interactions. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bytesFromHex } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import type { MoiId } from '../../../src/dialects/moi/identifier.ts'
import { rootOf } from '../../../src/state/tree.ts'
import { createLatticeTown, executeAgain, type LatticeTown } from './lattice-town.ts'
import { deploy, invoke } from './run/sketch.ts'
import {
  action,
  ada,
  assetCreate,
  bob,
  cyd,
  dan,
  keyOf,
  KMOI,
  type Person,
  SARGA,
  transferOf,
  type Wish,
} from './run/town.ts'

const ledger = bytesFromHex(
  readFileSync(join(import.meta.dirname, 'third-party/tokenledger.polo'), 'utf8')
    .trim()
    .replace(/^0x/, ''),
)

const random = (start: number): ((below: number) => number) => {
  let state = start >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

type Made = { readonly assets: MoiId[]; readonly logics: MoiId[] }

/** Something that one of three may wish; a good part of it fails. */
const aWish = (next: (below: number) => number, made: Made): Wish => {
  const pick = (): Person => [ada, bob, cyd][next(3)] ?? ada
  const [from, to] = [pick(), pick()]
  const asset = made.assets[next(made.assets.length + 1)] ?? KMOI
  const logic = made.logics[next(made.logics.length || 1)]
  const held = (id: MoiId, lock: 'mutate' | 'read' | 'none' = 'mutate') =>
    id === from.id ? [] : ([[id, lock]] as const)
  const withBoth = { with: [[asset, 'none'] as const, ...held(to.id)] }
  const amount = BigInt(next(2000))
  const moves: readonly (() => Wish)[] = [
    () => ({ from, do: [transferOf(to, amount, asset)], ...withBoth }),
    () => ({ from, do: [transferOf(to, amount, asset)], with: [[asset, 'none']] }),
    () => ({
      from,
      do: [action(asset, 'Mint', { beneficiary: to.id, amount })],
      with: [[asset, 'mutate'], ...held(to.id)],
    }),
    () => ({
      from,
      do: [action(asset, 'Approve', { beneficiary: to.id, amount, expires_at: 2_000_000_000n })],
      ...withBoth,
    }),
    () => ({
      from,
      do: [action(asset, 'Lockup', { beneficiary: to.id, amount })],
      with: [...withBoth.with, [SARGA, 'mutate']],
    }),
    () => ({ from, do: [assetCreate({ manager: from.id })] }),
    () => ({
      from,
      do: [
        {
          is: 'participant-create',
          id: dan.id,
          keys: [keyOf(dan)],
          value: action(KMOI, 'Transfer', { beneficiary: dan.id, amount }),
        },
      ],
      with: [[KMOI, 'none']],
    }),
    () => ({
      from,
      do: [transferOf(to, amount, asset), transferOf(to, amount, asset)],
      ...withBoth,
    }),
    () => ({
      from,
      do: [deploy(ledger, 'Seed', { symbol: 'TOK', supply: 1000n })],
      fuelLimit: 90_000n,
    }),
    () =>
      logic
        ? {
            from,
            do: [invoke(logic, 'Transfer', { receiver: to.id, amount })],
            with: [[logic, next(2) === 0 ? 'mutate' : 'read'], ...held(to.id)],
          }
        : { from, do: [transferOf(to, 1n)], with: [[KMOI, 'none'], ...held(to.id)] },
  ]
  return (moves[next(moves.length)] ?? moves[0])?.() ?? { do: [] }
}

const sendBoth = (of: LatticeTown, wish: Wish): string => {
  const sent = of.signed(wish)
  const before = new Map(of.heads)
  const done = of.prepare(sent)
  if (done.is === 'refused') throw new Error(done.refusal.message)
  const { tesseract } = done
  const accounts = [...tesseract.steps, ...tesseract.seen].map((one) => one.account)
  const again = executeAgain(
    of.network,
    done.interaction,
    (account) => before.get(account),
    accounts,
  )
  if (isFault(again)) throw again
  expect(again.written.map((one) => [one.headId, rootOf(one.state)])).toEqual(
    tesseract.steps.map(({ head }) => [head.machine.headId, rootOf(head.machine.state)]),
  )
  of.take(done)
  of.town.apply(done.changes)
  return `${done.receipt.status} ${done.receipt.operations.map((one) => one.type).join(' ')}`
}

test('runs two hundred random interactions to the same states, succeeding or failing', () => {
  const of = createLatticeTown()
  const next = random(20_261_129)
  const made: Made = { assets: [], logics: [] }
  const outcomes = new Map<string, number>()
  for (let round = 0; round < 200; round++) {
    const before = new Set(of.heads.keys())
    const outcome = sendBoth(of, aWish(next, made))
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    for (const account of of.heads.keys()) {
      if (before.has(account) || account === dan.id) continue
      if (account.startsWith('1')) made.assets.push(account)
      else made.logics.push(account)
    }
  }
  // The mixture is one: transfers, assets and logics of either fate.
  const seen = [...outcomes.keys()].join(', ')
  for (const one of ['ok 5', 'reverted 5', 'ok 4', 'ok 11', 'ok 12', 'ok 1', 'reverted 1']) {
    expect(seen).toContain(one)
  }
})
