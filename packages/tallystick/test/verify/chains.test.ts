import { describe, expect, test } from 'vitest'
import { batchRoot } from '../../src/kernel/chain-batch.ts'
import type { Entry } from '../../src/kernel/chain-record.ts'
import { type Chain, createChain, startOfChain } from '../../src/kernel/chain.ts'
import { type Charter, machineId } from '../../src/kernel/charter.ts'
import { type Bundle, EMPTY_BUNDLE, fileFromBundle } from '../../src/verify/bundle.ts'
import { judgeChains } from '../../src/verify/chains.ts'
import { type FlatChain, flatChain } from '../../src/verify/flat-chain.ts'
import type { Report } from '../../src/verify/report.ts'
import type { Remembered, VerifyOptions } from '../../src/verify/run.ts'
import { verify } from '../../src/verify/verify.ts'
import {
  certificateOf,
  charterFor,
  codesOf,
  options,
  OWNED,
  PAIR,
  signAs,
  stepFor,
  machineFor,
} from './world.ts'

const CELLS = { is: 'cells', cells: [1000n, 0n, 0n, 0n] } as const
const pair: Charter = { ...charterFor(PAIR), logics: [], state: CELLS }
const owned: Charter = { ...charterFor(OWNED), logics: [], state: CELLS }

const move: Entry = { is: 'move', from: 0, to: 1, amount: 1n, reference: new Uint8Array(40) }

const chainOf = (charter: Charter, steps: number): Chain => {
  const chain = createChain({ start: startOfChain(charter) })
  for (let at = 0; at < steps; at++) chain.append(move)
  return chain
}

type Wish = {
  readonly steps?: number
  readonly sizes?: readonly number[]
  readonly by?: readonly string[]
}

const flat = (
  charter: Charter,
  { steps = 6, sizes = [4, 2], by = ['alice', 'bob'] }: Wish = {},
): FlatChain => {
  const chain = chainOf(charter, steps)
  let from = 1
  const batches = sizes.map((size) => {
    const root = batchRoot('classic', chain.ids(from, from + size - 1))
    from += size
    const signatures = by.map((name) => ({
      party: charter.terms.participants.findIndex((one) => one.name === name),
      key: 0,
      signature: signAs('classic', name, root),
    }))
    return { size, signatures }
  })
  return {
    machine: machineId(charter),
    records: chain.records(1, steps),
    batches,
    certificate: new Uint8Array(0),
  }
}

const reportOn = (
  charter: Charter,
  chain: FlatChain,
  more: Partial<VerifyOptions> = {},
): Report => {
  const bundle: Bundle = { ...EMPTY_BUNDLE, charters: [charter], chains: [flatChain.encode(chain)] }
  return verify(fileFromBundle(bundle), { ...options, chains: judgeChains, ...more })
}

