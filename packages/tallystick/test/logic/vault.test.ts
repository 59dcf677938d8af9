import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { machineId } from '../../src/kernel/charter.ts'
import { openMachine } from '../../src/kernel/execute.ts'
import type { Premise } from '../../src/kernel/interaction.ts'
import { auditOf, isConserved } from '../../src/logic/ledger-audit.ts'
import { operationOnLedger } from '../../src/logic/ledger-operation.ts'
import { balanceOf } from '../../src/logic/ledger-record.ts'
import { outcome } from '../../src/logic/outcome.ts'
import { STANDARD_LOGICS } from '../../src/logic/registry.ts'
import { allOf, anyOf, digestOfSecret } from '../../src/logic/vault-condition.ts'
import {
  depositOperations,
  noticeKey,
  operationOnVault,
  rulingValue,
  settleOperations,
  type Settlement,
  type Vault,
} from '../../src/logic/vault-operation.ts'
import { type KeptVault, vaultIn, vaultsIn } from '../../src/logic/vault-record.ts'
import { vaultId, type VaultTerms } from '../../src/logic/vault-terms.ts'
import {
  ASSET,
  at,
  type Books,
  charterOf,
  codeOf,
  machineIn,
  MINT,
  openBooks,
  RECKLESS,
  type Step,
  take,
  taken,
  VAULT,
  X,
} from './books.ts'

/** Bob and carol deal; dora is their arbiter. A second machine elsewhere arbitrates by facts, a third has a clock. */
const DEAL = charterOf(['bob', 'carol', 'dora'], [VAULT, RECKLESS, VAULT], 3)
const COURT = charterOf(['judge', 'clerk'], [VAULT], 4)
const D = machineId(DEAL)
const C = machineId(COURT)
const CLOCK = machineId(charterOf(['tick'], [], 5))
const LOGIC = { machine: D, logic: 0 }
const COURT_LOGIC = { machine: C, logic: 0 }

const SECRET = new Uint8Array(32).fill(7)
const T = 1_000_000n

const TERMS: VaultTerms = {
  nonce: new Uint8Array(32).fill(1),
  machine: D,
  asset: ASSET,
  amount: 100n,
  payer: 'bob',
  payee: 'carol',
  release: { is: 'secret', digest: digestOfSecret(SECRET) },
  expiry: { clock: CLOCK, at: T },
  arbiter: { is: 'party', name: 'dora' },
}

const vaultOf = (changed: Partial<VaultTerms> = {}): Vault => ({
  logic: LOGIC,
  suite: 'classic',
  terms: { ...TERMS, ...changed },
})

const funded = taken(openBooks([MINT, DEAL, COURT]), {
  write: [X, D],
  operations: [operationOnLedger(ASSET, { is: 'issue', to: at(D, 'bob'), amount: 500n })],
  by: ['mint'],
})

const deposit = (vault: Vault): Step => ({
  write: [D],
  refer: [X],
  operations: depositOperations(vault),
  by: ['bob'],
})

const settle = (vault: Vault, how: Settlement, more: Partial<Step> = {}): Step => ({
  write: [D],
  refer: [X],
  operations: settleOperations(vault, how),
  ...more,
})

const claim: Settlement = { is: 'claim', secrets: [SECRET] }
const refund: Settlement = { is: 'refund' }

const time = (atLeast: bigint, machine = CLOCK): Premise => ({
  is: 'time',
  machine,
  transition: machineIn(funded, X).headId,
  atLeast,
})

const moneyIn = (books: Books): readonly [bob: bigint, carol: bigint] => [
  balanceOf(machineIn(books, D), ASSET, 'bob'),
  balanceOf(machineIn(books, D), ASSET, 'carol'),
]

const conserved = (books: Books): boolean =>
  isConserved(auditOf(ASSET, [...books.machines.values()]))

const keptIn = (books: Books, vault: Vault): KeptVault | undefined =>
  vaultIn(machineIn(books, D), LOGIC, vaultId('classic', vault.terms))

