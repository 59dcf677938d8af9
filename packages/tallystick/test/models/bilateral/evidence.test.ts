import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import type { Attestation } from '../../../src/kernel/model.ts'
import type { Statement } from '../../../src/kernel/statement.ts'
import {
  accusations,
  attestationOf,
  bilateralVote,
  endorsement,
  roundAbort,
  roundAbortStatement,
} from '../../../src/models/bilateral/evidence.ts'
import { BILATERAL_TERMS } from '../../../src/models/bilateral/policy.ts'
import { alice, anId, aTerms, aTransition, bob, engine } from '../../kernel/sample.ts'
import { endorse } from './pair.ts'

const terms = aTerms({ policy: BILATERAL_TERMS })
const child = aTransition()
const other = aTransition({ state: anId('another state') })

const attested = (statement: Statement): Attestation => {
  const made = attestationOf(terms, statement, endorse(bob, 1, statement), engine)
  if (!made) throw new Error('not attested')
  return made
}

const kinds = (known: readonly Attestation[], fresh: readonly Attestation[]): string[] =>
  accusations(terms, known, fresh).map((one) => {
    const found = convict(one, engine)
    return isFault(found) ? found.code : found.kind
  })

describe('an attestation', () => {
  test('is made of a signature that verifies and of nothing else', () => {
    const vote = bilateralVote(child, 0)
    const by = endorse(bob, 1, vote)
    expect(attestationOf(terms, vote, by, engine)).toMatchObject({ name: 'bob', statement: vote })
    expect(attestationOf(terms, bilateralVote(other, 0), by, engine)).toBeUndefined()
    expect(attestationOf(terms, vote, { ...by, party: 0 }, engine)).toBeUndefined()
    expect(attestationOf(terms, vote, { ...by, key: 1 }, engine)).toBeUndefined()
    expect(attestationOf(terms, vote, endorse(alice, 1, vote), engine)).toBeUndefined()
  })
})

describe('statements held against each other', () => {
  test('convict of a fork, a broken abort and a second parent', () => {
    const vote = attested(bilateralVote(child, 0))
    expect(kinds([vote], [attested(bilateralVote(other, 0))])).toEqual(['fork'])
    expect(kinds([vote], [attested(roundAbortStatement(child, 0))])).toEqual(['abort-broken'])
    const elsewhere = aTransition({ parent: anId('another parent') })
    expect(kinds([vote], [attested(bilateralVote(elsewhere, 0))])).toEqual(['regress'])
  })

  test('among the new ones alone convict as well', () => {
    const both = [attested(bilateralVote(child, 0)), attested(bilateralVote(other, 0))]
    expect(kinds([], both)).toEqual(['fork'])
  })

  test('convict nobody of what an honest party does', () => {
    const vote = attested(bilateralVote(child, 0))
    expect(kinds([vote], [vote])).toEqual([])
    expect(kinds([vote], [attested(bilateralVote(other, 1))])).toEqual([])
    expect(kinds([vote], [attested(roundAbortStatement(child, 1))])).toEqual([])
    const aborted = attested(roundAbortStatement(child, 0))
    expect(kinds([aborted], [attested(bilateralVote(other, 1))])).toEqual([])
  })
})

test('a vote cites the rounds that were aborted before it', () => {
  expect(bilateralVote(child, 0).cited).toBe(0)
  expect(bilateralVote(child, 3).cited).toBe(3)
})

test('endorsements are read back as they were written', () => {
  const by = endorse(bob, 1, bilateralVote(child, 0))
  expect(endorsement.decode(endorsement.encode(by))).toEqual(by)
  const abort = { ...by, round: 7 }
  expect(roundAbort.decode(roundAbort.encode(abort))).toEqual(abort)
})
