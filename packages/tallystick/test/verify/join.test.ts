import { describe, expect, test } from 'vitest'
import { type Bundle, EMPTY_BUNDLE, fileFromBundle } from '../../src/verify/bundle.ts'
import { joinBundles } from '../../src/verify/join.ts'
import {
  BOTH,
  charterFor,
  history,
  machineFor,
  noteIn,
  OWNED,
  PAIR,
  reportOn,
  stepFor,
} from './world.ts'

const bundle = (more: Partial<Bundle>): Bundle => ({ ...EMPTY_BUNDLE, ...more })

const send = stepFor({ machine: machineFor(OWNED), say: 'set sent ten', proposedBy: 'alice' })
const receipted = stepFor({
  machine: machineFor(OWNED),
  say: 'set sent ten',
  consentOf: ['alice'],
  certifiedBy: ['oda', 'oki'],
})
const claim = stepFor({
  machine: machineFor(PAIR),
  say: 'take sent',
  premises: [noteIn(send.after, 'sent')],
  certifiedBy: BOTH,
})

describe('joined bundles', () => {
  test('put what is relied on in front, whatever the order of the files', () => {
    const alices = bundle({ charters: [charterFor(OWNED)], steps: [receipted.step] })
    const theirs = bundle({ charters: [charterFor(PAIR)], steps: [claim.step] })
    for (const order of [
      [alices, theirs],
      [theirs, alices],
    ]) {
      expect(reportOn(joinBundles(order)).outcome).toBe('valid')
    }
  })

  test('hold each part once, with the signatures of all copies', () => {
    const first = bundle({ charters: [charterFor(OWNED)], steps: [send.step] })
    const second = bundle({ charters: [charterFor(OWNED)], steps: [receipted.step] })
    const joined = joinBundles([first, second, first])
    expect(joined.charters).toHaveLength(1)
    expect(joined.steps).toHaveLength(1)
    expect(joined.steps[0]?.consents).toHaveLength(1)
    expect(joined.steps[0]?.legs[0]).toMatchObject({ proposal: [{ key: 0 }] })
    expect(reportOn(joined).outcome).toBe('valid')
    expect(joinBundles([joined, joined])).toEqual(joined)
  })

  test('keep the certificate of the file that comes first, whatever a stranger adds', () => {
    const { steps, head } = history(1)
    const made = stepFor({ machine: head, say: 'set to carol', certifiedBy: BOTH })
    const [leg] = made.step.legs
    if (leg?.is !== 'written') throw new Error('the leg is written')
    const junk = { ...leg, certificate: new Uint8Array(leg.certificate.length + 1) }
    const bare = { ...leg, certificate: new Uint8Array(0) }
    const own = bundle({ charters: [charterFor(PAIR)], steps: [...steps, made.step] })
    const strangers = [junk, bare].map((one) => bundle({ steps: [{ ...made.step, legs: [one] }] }))
    expect(reportOn(joinBundles([own, ...strangers])).outcome).toBe('valid')
    const open = bundle({ ...own, steps: [...steps, { ...made.step, legs: [bare] }] })
    expect(reportOn(joinBundles([open, own])).outcome).toBe('valid')
  })

  test('keep both of two branches, and steps whose parents are missing', () => {
    const { steps, head } = history(2)
    const left = stepFor({ machine: head, say: 'set to carol', certifiedBy: BOTH })
    const right = stepFor({ machine: head, say: 'set to dave', certifiedBy: BOTH })
    const joined = joinBundles([
      bundle({ charters: [charterFor(PAIR)], steps: [right.step, ...steps] }),
      bundle({ steps: [left.step] }),
    ])
    expect(joined.steps).toHaveLength(4)
    expect(reportOn(joined).convictions.map((one) => one.name)).toEqual(['alice', 'bob'])
    const orphan = joinBundles([bundle({ steps: [left.step] })])
    expect(orphan.steps).toEqual([left.step])
    expect(fileFromBundle(orphan).length).toBeGreaterThan(0)
  })

  test('order a long history without running out of stack', () => {
    const { steps } = history(40)
    const joined = joinBundles([
      bundle({ charters: [charterFor(PAIR)], steps: steps.toReversed() }),
    ])
    expect(joined.steps).toEqual(steps)
  })
})
