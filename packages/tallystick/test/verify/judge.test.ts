import { describe, expect, test } from 'vitest'
import {
  BOTH,
  certificateFor,
  charterFor,
  codesOf,
  found,
  machineFor,
  OWNED,
  PAIR,
  reportOn,
  standingsOf,
  stepFor,
  termsFor,
} from './world.ts'

describe('an owned machine', () => {
  const charters = [charterFor(OWNED)]
  const start = machineFor(OWNED)

  test('is provisional on its owner’s word and final with receipts, under the attested time', () => {
    const wish = { machine: start, say: 'set to bob', proposedBy: 'alice' }
    const alone = reportOn({ charters, steps: [stepFor(wish).step] })
    expect(alone.outcome).toBe('incomplete')
    expect(found(alone, start).steps[0]).toMatchObject({
      standing: 'provisional',
      grade: 'provisional',
    })
    const certifiedBy = ['oda', 'oki']
    const vouched = reportOn({
      charters,
      steps: [stepFor({ ...wish, certifiedBy, time: 5n }).step],
    })
    expect(vouched.outcome).toBe('valid')
    expect(found(vouched, start).steps[0]?.finality).toMatchObject({
      grade: 'receipted',
      since: 5n,
    })
  })

  test('is not final without its owner, whoever vouches', () => {
    const made = stepFor({
      machine: start,
      say: 'set to bob',
      certifiedBy: ['oda', 'oki'],
      consentOf: ['alice'],
    })
    expect(reportOn({ charters, steps: [made.step] }).outcome).toBe('valid')
    const bare = { ...made.step, consents: [] }
    expect(codesOf(reportOn({ charters, steps: [bare] }))).toEqual(['test/no-consent'])
  })

  test('refuses a consent or proposal by another key', () => {
    const made = stepFor({
      machine: start,
      say: 'set to bob',
      consentOf: ['alice'],
      proposedBy: 'mallory',
    })
    const report = reportOn({ charters, steps: [made.step] })
    expect(codesOf(report)).toEqual(['proposal/bad-signature'])
    expect(report.faults[0]?.place).toMatchObject({ party: 'alice', step: 1n })
    const consents = made.step.consents.map((one) => ({
      ...one,
      signature: one.signature.with(0, 1),
    }))
    const forged = reportOn({ charters, steps: [{ ...made.step, consents }] })
    expect(codesOf(forged)).toEqual(['consent/bad-signature'])
    expect(forged.faults[0]?.place).toMatchObject({ party: 'alice', step: 1n })
  })

  test('that proposes two children is contested, and its owner convicted', () => {
    const left = stepFor({ machine: start, say: 'set to bob', proposedBy: 'alice' })
    const right = stepFor({ machine: start, say: 'set to carol', proposedBy: 'alice' })
    const report = reportOn({ charters, steps: [left.step, right.step] })
    expect(standingsOf(report, start)).toEqual(['contested', 'contested'])
    expect(report.convictions.map((one) => [one.name, one.kind])).toEqual([['alice', 'fork']])
    expect(report.convictions[0]?.bytes).toBeLessThan(700)
  })

  test('that proposes two children keeps the one that is vouched for', () => {
    const left = stepFor({ machine: start, say: 'set to bob', proposedBy: 'alice' })
    const wish = { machine: start, say: 'set to carol', proposedBy: 'alice' }
    const right = stepFor({ ...wish, certifiedBy: ['oda', 'oki'] })
    const report = reportOn({ charters, steps: [left.step, right.step] })
    expect(standingsOf(report, start)).toEqual(['superseded', 'final'])
    expect(report.convictions.map((one) => one.name)).toEqual(['alice'])
  })

  test('is contested by evidence alone if so many vouchers lied that another child can be final', () => {
    const wish = { machine: start, proposedBy: 'alice', say: 'set to bob' }
    const left = stepFor({ ...wish, certifiedBy: ['oda', 'oki'] })
    const right = stepFor({ ...wish, say: 'set to carol', certifiedBy: ['ove', 'oki'] })
    const both = reportOn({ charters, steps: [left.step, right.step] })
    expect(both.convictions.map((one) => one.name)).toEqual(['alice', 'oki'])
    const evidence = both.convictions.map((one) => one.evidence)
    const report = reportOn({ charters, steps: [left.step], evidence: evidence.slice(1) })
    expect(report.outcome).toBe('invalid')
    expect(standingsOf(report, start)).toEqual(['contested'])
    // The owner alone cannot undo what two others vouch for.
    const owner = reportOn({ charters, steps: [left.step], evidence: evidence.slice(0, 1) })
    expect(standingsOf(owner, start)).toEqual(['final'])
    expect(owner.convictions.map((one) => one.name)).toEqual(['alice'])
  })
})

