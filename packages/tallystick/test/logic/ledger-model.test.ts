/**
 * The ledger against a reference that is a few maps: the same commands, the same answers, the same books, after every
 * command. The reference knows nothing of states, keys, legs or codecs.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { idFromHex, type MachineId } from '../../src/base/brand.ts'
import { isFault } from '../../src/base/fault.ts'
import { signerOf } from '../../src/kernel/controller.ts'
import { interactionId } from '../../src/kernel/interaction.ts'
import { auditOf, isConserved } from '../../src/logic/ledger-audit.ts'
import {
  claimOf,
  type LedgerOperation,
  operationOnLedger,
} from '../../src/logic/ledger-operation.ts'
import {
  type Account,
  balanceOf,
  type LockId,
  type Out,
  recordsIn,
} from '../../src/logic/ledger-record.ts'
import { outcome } from '../../src/logic/outcome.ts'
import {
  A,
  ALICE,
  ASSET,
  at,
  B,
  BOB,
  type Books,
  codeOf,
  interactionOf,
  machineIn,
  MINT,
  openBooks,
  PAIR,
  participantOf,
  R,
  type Step,
  take,
  taken,
  TICK,
  X,
} from './books.ts'

const ACCOUNTS: readonly Account[] = [
  at(X, 'mint'),
  at(A, 'alice'),
  at(B, 'bob'),
  at(R, 'bob'),
  at(R, 'carol'),
]

const aliceKey = participantOf('alice').controller.keys[0]
if (!aliceKey) throw new Error('alice has a key')
const SIGNER = signerOf('classic', aliceKey)

/** The reference. Accounts are positions in the list above; a lock is a number. */
type Reference = {
  balances: bigint[]
  issued: bigint
  burned: bigint
  bond: bigint
  sends: { to: number; amount: bigint; claimed: boolean; out: Out | undefined; from: number }[]
  locks: Map<number, { amount: bigint; decided: bigint | undefined; paid: boolean }>
}

type Command =
  | { is: 'issue' | 'burn'; account: number; amount: bigint; consent: boolean }
  | { is: 'transfer' | 'send'; from: number; to: number; amount: bigint; consent: boolean }
  | { is: 'claim'; which: number }
  | { is: 'lock'; id: number; amount: bigint; consent: boolean }
  | { is: 'decide'; id: number; part: number }
  | { is: 'release'; id: number }
  | { is: 'bond'; amount: bigint; consent: boolean }
  | { is: 'unbond'; amount: bigint; consent: boolean }

const account = fc.nat(ACCOUNTS.length - 1)
const amount = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 400n }) },
  { weight: 1, arbitrary: fc.bigInt({ min: 0n, max: TICK.cap }) },
  { weight: 1, arbitrary: fc.constantFrom(0n, 1n, TICK.cap, TICK.cap + 1n, 2n ** 128n - 1n) },
)
// Mostly given: a run of refusals would say little.
const consent = fc.nat(9).map((roll) => roll > 0)
const id = fc.nat(3)

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ is: fc.constantFrom('issue', 'burn'), account, amount, consent }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      is: fc.constantFrom('transfer', 'send'),
      from: account,
      to: account,
      amount,
      consent,
    }),
  },
  { weight: 4, arbitrary: fc.record({ is: fc.constant('claim'), which: fc.nat(50) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('lock'), id, amount, consent }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('decide'), id, part: fc.nat(100) }) },
  { weight: 2, arbitrary: fc.record({ is: fc.constant('release'), id }) },
  {
    weight: 2,
    arbitrary: fc.record({ is: fc.constantFrom('bond', 'unbond'), amount, consent }),
  },
)

const accountAt = (position: number): Account => {
  const found = ACCOUNTS[position]
  if (!found) throw new Error(`no account ${position}`)
  return found
}

const lockId = (of: number): LockId => idFromHex(of.toString(16).padStart(2, '0').repeat(32))

