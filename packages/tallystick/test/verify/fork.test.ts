import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { type Market, openMarket, sendTo } from '../../src/cli/demo/market.ts'
import type { Account } from '../../src/cli/demo/town.ts'
import { convict, evidence } from '../../src/kernel/evidence.ts'
import { ledgerRecord, recordPath } from '../../src/logic/ledger-record.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { victimsOf } from '../../src/logic/ledger-slash.ts'
import type { Fact } from '../../src/state/fact.ts'
import { type Bundle, EMPTY_BUNDLE } from '../../src/verify/bundle.ts'
import { fileFromBody } from '../../src/verify/file.ts'
import { joinBundles } from '../../src/verify/join.ts'
import {
  bundleFromAnyFile,
  type Fork,
  type Forks,
  forksIn,
  fullestEvidence,
  isHonoured,
} from '../../src/verify/fork.ts'

const market = openMarket('classic', 20_00n)
const { account, withBob, withCarol, alice, mint, asset, town } = market

/** A copy of alice's phone that pays somebody with the money that the others pay with as well. */
const copyPaying = (relation: Market['withBob'], amount: bigint): Account => {
  const copy = account.clone()
  sendTo(market, copy, { relation, holder: relation.people[1].name, amount })
  return copy
}

const [toBob, toCarol] = [copyPaying(withBob, 18_00n), copyPaying(withCarol, 12_00n)]
const [bobs, carols] = [toBob, toCarol].map((one) => joinBundles([mint.bundle(), one.bundle()]))
if (!bobs || !carols) throw new Error('both are there')

const compared = (...bundles: readonly Bundle[]): Forks => {
  const found = forksIn(bundles, town.checks)
  if (isFault(found)) throw found
  return found
}

const forkIn = (...bundles: readonly Bundle[]): Fork => {
  const { forks } = compared(...bundles)
  const [fork] = forks
  if (!fork || forks.length > 1) throw new Error(`${forks.length} forks`)
  return fork
}

const promised = (of: Fork) =>
  of.branches.map((one) => one.harms.map(({ out }) => [out.to.holder, out.amount] as const))

describe('files that contradict each other', () => {
  test('convict who signed both steps, and say what each of them promised to whom', () => {
    const fork = forkIn(bobs, carols)
    expect([fork.name, fork.kind, fork.sequence]).toEqual(['alice', 'fork', 2n])
    expect(fork.signer).toBe(alice.signer)
    expect(promised(fork).flat()).toEqual(
      expect.arrayContaining([
        ['bob', 18_00n],
        ['carol', 12_00n],
      ]),
    )
    expect(fork.branches.map((one) => one.standing)).toEqual(['contested', 'contested'])
    expect(compared(bobs, carols).faults).toEqual([])
  })

  test('convict nobody one by one, nor where they say the same', () => {
    for (const one of [[bobs], [carols], [bobs, bobs]]) {
      expect(compared(...one)).toMatchObject({ forks: [], faults: [] })
    }
  })

  test('say so in the other order too', () => {
    const there = promised(forkIn(bobs, carols))
    const back = promised(forkIn(carols, bobs))
    expect(back).toHaveLength(2)
    expect(back).toEqual(expect.arrayContaining(there))
  })

  test('lose nothing by a third file that is false', () => {
    const [step] = bobs.steps.slice(-1)
    if (!step) throw new Error('bob was paid')
    const bent = {
      ...step,
      legs: step.legs.map((leg) =>
        leg.is === 'read' ? leg : { ...leg, proposal: [{ key: 0, signature: new Uint8Array(64) }] },
      ),
    }
    const poison: Bundle = { ...bobs, steps: [...bobs.steps.slice(0, -1), bent] }
    const found = compared(poison, bobs, carols)
    expect(found.forks.map((one) => one.name)).toEqual(['alice'])
    expect(promised(found.forks[0] ?? forkIn(bobs))).toHaveLength(2)
    // Alone with the other file it shows no second signature, so nobody is convicted by it.
    expect(compared(poison, carols).forks).toEqual([])
    expect(compared(poison, carols).faults).not.toEqual([])
  })
})

