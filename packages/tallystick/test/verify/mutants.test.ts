/**
 * Damaged and made-up files. A valid file with one byte changed never becomes a valid file that says something else,
 * and no bytes make the verifier throw.
 */
import { describe, expect, test } from 'vitest'
import { Fault } from '../../src/base/fault.ts'
import { createStreams } from '../../src/sim/random.ts'
import {
  type Bundle,
  EMPTY_BUNDLE,
  fileFromBundle,
  partsFromFile,
} from '../../src/verify/bundle.ts'
import { FILE_HEADER_BYTES, fileFromBody } from '../../src/verify/file.ts'
import type { Report } from '../../src/verify/report.ts'
import { createMemo } from '../../src/verify/memo.ts'
import { verify } from '../../src/verify/verify.ts'
import { linesFromReport } from '../../src/verify/words.ts'
import { jsonFromReport } from '../../src/verify/json.ts'
import {
  BOTH,
  charterFor,
  machineFor,
  noteIn,
  options as given,
  OWNED,
  PAIR,
  stepFor,
  termsFor,
} from './world.ts'

/** Two machines, a premise between them, a change of terms, consents, proposals and evidence. */
const rich = (): Bundle => {
  const owned = machineFor(OWNED)
  const send = stepFor({
    machine: owned,
    say: 'set sent ten',
    proposedBy: 'alice',
    consentOf: ['alice'],
    certifiedBy: ['oda', 'oki'],
  })
  const pair = machineFor(PAIR)
  const claim = stepFor({
    machine: pair,
    say: 'take sent',
    premises: [noteIn(send.after, 'sent')],
    certifiedBy: BOTH,
  })
  const amend = stepFor({
    machine: claim.after,
    say: '',
    amend: termsFor({ parties: ['alice', 'carol'] }),
    certifiedBy: BOTH,
    acceptedBy: ['alice', 'carol'],
  })
  const last = stepFor({ machine: amend.after, say: 'set a b', certifiedBy: ['alice', 'carol'] })
  return {
    ...EMPTY_BUNDLE,
    charters: [charterFor(OWNED), charterFor(PAIR)],
    steps: [send.step, claim.step, amend.step, last.step],
  }
}

// Most signatures are the same in every mutant: one memory for all of them makes the test five times as quick.
const options = { ...given, verifier: createMemo(given.verifier) }

/** What a report says that somebody could rely on. */
const meaningOf = (report: Report): string =>
  JSON.stringify(jsonFromReport({ ...report, assumptions: [], bytes: 0 }))

const file = fileFromBundle(rich())
const whole = verify(file, options)

describe('a valid file with one byte changed', () => {
  test('is valid before', () => {
    expect(whole.faults).toEqual([])
    expect(whole.outcome).toBe('valid')
  })

  test('is never valid with another meaning, and says where it was hurt', () => {
    const random = createStreams(20_261)('bytes')
    const outcomes = { valid: 0, invalid: 0, incomplete: 0 }
    for (let at = 0; at < file.length; at++) {
      const damaged = file.slice()
      damaged[at] = (damaged[at] ?? 0) ^ (1 << random.below(8))
      const report = verify(damaged, options)
      outcomes[report.outcome] += 1
      if (report.outcome === 'valid') {
        expect(meaningOf(report)).toBe(meaningOf(whole))
        continue
      }
      const placed = report.faults.every(
        (one) => one.place.part !== undefined || at < FILE_HEADER_BYTES,
      )
      if (!placed) expect(report.faults.map((one) => [at, one.code, one.place])).toEqual([])
      expect(linesFromReport(report).length).toBeGreaterThan(0)
    }
    expect(outcomes.invalid).toBeGreaterThan(outcomes.incomplete)
    expect(outcomes.valid).toBe(0)
  })
})

describe('made-up bytes', () => {
  const random = createStreams(7)('noise')
  const noise = (size: number): Uint8Array =>
    Uint8Array.from({ length: size }, () => random.below(256))

  test('never make the verifier throw', () => {
    for (let at = 0; at < 3000; at++) {
      const report = verify(fileFromBody('bundle', noise(random.below(200))), options)
      expect(report.outcome).toBe('invalid')
    }
  })

  test('in the place of parts are refused one by one', () => {
    const parts = partsFromFile(file)
    for (let at = 0; at < 300; at++) {
      const body = fileFromBundle({ ...EMPTY_BUNDLE, chains: [noise(random.below(64))] })
      expect(verify(body, options).outcome).not.toBe('valid')
      // A whole step, with a run of its bytes replaced.
      const step = parts.steps[random.below(parts.steps.length)] ?? new Uint8Array(0)
      const cut = random.below(step.length)
      const mixed = step.slice()
      mixed.set(noise(Math.min(8, step.length - cut)), cut)
      const start = file.length - step.length
      const damaged = file.slice()
      damaged.set(mixed.subarray(0, file.length - start), start)
      expect(() => verify(damaged, options)).not.toThrow(Fault)
    }
  })

  test('that announce more than they hold are refused without being waited for', () => {
    for (let lists = 0; lists < 5; lists++) {
      const body = new Uint8Array(4 * lists + 8)
      const view = new DataView(body.buffer)
      view.setUint32(4 * lists, 1, true)
      view.setUint32(4 * lists + 4, 0xffff_ffff, true)
      const report = verify(fileFromBody('bundle', body), options)
      expect(report.faults.map((one) => one.code)).toEqual(['codec/too-long'])
    }
  })
})
