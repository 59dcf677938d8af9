import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { signerOf } from '../../src/kernel/controller.ts'
import {
  conflictBetween,
  convict,
  type Evidence,
  type EvidenceKind,
  evidence,
  type SignedStatement,
} from '../../src/kernel/evidence.ts'
import type { Abort, Phase, Statement, Vote } from '../../src/kernel/statement.ts'
import { positionOf } from '../../src/kernel/statement.ts'
import { transitionId } from '../../src/kernel/transition.ts'
import {
  type Permission,
  permitsAt,
  type Pledge,
  type Vow,
  vowOf,
  withPledge,
} from '../../src/kernel/vow.ts'
import { alice, anId, aTransition, aVote, bob, engine, sign } from './sample.ts'

const first = aTransition({ interaction: anId('first') })
const second = aTransition({ interaction: anId('second') })
const { machine, parent, sequence } = first
const abort = (round = 0): Abort => ({ is: 'abort', machine, parent, sequence, round })

const kindOf = (a: Statement, b: Statement): string | undefined => {
  expect(conflictBetween('classic', b, a)).toBe(conflictBetween('classic', a, b))
  return conflictBetween('classic', a, b)
}

describe('conflicts', () => {
  test.each(['propose', 'hold', 'commit'] as const)('two children in one round: %s', (phase) => {
    const vote = aVote({ transition: first, phase })
    expect(kindOf(vote, { ...vote, transition: second })).toBe('fork')
    expect(kindOf(vote, vote)).toBeUndefined()
    expect(kindOf(vote, { ...vote, time: 5n })).toBeUndefined()
  })

  test('holding one child and committing to another is a fork, proposing is not', () => {
    const commit = aVote({ transition: first })
    expect(kindOf(commit, aVote({ transition: second, phase: 'hold' }))).toBe('fork')
    expect(kindOf(commit, aVote({ transition: second, phase: 'propose' }))).toBeUndefined()
  })

  test('children of two parents at one sequence number are a regress', () => {
    const elsewhere = aTransition({ parent: anId('other parent') })
    expect(kindOf(aVote(), aVote({ transition: elsewhere }))).toBe('regress')
    const next = aTransition({ parent: anId('other parent'), sequence: 2n })
    expect(kindOf(aVote(), aVote({ transition: next }))).toBeUndefined()
  })

  test('an abort breaks with a commit in its round, with nothing else', () => {
    expect(kindOf(abort(), aVote({ transition: first }))).toBe('abort-broken')
    expect(kindOf(abort(), aVote({ transition: first, round: 1 }))).toBeUndefined()
    expect(kindOf(abort(), aVote({ transition: first, phase: 'hold' }))).toBeUndefined()
    expect(kindOf(abort(), aVote({ transition: first, phase: 'propose' }))).toBeUndefined()
    expect(kindOf(abort(), abort())).toBeUndefined()
  })

  test('leaving a commitment without citing a later round breaks the lock', () => {
    const committed = aVote({ transition: first, round: 1, cited: 2 })
    const moved = (phase: Phase, cited: number): Vote =>
      aVote({ transition: second, round: 3, phase, cited })
    for (const phase of ['hold', 'commit'] as const) {
      expect(kindOf(committed, moved(phase, 0))).toBe('lock-broken')
      expect(kindOf(committed, moved(phase, 1))).toBe('lock-broken')
      expect(kindOf(committed, moved(phase, 2))).toBeUndefined()
    }
    expect(kindOf(committed, moved('propose', 0))).toBeUndefined()
    expect(kindOf({ ...committed, phase: 'hold' }, moved('commit', 0))).toBeUndefined()
  })

  test('what concerns two machines never conflicts', () => {
    const other = aTransition({ machine: anId('other'), interaction: anId('second') })
    expect(kindOf(aVote(), aVote({ transition: other }))).toBeUndefined()
  })
})

const signed = (statement: Statement, by = alice): SignedStatement => ({
  statement,
  signature: sign('classic', by, statement),
})
const accuse = (changes: Partial<Evidence> = {}): Evidence => ({
  suite: 'classic',
  scheme: 'ed25519',
  publicKey: alice.keys.publicKey,
  first: signed(aVote({ transition: first })),
  second: signed(aVote({ transition: second })),
  ...changes,
})
const codeOf = (of: Evidence): string => {
  const found = convict(of, engine)
  return isFault(found) ? found.code : `convicted: ${found.kind}`
}

