import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { openMachine } from '../../../src/kernel/execute.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { childTransition } from '../../../src/kernel/transition.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { type Checkpoint, checkCheckpoint } from '../../../src/models/directory/checkpoint.ts'
import { growthFault, inclusionFault, leafHash } from '../../../src/models/directory/log-proof.ts'
import { logEntry } from '../../../src/models/directory/log.ts'
import { mapFault, proveInChildTrees } from '../../../src/models/directory/map.ts'
import {
  beginOperator,
  booksOf,
  entryOf,
  type OperatorInput,
  type OperatorState,
} from '../../../src/models/directory/operator.ts'
import { ownerVote } from '../../../src/models/directory/owner.ts'
import { bytesFromId } from '../../../src/base/brand.ts'
import { anId } from '../../kernel/sample.ts'
import {
  engine,
  env,
  freshOwner,
  operators,
  owner,
  policy,
  roleOf,
  served,
  stranger,
  submissionOf,
  taken,
} from './town.ts'

type Submitted = Extract<OperatorInput, { is: 'submit' }>

const lastRefusal = (state: OperatorState): string | undefined => state.refusals.at(-1)?.code

/** The same submission with something in it changed. */
const changed = (of: Submitted, change: Partial<Submitted['submission']>): Submitted => ({
  ...of,
  submission: { ...of.submission, ...change },
})

const forged = (of: Submitted): Submitted =>
  changed(of, { proposal: engine.sign('ed25519', stranger.secret, of.submission.proposal) })

const acts = (state: OperatorState): readonly string[] =>
  roleOf(0)
    .outstanding(state)
    .map((one) => one.is)

describe('an operator', () => {
  const first = taken(freshOwner(), 'first')
  const both = taken(first, 'second')
  const rival = submissionOf(taken(freshOwner(), 'rival'))
  const after = served(0, beginOperator(), submissionOf(first))

  test('gives a receipt for the child of a parent it has not vowed under', () => {
    expect(acts(after)).toEqual(['receipt'])
  })

  test('gives the same receipt again, with the time of the vow', () => {
    const again = served(0, after, submissionOf(first), 9999n)
    expect(roleOf(0).outstanding(again)).toEqual(roleOf(0).outstanding(after))
  })

  test('refuses a second child of the same parent, and changes nothing else', () => {
    const refused = served(0, after, rival)
    expect(lastRefusal(refused)).toBe('operator/second-child')
    expect(refused.vows).toEqual(after.vows)
  })

  test('answers a second child with evidence that convicts the owner, once', () => {
    const accused = served(0, served(0, after, rival), rival)
    const accusations = roleOf(0)
      .outstanding(accused)
      .flatMap((one) => (one.is === 'accuse' ? [one.evidence] : []))
    expect(accusations.map((one) => convict(one, engine))).toMatchObject([{ kind: 'fork' }])
    expect(accusations[0]?.publicKey).toEqual(owner.publicKey)
  })

  test('accuses nobody where the second child is not signed by the owner, or is the first again', () => {
    const unsigned = served(0, after, forged(rival))
    expect(lastRefusal(unsigned)).toBe('operator/not-the-owner')
    expect(unsigned.forks).toEqual([])
    expect(served(0, after, submissionOf(first)).forks).toEqual([])
  })

  test('does not let one key of several speak for an owner who needs two', () => {
    const submitted = submissionOf(first)
    const [alice] = submitted.charter.terms.participants
    const [key] = alice?.controller.keys ?? []
    if (!alice || !key) throw new Error('alice has a key')
    const second = { ...key, publicKey: stranger.publicKey }
    const shared = { ...alice, controller: { keys: [key, second], threshold: 2 } }
    const charter = {
      ...submitted.charter,
      terms: { ...submitted.charter.terms, participants: [shared] },
    }
    const opened = openMachine(charter, STANDARD_LOGICS)
    if (isFault(opened)) throw opened
    const { suite } = charter.terms
    const { interaction } = submitted.submission.transition
    const child = childTransition(suite, opened.head, interaction, anId('state'))
    const proposal = engine.sign('ed25519', owner.secret, statementDigest(suite, ownerVote(child)))
    const wish = { ...changed(submitted, { transition: child, proposal }), charter }
    const refused = served(0, beginOperator(), changed(wish, { parent: opened.head }))
    expect(lastRefusal(refused)).toBe('operator/not-the-owner')
  })

  test('serves steps in any order, the earlier one timed behind the later', () => {
    const later = served(0, beginOperator(), submissionOf(both), 2000n)
    const earlier = served(0, later, submissionOf(first), 1000n)
    expect(lastRefusal(earlier)).toBeUndefined()
    expect(
      [...earlier.vows.values()].map((one) => [one.submission.transition.sequence, one.time]),
    ).toEqual([
      [2n, 2000n],
      [1n, 2000n],
    ])
    expect(acts(earlier)).toEqual(['receipt', 'receipt'])
  })

  test('does not sign what the owner has not signed', () => {
    const refused = served(0, beginOperator(), forged(submissionOf(first)))
    expect(lastRefusal(refused)).toBe('operator/not-the-owner')
    expect(acts(refused)).toEqual([])
  })

  test('does not serve a machine whose policy does not name it', () => {
    const submitted = submissionOf(first)
    const charter = { ...submitted.charter, network: 'other' }
    expect(lastRefusal(served(0, beginOperator(), { ...submitted, charter }))).toBe(
      'operator/not-served',
    )
  })

  test('refuses a child that does not follow its parent', () => {
    const submitted = submissionOf(first)
    const transition = { ...submitted.submission.transition, sequence: 2n }
    expect(lastRefusal(served(0, beginOperator(), changed(submitted, { transition })))).toBe(
      'transition/wrong-sequence',
    )
  })

  test('refuses a body that the header does not name', () => {
    const { interaction } = rival.submission
    const other = changed(submissionOf(first), { interaction })
    expect(lastRefusal(served(0, beginOperator(), other))).toBe('operator/other-interaction')
  })

  test('never times a receipt before an earlier one', () => {
    const late = served(0, beginOperator(), submissionOf(first), 5000n)
    const next = served(0, late, submissionOf(both), 10n)
    expect([...next.vows.values()].map((one) => one.time)).toEqual([5000n, 5000n])
  })

  test('vows before it signs: after a crash the same signature is wanted, and no other', () => {
    const role = roleOf(0)
    const vowed = role.step(beginOperator(), submissionOf(first), env(1n))
    const [wanted] = role.outstanding(vowed)
    const shown = role.step(vowed, rival, env(2n))
    expect(role.outstanding(shown).filter((one) => one.is !== 'accuse')).toEqual([wanted])
  })
})

