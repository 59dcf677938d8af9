import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { signerOf } from '../../../src/kernel/controller.ts'
import { keyEvidenceFrom } from '../../../src/kernel/key-evidence.ts'
import {
  accusation,
  type Accusation,
  judgeAccusation,
  keptAccusations,
} from '../../../src/models/directory/accusation.ts'
import { ownerVote } from '../../../src/models/directory/owner.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { createIdentities } from '../../kernel/identity-sample.ts'
import { checkpointOf, keys, stepOf, SUITE } from './books.ts'
import { engine, freshOwner, taken } from './town.ts'

const byStatements = (): Accusation => {
  const halves = ['left', 'right'].map((word) => {
    const statement = ownerVote(taken(freshOwner(), word).machine.head)
    const digest = statementDigest(SUITE, statement)
    return { statement, signature: engine.sign('ed25519', keys.secret, digest) }
  })
  const [first, second] = halves
  if (!first || !second) throw new Error('two children')
  const { publicKey } = keys
  return {
    is: 'statements',
    evidence: { suite: SUITE, scheme: 'ed25519', publicKey, first, second },
  }
}

const byLog = (): Accusation => {
  const first = checkpointOf([{ step: stepOf(1), time: 5n }], 9n)
  const second = checkpointOf([{ step: stepOf(2), time: 5n }], 9n)
  const lie = { is: 'split-log', first, second, nodes: [] } as const
  const { publicKey } = keys
  return {
    is: 'log',
    evidence: { suite: SUITE, scheme: 'ed25519', publicKey, name: 'x', lie },
  }
}

const byKeys = (): Accusation => {
  const { changing, deviceOf, inception, stateOf } = createIdentities(engine)
  const begun = stateOf([inception('ann', deviceOf('phone'))])
  const [evidence] = keyEvidenceFrom(
    changing(begun, { add: [deviceOf('desk')] }, 'ann 1'),
    changing(begun, { add: [deviceOf('thief')] }, 'ann 1'),
    begun.keys,
  )
  if (!evidence) throw new Error('evidence')
  return { is: 'keys', evidence }
}

const all = [
  ['statements', byStatements, 'fork'],
  ['log', byLog, 'directory/split-log'],
  ['keys', byKeys, 'duplicity'],
] as const

describe('an accusation', () => {
  test.each(all)('by %s convicts the key that signed, after a way through bytes', (_, of, kind) => {
    const made = of()
    const read = accusation.decode(accusation.encode(made))
    const { scheme, publicKey } = made.evidence
    const signer = signerOf(SUITE, { scheme, publicKey })
    expect(judgeAccusation(read, engine)).toEqual({ signer, kind })
  })

  test.each(all)('by %s convicts nobody under another key', (_, of) => {
    const made = of()
    const publicKey = engine.fromSeed('ed25519', new Uint8Array(32).fill(99)).publicKey
    const bent = { ...made, evidence: { ...made.evidence, publicKey } } as Accusation
    const verdict = judgeAccusation(bent, engine)
    expect(isFault(verdict) && verdict.code).toMatch(/evidence\/bad-signature$/)
  })

  test('is one of a list with its place, and of no unknown form', () => {
    const kept = all.map(([, of], at) => ({ index: BigInt(at), accusation: of() }))
    expect(keptAccusations.decode(keptAccusations.encode(kept))).toEqual(kept)
    const bytes = accusation.encode(byLog())
    bytes[0] = 3
    expect(() => accusation.decode(bytes)).toThrow('tag 3')
  })
})