describe('deposit', () => {
  test('locks the payer’s money under the terms, in one step with the payer’s word alone', () => {
    const vault = vaultOf()
    const books = taken(funded, deposit(vault))
    expect(moneyIn(books)).toEqual([400n, 0n])
    expect(keptIn(books, vault)).toMatchObject({ stands: 'locked', isPaid: false, terms: TERMS })
    expect(vaultsIn(machineIn(books, D), LOGIC)).toHaveLength(1)
    expect(vaultsIn(machineIn(books, D), { ...LOGIC, logic: 2 })).toHaveLength(0)
    expect(conserved(books)).toBe(true)
    expect(codeOf(take(funded, { ...deposit(vault), by: ['carol', 'dora'] }))).toBe(
      'ledger/no-consent',
    )
  })

  test('terms without the lock that they speak of are refused, and so is every lock that differs', () => {
    const vault = vaultOf()
    const [lock, open] = depositOperations(vault)
    if (!lock || !open) throw new Error('two operations')
    const step = deposit(vault)
    expect(codeOf(take(funded, { ...step, operations: [open] }))).toBe('vault/no-lock')
    expect(codeOf(take(funded, { ...step, operations: [open, lock] }))).toBe('vault/no-lock')
    const id = vaultId('classic', TERMS)
    const good = {
      is: 'lock',
      machine: D,
      id,
      from: 'bob',
      to: 'carol',
      amount: 100n,
      unlocker: LOGIC,
    } as const
    const locked = (changed: object): string =>
      codeOf(
        take(funded, {
          ...step,
          operations: [operationOnLedger(ASSET, { ...good, ...changed }), open],
        }),
      )
    expect(locked({})).toBe('done')
    expect(locked({ to: 'dora' })).toBe('vault/no-lock')
    const shared = taken(funded, {
      write: [D],
      refer: [X],
      operations: [
        operationOnLedger(ASSET, {
          is: 'transfer',
          from: at(D, 'bob'),
          to: at(D, 'dora'),
          amount: 100n,
        }),
      ],
      by: ['bob'],
    })
    const foreign = operationOnLedger(ASSET, { ...good, from: 'dora' })
    const both = { ...step, operations: [foreign, open], by: ['bob', 'dora'] }
    expect(codeOf(take(shared, both))).toBe('vault/no-lock')
    expect(locked({ amount: 99n })).toBe('vault/no-lock')
    expect(locked({ unlocker: { machine: D, logic: 2 } })).toBe('vault/no-lock')
    expect(locked({ unlocker: COURT_LOGIC })).toBe('vault/no-lock')
    expect(locked({ id: vaultId('classic', { ...TERMS, payee: 'dora' }) })).toBe('vault/no-lock')
  })

  test('a stranger cannot put terms under a lock that the payer has made alone', () => {
    const [lock, open] = depositOperations(vaultOf())
    if (!lock || !open) throw new Error('two operations')
    const books = taken(funded, { ...deposit(vaultOf()), operations: [lock] })
    const step = { ...deposit(vaultOf()), operations: [open] }
    expect(codeOf(take(books, { ...step, by: ['carol'] }))).toBe('vault/no-consent')
    expect(codeOf(take(books, step))).toBe('done')
  })

  test('the same terms are deposited once; another nonce makes another vault', () => {
    const books = taken(funded, deposit(vaultOf()))
    expect(codeOf(take(books, deposit(vaultOf())))).toBe('ledger/lock-exists')
    expect(codeOf(take(books, deposit(vaultOf({ nonce: new Uint8Array(32) }))))).toBe('done')
    const [, open] = depositOperations(vaultOf())
    if (!open) throw new Error('two operations')
    const reopened = { ...deposit(vaultOf()), operations: [open] }
    expect(codeOf(take(books, reopened))).toBe('vault/exists')
    const settled = taken(books, settle(vaultOf(), claim))
    expect(codeOf(take(settled, deposit(vaultOf())))).toBe('ledger/lock-decided')
  })

  test.each<[string, Partial<VaultTerms>]>([
    ['vault/bad-count', { release: { is: 'some', atLeast: 0, of: [] } }],
    ['vault/bad-count', { release: { is: 'some', atLeast: 2, of: [TERMS.release] } }],
    ['vault/no-time', { expiry: { clock: CLOCK, at: 0n } }],
    ['vault/partial-arbiter', { arbiter: { is: 'party', name: 'carol' } }],
    ['vault/partial-arbiter', { arbiter: { is: 'party', name: 'bob' } }],
    ['vault/too-many-nodes', { release: anyOf(Array.from({ length: 64 }, () => TERMS.release)) }],
    ['vault/unknown-party', { arbiter: { is: 'party', name: 'eve' } }],
    ['vault/unknown-party', { release: anyOf([{ is: 'word', party: 'eve' }]) }],
  ])('%s: senseless terms are refused before money is locked under them', (code, changed) => {
    expect(codeOf(take(funded, deposit(vaultOf(changed))))).toBe(code)
    expect(codeOf(take(funded, deposit(vaultOf())))).toBe('done')
  })

  test('amounts and parties are checked by the vault too, whatever the lock says', () => {
    const open = (terms: VaultTerms): Step => ({
      ...deposit(vaultOf()),
      operations: [operationOnVault(LOGIC, { is: 'open', terms })],
    })
    expect(codeOf(take(funded, open({ ...TERMS, amount: 0n })))).toBe('amount/zero')
    expect(codeOf(take(funded, open({ ...TERMS, payee: 'bob' })))).toBe('vault/same-party')
    expect(codeOf(take(funded, open({ ...TERMS, payee: 'eve' })))).toBe('vault/unknown-party')
    expect(codeOf(take(funded, { ...open(TERMS), write: [X], refer: [D] }))).toBe(
      'vault/not-written',
    )
  })

  test('a deposit that itself proves the time to be over is refused', () => {
    const step = (millis: bigint): string =>
      codeOf(take(funded, { ...deposit(vaultOf()), premises: [time(millis)] }))
    expect([T - 1n, T, T + 1n].map(step)).toEqual(['done', 'vault/expired', 'vault/expired'])
  })

  test('the logic takes no parameters', () => {
    const charter = charterOf(['a'], [{ name: 'vault/1', params: Uint8Array.of(0) }])
    const opened = openMachine(charter, STANDARD_LOGICS)
    expect(isFault(opened) && opened.code).toBe('vault/bad-params')
  })
})