/** What the reference says, and its books afterwards. Money is checked in the order that the ledger documents. */
const predict = (books: Reference, of: Command): string => {
  if ('amount' in of && of.amount === 0n) return 'amount/zero'
  const held = (position: number): bigint => books.balances[position] ?? 0n
  const take = (position: number, wanted: bigint, word: boolean): string | undefined => {
    if (!word) return 'ledger/no-consent'
    if (held(position) < wanted) return 'ledger/insufficient'
    books.balances[position] = held(position) - wanted
    return undefined
  }
  const give = (position: number, given: bigint): void => {
    books.balances[position] = held(position) + given
  }
  switch (of.is) {
    case 'issue':
      if (!of.consent) return 'ledger/no-consent'
      if (books.issued + of.amount >= 2n ** 128n) return 'amount/too-large'
      if (books.issued + of.amount - books.burned > TICK.cap) return 'ledger/above-cap'
      books.issued += of.amount
      give(of.account, of.amount)
      return 'done'
    case 'burn': {
      const refused = take(of.account, of.amount, of.consent)
      if (!refused) books.burned += of.amount
      return refused ?? 'done'
    }
    case 'transfer': {
      if (of.from === of.to) return 'ledger/same-account'
      const refused = take(of.from, of.amount, of.consent)
      if (!refused) give(of.to, of.amount)
      return refused ?? 'done'
    }
    case 'send': {
      if (accountAt(of.from).machine === accountAt(of.to).machine) return 'ledger/send-home'
      const refused = take(of.from, of.amount, of.consent)
      if (!refused) books.sends.push({ ...of, claimed: false, out: undefined })
      return refused ?? 'done'
    }
    case 'claim': {
      const send = books.sends[of.which % Math.max(1, books.sends.length)]
      if (!send) return 'nothing'
      if (send.claimed) return 'ledger/already-claimed'
      send.claimed = true
      give(send.to, send.amount)
      return 'done'
    }
    case 'lock': {
      const known = books.locks.get(of.id)
      if (known && !known.paid) return 'ledger/lock-exists'
      if (known?.decided !== undefined) return 'ledger/lock-decided'
      const refused = take(3, of.amount, of.consent)
      if (!refused) books.locks.set(of.id, { amount: of.amount, decided: undefined, paid: false })
      return refused ?? 'done'
    }
    case 'decide': {
      const lock = books.locks.get(of.id)
      if (!lock || lock.decided !== undefined) return 'nothing'
      lock.decided = (lock.amount * BigInt(of.part)) / 100n
      return 'done'
    }
    case 'release': {
      const lock = books.locks.get(of.id)
      if (!lock || lock.paid) return 'ledger/unknown-lock'
      if (lock.decided === undefined) return 'ledger/undecided'
      lock.paid = true
      give(4, lock.decided)
      give(3, lock.amount - lock.decided)
      return 'done'
    }
    case 'bond': {
      const refused = take(1, of.amount, of.consent)
      if (!refused) books.bond += of.amount
      return refused ?? 'done'
    }
    case 'unbond':
      if (books.bond === 0n) return 'ledger/unknown-bond'
      if (!of.consent) return 'ledger/no-consent'
      if (books.bond < of.amount) return 'ledger/insufficient'
      books.bond -= of.amount
      books.sends.push({ ...of, from: 0, to: 1, claimed: false, out: undefined })
      return 'done'
  }
}

const distinct = (...machines: readonly MachineId[]): readonly MachineId[] => [...new Set(machines)]

const step = (write: readonly MachineId[], of: LedgerOperation, by: readonly string[]): Step => ({
  write,
  refer: write.includes(X) ? [] : [X],
  operations: [{ ...ASSET, argument: argumentOf(of) }],
  by,
})

/** The builder refuses an amount of zero; here it must reach the logic. */
const argumentOf = (of: LedgerOperation): Uint8Array => {
  if (!('amount' in of) || of.amount > 0n) return operationOnLedger(ASSET, of).argument
  const one = operationOnLedger(ASSET, { ...of, amount: 1n }).argument
  const two = operationOnLedger(ASSET, { ...of, amount: 2n }).argument
  const place = one.findIndex((byte, index) => byte !== two[index])
  return one.map((byte, index) => (index === place ? 0 : byte))
}