describe('flat chains in a bundle', () => {
  test('are final when every party has signed every batch', () => {
    const report = reportOn(pair, flat(pair))
    expect(report.faults).toEqual([])
    expect(report.outcome).toBe('valid')
    expect(report.machines[0]?.head).toMatchObject({
      sequence: 6n,
      standing: 'final',
      grade: 'cosigned',
    })
    expect(report.machines[0]?.steps[0]?.described).toEqual(['steps 1 to 6 of a flat chain'])
  })

  test('wait where a party, a batch or all signatures are missing', () => {
    const wishes: readonly Wish[] = [{ by: ['alice'] }, { sizes: [4] }, { sizes: [] }]
    for (const wish of wishes) {
      const report = reportOn(pair, flat(pair, wish))
      expect(report.outcome).toBe('incomplete')
      expect(report.machines[0]?.head.standing).toBe('pending')
    }
  })

  test('are provisional on their owner’s word, and final with a certificate for the head', () => {
    const chain = flat(owned, { by: ['alice'] })
    expect(
      reportOn(owned, {
        ...chain,
        batches: chain.batches.map((one) => ({ ...one, signatures: [] })),
      }).machines[0]?.head.standing,
    ).toBe('pending')
    // The one participant of an owned machine is all of its parties, so its signature makes nothing final for others.
    const alone = reportOn(owned, chain)
    expect(alone.machines[0]?.head).toMatchObject({ standing: 'provisional', grade: 'provisional' })
    const head = chainOf(owned, 6).at(6).transition
    const certificate = certificateOf(owned.terms, head, { by: ['oda', 'oki'] })
    const vouched = reportOn(owned, { ...chain, certificate })
    expect(vouched.outcome).toBe('valid')
    expect(vouched.machines[0]?.head).toMatchObject({ standing: 'final', grade: 'receipted' })
    // Certifiers alone cannot move what is the owner's.
    const unsigned = { ...chain, batches: [], certificate }
    expect(reportOn(owned, unsigned).machines[0]?.head.standing).toBe('pending')
    expect(reportOn(owned, unsigned).outcome).toBe('incomplete')
    const other = certificateOf(owned.terms, chainOf(owned, 5).at(5).transition, {
      by: ['oda', 'oki'],
    })
    expect(codesOf(reportOn(owned, { ...chain, certificate: other }))).toEqual([
      'test/bad-signature',
    ])
  })

  test('are refused with a record, a signature or a batch that does not hold', () => {
    const chain = flat(pair)
    const records = chain.records.slice()
    records[2 * 256 + 168 + 8] = 9
    const report = reportOn(pair, { ...chain, records })
    expect(codesOf(report)).toEqual(['chain/wrong-state'])
    expect(report.faults[0]?.place).toMatchObject({ step: 3n, part: 'chain 1 of the file' })
    const [first, second] = chain.batches
    if (!first || !second) throw new Error('there are two batches')
    const swapped = [first, { ...second, signatures: first.signatures }]
    const forged = reportOn(pair, { ...chain, batches: swapped })
    expect(codesOf(forged)).toEqual(['chain/bad-signature'])
    expect(forged.faults[0]?.place).toMatchObject({ party: 'alice', step: 6n })
    const long = [first, { ...second, size: 3 }]
    expect(codesOf(reportOn(pair, { ...chain, batches: long }))).toEqual(['batch/wrong-size'])
  })

  test('are held against what is remembered', () => {
    const chain = flat(pair)
    const remember = (steps: number, asOf?: bigint): readonly Remembered[] => [
      {
        head: chainOf(pair, steps).at(steps).transition,
        grade: 'cosigned',
        certificate: new Uint8Array(0),
        asOf,
      },
    ]
    expect(reportOn(pair, chain, { anchors: remember(6, 5n) }).machines[0]?.freshness).toEqual({
      is: 'latest',
      asOf: 5n,
    })
    expect(codesOf(reportOn(pair, chain, { anchors: remember(7) }))).toEqual(['bundle/stale'])
    const other = remember(4).map((one) => ({
      ...one,
      head: { ...one.head, state: one.head.entropy as unknown as typeof one.head.state },
    }))
    expect(codesOf(reportOn(pair, chain, { anchors: other }))).toEqual([
      'bundle/contradicts-anchor',
    ])
  })

  test('need their charter, come once, and are not checked by a verifier without them', () => {
    const chain = flatChain.encode(flat(pair))
    const asked = (bundle: Partial<Bundle>, more: Partial<VerifyOptions> = {}): readonly string[] =>
      codesOf(
        verify(fileFromBundle({ ...EMPTY_BUNDLE, ...bundle }), {
          ...options,
          chains: judgeChains,
          ...more,
        }),
      )
    expect(asked({ chains: [chain] })).toEqual(['bundle/missing-charter'])
    expect(asked({ charters: [pair], chains: [chain, chain] })).toEqual(['bundle/duplicate-chain'])
    const { chains: _, ...without } = { chains: judgeChains, ...options }
    const file = fileFromBundle({ ...EMPTY_BUNDLE, charters: [pair], chains: [chain] })
    expect(codesOf(verify(file, without))).toEqual(['bundle/unknown-chain'])
    expect(verify(file, without).outcome).toBe('incomplete')
  })

  test('are not given as single steps, nor for machines with a tree', () => {
    const step = stepFor({ machine: machineFor(PAIR), say: 'set a b' }).step
    const [leg] = step.legs
    if (leg?.is !== 'written') throw new Error('the leg is written')
    const machine = machineId(pair)
    const moved = {
      ...step,
      interaction: {
        ...step.interaction,
        legs: step.interaction.legs.map((one) => ({ ...one, machine })),
      },
      legs: [{ ...leg, transition: { ...leg.transition, machine } }],
    }
    const file = fileFromBundle({ ...EMPTY_BUNDLE, charters: [pair], steps: [moved] })
    expect(codesOf(verify(file, options))).toEqual(['transition/wrong-interaction'])
    const chain = { ...flat(pair), machine: machineFor(PAIR).id }
    expect(codesOf(reportOn(charterFor(PAIR), chain))).toEqual(['chain/no-cells'])
  })
})