describe('claim and refund', () => {
  const books = taken(funded, deposit(vaultOf()))

  test('the secret pays the payee, whoever brings it', () => {
    for (const by of [[], ['dora'], ['bob'], ['carol']]) {
      const after = taken(books, settle(vaultOf(), claim, { by }))
      expect(moneyIn(after)).toEqual([400n, 100n])
      expect(keptIn(after, vaultOf())).toMatchObject({ stands: 'fulfilled', isPaid: true })
      expect(conserved(after)).toBe(true)
    }
  })

  test('without the secret, with another, with a second or an unasked one, nothing is paid', () => {
    const claims = (...secrets: readonly Uint8Array[]): string =>
      codeOf(take(books, settle(vaultOf(), { is: 'claim', secrets })))
    expect(claims(SECRET)).toBe('done')
    expect(claims()).toBe('vault/unmet')
    expect(claims(new Uint8Array(32).fill(8))).toBe('vault/wrong-secret')
    expect(claims(SECRET, SECRET)).toBe('vault/wrong-secret')
    expect(claims(SECRET, new Uint8Array(32))).toBe('vault/wrong-secret')
    // The digest is no secret, though it has 32 bytes as well.
    expect(claims(digestOfSecret(SECRET))).toBe('vault/wrong-secret')
    for (const size of [0, 31, 33, 64]) expect(() => claims(new Uint8Array(size))).toThrow(/bytes/)
  })

  test.each([
    ['no time at all', [], 'done', 'vault/not-expired'],
    ['time 0', [0n], 'done', 'vault/not-expired'],
    ['T − 1', [T - 1n], 'done', 'vault/not-expired'],
    ['T', [T], 'vault/expired', 'done'],
    ['T + 1', [T + 1n], 'vault/expired', 'done'],
    ['the last moment there is', [2n ** 64n - 1n], 'vault/expired', 'done'],
    ['T − 1 and T', [T - 1n, T], 'vault/expired', 'done'],
  ] as const)(
    'an interaction that shows %s allows exactly one of the two',
    (_, shown, claimed, refunded) => {
      const premises = shown.map((millis) => time(millis))
      expect(codeOf(take(books, settle(vaultOf(), claim, { premises })))).toBe(claimed)
      expect(codeOf(take(books, settle(vaultOf(), refund, { premises })))).toBe(refunded)
    },
  )

  test('the boundary holds at the ends of the clock', () => {
    for (const at of [1n, 2n ** 64n - 1n]) {
      const vault = vaultOf({ expiry: { clock: CLOCK, at } })
      const open = taken(funded, deposit(vault))
      const codes = (millis: bigint): readonly string[] =>
        [claim, refund].map((how) =>
          codeOf(take(open, settle(vault, how, { premises: [time(millis)] }))),
        )
      expect(codes(at - 1n)).toEqual(['done', 'vault/not-expired'])
      expect(codes(at)).toEqual(['vault/expired', 'done'])
    }
  })

  test('another machine’s time is no time, and a vault without a clock never expires', () => {
    const other = settle(vaultOf(), refund, { premises: [time(T, C)] })
    expect(codeOf(take(books, other))).toBe('vault/not-expired')
    const timeless = vaultOf({ expiry: undefined })
    const open = taken(funded, deposit(timeless))
    const late = { premises: [time(2n ** 64n - 1n)] }
    expect(codeOf(take(open, settle(timeless, refund, late)))).toBe('vault/no-expiry')
    expect(codeOf(take(open, settle(timeless, claim, late)))).toBe('done')
  })

  test('both parties’ word refunds at any time; one of them, or the arbiter, does not', () => {
    for (const by of [['bob'], ['carol'], ['bob', 'dora'], ['carol', 'dora'], []]) {
      expect(codeOf(take(books, settle(vaultOf(), refund, { by })))).toBe('vault/not-expired')
    }
    const after = taken(books, settle(vaultOf(), refund, { by: ['bob', 'carol'] }))
    expect(moneyIn(after)).toEqual([500n, 0n])
    expect(keptIn(after, vaultOf())).toMatchObject({ stands: 'refunded', isPaid: true })
  })

  test('a vault is decided once, whatever is shown afterwards', () => {
    const claimed = taken(books, settle(vaultOf(), claim))
    const late = { premises: [time(T)], by: ['bob', 'carol', 'dora'] }
    const rule: Settlement = { is: 'rule', outcome: { toPayee: 0n, toPayer: 100n } }
    for (const how of [claim, refund, rule]) {
      expect(codeOf(take(claimed, settle(vaultOf(), how, late)))).toBe('vault/decided')
    }
    const refunded = taken(books, settle(vaultOf(), refund, late))
    expect(codeOf(take(refunded, settle(vaultOf(), claim)))).toBe('vault/decided')
    const [first] = settleOperations(vaultOf(), claim)
    if (!first) throw new Error('two operations')
    const twice = { ...settle(vaultOf(), claim), operations: [first, first] }
    expect(codeOf(take(books, twice))).toBe('vault/decided')
  })

  test('a decision may be made in one step and paid in a later one, by anybody', () => {
    const [decide, release] = settleOperations(vaultOf(), claim)
    if (!decide || !release) throw new Error('two operations')
    const decided = taken(books, { ...settle(vaultOf(), claim), operations: [decide] })
    expect(keptIn(decided, vaultOf())).toMatchObject({ stands: 'fulfilled', isPaid: false })
    expect(moneyIn(decided)).toEqual([400n, 0n])
    const paid = taken(decided, { ...settle(vaultOf(), claim), operations: [release] })
    expect(moneyIn(paid)).toEqual([400n, 100n])
    expect(conserved(paid)).toBe(true)
  })

  test('a vault that is not there cannot be settled', () => {
    const other = vaultOf({ nonce: new Uint8Array(32).fill(2) })
    expect(codeOf(take(books, settle(other, claim)))).toBe('vault/unknown')
    const step = { ...settle(vaultOf(), claim), write: [X], refer: [D] }
    expect(codeOf(take(books, step))).toBe('vault/not-written')
  })
})

