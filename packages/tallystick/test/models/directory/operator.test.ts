import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { openMachine } from '../../../src/kernel/execute.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { childTransition } from '../../../src/kernel/transition.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { ownerVote } from '../../../src/models/directory/owner.ts'
import { anId } from '../../kernel/sample.ts'
import { beginOperator, type OperatorState } from '../../../src/models/directory/operator.ts'
import { engine, freshOwner, owner, roleOf, served, stranger, submissionOf, taken } from './town.ts'

const lastRefusal = (state: OperatorState): string | undefined => state.refusals.at(-1)?.code

describe('an operator', () => {
  const first = taken(freshOwner(), 'first')
  const after = served(0, beginOperator(), submissionOf(first))

  test('gives a receipt for the child of a parent it has not vowed under', () => {
    expect(
      roleOf(0)
        .outstanding(after)
        .map((one) => one.is),
    ).toEqual(['receipt'])
  })

  test('gives the same receipt again, with the time of the vow', () => {
    const again = served(0, after, submissionOf(first), 9999n)
    expect(roleOf(0).outstanding(again)).toEqual(roleOf(0).outstanding(after))
  })

  test('refuses a second child of the same parent, and changes nothing else', () => {
    const rival = submissionOf(taken(freshOwner(), 'rival'))
    const refused = served(0, after, rival)
    expect(lastRefusal(refused)).toBe('operator/second-child')
    expect(refused.pledges).toEqual(after.pledges)
  })

  test('answers a second child with evidence that convicts the owner, once', () => {
    const rival = submissionOf(taken(freshOwner(), 'rival'))
    const accused = served(0, served(0, after, rival), rival)
    const accusations = roleOf(0)
      .outstanding(accused)
      .flatMap((one) => (one.is === 'accuse' ? [one.evidence] : []))
    expect(accusations.map((one) => convict(one, engine))).toMatchObject([{ kind: 'fork' }])
    expect(accusations[0]?.publicKey).toEqual(owner.publicKey)
  })

  test('accuses nobody where the second child is not signed by the owner, or is the first again', () => {
    const rival = submissionOf(taken(freshOwner(), 'rival'))
    const forged = engine.sign('ed25519', stranger.secret, rival.signature)
    const unsigned = served(0, after, { ...rival, signature: forged })
    expect(lastRefusal(unsigned)).toBe('operator/not-the-owner')
    expect(unsigned.forks).toEqual([])
    expect(served(0, after, submissionOf(first)).forks).toEqual([])
  })

  test('does not let one key of several speak for an owner who needs two', () => {
    const submission = submissionOf(first)
    const [alice] = submission.charter.terms.participants
    const [key] = alice?.controller.keys ?? []
    if (!alice || !key) throw new Error('alice has a key')
    const second = { ...key, publicKey: stranger.publicKey }
    const shared = { ...alice, controller: { keys: [key, second], threshold: 2 } }
    const charter = {
      ...submission.charter,
      terms: { ...submission.charter.terms, participants: [shared] },
    }
    const opened = openMachine(charter, STANDARD_LOGICS)
    if (isFault(opened)) throw opened
    const { suite } = charter.terms
    const child = childTransition(suite, opened.head, anId('step'), anId('state'))
    const signature = engine.sign('ed25519', owner.secret, statementDigest(suite, ownerVote(child)))
    const wish = {
      is: 'submit',
      charter,
      parent: opened.head,
      transition: child,
      signature,
    } as const
    expect(lastRefusal(served(0, beginOperator(), wish))).toBe('operator/not-the-owner')
  })

  test('goes on to the next step, and never back', () => {
    const both = taken(first, 'second')
    const later = served(0, after, submissionOf(both))
    expect(lastRefusal(later)).toBeUndefined()
    const back = served(0, later, submissionOf(taken(freshOwner(), 'rival')))
    expect(lastRefusal(back)).toBe('operator/behind')
  })

  test('does not sign what the owner has not signed', () => {
    const submission = submissionOf(first)
    const forged = engine.sign('ed25519', stranger.secret, submission.signature)
    const refused = served(0, beginOperator(), { ...submission, signature: forged })
    expect(lastRefusal(refused)).toBe('operator/not-the-owner')
    expect(roleOf(0).outstanding(refused)).toEqual([])
  })

  test('does not serve a machine whose policy does not name it', () => {
    const submission = submissionOf(first)
    const charter = { ...submission.charter, network: 'other' }
    expect(lastRefusal(served(0, beginOperator(), { ...submission, charter }))).toBe(
      'operator/not-served',
    )
  })

  test('refuses a child that does not follow its parent', () => {
    const submission = submissionOf(first)
    const transition = { ...submission.transition, sequence: 2n }
    expect(lastRefusal(served(0, beginOperator(), { ...submission, transition }))).toBe(
      'transition/wrong-sequence',
    )
  })

  test('never times a receipt before an earlier one', () => {
    const late = served(0, beginOperator(), submissionOf(first), 5000n)
    const next = served(0, late, submissionOf(taken(first, 'second')), 10n)
    const effect = roleOf(0).outstanding(next)[0]
    expect(effect?.is === 'receipt' && effect.receipt.time).toBe(5000n)
  })

  test('vows before it signs: after a crash the same signature is wanted, and no other', () => {
    const role = roleOf(0)
    const vowed = role.step(beginOperator(), submissionOf(first), {
      now: 1n,
      random: new Uint8Array(32),
    })
    const [wanted] = role.outstanding(vowed)
    const rival = role.step(vowed, submissionOf(taken(freshOwner(), 'rival')), {
      now: 2n,
      random: new Uint8Array(32),
    })
    expect(role.outstanding(rival).filter((one) => one.is !== 'accuse')).toEqual([wanted])
  })
})