describe('conviction', () => {
  test('names the key, the machine, the number and both children', () => {
    expect(convict(accuse(), engine)).toEqual({
      kind: 'fork',
      signer: signerOf('classic', { scheme: 'ed25519', publicKey: alice.keys.publicKey }),
      machine,
      sequence,
      children: [first, second].map((one) => transitionId('classic', one)),
    })
  })

  test('needs both statements signed by the accused key', () => {
    const byBob = signed(aVote({ transition: second }), bob)
    expect(codeOf(accuse())).toBe('convicted: fork')
    expect(codeOf(accuse({ second: byBob }))).toBe('evidence/bad-signature')
    expect(codeOf(accuse({ publicKey: bob.keys.publicKey }))).toBe('evidence/bad-signature')
    expect(codeOf(accuse({ publicKey: new Uint8Array(32) }))).toBe('evidence/bad-key')
  })

  test('two encodings of a signature over one statement are no fork', () => {
    const one = signed(aVote({ transition: first }))
    const other = { ...one, signature: one.signature.map((byte) => byte ^ 1) }
    expect(codeOf(accuse({ first: one, second: other }))).toBe('evidence/no-conflict')
  })

  test('statements about two machines convict nobody, even at one number', () => {
    const other = aTransition({ machine: anId('other') })
    const elsewhere = signed(aVote({ transition: other }))
    expect(codeOf(accuse({ second: elsewhere }))).toBe('evidence/two-machines')
  })

  test('changing any part of a statement spoils it', () => {
    const vote = aVote({ transition: second })
    const { signature } = signed(vote)
    const changes: readonly Partial<Vote>[] = [
      { round: 1, cited: 0 },
      { cited: 1 },
      { time: 1n },
      { phase: 'hold' },
      { transition: { ...second, state: anId('other state') } },
    ]
    for (const change of changes) {
      const forged = { statement: { ...vote, ...change }, signature }
      expect(codeOf(accuse({ second: forged }))).toBe('evidence/bad-signature')
    }
  })

  test('reads back as it was written, in a few hundred bytes', () => {
    const bytes = evidence.encode(accuse())
    expect(evidence.decode(bytes)).toEqual(accuse())
    expect(bytes.length).toBeLessThan(700)
  })
})

type Wish = {
  readonly statement: Statement
  readonly permission: Permission
}

/** Wishes of one certifier over two parents each at three numbers, three children, four rounds; many not permitted. */
const wishes: fc.Arbitrary<Wish> = fc
  .record({
    sequence: fc.integer({ min: 1, max: 3 }),
    parent: fc.constantFrom('P', 'P', 'P', 'Q'),
    child: fc.nat(2),
    round: fc.nat(4),
    phase: fc.constantFrom<Phase | 'abort'>('propose', 'hold', 'commit', 'abort'),
    cited: fc.nat(5),
    heldAt: fc.option(fc.nat(4), { nil: undefined }),
    released: fc.array(fc.nat(4), { maxLength: 4 }),
  })
  .map((one) => {
    const at = {
      machine,
      parent: anId<'transition'>(`${one.parent}${one.sequence}`),
      sequence: BigInt(one.sequence),
    }
    const permission = { released: new Set(one.released), heldAt: one.heldAt }
    if (one.phase === 'abort') {
      return { statement: { is: 'abort', ...at, round: one.round }, permission }
    }
    const transition = aTransition({ ...at, interaction: anId(one.child) })
    const { round, phase, cited } = one
    return { statement: aVote({ transition, round, phase, cited }), permission }
  })

/** Mostly in the order in which an honest run would ask, so that many are permitted; partly not. */
const runs: fc.Arbitrary<readonly Wish[]> = fc
  .tuple(fc.array(wishes, { maxLength: 30 }), fc.array(wishes, { maxLength: 6 }))
  .map(([ordered, rest]) => [...ordered.toSorted((a, b) => placeOf(a) - placeOf(b)), ...rest])

const placeOf = ({ statement }: Wish): number =>
  Number(positionOf(statement).sequence) * 100 + statement.round

