import { describe, expect, test } from 'vitest'
import type { InteractionId } from '../../src/base/brand.ts'
import { bytesFromId, idFromHex } from '../../src/base/brand.ts'
import { type Fault, isFault } from '../../src/base/fault.ts'
import { machineId } from '../../src/kernel/charter.ts'
import { openMachine, pathKey } from '../../src/kernel/execute.ts'
import { interactionId, type Premise } from '../../src/kernel/interaction.ts'
import { ledger } from '../../src/logic/ledger.ts'
import { auditOf, isConserved } from '../../src/logic/ledger-audit.ts'
import {
  claimOf,
  type LedgerOperation,
  ledgerOperation,
  operationOnLedger,
} from '../../src/logic/ledger-operation.ts'
import { ledgerParams } from '../../src/logic/ledger-params.ts'
import { balanceOf, type LockId, type Out, recordsIn } from '../../src/logic/ledger-record.ts'
import { outcome } from '../../src/logic/outcome.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import {
  A,
  ALICE,
  ASSET,
  at,
  B,
  BOB,
  type Books,
  charterOf,
  codeOf,
  interactionOf,
  ledgerTerms,
  machineIn,
  MINT,
  openBooks,
  PAIR,
  R,
  type Step,
  take,
  taken,
  TICK,
  X,
} from './books.ts'

const does = (of: LedgerOperation): Step['operations'] => [operationOnLedger(ASSET, of)]

const fresh: Books = openBooks([MINT, ALICE, BOB, PAIR])

const issueTo = (books: Books, account: ReturnType<typeof at>, amount: bigint): Books =>
  taken(books, {
    write: account.machine === X ? [X] : [X, account.machine],
    operations: does({ is: 'issue', to: account, amount }),
    by: ['mint'],
  })

/** Alice has 100, bob 50 in his own machine; bob and carol have 30 each in theirs. */
const funded: Books = [
  [at(A, 'alice'), 100n] as const,
  [at(B, 'bob'), 50n] as const,
  [at(R, 'bob'), 30n] as const,
  [at(R, 'carol'), 30n] as const,
].reduce((books, [account, amount]) => issueTo(books, account, amount), fresh)

const held = (books: Books, machine: typeof A, holder: string): bigint =>
  balanceOf(machineIn(books, machine), ASSET, holder)

const conserved = (books: Books): boolean =>
  isConserved(auditOf(ASSET, [...books.machines.values()]))

/** The step is refused with `code`; with the one thing changed it is taken. */
const refusedUnless = (books: Books, step: Step, code: string, changed: Partial<Step>): Fault => {
  const refused = take(books, step)
  expect(codeOf(refused)).toBe(code)
  const after = take(books, { ...step, ...changed })
  expect(codeOf(after)).toBe('done')
  if (!isFault(after)) expect(conserved(after)).toBe(true)
  if (!isFault(refused)) throw new Error('not refused')
  return refused
}