describe('conditions', () => {
  const word = (party: string) => ({ is: 'word', party }) as const

  test('all and any of several, nested', () => {
    const release = allOf([TERMS.release, anyOf([word('carol'), word('dora')])])
    const vault = vaultOf({ release })
    const books = taken(funded, deposit(vault))
    const claims = (by: readonly string[], secrets: readonly Uint8Array[]): string =>
      codeOf(take(books, settle(vault, { is: 'claim', secrets }, { by })))
    expect(claims(['dora'], [SECRET])).toBe('done')
    expect(claims(['carol'], [SECRET])).toBe('done')
    expect(claims(['bob'], [SECRET])).toBe('vault/unmet')
    expect(claims(['carol', 'dora'], [])).toBe('vault/unmet')
  })

  test('a fact counts with its machine, key and value, and only when it is proven', () => {
    const subject = new Uint8Array(32).fill(9)
    const value = Uint8Array.of(1)
    const key = noticeKey({ suite: 'classic', logic: COURT_LOGIC }, 'judge', subject)
    const vault = vaultOf({ release: { is: 'fact', machine: C, key, value }, arbiter: undefined })
    const open = taken(funded, deposit(vault))
    const says = (party: string, said: Uint8Array): Books =>
      taken(open, {
        write: [C],
        operations: [
          operationOnVault(COURT_LOGIC, { is: 'publish', machine: C, party, subject, value: said }),
        ],
        by: [party],
      })
    const claims = (books: Books, changed: object = {}): string => {
      const transition = machineIn(books, C).headId
      const premise = { is: 'fact', machine: C, transition, key, value, ...changed } as const
      const how: Settlement = { is: 'claim', secrets: [] }
      return codeOf(take(books, settle(vault, how, { premises: [premise] })))
    }
    const said = says('judge', value)
    expect(claims(said)).toBe('done')
    expect(claims(says('judge', Uint8Array.of(2)))).toBe('interaction/unproven-premise')
    expect(claims(says('judge', Uint8Array.of(2)), { value: Uint8Array.of(2) })).toBe('vault/unmet')
    expect(claims(says('clerk', value))).toBe('interaction/unproven-premise')
    const clerk = noticeKey({ suite: 'classic', logic: COURT_LOGIC }, 'clerk', subject)
    expect(claims(says('clerk', value), { key: clerk })).toBe('vault/unmet')
    expect(claims(open, { value: undefined })).toBe('vault/unmet')
  })

  test('a party says one thing about a subject, once, and for itself', () => {
    const subject = new Uint8Array(32)
    const publish = (value: Uint8Array, by: readonly string[], party = 'judge'): Step => ({
      write: [C],
      operations: [
        operationOnVault(COURT_LOGIC, { is: 'publish', machine: C, party, subject, value }),
      ],
      by,
    })
    const one = Uint8Array.of(1)
    expect(codeOf(take(funded, publish(one, ['clerk'])))).toBe('vault/no-consent')
    expect(codeOf(take(funded, publish(one, ['judge'], 'eve')))).toBe('vault/no-consent')
    const books = taken(funded, publish(one, ['judge']))
    expect(codeOf(take(books, publish(Uint8Array.of(2), ['judge'])))).toBe('vault/said-already')
    expect(codeOf(take(books, publish(one, ['clerk'], 'clerk')))).toBe('done')
  })
})

