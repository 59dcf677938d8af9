import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { AUDITED_RECEIPTS_MAX, RUMOURS_MAX } from '../../../src/base/limits.ts'
import { signerOf } from '../../../src/kernel/controller.ts'
import {
  absorb,
  type Account,
  FRESH_ACCOUNT,
  type Question,
  questionsFor,
  type Told,
} from '../../../src/models/directory/account.ts'
import {
  checkpointOf,
  childIn,
  inclusionIn,
  keys,
  logOf,
  receiptFor,
  signedAs,
  stepOf,
  SUITE,
  type Vowed,
} from './books.ts'
import { engine, stranger } from './town.ts'

const operator = {
  suite: SUITE,
  scheme: 'ed25519',
  publicKey: keys.publicKey,
  name: 'oda',
} as const
const signer = signerOf(SUITE, operator)
const vowed = Array.from({ length: 9 }, (_, at): Vowed => ({
  step: stepOf(at),
  time: BigInt(100 + at),
}))
const told = vowed.map((one, at) => (at === 3 ? { ...one, step: stepOf(3, 'other') } : one))
const [receipted] = vowed.slice(4)
if (!receipted) throw new Error('a vow')

/** The account after all that was told; a refusal fails the test. */
const after = (...inputs: readonly Told[]): Account =>
  inputs.reduce<Account>((account, input, at) => {
    const next = absorb({ operator, verifier: engine, now: BigInt(at) }, account, input)
    if (isFault(next)) throw next
    return next
  }, FRESH_ACCOUNT)

const codeOf = (account: Account, input: Told): string | undefined => {
  const next = absorb({ operator, verifier: engine, now: 9n }, account, input)
  return isFault(next) ? next.code : undefined
}

const checkpoint = (of: readonly Vowed[], time: bigint): Told => ({
  is: 'checkpoint',
  operator: signer,
  signed: checkpointOf(of, time),
})
const growth = (of: readonly Vowed[], from: number, to = of.length): Told => ({
  is: 'growth',
  operator: signer,
  from: BigInt(from),
  to: BigInt(to),
  nodes: logOf(of).prefix(from, to),
})
const receipt: Told = {
  is: 'receipt',
  operator: signer,
  transition: receipted.step,
  receipt: receiptFor(receipted),
}
const inclusion = (of: readonly Vowed[], at: number, time: bigint): Told => ({
  is: 'inclusion',
  operator: signer,
  answer: inclusionIn(of, at, time),
})
const child = (of: readonly Vowed[], time: bigint): Told => ({
  is: 'child',
  operator: signer,
  parent: receipted.step.parent,
  answer: childIn(of, receipted.step, time),
})
const questions = (account: Account): readonly Question['is'][] =>
  questionsFor(account).map((one) => one.question.is)

describe('an account of checkpoints', () => {
  const early = checkpoint(vowed.slice(0, 5), 150n)
  const late = checkpoint(vowed, 200n)

  test('holds the first one, and asks how each other one follows', () => {
    expect(questions(after(early))).toEqual([])
    const asking = after(early, late)
    expect(questionsFor(asking)).toEqual([
      { question: { is: 'growth', from: 5n, to: 9n }, since: 1n },
    ])
    const linked = after(early, late, growth(vowed, 5))
    expect([linked.held?.checkpoint.size, linked.rumours]).toEqual([9n, []])
  })

  test('links an older one as well, and keeps the newer', () => {
    const linked = after(late, early, growth(vowed, 5))
    expect([linked.held?.checkpoint.size, linked.rumours]).toEqual([9n, []])
  })

  test('takes a later time for the same log, and an empty log, without a question', () => {
    const again = after(late, checkpoint(vowed, 300n), checkpoint(vowed, 250n))
    expect(again.held?.checkpoint.time).toBe(300n)
    expect(after(late, checkpoint([], 1n)).rumours).toEqual([])
  })

  test('has evidence at once where sizes and times say enough', () => {
    expect(after(late, checkpoint(told, 300n)).evidence?.lie.is).toBe('split-log')
    expect(after(late, checkpoint(told.slice(0, 5), 300n)).evidence?.lie.is).toBe('split-log')
  })

  test('has evidence where the nodes of the longer log lead to another shorter one', () => {
    const split = after(checkpoint(told.slice(0, 5), 150n), late, growth(vowed, 5))
    expect(split.evidence).toMatchObject({ name: 'oda', lie: { is: 'split-log' } })
    expect(questions(split)).toEqual([])
  })

  test('keeps the debt where nodes lead nowhere or answer something else', () => {
    const asking = after(checkpoint(told.slice(0, 5), 150n), late)
    expect(codeOf(asking, growth(told, 5))).toBe('log/wrong-root')
    expect(codeOf(asking, { ...growth(vowed, 5), nodes: [] } as Told)).toBe('log/wrong-length')
    expect(absorb({ operator, verifier: engine, now: 9n }, asking, growth(vowed, 4))).toBe(asking)
  })

  test('believes no checkpoint that the operator has not signed', () => {
    const forged = signedAs(checkpointOf(told, 300n).checkpoint, stranger.secret)
    expect(codeOf(after(late), { is: 'checkpoint', operator: signer, signed: forged })).toBe(
      'checkpoint/bad-signature',
    )
  })

  test('F13: keeps no more rumours than it may', () => {
    const many = Array.from({ length: 40 }, (_, at): Told => ({
      is: 'checkpoint',
      operator: signer,
      signed: signedAs({
        ...checkpointOf(vowed, 200n).checkpoint,
        size: BigInt(100 + at),
        time: BigInt(300 + at),
      }),
    }))
    expect(after(late, ...many).rumours).toHaveLength(RUMOURS_MAX)
  })
})

