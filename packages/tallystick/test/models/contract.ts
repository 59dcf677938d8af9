/**
 * What every model promises through `kernel/model.ts`, as tests that any model must pass. A model brings one machine
 * with certificates for two rival children of one parent.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../src/base/bytes.ts'
import { isFault } from '../../src/base/fault.ts'
import type { Terms } from '../../src/kernel/charter.ts'
import { convict } from '../../src/kernel/evidence.ts'
import {
  type ErasedJudgement,
  type ErasedModel,
  evidenceBetween,
  type Known,
} from '../../src/kernel/model.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import type { Verdict } from '../../src/kernel/verdict.ts'
import { engine } from '../kernel/sample.ts'

export type ModelSample = {
  readonly model: ErasedModel
  readonly terms: Terms
  /** Terms of the same kind that must not be admitted. */
  readonly notAdmitted: Terms
  readonly known: Known
  readonly child: Transition
  /** Certificates of the child by everybody who may sign, by just enough, and by one fewer. */
  readonly byAll: Uint8Array
  readonly byEnough: Uint8Array
  readonly byTooFew: Uint8Array
  /** Another child of the same parent, certified by just enough. */
  readonly rival: Transition
  readonly rivalCertificate: Uint8Array
  /** How many the two certificates have in common at least. */
  readonly overlap: number
}

export const modelContract = (name: string, make: () => ModelSample): void => {
  describe(`the contract of a model: ${name}`, () => {
    const sample = make()
    const { model, terms, child } = sample
    const judged = (changes: Partial<ErasedJudgement> = {}): ErasedJudgement => ({
      terms,
      anchor: model.begin(terms),
      transition: child,
      certificate: sample.byEnough,
      known: sample.known,
      ...changes,
    })
    const isAs = (certificate: Uint8Array, transition = child): Verdict<Uint8Array>['is'] =>
      model.judge(judged({ certificate, transition })).is
    const namesIn = (certificate: Uint8Array, transition = child): readonly string[] =>
      model.attestations(judged({ certificate, transition })).map((one) => one.name)

    test('admits its terms, and refuses those under which two quorums need not meet', () => {
      expect(model.admit(terms, engine)).toBeUndefined()
      expect(isFault(model.admit(sample.notAdmitted, engine))).toBe(true)
    })

    test('is final with enough, pending with too few, refused for another child', () => {
      expect(isAs(sample.byEnough)).toBe('final')
      expect(isAs(sample.byTooFew)).toBe('pending')
      expect(isAs(sample.byEnough, sample.rival)).toBe('refused')
      expect(isAs(sample.rivalCertificate, sample.rival)).toBe('final')
    })

    test('judges by its arguments alone: the same again, whatever was judged between', () => {
      const first = model.judge(judged())
      for (const certificate of [sample.byTooFew, sample.rivalCertificate, new Uint8Array(3)]) {
        model.judge(judged({ certificate }))
      }
      expect(model.judge(judged())).toEqual(first)
    })

    test('never takes a final verdict back for more signatures, or for a later time', () => {
      expect(isAs(sample.byAll)).toBe('final')
      const later = { ...sample.known, now: 10n ** 15n }
      expect(model.judge(judged({ known: later })).is).toBe('final')
    })

    test('does not throw on a certificate with any byte changed, and is final only on real signatures', () => {
      const place = fc.record({
        at: fc.nat(sample.byEnough.length - 1),
        by: fc.integer({ min: 1, max: 255 }),
      })
      fc.assert(
        fc.property(place, ({ at, by }) => {
          const certificate = sample.byEnough.with(at, (sample.byEnough[at] ?? 0) ^ by)
          const verdict = model.judge(judged({ certificate }))
          if (verdict.is !== 'final') return
          expect(new Set(namesIn(certificate)).size).toBeGreaterThanOrEqual(
            new Set(namesIn(sample.byTooFew)).size + 1,
          )
        }),
        { numRuns: 300 },
      )
      for (const certificate of [
        new Uint8Array(),
        sample.byEnough.subarray(1),
        sample.byEnough.subarray(0, -1),
      ]) {
        expect(isAs(certificate)).toBe('refused')
        expect(namesIn(certificate)).toEqual([])
      }
    })

    test('attests each signature once, checked, for the judged child only', () => {
      const attested = model.attestations(judged())
      const said = attested.map((one) => `${one.name} ${hexFromBytes(one.signature)}`)
      expect(new Set(said).size).toBe(said.length)
      expect(said.length).toBeGreaterThan(0)
      expect(namesIn(sample.byEnough, sample.rival)).toEqual([])
    })

    test('two final children convict at least what two quorums share, each by itself', () => {
      const own = model.attestations(judged())
      const other = model.attestations(
        judged({ certificate: sample.rivalCertificate, transition: sample.rival }),
      )
      const found = evidenceBetween(terms, own, other)
      const guilty = new Set(found.map((one) => hexFromBytes(one.publicKey)))
      expect(guilty.size).toBeGreaterThanOrEqual(sample.overlap)
      for (const one of found) expect(isFault(convict(one, engine))).toBe(false)
    })
  })
}