/** Signs what the vows permit, one wish after the other, and hands every refused wish to `onRefusal`. */
const keepVows = (
  asked: readonly Wish[],
  onRefusal: (wish: Wish, pledge: Pledge, made: readonly Statement[]) => void = () => undefined,
  rule: typeof permitsAt = permitsAt,
): readonly Statement[] => {
  const made: Statement[] = []
  let pledge: Pledge | undefined
  for (const wish of asked) {
    const vow = vowOf('classic', wish.statement)
    const at = positionOf(wish.statement)
    if (rule(pledge, at, vow, wish.permission)) {
      pledge = withPledge(pledge, at, vow)
      made.push(wish.statement)
    } else if (pledge) onRefusal(wish, pledge, made)
  }
  return made
}

describe('vows and evidence are mirror images', () => {
  test('a signer that keeps its vows is never convicted', () => {
    let most = 0
    fc.assert(
      fc.property(runs, (asked) => {
        const made = keepVows(asked)
        most = Math.max(most, made.length)
        for (const a of made)
          for (const b of made) expect(conflictBetween('classic', a, b)).toBeUndefined()
      }),
      { numRuns: 800 },
    )
    // The property would hold of a signer that signs nothing; this one is busy.
    expect(most).toBeGreaterThan(6)
  })

  test('a signer that skips one rule is convicted of it', () => {
    const without = (pledge: Pledge | undefined, drop: (one: Vow) => boolean): Pledge | undefined =>
      pledge && { ...pledge, vows: pledge.vows.filter((one) => !drop(one)) }
    const broken: Record<
      EvidenceKind,
      (pledge: Pledge | undefined, wish: Vow) => Pledge | undefined
    > = {
      'lock-broken': (pledge, wish) => without(pledge, (one) => one.round < wish.round),
      fork: (pledge, wish) => without(pledge, (one) => one.phase === wish.phase),
      'abort-broken': (pledge) => without(pledge, (one) => one.phase === 'abort'),
      regress: (pledge) => pledge && { ...pledge, sequence: 0n },
    }
    for (const [kind, forget] of Object.entries(broken)) {
      const found = new Set<string | undefined>()
      for (const asked of fc.sample(runs, { numRuns: 300, seed: 1 })) {
        const rule: typeof permitsAt = (pledge, at, wish, permission) =>
          permitsAt(forget(pledge, wish), at, wish, permission)
        const made = keepVows(asked, undefined, rule)
        for (const a of made) for (const b of made) found.add(conflictBetween('classic', a, b))
      }
      expect(found).toContain(kind)
    }
  })

  test('what vows refuse would convict, but for going back, claiming a quorum, and aborts beside a parent', () => {
    let convictable = 0
    fc.assert(
      fc.property(runs, (asked) => {
        keepVows(asked, (wish, pledge, made) => {
          const { statement, permission } = wish
          const vow = vowOf('classic', statement)
          const at = positionOf(statement)
          // Not provable: in which order two votes were signed.
          if (at.sequence < pledge.sequence) return
          if (pledge.vows.some((one) => one.round > vow.round)) return
          // Not provable by two statements: that a cited quorum does not exist. The certificate has to show it.
          const bare = permitsAt(undefined, at, vow, permission)
          if (!bare) return
          // Not a conflict: an abort under another parent, and one child voted for with two citations.
          if (at.parent !== pledge.parent && statement.is === 'abort') return
          const sameVote = pledge.vows.some(
            (one) => one.round === vow.round && one.phase === vow.phase && one.child === vow.child,
          )
          if (at.parent === pledge.parent && sameVote) return
          // Under another parent only votes convict, and an honest signer may have aborted only.
          const votes = made.filter((one) => one.is === 'vote')
          if (at.parent !== pledge.parent && !votes.some((one) => sits(one, pledge))) return
          convictable += 1
          expect(made.some((one) => kindOf(one, statement) !== undefined)).toBe(true)
        })
      }),
      { numRuns: 800 },
    )
    expect(convictable).toBeGreaterThan(150)
  })
})

const sits = (of: Statement, pledge: Pledge): boolean =>
  positionOf(of).parent === pledge.parent && positionOf(of).sequence === pledge.sequence