describe('evidence by itself', () => {
  const held = forkIn(bobs, carols).evidence
  const alone = bundleFromAnyFile(fileFromBody('evidence', evidence.encode(held)))

  test('convicts a key whose name it does not know, and knows of no promise', () => {
    const fork = forkIn(alone)
    expect(fork.name).toBeUndefined()
    expect(promised(fork)).toEqual([[], []])
    expect(fork.branches.map((one) => one.standing)).toEqual([undefined, undefined])
  })

  test('with the file of one who was paid, names the key and the send of that step', () => {
    const fork = forkIn(alone, bobs)
    expect(fork.name).toBe('alice')
    expect(promised(fork).flat()).toEqual([['bob', 18_00n]])
  })

  test('that convicts nobody is a fault, and no fork', () => {
    const same = { ...held, second: held.first }
    const found = compared(bundleFromAnyFile(fileFromBody('evidence', evidence.encode(same))))
    expect(found.forks).toEqual([])
    expect(found.faults.map((one) => one.code)).toEqual(['evidence/no-conflict'])
  })

  test('is taken together with a fact that is proven under one of its own roots', () => {
    const whole = forkIn(bobs, carols)
    const [harm] = whole.branches.flatMap((one) => one.harms)
    const branch = whole.branches.find((one) => one.id === harm?.step)
    if (!harm || !branch) throw new Error('somebody was promised something')
    const shown: Fact = {
      machine: branch.transition.machine,
      transition: branch.id,
      root: branch.transition.state,
      key: pathKey('classic', asset, recordPath(harm.out)),
      value: ledgerRecord.encode(harm.out),
      proof: harm.proof,
    }
    const charters = mint.bundle().charters
    const claim: Bundle = { ...EMPTY_BUNDLE, charters, evidence: [held], facts: [shown] }
    expect(promised(forkIn(claim)).flat()).toEqual([[harm.out.to.holder, harm.out.amount]])
    const other = whole.branches.find((one) => one !== branch)
    for (const changed of [
      { ...shown, root: other?.transition.state ?? shown.root },
      { ...shown, transition: undefined },
      { ...shown, transition: other?.id },
      { ...shown, machine: mint.genesis.id },
      { ...shown, value: new Uint8Array(3) },
    ]) {
      expect(promised(forkIn({ ...claim, facts: [changed] })).flat()).toEqual([])
    }
    // Without the charter of the asset nobody can say what the record is.
    expect(promised(forkIn({ ...claim, charters: [] })).flat()).toEqual([])
  })
})

describe('a third step at the same place', () => {
  const third = copyPaying(withCarol, 20_00n).bundle()

  test('is told as well, and the evidence for a bond is of the two that owe the most', () => {
    const fork = forkIn(bobs, carols, third)
    expect(fork.branches).toHaveLength(3)
    const owed = fork.branches.flatMap((one) => one.harms)
    const best = fullestEvidence(fork, owed, town.engine)
    expect(isFault(convict(best, town.engine))).toBe(false)
    const { listed, leftOut } = victimsOf(asset, best, owed)
    expect(new Set(listed.map(({ out }) => out.amount))).toEqual(new Set([18_00n, 20_00n]))
    expect(leftOut).toMatchObject([{ why: 'other-step', owed: { out: { amount: 12_00n } } }])
  })
})

describe('a step that the directory certified', () => {
  test('is honoured: who was paid by it is whole, and the other step has lost', () => {
    const open = openMarket('classic', 20_00n)
    const copy = open.account.clone()
    sendTo(open, open.account, { relation: open.withBob, holder: 'bob', amount: 5_00n })
    sendTo(open, copy, { relation: open.withCarol, holder: 'carol', amount: 6_00n })
    expect(open.account.certify()).toBe(4)
    expect(copy.certify()).toBe(0)
    const bundles = [open.mint.bundle(), open.account.bundle(), copy.bundle()]
    const found = forksIn(bundles, open.town.checks)
    if (isFault(found)) throw found
    const [fork] = found.forks
    expect(found.forks.map((one) => one.name)).toEqual(['alice'])
    const honoured = fork?.branches.filter(isHonoured).flatMap((one) => one.harms)
    expect(honoured?.map(({ out }) => out.to.holder)).toEqual(['bob'])
    expect(fork?.branches.map((one) => one.standing).toSorted()).toEqual(['final', 'superseded'])
  })
})