describe('the arbiter', () => {
  const rule = (toPayee: bigint, toPayer: bigint): Settlement => ({
    is: 'rule',
    outcome: { toPayee, toPayer },
  })

  test('a participant divides the money by its word, to the last unit', () => {
    const books = taken(funded, deposit(vaultOf()))
    const rules = (how: Settlement, by: readonly string[]): string =>
      codeOf(take(books, settle(vaultOf(), how, { by })))
    expect(rules(rule(60n, 40n), ['bob', 'carol'])).toBe('vault/no-ruling')
    expect(rules(rule(60n, 41n), ['dora'])).toBe('vault/wrong-split')
    expect(rules(rule(60n, 39n), ['dora'])).toBe('vault/wrong-split')
    const after = taken(books, settle(vaultOf(), rule(60n, 40n), { by: ['dora'] }))
    expect(moneyIn(after)).toEqual([440n, 60n])
    expect(keptIn(after, vaultOf())).toMatchObject({ stands: 'divided', isPaid: true })
    expect(conserved(after)).toBe(true)
    for (const how of [rule(100n, 0n), rule(0n, 100n)]) expect(rules(how, ['dora'])).toBe('done')
  })

  test('a vault without an arbiter is divided by nobody', () => {
    const vault = vaultOf({ arbiter: undefined })
    const books = taken(funded, deposit(vault))
    const step = settle(vault, rule(60n, 40n), { by: ['bob', 'carol', 'dora'] })
    expect(codeOf(take(books, step))).toBe('vault/no-arbiter')
  })

  test('a machine elsewhere divides by a fact, exactly as it has said', () => {
    const key = noticeKey({ suite: 'classic', logic: COURT_LOGIC }, 'judge', TERMS.nonce)
    const vault = vaultOf({ arbiter: { is: 'fact', machine: C, key } })
    const open = taken(funded, deposit(vault))
    const ruling = { toPayee: 70n, toPayer: 30n }
    const value = rulingValue(ruling)
    expect(outcome.decode(value)).toEqual(ruling)
    const ruled = taken(open, {
      write: [C],
      operations: [
        operationOnVault(COURT_LOGIC, {
          is: 'publish',
          machine: C,
          party: 'judge',
          subject: TERMS.nonce,
          value,
        }),
      ],
      by: ['judge'],
    })
    const transition = machineIn(ruled, C).headId
    const premises = [{ is: 'fact', machine: C, transition, key, value } as const]
    const rules = (how: Settlement, shown: readonly Premise[] = premises): string =>
      codeOf(take(ruled, settle(vault, how, { premises: shown, by: ['dora'] })))
    expect(rules(rule(70n, 30n))).toBe('done')
    expect(rules(rule(71n, 29n))).toBe('vault/no-ruling')
    expect(rules(rule(70n, 30n), [])).toBe('vault/no-ruling')
  })

  test('facts of a machine that knows of no vault divide as the terms said beforehand', () => {
    const subject = new Uint8Array(32).fill(9)
    const key = noticeKey({ suite: 'classic', logic: COURT_LOGIC }, 'judge', subject)
    const at = (value: number, toPayee: bigint) =>
      ({ machine: C, key, value: Uint8Array.of(value), toPayee }) as const
    const vault = vaultOf({ arbiter: { is: 'facts', of: [at(1, 0n), at(2, 50n)] } })
    const open = taken(funded, deposit(vault))
    const said = (value: number): Books =>
      taken(open, {
        write: [C],
        operations: [
          operationOnVault(COURT_LOGIC, {
            is: 'publish',
            machine: C,
            party: 'judge',
            subject,
            value: Uint8Array.of(value),
          }),
        ],
        by: ['judge'],
      })
    const shown = (books: Books, value: number, changed: object = {}): Premise => ({
      is: 'fact',
      machine: C,
      transition: machineIn(books, C).headId,
      key,
      value: Uint8Array.of(value),
      ...changed,
    })
    const step = (how: Settlement, ...premises: readonly Premise[]): Step =>
      settle(vault, how, { premises, by: ['bob', 'dora'] })
    const [void_, draw] = [said(1), said(2)]
    const back = taken(void_, step(rule(0n, 100n), shown(void_, 1)))
    expect(moneyIn(back)).toEqual([500n, 0n])
    expect(keptIn(back, vault)).toMatchObject({ stands: 'refunded', isPaid: true })
    const half = taken(draw, step(rule(50n, 50n), shown(draw, 2)))
    expect(moneyIn(half)).toEqual([450n, 50n])
    expect([back, half].map(conserved)).toEqual([true, true])
    // One thing is changed each: what is asked for, what is shown, where it is shown, whether anything is.
    expect(codeOf(take(void_, step(rule(50n, 50n), shown(void_, 1))))).toBe('vault/no-ruling')
    expect(codeOf(take(void_, step(rule(0n, 100n), shown(void_, 2))))).toBe(
      'interaction/unproven-premise',
    )
    const elsewhere = shown(void_, 1, { machine: X, transition: machineIn(void_, X).headId })
    expect(codeOf(take(void_, step(rule(0n, 100n), elsewhere)))).toBe(
      'interaction/unproven-premise',
    )
    expect(codeOf(take(void_, step(rule(0n, 100n))))).toBe('vault/no-ruling')
    expect(codeOf(take(back, step(rule(0n, 100n), shown(void_, 1))))).toBe('vault/decided')
  })
})