describe('genesis', () => {
  test('initial allotments are balances and supply of a machine that is its own asset', () => {
    const initial = [
      { holder: 'ann', amount: 70n },
      { holder: 'ben', amount: 30n },
    ]
    const own = charterOf(['ann', 'ben'], [ledgerTerms({ ...TICK, issuer: undefined, initial })])
    const books = openBooks([own])
    const asset = { machine: machineId(own), logic: 0 }
    expect(balanceOf(machineIn(books, asset.machine), asset, 'ann')).toBe(70n)
    const audit = auditOf(asset, [...books.machines.values()])
    expect(audit).toMatchObject({ issued: 100n, balances: 100n })
    const pays = operationOnLedger(asset, {
      is: 'transfer',
      from: at(asset.machine, 'ann'),
      to: at(asset.machine, 'ben'),
      amount: 70n,
    })
    const after = taken(books, { write: [asset.machine], operations: [pays], by: ['ann'] })
    // An emptied balance leaves no record behind.
    expect(recordsIn(machineIn(after, asset.machine), asset)).toHaveLength(2)
  })

  test.each([
    ['amount/zero', { initial: [{ holder: 'mint', amount: 0n }] }],
    ['amount/too-precise', { decimals: 39 }],
    ['ledger/above-cap', { initial: [{ holder: 'mint', amount: 1_000_001n }] }],
    ['ledger/bad-symbol', { symbol: '' }],
    ['ledger/bad-symbol', { symbol: 'TI CK' }],
    ['ledger/bad-symbol', { symbol: 'ТIСК' }],
    [
      'ledger/holder-twice',
      {
        initial: [
          { holder: 'mint', amount: 1n },
          { holder: 'mint', amount: 1n },
        ],
      },
    ],
    ['ledger/unknown-holder', { initial: [{ holder: 'nobody', amount: 1n }] }],
    ['ledger/unknown-holder', { issuer: 'nobody' }],
  ])('%s: parameters are refused', (code, changed) => {
    const opened = openMachine(
      charterOf(['mint'], [ledgerTerms({ ...TICK, ...changed })]),
      STANDARD_LOGICS,
    )
    expect(isFault(opened) && opened.code).toBe(code)
  })

  test('the cap itself may be allotted', () => {
    const initial = [{ holder: 'mint', amount: TICK.cap }]
    const opened = openMachine(
      charterOf(['mint'], [ledgerTerms({ ...TICK, initial })]),
      STANDARD_LOGICS,
    )
    expect(isFault(opened)).toBe(false)
  })

  test('parameters that do not decode are refused with the codec’s fault', () => {
    const params = ledgerParams.encode(TICK)
    for (const [code, bytes] of [
      ['codec/truncated', params.subarray(0, -1)],
      ['codec/extended', Uint8Array.of(...params, 0)],
    ] as const) {
      const opened = openMachine(
        charterOf(['mint'], [{ name: 'ledger/1', params: bytes }]),
        STANDARD_LOGICS,
      )
      expect(isFault(opened) && opened.code).toBe(code)
    }
  })
})

describe('issue and burn', () => {
  const issue = does({ is: 'issue', to: at(A, 'alice'), amount: 5n })

  test('only the issuer issues, and the asset’s machine takes part', () => {
    const step = { write: [X, A], operations: issue, by: ['alice', 'keeper'] }
    const fault = refusedUnless(funded, step, 'ledger/no-consent', { by: ['mint'] })
    expect(fault.place).toMatchObject({ party: 'mint', machine: X })
    const apart = { write: [A], refer: [X], operations: issue, by: ['mint'] }
    refusedUnless(funded, apart, 'ledger/not-written', { write: [X, A], refer: [] })
  })

  test('an asset without an issuer is never issued again', () => {
    const closed = charterOf(['mint'], [ledgerTerms({ ...TICK, issuer: undefined })], 9)
    const asset = { machine: machineId(closed), logic: 0 }
    const operations = [
      operationOnLedger(asset, { is: 'issue', to: at(asset.machine, 'mint'), amount: 1n }),
    ]
    const step = { write: [asset.machine], operations, by: ['mint'] }
    expect(codeOf(take(openBooks([closed]), step))).toBe('ledger/no-issuer')
  })

  test('the cap bounds what circulates: burning makes room', () => {
    const room = TICK.cap - 210n
    const more = (amount: bigint): Step => ({
      write: [X, A],
      operations: does({ is: 'issue', to: at(A, 'alice'), amount }),
      by: ['mint'],
    })
    expect(codeOf(take(funded, more(room + 1n)))).toBe('ledger/above-cap')
    const full = taken(funded, more(room))
    expect(codeOf(take(full, more(1n)))).toBe('ledger/above-cap')
    const burned = taken(full, {
      write: [X, A],
      operations: does({ is: 'burn', from: at(A, 'alice'), amount: 7n }),
      by: ['alice'],
    })
    expect(conserved(burned)).toBe(true)
    expect(codeOf(take(burned, more(8n)))).toBe('ledger/above-cap')
    expect(codeOf(take(burned, more(7n)))).toBe('done')
  })

  test('nobody burns another’s money, or more than there is', () => {
    const step = {
      write: [X, A],
      operations: does({ is: 'burn', from: at(A, 'alice'), amount: 100n }),
      by: ['mint'],
    }
    refusedUnless(funded, step, 'ledger/no-consent', { by: ['alice'] })
    const over = does({ is: 'burn', from: at(A, 'alice'), amount: 101n })
    refusedUnless(
      funded,
      { ...step, by: ['alice'], operations: over },
      'ledger/insufficient',
      step && {
        operations: step.operations,
      },
    )
  })
})

