import { describe, expect, test } from 'vitest'
import {
  answer,
  type Answer,
  certified,
  checkSubmission,
  keptStep,
  type KeptStep,
  machineHead,
  positionFromVowKey,
  submission,
  type Submission,
  vowKey,
} from '../../../src/models/directory/submission.ts'
import { servedFrom } from '../../../src/models/directory/served.ts'
import { charter, engine, freshOwner, genesis, stranger, taken } from './town.ts'

const first = (word = 'one'): Submission => {
  const step = taken(freshOwner(), word).steps[0]
  if (!step?.signature) throw new Error('no signed step')
  return {
    transition: step.transition,
    parent: genesis().head,
    interaction: step.interaction,
    consents: [],
    proposal: step.signature,
  }
}

const codeOf = (of: Submission): string | undefined =>
  checkSubmission(servedFrom(charter), of, engine)?.code

describe('a submission', () => {
  test('of the owner is accepted, and reads back from its bytes', () => {
    const of = first()
    expect(codeOf(of)).toBeUndefined()
    expect(submission.decode(submission.encode(of))).toEqual(of)
  })

  test('is refused with the interaction of another step', () => {
    expect(codeOf({ ...first('one'), interaction: first('two').interaction })).toBe(
      'operator/other-interaction',
    )
  })

  test('is refused with the signature of a stranger', () => {
    const of = first()
    const proposal = engine.sign('ed25519', stranger.secret, new Uint8Array(32))
    expect(codeOf({ ...of, proposal })).toBe('operator/not-the-owner')
  })

  test('is refused under another charter', () => {
    const other = { ...charter, network: 'other' }
    expect(checkSubmission(servedFrom(other), first(), engine)?.code).toBe('operator/not-served')
  })

  test('is refused with another header in front', () => {
    const of = first()
    expect(codeOf({ ...of, parent: { ...of.parent, sequence: 7n } })).toBe(
      'transition/wrong-sequence',
    )
  })
})

describe('the key of a vow', () => {
  test('is machine and number, and reads back', () => {
    const { machine } = genesis().head
    const key = vowKey({ machine, sequence: 258n })
    expect(key.slice(32)).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2))
    expect(positionFromVowKey(key)).toEqual({ machine, sequence: 258n })
  })

  test('is one for two children of one position', () => {
    expect(vowKey(first('one').transition)).toEqual(vowKey(first('two').transition))
  })
})

test('an answer reads back from its bytes', () => {
  const receipt = { operator: 2, time: 1000n, signature: new Uint8Array(64) }
  const cases: readonly Answer[] = [
    { is: 'receipt', receipt },
    { is: 'taken', by: first(), receipt },
    { is: 'refused', code: 'operator/not-served', text: 'why' },
  ]
  for (const one of cases) expect(answer.decode(answer.encode(one))).toEqual(one)
})

test('what an operator keeps of a machine reads back from its bytes', () => {
  const receipt = { operator: 2, time: 1000n, signature: new Uint8Array(64) }
  const kept: KeptStep = { submission: first(), receipt, certificate: new Uint8Array(0) }
  const whole: KeptStep = { ...kept, certificate: Uint8Array.of(1, 2) }
  expect(keptStep.decode(keptStep.encode(whole))).toEqual(whole)
  for (const head of [
    { vowed: kept, certified: undefined },
    { vowed: kept, certified: whole },
  ]) {
    expect(machineHead.decode(machineHead.encode(head))).toEqual(head)
  }
  const { machine } = genesis().head
  const one = { machine, sequence: 7n, certificate: Uint8Array.of(3) }
  expect(certified.decode(certified.encode(one))).toEqual(one)
})