/** The command as a step; missing if there is nothing to ask. */
const stepOf = (now: Books, books: Reference, of: Command): Step | undefined => {
  const payer = (position: number): readonly string[] =>
    'consent' in of && of.consent ? [accountAt(position).holder] : ['nobody']
  switch (of.is) {
    case 'issue': {
      const to = accountAt(of.account)
      return step(distinct(X, to.machine), { is: 'issue', to, amount: of.amount }, payer(0))
    }
    case 'burn': {
      const from = accountAt(of.account)
      const operation = { is: 'burn', from, amount: of.amount } as const
      return step(distinct(X, from.machine), operation, payer(of.account))
    }
    case 'transfer': {
      const [from, to] = [accountAt(of.from), accountAt(of.to)]
      const operation = { is: 'transfer', from, to, amount: of.amount } as const
      return step(distinct(from.machine, to.machine), operation, payer(of.from))
    }
    case 'send': {
      const [from, to] = [accountAt(of.from), accountAt(of.to)]
      const operation = { is: 'send', from, to, amount: of.amount, nonce: 0 } as const
      return step([from.machine], operation, payer(of.from))
    }
    case 'claim': {
      const send = books.sends[of.which % Math.max(1, books.sends.length)]
      if (!send?.out) return undefined
      const source = accountAt(send.from).machine
      const { headId: transition } = machineIn(now, source)
      const claim = claimOf({ asset: ASSET, source, suite: 'classic', transition, out: send.out })
      return {
        write: [accountAt(send.to).machine],
        refer: accountAt(send.to).machine === X ? [] : [X],
        operations: [claim.operation],
        premises: [claim.premise],
      }
    }
    case 'lock': {
      const names = { from: 'bob', to: 'carol', amount: of.amount }
      const unlocker = { machine: R, logic: 1 }
      const lock = { is: 'lock', machine: R, id: lockId(of.id), ...names, unlocker } as const
      return step([R], lock, payer(3))
    }
    case 'decide': {
      const lock = books.locks.get(of.id)
      if (!lock || lock.decided !== undefined) return undefined
      const toPayee = (lock.amount * BigInt(of.part)) / 100n
      const split = outcome.encode({ toPayee, toPayer: lock.amount - toPayee })
      const bytes = Uint8Array.of(...new Uint8Array(32).fill(of.id), ...split)
      return { write: [R], operations: [{ machine: R, logic: 1, argument: bytes }] }
    }
    case 'release':
      return step([R], { is: 'release', machine: R, id: lockId(of.id) }, [])
    case 'bond': {
      const of1 = { from: at(A, 'alice'), at: X, covers: A, signer: SIGNER, amount: of.amount }
      return step([X, A], { is: 'bond', ...of1 }, payer(1))
    }
    case 'unbond': {
      const keepers = of.consent ? ['mint', 'keeper'] : ['mint']
      const of1 = { at: X, covers: A, signer: SIGNER, amount: of.amount, nonce: 0 }
      return step([X], { is: 'unbond', ...of1 }, keepers)
    }
  }
}

/** Whether the books of the machines say what the reference says. */
const compare = (now: Books, books: Reference): void => {
  for (const [position, one] of ACCOUNTS.entries()) {
    const held = balanceOf(machineIn(now, one.machine), ASSET, one.holder)
    expect(held).toBe(books.balances[position] ?? 0n)
  }
  const audit = auditOf(ASSET, [...now.machines.values()])
  expect(isConserved(audit)).toBe(true)
  const pending = books.sends.reduce((sum, one) => (one.claimed ? sum : sum + one.amount), 0n)
  const locked = [...books.locks.values()].reduce(
    (sum, one) => (one.paid ? sum : sum + one.amount),
    0n,
  )
  expect(audit).toMatchObject({
    issued: books.issued,
    burned: books.burned,
    onTheWay: pending,
    bonded: books.bond,
    locked,
  })
}

/** Every account starts with something, so that most commands can succeed. */
const START = 2000n
/** About 8,000 commands; a million in the slow run. */
const RUNS = process.env['TALLYSTICK_SLOW'] === '1' ? 30_000 : 250

const fresh = ACCOUNTS.reduce(
  (books, to) =>
    taken(books, step(distinct(X, to.machine), { is: 'issue', to, amount: START }, ['mint'])),
  openBooks([MINT, ALICE, BOB, PAIR]),
)

test('thousands of commands have the answers of a reference ledger, and conserve', () => {
  const answers = new Map<string, number>()
  let commands = 0
  fc.assert(
    fc.property(fc.array(command, { minLength: 20, maxLength: 60, size: 'max' }), (list) => {
      let now = fresh
      const books: Reference = {
        balances: ACCOUNTS.map(() => START),
        issued: START * BigInt(ACCOUNTS.length),
        burned: 0n,
        bond: 0n,
        sends: [],
        locks: new Map(),
      }
      for (const one of list) {
        const asked = stepOf(now, books, one)
        const told = predict(books, one)
        if (!asked) {
          expect(told).toBe('nothing')
          continue
        }
        const after = take(now, asked)
        expect(codeOf(after)).toBe(told)
        answers.set(`${one.is} ${told}`, (answers.get(`${one.is} ${told}`) ?? 0) + 1)
        commands++
        if (isFault(after)) continue
        const send = books.sends.at(-1)
        if ((one.is === 'send' || one.is === 'unbond') && send) {
          const interaction = interactionId(interactionOf(now, asked))
          const source = machineIn(after, accountAt(send.from).machine)
          send.out = recordsIn(source, ASSET).find(
            (record): record is Out => record.is === 'out' && record.interaction === interaction,
          )
        }
        now = after
        compare(now, books)
      }
    }),
    { numRuns: RUNS },
  )
  expect(commands).toBeGreaterThan(20 * RUNS)
  // A run in which some answer never came up would have tested less than it says.
  for (const is of [
    'issue',
    'burn',
    'transfer',
    'send',
    'claim',
    'lock',
    'release',
    'bond',
    'unbond',
  ]) {
    expect(answers.get(`${is} done`) ?? 0).toBeGreaterThan(0)
  }
  for (const code of ['ledger/insufficient', 'ledger/no-consent', 'ledger/already-claimed']) {
    expect([...answers.keys()].some((answer) => answer.endsWith(code))).toBe(true)
  }
})