describe('transfer', () => {
  const pays = (amount: bigint): Step => ({
    write: [R],
    refer: [X],
    operations: does({ is: 'transfer', from: at(R, 'bob'), to: at(R, 'carol'), amount }),
    by: ['bob'],
  })

  test('moves money within a machine with the payer’s word alone', () => {
    const after = taken(funded, pays(30n))
    expect([held(after, R, 'bob'), held(after, R, 'carol')]).toEqual([0n, 60n])
    expect(conserved(after)).toBe(true)
    const fault = refusedUnless(funded, { ...pays(1n), by: ['carol'] }, 'ledger/no-consent', {
      by: ['bob'],
    })
    expect(fault.place).toMatchObject({ party: 'bob', machine: R, step: 3n })
  })

  test('moves money between two written legs in one step of each', () => {
    const operations = does({
      is: 'transfer',
      from: at(A, 'alice'),
      to: at(R, 'carol'),
      amount: 40n,
    })
    const step = { write: [A, R], refer: [X], operations, by: ['alice'] }
    const after = taken(funded, step)
    expect([held(after, A, 'alice'), held(after, R, 'carol')]).toEqual([60n, 70n])
    expect(conserved(after)).toBe(true)
    refusedUnless(funded, { ...step, write: [A], refer: [X, R] }, 'ledger/not-written', {
      write: [A, R],
      refer: [X],
    })
  })

  test('is refused beyond the balance, to oneself, to and from strangers', () => {
    const fault = refusedUnless(funded, pays(31n), 'ledger/insufficient', pays(30n))
    expect(fault.place.party).toBe('bob')
    const to = (from: string, payee: string): Step => ({
      ...pays(1n),
      operations: does({ is: 'transfer', from: at(R, from), to: at(R, payee), amount: 1n }),
    })
    refusedUnless(funded, to('bob', 'bob'), 'ledger/same-account', to('bob', 'carol'))
    refusedUnless(funded, to('bob', 'dave'), 'ledger/unknown-holder', to('bob', 'carol'))
    refusedUnless(funded, to('dave', 'carol'), 'ledger/unknown-holder', to('bob', 'carol'))
  })

  test('two operations of one interaction see each other: money is not spent twice', () => {
    const once = pays(20n).operations
    const twice = { ...pays(20n), operations: [...once, ...once] }
    refusedUnless(funded, twice, 'ledger/insufficient', { operations: once })
    const forthAndBack = [
      ...does({ is: 'transfer', from: at(R, 'bob'), to: at(R, 'carol'), amount: 30n }),
      ...does({ is: 'transfer', from: at(R, 'carol'), to: at(R, 'bob'), amount: 60n }),
    ]
    const after = taken(funded, { ...pays(1n), operations: forthAndBack, by: ['bob', 'carol'] })
    expect([held(after, R, 'bob'), held(after, R, 'carol')]).toEqual([60n, 0n])
  })

  test('an amount of zero, and one that no codec would write, are refused', () => {
    const zero = ledgerOperation.encode({
      is: 'transfer',
      from: at(R, 'bob'),
      to: at(R, 'carol'),
      amount: 0n,
    })
    const step = { ...pays(1n), operations: [{ ...ASSET, argument: zero }] }
    refusedUnless(funded, step, 'amount/zero', pays(1n))
    for (const argument of [zero.subarray(0, -1), Uint8Array.of(...zero, 0), new Uint8Array()]) {
      expect(codeOf(take(funded, { ...step, operations: [{ ...ASSET, argument }] }))).toMatch(
        /^codec\//,
      )
    }
    for (const amount of [-1n, 2n ** 128n]) expect(() => pays(amount)).toThrow(/./)
  })

  test('the order of two assets’ operations in one machine does not mix their books', () => {
    const other = charterOf(['mint', 'keeper'], [ledgerTerms(TICK)], 7)
    const second = { machine: machineId(other), logic: 0 }
    const books = openBooks([MINT, other, ALICE])
    const both = taken(books, {
      write: [X, second.machine, A],
      operations: [
        operationOnLedger(ASSET, { is: 'issue', to: at(A, 'alice'), amount: 3n }),
        operationOnLedger(second, { is: 'issue', to: at(A, 'alice'), amount: 5n }),
      ],
      by: ['mint'],
    })
    expect(balanceOf(machineIn(both, A), ASSET, 'alice')).toBe(3n)
    expect(balanceOf(machineIn(both, A), second, 'alice')).toBe(5n)
    expect(recordsIn(machineIn(both, A), second)).toHaveLength(1)
  })
})

