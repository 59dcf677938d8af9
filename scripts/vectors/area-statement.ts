/** Statements, vows and evidence: what is signed, what an honest signer signs, and what convicts. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { type Evidence, evidence } from '../../packages/tallystick/src/kernel/evidence.ts'
import {
  type Abort,
  statement,
  type Statement,
  type Vote,
} from '../../packages/tallystick/src/kernel/statement.ts'
import { transitionId } from '../../packages/tallystick/src/kernel/transition.ts'
import type { VowPhase } from '../../packages/tallystick/src/kernel/vow.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { after, only, opened, pairOf, pay, PAIR, PURSE, signStatement } from './world.ts'

const purse = opened(PURSE)
const left = only(after({ write: [purse], operations: [pay(purse, 'alice', 1n)] }))
const right = only(after({ write: [purse], operations: [pay(purse, 'alice', 2n)] }))
const leftMore = only(after({ write: [left], operations: [pay(left, 'bob', 3n)] }))
const rightMore = only(after({ write: [right], operations: [pay(right, 'bob', 3n)] }))

const vote = (of: Vote['transition'], more: Partial<Vote> = {}): Vote => ({
  is: 'vote',
  transition: of,
  round: 0,
  phase: 'commit',
  cited: 0,
  time: 0n,
  ...more,
})
const abort = (round: number): Abort => ({
  is: 'abort',
  machine: purse.id,
  parent: purse.headId,
  sequence: 1n,
  round,
})

const statements = (): readonly Case[] => {
  const digests = (suite: string, id: string, comment: string, of: Statement): Case =>
    good({
      id: `statement/${suite}-${id}`,
      comment,
      check: 'statement',
      input: { suite, statement: hexFromBytes(statement.encode(of)) },
    })
  return ['quantum', 'classic', 'nostr', 'evm'].flatMap((suite) => [
    digests(
      suite,
      'propose',
      'the owner puts a child forward',
      vote(left.head, { phase: 'propose' }),
    ),
    digests(suite, 'hold', 'held for round 2', vote(left.head, { phase: 'hold', round: 2 })),
    digests(
      suite,
      'commit',
      'with a time and a citation',
      vote(left.head, { round: 3, cited: 2, time: 7n }),
    ),
    digests(suite, 'abort', 'no child in round 3', abort(3)),
  ])
}

type VowWish = {
  readonly phase: VowPhase
  readonly round?: number
  readonly child?: 'left' | 'right'
  readonly cited?: number
}

const vows = (): readonly Case[] => {
  const ids = {
    left: transitionId('classic', left.head),
    right: transitionId('classic', right.head),
  }
  const vow = ({ phase, round = 0, child, cited = 0 }: VowWish) => ({
    phase,
    round,
    child: child ? ids[child] : null,
    cited,
  })
  const asked = (
    id: string,
    comment: string,
    taken: readonly VowWish[],
    wish: VowWish,
    released: readonly number[] = [],
  ): Case =>
    good({
      id: `vow/${id}`,
      comment,
      check: 'vow',
      input: { taken: taken.map(vow), wish: vow(wish), permission: { released, heldAt: null } },
    })
  const commit: VowWish = { phase: 'commit', child: 'left' }
  return [
    asked('first', 'nothing stands against a first vow', [], commit),
    asked('again', 'a repeat is permitted', [commit], commit),
    asked('other-child', 'not another child in the same round', [commit], {
      phase: 'commit',
      child: 'right',
    }),
    asked('abort-after-commit', 'not an abort of a round committed in', [commit], {
      phase: 'abort',
    }),
    asked('commit-after-abort', 'not a commit in a round aborted', [{ phase: 'abort' }], commit),
    asked('next-round-bound', 'not another child in a later round without leave', [commit], {
      phase: 'commit',
      child: 'right',
      round: 1,
    }),
    asked(
      'next-round-released',
      'another child once the round before was released',
      [commit],
      {
        phase: 'commit',
        child: 'right',
        round: 1,
        cited: 1,
      },
      [0],
    ),
    asked('citing-too-much', 'not with a citation of a round that was not released', [commit], {
      phase: 'commit',
      child: 'right',
      round: 1,
      cited: 1,
    }),
    asked('back', 'not below a round vowed in', [{ ...commit, round: 2 }], {
      ...commit,
      child: 'right',
      round: 1,
    }),
    asked('propose-twice', 'an owner proposes one child', [{ phase: 'propose', child: 'left' }], {
      phase: 'propose',
      child: 'right',
    }),
  ]
}

type Pieces = {
  readonly first: Statement
  readonly second: Statement
  readonly by?: readonly [string, string]
}

const bytesOf = (
  { first, second, by = ['alice', 'alice'] }: Pieces,
  more: Partial<Evidence> = {},
): string =>
  hexFromBytes(
    evidence.encode({
      suite: 'classic',
      scheme: 'ed25519',
      publicKey: pairOf('alice').publicKey,
      first: { statement: first, signature: signStatement(by[0], first) },
      second: { statement: second, signature: signStatement(by[1], second) },
      ...more,
    }),
  )

const evidences = (): readonly Case[] => {
  const convicts = (id: string, comment: string, pieces: Pieces): Case =>
    good({ id: `evidence/${id}`, comment, check: 'evidence', input: { evidence: bytesOf(pieces) } })
  const fork = convicts('fork', 'two children of one parent in one round', {
    first: vote(left.head),
    second: vote(right.head),
  })
  const worthless = (fault: string, id: string, comment: string, hex: string): Case =>
    spoiled(fork, fault, { id: `evidence/${id}`, comment, input: { evidence: hex } })
  const none = (id: string, comment: string, first: Statement, second: Statement): Case =>
    worthless('evidence/no-conflict', id, comment, bytesOf({ first, second }))
  const one = vote(left.head)
  const signature = signStatement('alice', one)
  const other = opened(PAIR)
  const elsewhere = vote({ ...right.head, machine: other.id })
  return [
    fork,
    convicts('fork-proposed', 'an owner proposed two children', {
      first: vote(left.head, { phase: 'propose' }),
      second: vote(right.head, { phase: 'propose' }),
    }),
    convicts('regress', 'children of two parents at one number', {
      first: vote(leftMore.head),
      second: vote(rightMore.head),
    }),
    convicts('abort-broken', 'an abort of a round and a commit in it', {
      first: vote(left.head, { round: 1 }),
      second: abort(1),
    }),
    convicts('lock-broken', 'another child in a later round without leave', {
      first: vote(left.head),
      second: vote(right.head, { round: 1 }),
    }),
    none('same-twice', 'one statement given twice', one, one),
    none('two-times', 'one child with two attested times', one, vote(left.head, { time: 5n })),
    none('two-rounds', 'one child in two rounds', one, vote(left.head, { round: 4, cited: 4 })),
    none(
      'proposed-and-held',
      'proposed one child, held another',
      vote(left.head, { phase: 'propose' }),
      vote(right.head, { phase: 'hold' }),
    ),
    none(
      'released',
      'another child after the round before was released',
      one,
      vote(right.head, { round: 1, cited: 1 }),
    ),
    none(
      'abort-of-other-round',
      'an abort of one round, a commit in another',
      vote(left.head, { round: 2, cited: 2 }),
      abort(1),
    ),
    none('two-numbers', 'two steps of one history', one, vote(leftMore.head)),
    worthless(
      'evidence/no-conflict',
      'two-encodings',
      'one step, its signature in two spellings: the second adds the group order',
      bytesOf(
        { first: one, second: one },
        { second: { statement: one, signature: signature.with(63, (signature[63] ?? 0) ^ 0x10) } },
      ),
    ),
    worthless(
      'evidence/two-machines',
      'two-machines',
      'one parent, two machines',
      bytesOf({ first: one, second: elsewhere }),
    ),
    worthless(
      'evidence/bad-signature',
      'other-signer',
      'the second statement is Bob’s',
      bytesOf({
        first: one,
        second: vote(right.head),
        by: ['alice', 'bob'],
      }),
    ),
    worthless(
      'evidence/bad-signature',
      'other-key',
      'both are signed, but not by the accused',
      bytesOf({ first: one, second: vote(right.head) }, { publicKey: pairOf('bob').publicKey }),
    ),
    worthless(
      'evidence/bad-key',
      'bad-key',
      'the accused key is no key',
      bytesOf({ first: one, second: vote(right.head) }, { publicKey: new Uint8Array(32) }),
    ),
  ]
}

export const statementArea = (): Area => ({
  area: 'statement',
  about: 'What signers sign, what they may sign, and what convicts them.',
  cases: [...statements(), ...vows(), ...evidences()],
})