describe('an owner that has signed two children', () => {
  const first = taken(freshOwner(), 'first')
  const next = submissionOf(taken(first, 'second'))
  const rival = submissionOf(taken(freshOwner(), 'rival'))
  const shown = served(0, served(0, beginOperator(), submissionOf(first)), rival)
  const [evidence] = shown.forks
  if (!evidence) throw new Error('there is evidence')

  test('gets no further receipt, and those it has stay', () => {
    const frozen = served(0, shown, next)
    expect(lastRefusal(frozen)).toBe('operator/frozen')
    expect(acts(frozen)).toEqual(['receipt', 'accuse'])
    expect(served(0, frozen, submissionOf(first)).refusals).toEqual(frozen.refusals)
  })

  test('is frozen as well where somebody else brings the evidence', () => {
    const told = roleOf(0).step(beginOperator(), { is: 'evidence', evidence }, env())
    expect(lastRefusal(served(0, told, submissionOf(first)))).toBe('operator/frozen')
    expect(roleOf(0).step(told, { is: 'evidence', evidence }, env())).toBe(told)
  })

  test('is not frozen by what convicts nobody', () => {
    const weak = { ...evidence, second: evidence.first }
    const told = roleOf(0).step(beginOperator(), { is: 'evidence', evidence: weak }, env())
    expect(lastRefusal(told)).toBe('evidence/no-conflict')
    expect(acts(served(0, told, submissionOf(first)))).toEqual(['receipt'])
  })
})

describe('an operator’s checkpoint', () => {
  const first = taken(freshOwner(), 'first')
  const both = taken(first, 'second')
  const role = roleOf(0)
  const [key] = policy.operators
  const [keys] = operators
  if (!key || !keys) throw new Error('an operator')
  const checked = (state: OperatorState, now: bigint): OperatorState => {
    const wanted = role.step(state, { is: 'checkpoint' }, env(now))
    return role.outstanding(wanted).reduce((next, effect) => {
      if (effect.is !== 'sign') return next
      const signature = engine.sign('ed25519', keys.secret, effect.digest)
      const digest = hexFromBytes(effect.digest)
      return role.step(next, { is: 'signed', digest, signature }, env(now))
    }, wanted)
  }
  const one = served(0, beginOperator(), submissionOf(first), 1000n)
  const signed = checked(one, 1500n)
  const two = served(0, signed, submissionOf(both), 1200n)
  const published = (state: OperatorState): Checkpoint => {
    const found = role.outstanding(state).find((effect) => effect.is === 'publish')
    if (found?.is !== 'publish') throw new Error('nothing is published')
    expect(checkCheckpoint({ ...key, suite: 'classic' }, found.checkpoint, engine)).toBeUndefined()
    return found.checkpoint.checkpoint
  }

  test('is signed and published, of all vows so far', () => {
    expect(published(signed)).toMatchObject({ size: 1n, time: 1500n })
    expect(acts(checked(beginOperator(), 1500n))).toEqual([])
  })

  test('holds every receipt of an earlier time: later ones are timed at it or behind', () => {
    expect([...two.vows.values()].at(-1)?.time).toBe(1500n)
    expect(published(checked(two, 100n)).time).toBe(1500n)
  })

  test('is made one at a time', () => {
    const wanted = role.step(one, { is: 'checkpoint' }, env(1500n))
    expect(role.step(wanted, { is: 'checkpoint' }, env(1600n))).toBe(wanted)
    expect(role.step(wanted, { is: 'signed', digest: '00', signature: keys.secret }, env())).toBe(
      wanted,
    )
  })

  test('can be proven against: each entry, its child and the log before', () => {
    const last = published(checked(two, 2000n))
    const { log, map, entries } = booksOf('classic', two)
    const root = bytesFromId(last.logRoot)
    const growth = {
      from: 1n,
      to: 2n,
      fromRoot: bytesFromId(published(signed).logRoot),
      toRoot: root,
    }
    expect(growthFault(growth, log.prefix(1))).toBeUndefined()
    for (const [at, vowed] of [...two.vows.values()].entries()) {
      const entry = entryOf('classic', vowed.submission.transition, vowed.time)
      expect(entry).toEqual(entries[at])
      const leaf = leafHash(logEntry.encode(entry))
      const nodes = log.inclusion(at)
      expect(inclusionFault({ index: BigInt(at), size: 2n, root, leaf, nodes })).toBeUndefined()
      const claim = { root: last.mapRoot, parent: entry.parent, child: entry.child }
      expect(mapFault('classic', claim, proveInChildTrees(map, entry))).toBeUndefined()
    }
  })
})
