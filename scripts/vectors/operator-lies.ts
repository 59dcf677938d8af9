/** Evidence against operators: receipts left out of a log, and logs that exclude each other. */
import { idFromBytes } from '../../packages/tallystick/src/base/brand.ts'
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { type Transition, transitionId } from '../../packages/tallystick/src/kernel/transition.ts'
import {
  type Checkpoint,
  checkpointDigest,
  type SignedCheckpoint,
} from '../../packages/tallystick/src/models/directory/checkpoint.ts'
import {
  type OperatorEvidence,
  operatorEvidence,
  type OperatorLie,
  receiptVote,
} from '../../packages/tallystick/src/models/directory/evidence.ts'
import { createLog, logEntry } from '../../packages/tallystick/src/models/directory/log.ts'
import {
  childTreesRoot,
  emptyChildTrees,
  proveInChildTrees,
  withChildren,
} from '../../packages/tallystick/src/models/directory/map.ts'
import { entryOf } from '../../packages/tallystick/src/models/directory/operator.ts'
import { type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import { ALICE, hexOfCharter, pairOf, sign, signStatement } from './world.ts'

const SUITE = 'classic'
const LIAR = 'oda'

type Vowed = { readonly step: Transition; readonly time: bigint }

const logOf = (vowed: readonly Vowed[]) => {
  const log = createLog()
  for (const { step, time } of vowed) log.append(logEntry.encode(entryOf(SUITE, step, time)))
  return log
}

const mapOf = (vowed: readonly Vowed[]) =>
  withChildren(
    emptyChildTrees(SUITE),
    vowed.map(({ step, time }) => entryOf(SUITE, step, time)),
  )

const signed = (vowed: readonly Vowed[], time: bigint, by = LIAR): SignedCheckpoint => {
  const checkpoint: Checkpoint = {
    size: BigInt(vowed.length),
    time,
    logRoot: idFromBytes(logOf(vowed).root()),
    mapRoot: childTreesRoot(mapOf(vowed)),
  }
  return { checkpoint, signature: sign(by, checkpointDigest(SUITE, checkpoint)) }
}

const inputOf = (lie: OperatorLie, by = LIAR): JsonObject => {
  const evidence: OperatorEvidence = {
    suite: SUITE,
    scheme: 'ed25519',
    publicKey: pairOf(by, 'ed25519').publicKey,
    name: by,
    lie,
  }
  return { charter: hexOfCharter(ALICE), proof: hexFromBytes(operatorEvidence.encode(evidence)) }
}

type Steps = {
  /** Three of one machine, one after the other. */
  readonly steps: readonly [Transition, Transition, Transition]
  /** Another child of the first one's parent. */
  readonly rival: Transition
}

const whole = (id: string, comment: string, lie: OperatorLie): Case =>
  good({ id: `directory/${id}`, comment, check: 'conviction', input: inputOf(lie) })

type Spoiling = readonly [fault: string, id: string, comment: string, lie: OperatorLie]

const failing = (from: Case, [fault, id, comment, lie]: Spoiling): Case =>
  spoiled(from, fault, { id: `directory/${id}`, comment, input: inputOf(lie) })

const vowedIn = ({ steps }: Steps): readonly Vowed[] =>
  steps.map((step, at) => ({ step, time: 1000n + BigInt(at) }))

const toldIn = (of: Steps): readonly Vowed[] => [
  { step: of.rival, time: 1000n },
  ...vowedIn(of).slice(1),
]

export const operatorLies = (of: Steps): readonly Case[] => [
  ...twoRoots(of),
  ...twoStories(of),
  ...leftOut(of),
]

const twoRoots = (of: Steps): readonly Case[] => {
  const [vowed, told] = [vowedIn(of), toldIn(of)]
  const lie = { is: 'split-log', first: signed(vowed, 2000n), nodes: [] } as const
  const second = signed(told, 3000n)
  const split = whole('two-roots', 'two logs of one size', { ...lie, second })
  return [
    split,
    whole('back-in-time', 'a longer log of an earlier time', {
      ...lie,
      first: signed(vowed.slice(0, 2), 2000n),
      second: signed(vowed, 1999n),
    }),
    failing(split, [
      'evidence/no-conflict',
      'one-story',
      'one log at two times',
      { ...lie, second: signed(vowed, 3000n) },
    ]),
    failing(split, [
      'evidence/no-conflict',
      'needless-nodes',
      'nodes where roots say enough',
      { ...lie, second, nodes: logOf(vowed).prefix(2) },
    ]),
    failing(split, [
      'evidence/bad-signature',
      'stranger-signed',
      'signed by another operator',
      { ...lie, second: signed(told, 3000n, 'ove') },
    ]),
    spoiled(split, 'evidence/unknown-operator', {
      id: 'directory/unknown-accused',
      comment: 'somebody whom the policy does not name',
      input: inputOf({ ...lie, second }, 'mallory'),
    }),
  ]
}

const twoStories = (of: Steps): readonly Case[] => {
  const [vowed, told] = [vowedIn(of), toldIn(of)]
  const first = signed(told.slice(0, 2), 1500n)
  const nodes = logOf(vowed).prefix(2)
  const lie = { is: 'split-log', first, second: signed(vowed, 2000n), nodes } as const
  const grown = whole('two-stories', 'a shorter log that does not begin the longer one', lie)
  return [
    grown,
    failing(grown, [
      'evidence/no-conflict',
      'honest-growth',
      'a shorter log that begins the longer',
      { ...lie, first: signed(vowed.slice(0, 2), 1500n) },
    ]),
    failing(grown, [
      'log/wrong-root',
      'nodes-of-another-log',
      'nodes of the other log',
      { ...lie, nodes: logOf(told).prefix(2) },
    ]),
    failing(grown, [
      'log/wrong-length',
      'node-too-many',
      'a node left over',
      { ...lie, nodes: [...nodes, new Uint8Array(32)] },
    ]),
    failing(grown, [
      'log/out-of-range',
      'from-nothing',
      'growth from an empty log',
      { ...lie, first: signed([], 1500n) },
    ]),
  ]
}

const leftOut = (of: Steps): readonly Case[] => {
  const [vowed, told] = [vowedIn(of), toldIn(of)]
  const lost = vowed.slice(1)
  const [first] = of.steps
  const lie: Extract<OperatorLie, { is: 'unlogged' }> = {
    is: 'unlogged',
    transition: first,
    receipt: { time: 1000n, signature: signStatement(LIAR, receiptVote(first, 1000n)) },
    checkpoint: signed(lost, 2000n),
    child: undefined,
    proof: proveInChildTrees(mapOf(lost), first),
  }
  const hidden = whole('unlogged', 'a receipt that a later map does not have', lie)
  return [
    hidden,
    whole('replaced', 'a map that has another child there', {
      ...lie,
      checkpoint: signed(told, 2000n),
      child: transitionId(SUITE, of.rival),
      proof: proveInChildTrees(mapOf(told), first),
    }),
    failing(hidden, [
      'evidence/no-conflict',
      'not-due',
      'a receipt of the checkpoint’s own time',
      { ...lie, checkpoint: signed(lost, 1000n) },
    ]),
    failing(hidden, [
      'map/wrong-root',
      'other-map',
      'a proof of another map',
      { ...lie, proof: proveInChildTrees(mapOf(lost.slice(1)), first) },
    ]),
    failing(hidden, [
      'proof/other-claim',
      'logged',
      'a map that has the very child',
      {
        ...lie,
        checkpoint: signed(vowed, 2000n),
        proof: proveInChildTrees(mapOf(vowed), first),
      },
    ]),
  ]
}
