/** Rounds: certificates of held and committed quorums, and of rounds that ended without a child. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import {
  abortCertificate,
  type HeldLink,
  type RoundCertificate,
  roundCertificate,
} from '../../packages/tallystick/src/kernel/round-certificate.ts'
import type { Phase, Statement } from '../../packages/tallystick/src/kernel/statement.ts'
import { type Transition, transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import { after, only, opened, OPERATORS, pairOf, pay, PURSE, signStatement } from './world.ts'

const start = opened(PURSE)
const child = only(after({ write: [start], operations: [pay(start, 'alice', 1n)] })).head
const other = only(after({ write: [start], operations: [pay(start, 'alice', 2n)] })).head
const THREE = [0, 1, 2]

type Ballot = {
  readonly phase: Phase
  readonly round: number
  readonly cited: number
  readonly time?: bigint
}

const vote = ({ time = 0n, ...more }: Ballot, of: Transition): Statement => ({
  is: 'vote',
  transition: of,
  time,
  ...more,
})
const signed = (
  signer: number,
  of: Statement,
): { readonly signer: number; readonly signature: Uint8Array } => ({
  signer,
  signature: signStatement(OPERATORS[signer] ?? 'mallory', of),
})
const link = (
  round: number,
  cited: number,
  by: readonly number[] = THREE,
  of = child,
): HeldLink => ({
  round,
  cited,
  holds: by.map((one) => signed(one, vote({ phase: 'hold', round, cited }, of))),
})
const commits = (
  round: number,
  by: readonly number[] = THREE,
  of = child,
): RoundCertificate['commits'] =>
  by.map((one) => ({
    ...signed(one, vote({ phase: 'commit', round, cited: round + 1, time: 5n }, of)),
    time: 5n,
  }))

const place: JsonObject = {
  suite: 'classic',
  machine: start.id,
  parent: start.headId,
  sequence: '1',
  signers: OPERATORS.map((name) => ({
    name,
    scheme: 'ed25519',
    publicKey: hexFromBytes(pairOf(name).publicKey),
  })),
  threshold: 3,
  faulty: 1,
}

const certificates = (): readonly Case[] => {
  const input = (of: RoundCertificate, more: Transition = child): JsonObject => ({
    transition: hexFromBytes(transition.encode(more)),
    certificate: hexFromBytes(roundCertificate.encode(of)),
  })
  const plain: RoundCertificate = { round: 0, commits: commits(0), links: [link(0, 0)] }
  const whole = good({
    id: 'rounds/first',
    comment: 'held and committed in round 0',
    check: 'rounds',
    input: { ...place, ...input(plain) },
  })
  const failing = (fault: string, id: string, comment: string, of: RoundCertificate): Case =>
    spoiled(whole, fault, { id: `rounds/${id}`, comment, input: input(of) })
  return [
    whole,
    good({
      id: 'rounds/chain',
      comment: 'held in round 2 on the strength of round 1, and committed',
      check: 'rounds',
      input: {
        ...place,
        ...input({ round: 2, commits: commits(2), links: [link(2, 2), link(1, 0)] }),
      },
    }),
    good({
      id: 'rounds/two-commits',
      comment: 'a commit is missing',
      check: 'rounds',
      input: { ...place, ...input({ ...plain, commits: commits(0, [0, 1]) }) },
    }),
    failing('round/broken-chain', 'no-link', 'no held quorum is shown', { ...plain, links: [] }),
    failing('round/broken-chain', 'link-missing', 'the quorum that is cited is not shown', {
      round: 2,
      commits: commits(2),
      links: [link(2, 2)],
    }),
    failing('round/broken-chain', 'link-of-own-round', 'a held quorum that cites its own round', {
      round: 1,
      commits: commits(1),
      links: [link(1, 2), link(1, 0)],
    }),
    failing('round/unordered', 'signer-twice', 'one signer counted twice', {
      ...plain,
      commits: commits(0, [0, 0, 1]),
    }),
    failing('round/unordered', 'holds-unordered', 'holders out of order', {
      ...plain,
      links: [link(0, 0, [1, 0, 2])],
    }),
    failing('round/no-quorum', 'two-holds', 'a held quorum of two', {
      ...plain,
      links: [link(0, 0, [0, 1])],
    }),
    failing('cast/bad-signature', 'other-child', 'holds of another child', {
      ...plain,
      links: [link(0, 0, THREE, other)],
    }),
    failing('cast/bad-signature', 'other-time', 'another time than was signed', {
      ...plain,
      commits: plain.commits.map((one) => ({ ...one, time: 6n })),
    }),
    failing('cast/unknown-signer', 'unknown-signer', 'a fifth signer of four', {
      ...plain,
      commits: commits(0, [0, 1, 4]),
    }),
    failing('cast/round-too-high', 'round-too-high', 'a round that nobody gets to', {
      round: 1_000_000,
      commits: commits(1_000_000),
      links: [link(1_000_000, 0)],
    }),
    spoiled(whole, 'cast/other-place', {
      id: 'rounds/other-place',
      comment: 'offered for another step',
      input: { sequence: '2' },
    }),
  ]
}

const aborts = (): readonly Case[] => {
  const abort = (round: number): Statement => ({
    is: 'abort',
    machine: start.id,
    parent: start.headId,
    sequence: 1n,
    round,
  })
  const input = (by: readonly number[], said = 0): JsonObject => ({
    certificate: hexFromBytes(
      abortCertificate.encode({ round: 0, aborts: by.map((one) => signed(one, abort(said))) }),
    ),
  })
  const whole = good({
    id: 'rounds-abort/three',
    comment: 'a quorum ended round 0',
    check: 'rounds-abort',
    input: { ...place, ...input(THREE) },
  })
  const failing = (fault: string, id: string, comment: string, more: JsonObject): Case =>
    spoiled(whole, fault, { id: `rounds-abort/${id}`, comment, input: more })
  return [
    whole,
    failing('round/no-quorum', 'two', 'two of four', input([0, 1])),
    failing('round/unordered', 'twice', 'one of them twice', input([0, 1, 1])),
    failing('cast/bad-signature', 'other-round', 'aborts of another round', input(THREE, 1)),
  ]
}

export const roundsArea = (): Area => ({
  area: 'rounds',
  about: 'Certificates of machines on which anyone may propose.',
  cases: [...certificates(), ...aborts()],
})
