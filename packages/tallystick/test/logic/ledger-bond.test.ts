import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { OPERATION_BYTES_MAX, VICTIMS_MAX } from '../../src/base/limits.ts'
import { type Charter, machineId } from '../../src/kernel/charter.ts'
import { signerOf } from '../../src/kernel/controller.ts'
import { evidence } from '../../src/kernel/evidence.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { type Statement, statementDigest } from '../../src/kernel/statement.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import { auditOf, isBalanced, isConserved } from '../../src/logic/ledger-audit.ts'
import { splitProRata } from '../../src/logic/ledger-bond.ts'
import {
  claimOf,
  type LedgerOperation,
  operationOnLedger,
  type Victim,
} from '../../src/logic/ledger-operation.ts'
import { balanceOf, type Out, recordPath, recordsIn } from '../../src/logic/ledger-record.ts'
import { prove } from '../../src/state/proof.ts'
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
  engine,
  machineIn,
  MINT,
  openBooks,
  PAIR,
  pairOf,
  participantOf,
  R,
  type Step,
  take,
  taken,
  X,
} from './books.ts'

const does = (of: LedgerOperation): Step['operations'] => [operationOnLedger(ASSET, of)]

const keyIn = (name: string) => {
  const [key] = participantOf(name).controller.keys
  if (!key) throw new Error('no key')
  return key
}
const signer = signerOf('classic', keyIn('alice'))

const funded = (): Books => {
  const issued = taken(openBooks([MINT, ALICE, BOB, PAIR]), {
    write: [X, A],
    operations: does({ is: 'issue', to: at(A, 'alice'), amount: 1000n }),
    by: ['mint'],
  })
  return taken(issued, {
    write: [X, A],
    operations: does({ is: 'bond', from: at(A, 'alice'), at: X, covers: A, signer, amount: 100n }),
    by: ['alice'],
  })
}

type Pay = readonly [to: ReturnType<typeof at>, amount: bigint]

const sends = (...pays: readonly Pay[]): Step => ({
  write: [A],
  refer: [X],
  operations: pays.map(([to, amount], nonce) =>
    operationOnLedger(ASSET, { is: 'send', from: at(A, 'alice'), to, amount, nonce }),
  ),
  by: ['alice'],
})

const signed = (statement: Statement, name = 'alice') => ({
  statement,
  signature: engine.sign('ed25519', pairOf(name).secret, statementDigest('classic', statement)),
})

const proposes = (transition: Transition): Statement => ({
  is: 'vote',
  transition,
  round: 0,
  phase: 'propose',
  cited: 0,
  time: 0n,
})

const evidenceOf = (first: Statement, second: Statement, name = 'alice'): Uint8Array =>
  evidence.encode({
    suite: 'classic',
    scheme: 'ed25519',
    publicKey: pairOf(name).publicKey,
    first: signed(first, name),
    second: signed(second, name),
  })

const victimOf = (books: Books, child: number, out: Out): Victim => ({
  child,
  out,
  proof: prove(machineIn(books, A).state, pathKey('classic', ASSET, recordPath(out))),
  instead: undefined,
})

