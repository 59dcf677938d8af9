import { isFault } from 'tallystick/base'
import { convict } from 'tallystick/kernel'
import type { AgreedStep } from 'tallystick/models'
import type { NostrEvent } from 'tallystick/nostr'
import { describe, expect, test } from 'vitest'
import { createLedger, type History } from '../../src/relayed/history.ts'
import { namesIn } from '../../src/relayed/names.ts'
import { engine, KEYHOLDERS, keyholder, receiptsFor } from './custodians.ts'
import { add, alice, defined, definition, historyFrom, NOW } from './sample.ts'

const { genesis } = defined
const at = (seconds: number, seats: readonly number[] = [0, 1, 2]) => ({
  definition: definition.id,
  seats,
  time: (NOW + seconds) * 1000,
})
const one = add(undefined)
const first = receiptsFor(genesis, one, at(1))
const two = add(one.id)
const second = receiptsFor(first.after, two, at(2))

const read = (events: readonly NostrEvent[]): History =>
  historyFrom(events, { definition: definition.id, genesis, verifier: engine })
const heightOf = (of: History): bigint => of.machine.head.sequence

describe('a history out of receipts', () => {
  test('is the same in any order, with repeats', () => {
    const all = [...first.receipts, ...second.receipts]
    expect(heightOf(read(all))).toBe(2n)
    expect(read([...all.toReversed(), ...all]).machine.headId).toBe(second.after.headId)
    expect(read(all).steps.map((step) => step.input?.id)).toEqual([one.id, two.id])
  })

  test('ends where receipts are too few, and says whose are there', () => {
    const short = read([...first.receipts, ...second.receipts.slice(0, 2)])
    expect(heightOf(short)).toBe(1n)
    expect(short.pending).toEqual([
      { input: two.id, custodians: KEYHOLDERS.slice(0, 2).map((of) => of.key) },
    ])
  })

  test('counts no receipt twice, and none whose signer is not the custodian that it names', () => {
    const [a, b, c] = first.receipts
    if (!a || !b || !c) throw new Error('there are three')
    expect(heightOf(read([a, b, b]))).toBe(0n)
    const stolen = { ...c, pubkey: keyholder('stranger').key }
    expect(heightOf(read([a, b, stolen]))).toBe(0n)
    expect(heightOf(read([a, b, c]))).toBe(1n)
  })

  test('goes on past one custodian that commits twice, and names it', () => {
    const other = receiptsFor(genesis, one, at(9, [2]))
    const told = read([...first.receipts, ...other.receipts])
    expect(heightOf(told)).toBe(1n)
    expect(told.twoFaced).toMatchObject([{ custodian: KEYHOLDERS[2]?.key, step: 1n }])
    const [proof] = told.twoFaced.map((of) => of.proof)
    expect(proof && convict(proof, engine)).toMatchObject({ kind: 'fork', sequence: 1n })
    const names = namesIn(defined.definition, alice.key)
    expect(told.twoFaced.map((of) => names(of.custodian))).toEqual(['cat'])
  })

  test('takes neither of two children that are both certified, and names who signed both', () => {
    const other = receiptsFor(genesis, one, at(9, [1, 2, 3]))
    const told = read([...first.receipts, ...other.receipts])
    expect([heightOf(told), told.stopped?.code]).toEqual([0n, 'shared/other-child'])
    expect(told.twoFaced.map((of) => of.custodian)).toEqual(
      [1, 2].map((seat) => KEYHOLDERS[seat]?.key),
    )
  })

  test('is of one machine: receipts for another definition are not looked at', () => {
    const elsewhere = historyFrom(first.receipts, {
      definition: 'ab'.repeat(32),
      genesis,
      verifier: engine,
    })
    expect(heightOf(elsewhere)).toBe(0n)
    expect(isFault(elsewhere.stopped)).toBe(false)
  })
})

describe('a ledger', () => {
  const by = { definition: definition.id, genesis, verifier: engine }
  const none = { ...engine, verify: () => false }

  test('hands on each step once, and goes on from those that were checked before', () => {
    const told: AgreedStep[] = []
    const ledger = createLedger({ ...by, onChecked: (steps) => told.push(...steps) })
    ledger.take(first.receipts)
    expect(heightOf(ledger.now())).toBe(1n)
    ledger.take([...first.receipts, ...second.receipts])
    expect(heightOf(ledger.now())).toBe(2n)
    expect(told.map((step) => step.transition.sequence)).toEqual([1n, 2n])
    const again = createLedger({ ...by, verifier: none, checked: told })
    expect(heightOf(again.now())).toBe(2n)
    expect(again.now().steps.map((of) => of.custodians)).toEqual(
      ledger.now().steps.map((of) => of.custodians),
    )
    expect(heightOf(createLedger({ ...by, checked: told.slice(1) }).now())).toBe(0n)
  })

  test('names who commits twice, and ends at two certified children, also after the step was checked', () => {
    const one9 = receiptsFor(genesis, one, at(9, [1, 2, 3])).receipts
    const ledger = createLedger(by)
    ledger.take([...first.receipts, ...second.receipts])
    expect(heightOf(ledger.now())).toBe(2n)
    ledger.take(one9.slice(0, 1))
    expect([heightOf(ledger.now()), ledger.now().twoFaced]).toMatchObject([
      2n,
      [{ custodian: KEYHOLDERS[1]?.key, step: 1n }],
    ])
    ledger.take(one9)
    expect([heightOf(ledger.now()), ledger.now().stopped?.code]).toEqual([0n, 'shared/other-child'])
  })
})