describe('send and claim', () => {
  const send = (amount: bigint, nonce = 0): Step => ({
    write: [A],
    refer: [X],
    operations: does({ is: 'send', from: at(A, 'alice'), to: at(R, 'carol'), amount, nonce }),
    by: ['alice'],
  })

  const sent = (books: Books, step: Step): { books: Books; out: Out } => {
    const interaction: InteractionId = interactionId(interactionOf(books, step))
    const after = taken(books, step)
    const out = recordsIn(machineIn(after, A), ASSET).find(
      (one) => one.is === 'out' && one.interaction === interaction,
    )
    if (out?.is !== 'out') throw new Error('no record of the send')
    return { books: after, out }
  }

  const claim = (books: Books, out: Out, source = A): Step => {
    const { operation, premise } = claimOf({
      asset: ASSET,
      source,
      suite: 'classic',
      transition: machineIn(books, source).headId,
      out,
    })
    return { write: [R], refer: [X], operations: [operation], premises: [premise], by: [] }
  }

  test('money sent is on its way until it is claimed, by anybody, for the named account', () => {
    const { books, out } = sent(funded, send(40n))
    expect(auditOf(ASSET, [...books.machines.values()])).toMatchObject({ onTheWay: 40n })
    expect(conserved(books)).toBe(true)
    const after = taken(books, claim(books, out))
    expect([held(after, A, 'alice'), held(after, R, 'carol')]).toEqual([60n, 70n])
    expect(auditOf(ASSET, [...after.machines.values()])).toMatchObject({
      onTheWay: 0n,
      unbacked: 0n,
    })
    expect(conserved(after)).toBe(true)
  })

  test('a send is claimed once, whichever later step of the source shows it', () => {
    const first = sent(funded, send(10n))
    const after = taken(first.books, claim(first.books, first.out))
    expect(codeOf(take(after, claim(after, first.out)))).toBe('ledger/already-claimed')
    const second = sent(after, send(10n))
    // The first send still stands in the newer state; that is no second send.
    expect(codeOf(take(second.books, claim(second.books, first.out)))).toBe(
      'ledger/already-claimed',
    )
    expect(codeOf(take(second.books, claim(second.books, second.out)))).toBe('done')
    const inOne = claim(first.books, first.out)
    const [operation] = inOne.operations
    if (!operation) throw new Error('no operation')
    const twice = { ...inOne, operations: [operation, operation] }
    refusedUnless(first.books, twice, 'ledger/already-claimed', { operations: [operation] })
  })

  test('without a premise, or with one about something else, nothing is credited', () => {
    const { books, out } = sent(funded, send(10n))
    const good = claim(books, out)
    const [premise] = good.premises ?? []
    if (premise?.is !== 'fact') throw new Error('no premise')
    refusedUnless(books, { ...good, premises: [] }, 'ledger/no-premise', good)
    const time: Premise = { is: 'time', machine: A, transition: premise.transition, atLeast: 0n }
    refusedUnless(books, { ...good, premises: [time] }, 'ledger/no-premise', good)
    const absent: Premise = {
      ...premise,
      transition: machineIn(funded, A).headId,
      value: undefined,
    }
    refusedUnless(books, { ...good, premises: [absent] }, 'ledger/no-premise', good)
    // What is not so cannot be proven, and the kernel asks first.
    const before = { ...premise, transition: machineIn(funded, A).headId }
    refusedUnless(books, { ...good, premises: [before] }, 'interaction/unproven-premise', good)
  })

  test.each<[string, (out: Out) => Out]>([
    ['a larger amount', (out) => ({ ...out, amount: out.amount + 1n })],
    ['another payee', (out) => ({ ...out, to: at(R, 'bob') })],
    ['another nonce', (out) => ({ ...out, nonce: 1 })],
    ['another sender', (out) => ({ ...out, from: 'bob' })],
  ])('a claim for %s than was sent is refused', (_, change) => {
    const { books, out } = sent(funded, send(10n))
    const good = claim(books, out)
    const bad = claim(books, change(out))
    const step = { ...good, operations: bad.operations }
    refusedUnless(books, step, 'ledger/no-premise', { operations: good.operations })
  })

  test('a record under another asset’s prefix is no send of this one', () => {
    const other = charterOf(['mint', 'keeper'], [ledgerTerms(TICK), ledgerTerms(TICK)])
    const play = { machine: machineId(other), logic: 1 }
    const real = { machine: play.machine, logic: 0 }
    const mine = openBooks([other, ALICE, PAIR])
    const issued = taken(mine, {
      write: [play.machine, A],
      operations: [operationOnLedger(play, { is: 'issue', to: at(A, 'alice'), amount: 9n })],
      by: ['mint'],
    })
    const sends = {
      is: 'send',
      from: at(A, 'alice'),
      to: at(R, 'carol'),
      amount: 9n,
      nonce: 0,
    } as const
    const books = taken(issued, {
      write: [A],
      refer: [play.machine],
      operations: [operationOnLedger(play, sends)],
      by: ['alice'],
    })
    const out = recordsIn(machineIn(books, A), play).find((one) => one.is === 'out')
    if (out?.is !== 'out') throw new Error('no record of the send')
    const of = { source: A, suite: 'classic', transition: machineIn(books, A).headId, out } as const
    const good = claimOf({ ...of, asset: play })
    const step = { write: [R], refer: [play.machine], premises: [good.premise] }
    const bad = operationOnLedger(real, { is: 'claim', source: A, out })
    expect(codeOf(take(books, { ...step, operations: [bad] }))).toBe('ledger/no-premise')
    expect(codeOf(take(books, { ...step, operations: [good.operation] }))).toBe('done')
  })

  test('a premise about one machine is no send of another, so a send cannot arrive from two sources', () => {
    const { books, out } = sent(funded, send(10n))
    const good = claim(books, out)
    const from = (source: typeof A): Step => ({
      ...good,
      operations: [operationOnLedger(ASSET, { is: 'claim', source, out })],
    })
    expect(codeOf(take(books, from(B)))).toBe('ledger/no-premise')
    const after = taken(books, from(A))
    expect(codeOf(take(after, from(B)))).toBe('ledger/no-premise')
  })

  test('a claim lands in a written leg, for a name that is there', () => {
    const { books, out } = sent(funded, send(10n))
    const good = claim(books, out)
    refusedUnless(books, { ...good, write: [B], refer: [X, R] }, 'ledger/not-written', good)
    const stranger = sent(funded, {
      ...send(10n),
      operations: does({
        is: 'send',
        from: at(A, 'alice'),
        to: at(R, 'dave'),
        amount: 10n,
        nonce: 0,
      }),
    })
    const lost = claim(stranger.books, stranger.out)
    expect(codeOf(take(stranger.books, lost))).toBe('ledger/unknown-holder')
  })

  test('sends of one interaction differ by nonce', () => {
    const both = [...send(1n, 0).operations, ...send(1n, 1).operations]
    const same = [...send(1n, 0).operations, ...send(2n, 0).operations]
    refusedUnless(funded, { ...send(1n), operations: same }, 'ledger/repeated-send', {
      operations: both,
    })
  })

  test('sending needs the payer’s word and money, and another machine', () => {
    refusedUnless(funded, { ...send(1n), by: ['carol'] }, 'ledger/no-consent', { by: ['alice'] })
    refusedUnless(funded, send(101n), 'ledger/insufficient', send(100n))
    const home = does({ is: 'send', from: at(A, 'alice'), to: at(A, 'bob'), amount: 1n, nonce: 0 })
    refusedUnless(funded, { ...send(1n), operations: home }, 'ledger/send-home', send(1n))
  })

  test('the key in a claim’s premise is the record’s own', () => {
    const { books, out } = sent(funded, send(10n))
    const { premise } = claimOf({
      asset: ASSET,
      source: A,
      suite: 'classic',
      transition: machineIn(books, A).headId,
      out,
    })
    expect(premise.is === 'fact' && premise.key).toBe(
      pathKey('classic', ASSET, [
        'out',
        Uint8Array.from(Buffer.from(R, 'hex')),
        Uint8Array.from(Buffer.from(out.interaction, 'hex')),
        Uint8Array.of(0),
      ]),
    )
  })
})

