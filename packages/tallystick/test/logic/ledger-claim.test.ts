import { describe, expect, test } from 'vitest'
import type { InteractionId } from '../../src/base/brand.ts'
import { machineId } from '../../src/kernel/charter.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { interactionId, type Premise } from '../../src/kernel/interaction.ts'
import { auditOf } from '../../src/logic/ledger-audit.ts'
import { claimOf, operationOnLedger } from '../../src/logic/ledger-operation.ts'
import { type Out, recordsIn } from '../../src/logic/ledger-record.ts'
import {
  A,
  ALICE,
  ASSET,
  at,
  B,
  type Books,
  charterOf,
  codeOf,
  interactionOf,
  ledgerTerms,
  machineIn,
  openBooks,
  PAIR,
  R,
  type Step,
  take,
  taken,
  TICK,
  X,
} from './books.ts'
import { conserved, does, funded, held, refusedUnless } from './funded.ts'

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
