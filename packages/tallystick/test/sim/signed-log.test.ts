import { describe, expect, test } from 'vitest'
import type { Abort } from '../../src/kernel/statement.ts'
import { createSignedLog } from '../../src/sim/signed-log.ts'
import { anId, aTransition, aVote } from '../kernel/sample.ts'

const vote = aVote()
const rival = aVote({ transition: aTransition({ state: anId('other') }) })
const { machine, parent, sequence } = vote.transition
const abort: Abort = { is: 'abort', machine, parent, sequence, round: 0 }

describe('the log of what was signed', () => {
  test('has nothing against a repeat or against another position', () => {
    const log = createSignedLog('classic')
    expect(log.note('alice', vote)).toBeUndefined()
    expect(log.note('alice', vote)).toBeUndefined()
    const later = aTransition({ sequence: 2n, parent: anId('child') })
    expect(log.note('alice', aVote({ transition: later }))).toBeUndefined()
  })

  test('names each conflict with anything the signer signed before', () => {
    const log = createSignedLog('classic')
    log.note('alice', vote)
    expect(log.note('alice', rival)).toBe('fork')
    expect(log.note('alice', abort)).toBe('abort-broken')
    const elsewhere = aTransition({ parent: anId('elsewhere') })
    expect(log.note('alice', aVote({ transition: elsewhere }))).toBe('regress')
  })

  test('keeps signers apart', () => {
    const log = createSignedLog('classic')
    log.note('alice', vote)
    expect(log.note('bob', rival)).toBeUndefined()
  })
})