const ordered = (victims: readonly Victim[]): readonly Victim[] => {
  const key = (one: Victim): string => pathKey('classic', ASSET, recordPath(one.out))
  return [...victims].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

const outsOf = (books: Books): readonly Out[] =>
  recordsIn(machineIn(books, A), ASSET).flatMap((one) => (one.is === 'out' ? [one] : []))

/** Two children of one head of alice's machine, the victims of both, and the slash that pays them. */
const forked = (before: Books, first: Step, second: Step) => {
  const [one, two] = [taken(before, first), taken(before, second)]
  const old = new Set(outsOf(before).map((out) => out.interaction))
  const victims = ordered(
    [one, two].flatMap((books, child) =>
      outsOf(books)
        .filter((out) => !old.has(out.interaction))
        .map((out) => victimOf(books, child, out)),
    ),
  )
  const proof = evidenceOf(proposes(machineIn(one, A).head), proposes(machineIn(two, A).head))
  return { one, two, victims, proof, step: slash(proof, victims) }
}

const slash = (proof: Uint8Array, victims: readonly Victim[]): Step => ({
  write: [X],
  operations: does({ is: 'slash', at: X, evidence: proof, victims }),
  by: [],
})

const bondIn = (books: Books): bigint => {
  const bond = recordsIn(machineIn(books, X), ASSET).find((one) => one.is === 'bond')
  return bond?.is === 'bond' ? bond.amount : 0n
}

const paidIn = (books: Books): readonly (readonly [string, bigint])[] =>
  recordsIn(machineIn(books, X), ASSET).flatMap((one) =>
    one.is === 'out' ? [[one.to.holder, one.amount] as const] : [],
  )

describe('putting up and taking back a bond', () => {
  const bond = (amount: bigint, from = at(A, 'alice'), of = signer): Step => ({
    write: [X, A],
    operations: does({ is: 'bond', from, at: X, covers: A, signer: of, amount }),
    by: ['alice'],
  })

  test('a bond is money that left the balance; more may be added by the same party', () => {
    const books = taken(funded(), bond(50n))
    expect(bondIn(books)).toBe(150n)
    expect(balanceOf(machineIn(books, A), ASSET, 'alice')).toBe(850n)
    expect(isConserved(auditOf(ASSET, [...books.machines.values()]))).toBe(true)
  })

  test('it needs the payer’s word, the payer’s money and the payer’s own key', () => {
    const books = funded()
    expect(codeOf(take(books, { ...bond(1n), by: ['mint'] }))).toBe('ledger/no-consent')
    expect(codeOf(take(books, bond(901n)))).toBe('ledger/insufficient')
    expect(codeOf(take(books, bond(900n)))).toBe('done')
    const other = signerOf('classic', keyIn('bob'))
    expect(codeOf(take(books, bond(1n, at(A, 'alice'), other)))).toBe('ledger/foreign-signer')
  })

  test('a second party cannot add to a bond, not even with the same key', () => {
    const twin = { ...BOB, nonce: new Uint8Array(32).fill(9) }
    const terms = { ...ALICE.terms, participants: [{ ...participantOf('alice'), name: 'twin' }] }
    const books = openBooks([MINT, ALICE, { ...twin, terms }])
    const [machine] = [...books.machines.keys()].filter((one) => one !== X && one !== A)
    if (!machine) throw new Error('no machine')
    let now = books
    for (const to of [at(A, 'alice'), at(machine, 'twin')]) {
      now = taken(now, {
        write: [X, to.machine],
        operations: does({ is: 'issue', to, amount: 10n }),
        by: ['mint'],
      })
    }
    const mine = { ...bond(1n, at(machine, 'twin')), write: [X, machine], by: ['twin'] }
    expect(codeOf(take(now, mine))).toBe('done')
    expect(codeOf(take(taken(now, bond(1n)), mine))).toBe('ledger/bond-of-another')
  })

  test('it goes back to its owner with the word of all who keep it', () => {
    const books = funded()
    const unbond = (amount: bigint): Step => ({
      write: [X],
      operations: does({ is: 'unbond', at: X, covers: A, signer, amount, nonce: 0 }),
      by: ['mint', 'keeper'],
    })
    for (const by of [['mint', 'alice'], ['keeper', 'alice'], []]) {
      expect(codeOf(take(books, { ...unbond(1n), by }))).toBe('ledger/no-consent')
    }
    expect(codeOf(take(books, unbond(101n)))).toBe('ledger/insufficient')
    const after = taken(books, unbond(100n))
    expect(bondIn(after)).toBe(0n)
    expect(paidIn(after)).toEqual([['alice', 100n]])
    expect(isConserved(auditOf(ASSET, [...after.machines.values()]))).toBe(true)
    expect(codeOf(take(after, unbond(1n)))).toBe('ledger/unknown-bond')
  })
})

describe('slashing', () => {
  test('victims of a fork get what was sent to them when the bond covers it, and the rest stays', () => {
    const before = funded()
    const { one, step } = forked(before, sends([at(R, 'carol'), 40n]), sends([at(B, 'bob'), 25n]))
    // The step that is kept is the first; the machine of the bond has seen neither.
    const after = taken(one, step)
    expect(bondIn(after)).toBe(35n)
    expect(new Map(paidIn(after))).toEqual(
      new Map([
        ['carol', 40n],
        ['bob', 25n],
      ]),
    )
    expect(isConserved(auditOf(ASSET, [...after.machines.values()]))).toBe(true)
  })

  test('a bond that is too small is shared pro rata, to the last unit', () => {
    const { two, step } = forked(
      funded(),
      sends([at(R, 'carol'), 400n]),
      sends([at(B, 'bob'), 199n], [at(R, 'bob'), 1n]),
    )
    const after = taken(two, step)
    expect(bondIn(after)).toBe(0n)
    const paid = paidIn(after)
    expect(paid.reduce((sum, [, amount]) => sum + amount, 0n)).toBe(100n)
    expect(isConserved(auditOf(ASSET, [...after.machines.values()]))).toBe(true)
  })

  test('the payment is claimed where the harm was done', () => {
    const { one, step } = forked(funded(), sends([at(R, 'carol'), 40n]), sends([at(B, 'bob'), 25n]))
    const slashed = taken(one, step)
    const out = recordsIn(machineIn(slashed, X), ASSET).find(
      (record) => record.is === 'out' && record.to.holder === 'bob',
    )
    if (out?.is !== 'out') throw new Error('no payment')
    const sent = { source: X, suite: 'classic', transition: machineIn(slashed, X).headId } as const
    const { operation, premise } = claimOf({ ...sent, asset: ASSET, out })
    const claim = { write: [B], refer: [X], operations: [operation], premises: [premise] }
    const after = taken(slashed, claim)
    expect(balanceOf(machineIn(after, B), ASSET, 'bob')).toBe(25n)
    expect(isConserved(auditOf(ASSET, [...after.machines.values()]))).toBe(true)
  })

  test('one position is paid for once, also with other evidence and other victims', () => {
    const before = funded()
    const { one, step } = forked(before, sends([at(R, 'carol'), 4n]), sends([at(B, 'bob'), 2n]))
    const other = forked(before, sends([at(R, 'carol'), 4n]), sends([at(R, 'bob'), 9n]))
    const after = taken(one, step)
    expect(codeOf(take(after, step))).toBe('ledger/already-slashed')
    expect(codeOf(take(after, other.step))).toBe('ledger/already-slashed')
    expect(codeOf(take(one, other.step))).toBe('done')
  })

  test('no bond, or a bond for another machine, pays nothing', () => {
    const [unbonded] = [openBooks([MINT, ALICE, BOB, PAIR])].map((books) =>
      taken(books, {
        write: [X, A],
        operations: does({ is: 'issue', to: at(A, 'alice'), amount: 1000n }),
        by: ['mint'],
      }),
    )
    if (!unbonded) throw new Error('no books')
    const { one, step } = forked(unbonded, sends([at(R, 'carol'), 4n]), sends([at(B, 'bob'), 2n]))
    expect(codeOf(take(one, step))).toBe('ledger/unknown-bond')
    const elsewhere = taken(one, {
      write: [X, A],
      operations: does({ is: 'bond', from: at(A, 'alice'), at: X, covers: R, signer, amount: 9n }),
      by: ['alice'],
    })
    expect(codeOf(take(elsewhere, step))).toBe('ledger/unknown-bond')
  })

  test('evidence that convicts nobody, or of something without two steps, pays nothing', () => {
    const before = funded()
    const { one, two, victims, proof } = forked(
      before,
      sends([at(R, 'carol'), 4n]),
      sends([at(B, 'bob'), 2n]),
    )
    const [head, other] = [machineIn(one, A).head, machineIn(two, A).head]
    const pays = (bad: Uint8Array, list = victims): string => codeOf(take(one, slash(bad, list)))
    expect(pays(proof)).toBe('done')
    expect(pays(evidenceOf(proposes(head), proposes(head)))).toBe('evidence/no-conflict')
    const forged = evidenceOf(proposes(head), proposes(other))
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1
    expect(pays(forged)).toBe('evidence/bad-signature')
    expect(pays(proof.subarray(0, -1))).toBe('codec/truncated')
    const { machine, parent, sequence } = head
    const aborts: Statement = { is: 'abort', machine, parent, sequence, round: 0 }
    const commits: Statement = { ...proposes(head), phase: 'commit' } as Statement
    expect(pays(evidenceOf(aborts, commits))).toBe('ledger/no-fork')
  })

  test('only a send of the two steps themselves counts, at its true amount, shown under its own step', () => {
    const earlier = taken(funded(), sends([at(R, 'bob'), 60n]))
    const { one, two, victims, proof } = forked(
      earlier,
      sends([at(R, 'carol'), 4n]),
      sends([at(B, 'bob'), 2n]),
    )
    const pays = (list: readonly Victim[]): string => codeOf(take(one, slash(proof, list)))
    expect(pays(victims)).toBe('done')
    const [old] = outsOf(earlier)
    if (!old) throw new Error('no earlier send')
    expect(pays([victimOf(two, 1, old)])).toBe('ledger/wrong-victim')
    expect(pays(victims.map((victim) => ({ ...victim, child: 1 - victim.child })))).toBe(
      'ledger/wrong-victim',
    )
    expect(pays(victims.map((victim) => ({ ...victim, child: 2 })))).toBe('ledger/wrong-victim')
    const more = victims.map((victim) => ({
      ...victim,
      out: { ...victim.out, amount: victim.out.amount + 1n },
    }))
    expect(pays(more)).toBe('proof/wrong-root')
    const thief = victims.map((victim) => ({ ...victim, out: { ...victim.out, from: 'thief' } }))
    expect(pays(thief)).toBe('proof/wrong-root')
    const bare = victims.map((victim) => ({
      ...victim,
      proof: { siblings: [], terminal: { is: 'own' } } as const,
    }))
    expect(pays(bare)).toBe('proof/wrong-root')
  })

  describe('who was promised money in a machine of two', () => {
    const { proof, victims } = forked(
      funded(),
      sends([at(R, 'carol'), 10n]),
      sends([at(B, 'bob'), 5n]),
    )
    const [carols] = victims.filter(({ out }) => out.to.holder === 'carol')
    if (!carols) throw new Error('carol was promised something')
    const own = charterOf(['carol'], [], 9)
    const account: Charter = { ...own, terms: { ...own.terms, turn: { is: 'owner', party: 0 } } }
    const paying = (instead: Victim['instead']) =>
      take(funded(), slash(proof, [{ ...carols, instead }]))

    test('is paid in an account that the same keys own alone', () => {
      const paid = paying({ promised: PAIR, account })
      if (isFault(paid)) throw paid
      const outs = recordsIn(machineIn(paid, X), ASSET).filter((one) => one.is === 'out')
      expect(outs.map((one) => one.is === 'out' && [one.to, one.amount])).toEqual([
        [{ machine: machineId(account), holder: 'carol' }, 10n],
      ])
    })

    test('is not paid to other keys, nor where others have to agree, nor by another machine’s charter', () => {
      const bobs = charterOf(['bob'], [], 9)
      for (const instead of [
        {
          promised: PAIR,
          account: { ...bobs, terms: { ...bobs.terms, turn: account.terms.turn } },
        },
        { promised: PAIR, account: own },
        { promised: PAIR, account: PAIR },
        { promised: account, account },
        { promised: { ...PAIR, nonce: new Uint8Array(32).fill(8) }, account },
      ]) {
        expect(codeOf(paying(instead))).toBe('ledger/other-payee')
      }
    })
  })

  test('nobody is listed twice, and a list has one order', () => {
    const { one, victims, proof } = forked(
      funded(),
      sends([at(R, 'carol'), 4n]),
      sends([at(B, 'bob'), 2n]),
    )
    const pays = (list: readonly Victim[]): string => codeOf(take(one, slash(proof, list)))
    expect(pays([...victims].reverse())).toBe('ledger/victims-unordered')
    expect(pays(victims.flatMap((victim) => [victim, victim]))).toBe('ledger/victims-unordered')
    expect(pays([])).toBe('ledger/no-victim')
    expect(pays(victims.slice(0, 1))).toBe('done')
  })

  test('a fork with as many victims as are allowed fits one operation', () => {
    const many = Array.from({ length: VICTIMS_MAX / 2 }, (_, index): Pay => [
      at(R, 'carol'),
      BigInt(index + 1),
    ])
    const { one, step } = forked(
      funded(),
      sends(...many),
      sends(...many.map(([to, amount]): Pay => [to, amount + 50n])),
    )
    const [operation] = step.operations
    expect(operation?.argument.length).toBeLessThan(OPERATION_BYTES_MAX)
    const after = taken(one, step)
    expect(isBalanced(auditOf(ASSET, [...after.machines.values()]))).toBe(true)
    expect(bondIn(after)).toBe(0n)
  })

  test('a fault of a victim’s proof names the victim', () => {
    const { one, victims, proof } = forked(
      funded(),
      sends([at(R, 'carol'), 4n]),
      sends([at(B, 'bob'), 2n]),
    )
    const bad = victims.map((victim) => ({ ...victim, out: { ...victim.out, amount: 99n } }))
    const fault = take(one, slash(proof, bad))
    expect(isFault(fault) && fault.place.party).toBe(victims[0]?.out.to.holder)
  })
})

describe('pro rata shares', () => {
  test('nobody gets more than the claim, and nothing is lost or made', () => {
    const claims = fc.array(fc.bigInt({ min: 1n, max: 2n ** 128n - 1n }), {
      minLength: 1,
      maxLength: 16,
    })
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), claims, (pool, owed) => {
        const shares = splitProRata(pool, owed)
        const sum = (list: readonly bigint[]): bigint =>
          list.reduce((total, one) => total + one, 0n)
        expect(sum(shares)).toBe(pool < sum(owed) ? pool : sum(owed))
        for (const [index, share] of shares.entries()) {
          const claim = owed[index] ?? 0n
          expect(share <= claim && share >= 0n).toBe(true)
          if (pool < sum(owed))
            expect(share - (pool * claim) / sum(owed)).toSatisfy(
              (rest) => rest === 0n || rest === 1n,
            )
        }
      }),
    )
  })

  test('units left over go to the first', () => {
    expect(splitProRata(10n, [7n, 7n, 7n])).toEqual([4n, 3n, 3n])
    expect(splitProRata(2n, [5n, 5n, 5n])).toEqual([1n, 1n, 0n])
    expect(splitProRata(0n, [5n])).toEqual([0n])
    expect(splitProRata(5n, [5n])).toEqual([5n])
    expect(splitProRata(6n, [5n])).toEqual([5n])
    expect(splitProRata(99n, [100n, 1n])).toEqual([99n, 0n])
  })
})