describe('an account of a receipt', () => {
  test('asks for a checkpoint until there is one of a later time', () => {
    expect(questions(after(receipt))).toEqual(['checkpoint'])
    expect(questions(after(checkpoint(vowed, 104n), receipt))).toEqual(['checkpoint'])
    expect(questions(after(checkpoint(vowed, 105n), receipt))).toEqual(['inclusion', 'child'])
  })

  test('is settled once log and map have shown it', () => {
    const asking = [checkpoint(vowed, 200n), receipt]
    expect(questions(after(...asking, inclusion(vowed, 4, 200n)))).toEqual(['child'])
    expect(questions(after(...asking, child(vowed, 200n)))).toEqual(['inclusion'])
    const settled = after(...asking, inclusion(vowed, 4, 200n), child(vowed, 200n))
    expect(settled.receipts).toEqual([])
  })

  test('is not settled by another entry, or by a log that is not linked', () => {
    const asking = [checkpoint(vowed, 200n), receipt]
    expect(questions(after(...asking, inclusion(vowed, 5, 200n)))).toEqual(['inclusion', 'child'])
    const elsewhere = after(checkpoint(vowed.slice(0, 6), 150n), receipt, inclusion(vowed, 4, 200n))
    expect(questions(elsewhere)).toEqual(['growth', 'child'])
  })

  test('has evidence where a map of a later time has nothing or another child there', () => {
    const without = vowed.filter((one) => one !== receipted)
    const other = vowed.map((one) => (one === receipted ? { ...one, step: stepOf(4, 'x') } : one))
    for (const shown of [without, other]) {
      const caught = after(receipt, child(shown, 200n))
      expect(caught.evidence?.lie.is).toBe('unlogged')
    }
    expect(after(receipt, child(without, 104n)).evidence).toBeUndefined()
  })

  test('is believed with the operator’s signature only', () => {
    const forged = { ...receipt, receipt: receiptFor(receipted, stranger.secret) }
    expect(codeOf(FRESH_ACCOUNT, forged)).toBe('receipt/bad-signature')
  })

  test('F13: is kept once, and no more of them than may be', () => {
    expect(after(receipt, receipt).receipts).toHaveLength(1)
    const full = { ...FRESH_ACCOUNT, receipts: Array(AUDITED_RECEIPTS_MAX).fill(0) }
    const one = after(receipt).receipts[0]
    const crowded = {
      ...full,
      receipts: full.receipts.map(() => ({ ...one, transition: stepOf(0) })),
    }
    expect(absorb({ operator, verifier: engine, now: 1n }, crowded as Account, receipt)).toBe(
      crowded,
    )
  })
})

test('evidence from others is judged before it is kept', () => {
  const { evidence } = after(checkpoint(vowed, 200n), checkpoint(told, 300n))
  if (!evidence || evidence.lie.is !== 'split-log') throw new Error('there is evidence')
  expect(after({ is: 'evidence', evidence }).evidence).toEqual(evidence)
  const { first } = evidence.lie
  const weak = { ...evidence, lie: { ...evidence.lie, second: first } }
  expect(codeOf(FRESH_ACCOUNT, { is: 'evidence', evidence: weak })).toBe('evidence/no-conflict')
})
