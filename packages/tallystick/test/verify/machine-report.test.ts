import { describe, expect, test } from 'vitest'
import { signerOf } from '../../src/kernel/controller.ts'
import { BOTH, charterFor, found, history, keyOf, PAIR, reportOn, stepFor } from './world.ts'

const charters = [charterFor(PAIR)]

describe('what is reported of a machine', () => {
  test('are its parties with their keys, network, suite and policy', () => {
    const { steps, head } = history(1)
    const one = found(reportOn({ charters, steps }), head)
    const scheme = 'ed25519'
    const signer = (name: string): string =>
      signerOf('classic', { scheme, publicKey: keyOf('classic', name) })
    expect(one).toMatchObject({ network: 'test', suite: 'classic', policy: 'pact' })
    expect(one.parties).toEqual([
      { name: 'alice', keys: [{ scheme, signer: signer('alice') }], threshold: 1 },
      { name: 'bob', keys: [{ scheme, signer: signer('bob') }], threshold: 1 },
    ])
  })

  test('is its head: the last step of the main line, offers left out', () => {
    const { steps, head } = history(2)
    const offer = stepFor({ machine: head, say: 'set n 3', certifiedBy: ['alice'] })
    const lost = stepFor({ machine: head, say: 'set n 4' })
    const report = reportOn({ charters, steps: [...steps, offer.step, lost.step] })
    expect(found(report, head).head.id).toBe(head.headId)
    expect(found(report, head).steps).toHaveLength(4)
    const final = stepFor({ machine: head, say: 'set n 3', certifiedBy: BOTH })
    const later = reportOn({ charters, steps: [...steps, lost.step, final.step] })
    expect(found(later, head).head.id).toBe(final.after.headId)
  })

  test('is the genesis where nothing has happened, for which nobody vouches', () => {
    const { head } = history(0)
    const one = found(reportOn({ charters }), head)
    expect(one.head).toEqual({ sequence: 0n, id: head.headId, standing: 'final', grade: undefined })
  })
})