describe('lock and release', () => {
  const id: LockId = idFromHex('7'.repeat(64))
  const lock = (amount: bigint, to = 'carol'): Step => ({
    write: [R],
    refer: [X],
    operations: does({
      is: 'lock',
      machine: R,
      id,
      from: 'bob',
      to,
      amount,
      unlocker: { machine: R, logic: 3 },
    }),
    by: ['bob'],
  })

  test('locked money has left the balance, and stays until somebody decides', () => {
    const books = taken(funded, lock(20n))
    expect(held(books, R, 'bob')).toBe(10n)
    expect(auditOf(ASSET, [...books.machines.values()])).toMatchObject({ locked: 20n })
    expect(conserved(books)).toBe(true)
    const release = does({ is: 'release', machine: R, id })
    const step = { write: [R], refer: [X], operations: release, by: ['bob', 'carol'] }
    expect(codeOf(take(books, step))).toBe('ledger/undecided')
    expect(codeOf(take(funded, step))).toBe('ledger/unknown-lock')
  })

  test('locking needs the holder’s word and money, a payee who is there, and a new id', () => {
    refusedUnless(funded, { ...lock(1n), by: ['carol'] }, 'ledger/no-consent', { by: ['bob'] })
    refusedUnless(funded, lock(31n), 'ledger/insufficient', lock(30n))
    refusedUnless(funded, lock(1n, 'dave'), 'ledger/unknown-holder', lock(1n))
    refusedUnless(funded, lock(1n, 'bob'), 'ledger/same-account', lock(1n))
    const books = taken(funded, lock(1n))
    expect(codeOf(take(books, lock(1n)))).toBe('ledger/lock-exists')
  })

  const decided = (toPayee: bigint, toPayer: bigint): Step['operations'][number] => ({
    machine: R,
    logic: 1,
    argument: Uint8Array.of(...bytesFromId(id), ...outcome.encode({ toPayee, toPayer })),
  })
  const byReckless = (amount: bigint): Step => ({
    ...lock(amount),
    operations: does({
      is: 'lock',
      machine: R,
      id,
      from: 'bob',
      to: 'carol',
      amount,
      unlocker: { machine: R, logic: 1 },
    }),
  })
  const release = does({ is: 'release', machine: R, id })
  const settle = (toPayee: bigint, toPayer: bigint): Step => ({
    write: [R],
    refer: [X],
    operations: [decided(toPayee, toPayer), ...release],
  })

  test.each([
    [20n, 0n],
    [0n, 20n],
    [7n, 13n],
  ])('%s to the payee and %s back are paid out once', (toPayee, toPayer) => {
    const books = taken(taken(funded, byReckless(20n)), settle(toPayee, toPayer))
    expect([held(books, R, 'bob'), held(books, R, 'carol')]).toEqual([10n + toPayer, 30n + toPayee])
    expect(conserved(books)).toBe(true)
    const again = { write: [R], refer: [X], operations: release }
    expect(codeOf(take(books, again))).toBe('ledger/unknown-lock')
  })

  test('a decision that does not add up moves nothing', () => {
    const books = taken(funded, byReckless(20n))
    for (const [toPayee, toPayer] of [
      [20n, 1n],
      [19n, 0n],
      [0n, 0n],
      [21n, 0n],
      [2n ** 128n - 1n, 21n],
    ] as const) {
      expect(codeOf(take(books, settle(toPayee, toPayer)))).toBe('ledger/wrong-split')
    }
    const garbled = { machine: R, logic: 1, argument: Uint8Array.of(...bytesFromId(id), 1) }
    const step = { ...settle(20n, 0n), operations: [garbled, ...release] }
    expect(codeOf(take(books, step))).toBe('codec/truncated')
    expect(codeOf(take(books, settle(20n, 0n)))).toBe('done')
  })

  test('a lock that is decided before it is made is refused, so an old decision never moves new money', () => {
    const paid = taken(taken(funded, byReckless(20n)), settle(0n, 20n))
    expect(codeOf(take(paid, byReckless(20n)))).toBe('ledger/lock-decided')
    expect(codeOf(take(paid, lock(20n)))).toBe('done')
  })

  test('only the unlocker that the lock names is listened to', () => {
    const books = taken(funded, lock(20n))
    expect(codeOf(take(books, settle(20n, 0n)))).toBe('ledger/undecided')
  })
})

test('what the logic says, it says without executing', () => {
  const params = ledgerParams.encode(TICK)
  const line = (of: LedgerOperation): string =>
    ledger.describe(ledgerOperation.encode(of), params, PAIR.terms)
  expect(line({ is: 'transfer', from: at(R, 'alice'), to: at(R, 'bob'), amount: 420n })).toBe(
    'alice pays bob 4.20 TICK',
  )
  expect(() => ledger.describe(new Uint8Array(), params, PAIR.terms)).toThrow(/bytes/)
})