describe('a change of terms', () => {
  const board = { ...PAIR, board: [['oda', 'ove', 'oki'], 2] } as const
  const start = machineFor(PAIR)
  const amend = { machine: start, say: '', amend: termsFor(board), certifiedBy: BOTH }
  const charters = [charterFor(PAIR)]

  test('holds with the old certificate and an acceptance under the new terms', () => {
    const made = stepFor({ ...amend, acceptedBy: ['oda', 'ove'] })
    const next = stepFor({
      machine: made.after,
      say: 'set a b',
      proposedBy: 'bob',
      consentOf: ['alice'],
      certifiedBy: ['ove', 'oki'],
    })
    const report = reportOn({ charters, steps: [made.step, next.step] })
    expect(report.faults).toEqual([])
    expect(report.outcome).toBe('valid')
    expect(found(report, start).policy).toBe('board')
  })

  test('waits for its acceptance, and is refused with a false one', () => {
    const bare = reportOn({ charters, steps: [stepFor(amend).step] })
    expect(bare.outcome).toBe('incomplete')
    expect(standingsOf(bare, start)).toEqual(['pending'])
    const made = stepFor({ ...amend, acceptedBy: ['oda', 'ove'] })
    const [leg] = made.step.legs
    if (leg?.is !== 'written') throw new Error('the leg is written')
    const accepted = leg.accepted.with(leg.accepted.length - 1, 1)
    const report = reportOn({ charters, steps: [{ ...made.step, legs: [{ ...leg, accepted }] }] })
    expect(codesOf(report)).toEqual(['test/bad-signature'])
    expect(report.faults[0]?.place.part).toBe('acceptance')
  })

  test('ends the old policy: a later step that only the old certifiers signed is refused', () => {
    const made = stepFor({ ...amend, acceptedBy: ['oda', 'ove'] })
    const wish = { machine: made.after, say: 'set a b', proposedBy: 'bob', consentOf: ['alice'] }
    const next = stepFor(wish)
    const [leg] = next.step.legs
    if (leg?.is !== 'written') throw new Error('the leg is written')
    const certificate = certificateFor({ ...made.after, terms: start.terms }, leg.transition, {
      by: BOTH,
    })
    const steps = [made.step, { ...next.step, legs: [{ ...leg, certificate }] }]
    const report = reportOn({ charters, steps })
    expect(report.outcome).toBe('invalid')
    expect(standingsOf(report, start)).toEqual(['final', 'refused'])
  })
})

describe('a closed machine', () => {
  const start = machineFor(PAIR)
  const closed = { ...termsFor(PAIR), policy: { kind: 'closed', params: new Uint8Array(0) } }
  const charters = [charterFor(PAIR)]
  const closing = stepFor({ machine: start, say: '', amend: closed, certifiedBy: BOTH })

  test('is as new as it can be once the closing step is final', () => {
    const report = reportOn({ charters, steps: [closing.step] })
    expect(report.outcome).toBe('valid')
    expect(found(report, start).freshness).toEqual({ is: 'closed' })
    expect(report.assumptions.map((one) => one.is)).not.toContain('freshness')
    const half = stepFor({ machine: start, say: '', amend: closed, certifiedBy: ['alice'] })
    const open = reportOn({ charters, steps: [half.step] })
    expect(open.outcome).toBe('incomplete')
    expect(found(open, start).freshness).toEqual({ is: 'unknown' })
  })

  test('takes no further step, whoever signs it', () => {
    const more = stepFor({ machine: closing.after, say: 'set a b', proposedBy: 'bob' })
    const [leg] = more.step.legs
    if (leg?.is !== 'written') throw new Error('the leg is written')
    const certificate = certificateFor({ ...closing.after, terms: start.terms }, leg.transition, {
      by: BOTH,
    })
    const last = { ...more.step, legs: [{ ...leg, certificate }] }
    const report = reportOn({ charters, steps: [closing.step, last] })
    expect(codesOf(report)).toEqual(['machine/closed'])
    expect(standingsOf(report, start)).toEqual(['final', 'refused'])
  })

  test('may be one from the start, without parameters', () => {
    const of = { ...charterFor(PAIR), terms: closed }
    expect(reportOn({ charters: [of] }).machines[0]?.freshness).toEqual({ is: 'closed' })
    const policy = { kind: 'closed', params: Uint8Array.of(1) }
    const wrong = reportOn({ charters: [{ ...of, terms: { ...closed, policy } }] })
    expect(codesOf(wrong)).toEqual(['charter/closed-params'])
  })
})
