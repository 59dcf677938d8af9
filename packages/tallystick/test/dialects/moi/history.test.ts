import { describe, expect, test } from 'vitest'
import type { MoiId } from '../../../src/dialects/moi/identifier.ts'
import { type HistoryEntry, historyOf, neededBy } from '../../../src/dialects/moi/history.ts'
import type { Prepared } from '../../../src/dialects/moi/lattice.ts'
import { eraseModel } from '../../../src/kernel/model.ts'
import { krama } from '../../../src/models/krama/certificate.ts'
import { kramaCertificate } from '../../../src/models/krama/seal.ts'
import { EMPTY_BUNDLE, fileFromBundle } from '../../../src/verify/bundle.ts'
import type { Report } from '../../../src/verify/report.ts'
import { createModelRegistry } from '../../../src/verify/registry.ts'
import { verify } from '../../../src/verify/verify.ts'
import { createLatticeTown, LOGICS, verifier } from './lattice-town.ts'
import {
  action,
  ada,
  assetCreate,
  bob,
  cyd,
  dan,
  keyOf,
  KMOI,
  toward,
  transferOf,
} from './run/town.ts'
import { type Certificates, sealAll } from './sealing.ts'

const MODELS = createModelRegistry(eraseModel(krama))

const of = createLatticeTown()
const sent: readonly Prepared[] = [
  of.send({ do: [transferOf(bob, 10n)], with: toward(bob) ?? [] }),
  of.send({ from: cyd, do: [transferOf(bob, 1n)], with: toward(bob) ?? [] }),
  // Fails: nobody mints.
  of.send({
    do: [action(KMOI, 'Mint', { beneficiary: bob.id, amount: 5n })],
    with: toward(bob) ?? [],
  }),
  of.send({
    do: [
      {
        is: 'participant-create',
        id: dan.id,
        keys: [keyOf(dan)],
        value: action(KMOI, 'Transfer', { beneficiary: dan.id, amount: 7n }),
      },
    ],
    with: [[KMOI, 'none']],
  }),
  of.send({ do: [assetCreate()] }),
]
const all = [...of.begun, ...sent]

const entriesWith = (certificates: Certificates): readonly HistoryEntry[] =>
  all.map(({ interaction, tesseract }, at) => ({
    interaction,
    steps: tesseract.steps.map(({ account, transition }, leg) => ({
      account,
      transition,
      certificate: kramaCertificate.encode(certificates(at, leg)),
    })),
    seen: tesseract.seen,
  }))

const entries = entriesWith(sealAll(all))

const reportOf = (some: readonly HistoryEntry[]): Report => {
  const file = fileFromBundle({ ...EMPTY_BUNDLE, ...historyOf(of.network, some) })
  return verify(file, { models: MODELS, logics: LOGICS, verifier })
}

describe('a history', () => {
  test('is run again from the genesis by the kernel’s own walk, and every step of it is final', () => {
    const report = reportOf(entries)
    expect(report.faults).toEqual([])
    expect(report.outcome).toBe('valid')
    const steps = report.machines.flatMap((one) => one.steps)
    expect(steps.length).toBe(all.flatMap((one) => one.tesseract.steps).length)
    expect(steps.every((one) => one.standing === 'final')).toBe(true)
    const described = steps.flatMap((one) => one.described)
    expect(described).toContain(`0x${ada.id} number 0: asset-action Transfer`)
    expect(described).toContain('the genesis, part 0')
  })

  test('of some entries needs all that they rest on', () => {
    const place = (account: MoiId, height: bigint): number =>
      all.findIndex((one) =>
        one.tesseract.steps.some(
          (step) => step.account === account && step.transition.sequence === height + 1n,
        ),
      )
    const closed = new Set<number>()
    const follow = (at: number): void => {
      const entry = entries[at]
      if (closed.has(at) || !entry) return
      closed.add(at)
      for (const { account, height } of neededBy(entry)) follow(place(account, height))
    }
    follow(2)
    // The failed mint looks at bob as cyd's payment left him.
    expect([...closed].toSorted((a, b) => a - b)).toEqual([0, 1, 2])
    const some = entries.filter((_, at) => closed.has(at))
    expect(reportOf(some).outcome).toBe('valid')
    expect(reportOf(some.slice(1)).outcome).not.toBe('valid')
  })

  test('is invalid with a changed signature of a sender, or another seal', () => {
    const forged = entries.map((entry, at) => {
      const [operation] = entry.interaction.operations
      if (at !== 1 || !operation) return entry
      const argument = operation.argument.slice()
      argument[argument.length - 5] = (argument[argument.length - 5] ?? 0) ^ 1
      return {
        ...entry,
        interaction: { ...entry.interaction, operations: [{ ...operation, argument }] },
      }
    })
    expect(reportOf(forged).outcome).toBe('invalid')
    const other = entriesWith(sealAll(all, 5n, ada))
    const report = reportOf(other)
    expect(report.outcome).toBe('invalid')
    expect(report.faults[0]?.code).toBe('krama/bad-signature')
  })

  test('that is not sealed waits for its guardian', () => {
    const open = entries.map((entry) => ({
      ...entry,
      steps: entry.steps.map((one) => ({ ...one, certificate: new Uint8Array(0) })),
    }))
    expect(reportOf(open).outcome).toBe('incomplete')
  })
})
