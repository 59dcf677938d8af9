/** Whole files: valid ones under every suite, and what is wrong with others, told by step and party. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { SuiteId } from '../../packages/tallystick/src/base/suite.ts'
import { type Charter, CLOSED, terms } from '../../packages/tallystick/src/kernel/charter.ts'
import type { Evidence } from '../../packages/tallystick/src/kernel/evidence.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import { statementDigest } from '../../packages/tallystick/src/kernel/statement.ts'
import { AMEND, interactionId } from '../../packages/tallystick/src/kernel/interaction.ts'
import {
  childTransition,
  type Transition,
} from '../../packages/tallystick/src/kernel/transition.ts'
import { bilateralCertificate } from '../../packages/tallystick/src/models/bilateral/certificate.ts'
import { bilateralVote } from '../../packages/tallystick/src/models/bilateral/evidence.ts'
import {
  type Bundle,
  type BundleLeg,
  type BundleStep,
} from '../../packages/tallystick/src/verify/bundle.ts'
import { fileFromBody, type FileKind } from '../../packages/tallystick/src/verify/file.ts'
import { type Area, bad, type Case, good, spoiled } from './case.ts'
import { anchorAt, fails, hexOfFile, holds } from './files.ts'
import type { JsonObject } from './finding.ts'
import {
  after,
  charterOf,
  consentOf,
  cosigned,
  type Deed,
  interactionOf,
  only,
  opened,
  PAIR,
  pairOf,
  pay,
  payments,
  person,
  proposed,
  PURSE,
  SCHEME,
  sign,
  signStatement,
  writtenLeg,
} from './world.ts'

/** One payment in a purse, under any suite. */
const under = (suite: Exclude<SuiteId, 'moi'>): Partial<Bundle> => {
  const scheme = SCHEME[suite]
  const of = charterOf(
    { suite, participants: [person('alice', scheme), person('bob', scheme)] },
    { logics: PURSE.logics },
  )
  const start = opened(of)
  const deed: Deed = { write: [start], operations: [pay(start, 'alice')] }
  const { head } = only(after(deed))
  const digest = statementDigest(suite, bilateralVote(head, 0))
  const signatures = ['alice', 'bob'].map((name, party) => ({
    party,
    key: 0,
    signature: sign(name, digest, scheme),
  }))
  const certificate = bilateralCertificate.encode({ round: 0, aborts: [], signatures })
  return {
    charters: [of],
    steps: [
      { interaction: interactionOf(deed), consents: [], legs: [writtenLeg(head, { certificate })] },
    ],
  }
}

const suites = (): readonly Case[] =>
  (['quantum', 'classic', 'nostr', 'evm'] as const).map((suite) =>
    holds(`one-step-${suite}`, 'a payment that both have signed', under(suite)),
  )

// A purse of three payments.

const { steps, heads } = payments(3)
const [S1, S2, S3] = steps
if (!S1 || !S2 || !S3) throw new Error('there are three payments')
const headAt = (at: number): Machine => heads[at] ?? opened(PURSE)
const PURSES: readonly Charter[] = [PURSE]

type Written = Extract<BundleLeg, { is: 'written' }>

const withLeg = (step: BundleStep, more: Partial<Written>): BundleStep => ({
  ...step,
  legs: step.legs.map((leg) => (leg.is === 'written' ? { ...leg, ...more } : leg)),
})
const withHeader = (step: BundleStep, more: Partial<Transition>): BundleStep => ({
  ...step,
  legs: step.legs.map((leg) =>
    leg.is === 'written' ? { ...leg, transition: { ...leg.transition, ...more } } : leg,
  ),
})

const purses = (): readonly Case[] => {
  const whole = holds('purse', 'three payments that both have signed', { charters: PURSES, steps })
  const failing = (
    fault: string,
    id: string,
    comment: string,
    changed: readonly BundleStep[],
  ): Case => fails(whole, fault, id, comment, { charters: PURSES, steps: changed })
  const second = (change: BundleStep): readonly BundleStep[] => [S1, change, S3]
  const deed: Deed = { write: [headAt(1)], operations: [pay(headAt(1), 'bob', 2n)] }
  const certificate = bilateralCertificate.decode(cosigned(headAt(2).head))
  const [alices, bobs] = certificate.signatures
  if (!alices || !bobs) throw new Error('both have signed')
  const signatures = [
    alices,
    { ...bobs, signature: bobs.signature.with(10, (bobs.signature[10] ?? 0) ^ 1) },
  ]
  const other = only(after(deed))
  const file = hexOfFile({ charters: PURSES, steps })
  const input = (hex: string): JsonObject => ({ file: hex })
  return [
    whole,
    holds('offered', 'a fourth payment that only Alice has signed: incomplete', {
      charters: PURSES,
      steps: [...steps, fourth(['alice'])],
    }),
    holds('offers', 'two offers that nobody signed beside the step that both did', {
      charters: PURSES,
      steps: [...steps, fourth([], 2n), fourth(['alice', 'bob']), fourth([], 3n)],
    }),
    failing(
      'certificate/bad-signature',
      'flipped-signature',
      'a bit of Bob’s second signature',
      second(
        withLeg(S2, { certificate: bilateralCertificate.encode({ ...certificate, signatures }) }),
      ),
    ),
    failing(
      'certificate/bad-signature',
      'foreign-certificate',
      'the certificate of another step',
      second(withLeg(S2, { certificate: cosigned(other.head) })),
    ),
    failing(
      'transition/wrong-interaction',
      'other-deed',
      'two instead of one, under the same signatures',
      second({
        ...S2,
        interaction: interactionOf(deed),
      }),
    ),
    failing(
      'transition/wrong-state',
      'other-state',
      'a state that the rules do not lead to',
      second(withHeader(S2, { state: headAt(1).head.state })),
    ),
    failing(
      'transition/wrong-sequence',
      'other-sequence',
      'a number left out',
      second(withHeader(S2, { sequence: 3n })),
    ),
    failing(
      'transition/wrong-entropy',
      'other-entropy',
      'the entropy of the step before',
      second(withHeader(S2, { entropy: headAt(1).head.entropy })),
    ),
    failing(
      'transition/wrong-machine',
      'other-machine',
      'the header of another machine',
      second(withHeader(S2, { machine: opened(PAIR).id })),
    ),
    failing(
      'interaction/wrong-parent',
      'replayed',
      'the first payment once more, on top of the third',
      [...steps, replayed()],
    ),
    failing(
      'bundle/other-legs',
      'no-legs',
      'a step whose headers were left out',
      second({ ...S2, legs: [] }),
    ),
    failing(
      'bundle/stray-acceptance',
      'stray-acceptance',
      'an acceptance where no terms change',
      second(withLeg(S2, { accepted: cosigned(headAt(2).head) })),
    ),
    failing('bundle/duplicate-step', 'duplicate-step', 'a step given twice', [S1, S2, S2, S3]),
    failing('bundle/missing-step', 'missing-step', 'a step left out: incomplete', [S1, S3]),
    failing(
      'proposal/bad-signature',
      'proposal-forged',
      'a proposal in Bob’s name',
      second(withLeg(S2, { proposal: [{ key: 0, signature: proposed('alice', headAt(2).head) }] })),
    ),
    failing(
      'proposal/unknown-key',
      'proposal-unknown-key',
      'a proposal by a key that Bob does not have',
      second(withLeg(S2, { proposal: [{ key: 1, signature: proposed('bob', headAt(2).head) }] })),
    ),
    failing(
      'consent/unknown-leg',
      'consent-unknown-leg',
      'a consent on a machine that is not touched',
      second({
        ...S2,
        consents: [
          {
            ...consentOf(headAt(1), 'bob', { write: [headAt(1)], operations: [] }),
            machine: opened(PAIR).id,
          },
        ],
      }),
    ),
    fails(whole, 'bundle/missing-charter', 'missing-charter', 'no charter: incomplete', { steps }),
    fails(whole, 'bundle/duplicate-charter', 'duplicate-charter', 'a charter given twice', {
      charters: [PURSE, PURSE],
      steps,
    }),
    fails(
      whole,
      'bundle/unknown-logic',
      'unknown-logic',
      'rules that this verifier does not have: incomplete',
      {
        charters: [{ ...PURSE, logics: [{ name: 'magic/1', params: new Uint8Array(0) }] }],
      },
    ),
    fails(
      whole,
      'bundle/unknown-model',
      'unknown-model',
      'a policy that this verifier does not have: incomplete',
      {
        charters: [
          {
            ...PURSE,
            terms: { ...PURSE.terms, policy: { kind: 'oracle', params: new Uint8Array(0) } },
          },
        ],
      },
    ),
    spoiled(whole, 'codec/truncated', {
      id: 'bundle/truncated',
      comment: 'the last byte is missing',
      input: input(file.slice(0, -2)),
    }),
    spoiled(whole, 'codec/extended', {
      id: 'bundle/extended',
      comment: 'a byte too many',
      input: input(`${file}00`),
    }),
    spoiled(whole, 'codec/too-long', {
      id: 'bundle/length-bomb',
      comment: 'the first charter announces 4 GiB',
      input: input(`${file.slice(0, 24)}ffffffff${file.slice(32)}`),
    }),
  ]
}

/** The first payment's interaction with a header that follows the third. */
const replayed = (): BundleStep => {
  const { head } = headAt(3)
  const next = childTransition('classic', head, interactionId(S1.interaction), head.state)
  return { ...S1, legs: [writtenLeg(next)] }
}

/** Both agree that the purse takes no further step. */
const closings = (): readonly Case[] => {
  const argument = terms.encode({
    ...PURSE.terms,
    policy: { kind: CLOSED, params: new Uint8Array(0) },
  })
  const deed: Deed = {
    write: [headAt(3)],
    operations: [{ machine: headAt(3).id, logic: AMEND, argument }],
  }
  const closed = only(after(deed))
  const closing: BundleStep = {
    interaction: interactionOf(deed),
    consents: [],
    legs: [writtenLeg(closed.head, { certificate: cosigned(closed.head) })],
  }
  const more: Deed = { write: [closed], operations: [pay(closed, 'alice')] }
  const late: BundleStep = {
    interaction: interactionOf(more),
    consents: [],
    legs: [writtenLeg(only(after(more)).head, { certificate: cosigned(only(after(more)).head) })],
  }
  const whole = holds('closed', 'a purse that both have closed: nothing newer can come', {
    charters: PURSES,
    steps: [...steps, closing],
  })
  return [
    whole,
    fails(whole, 'machine/closed', 'after-closing', 'a payment after that, signed by both', {
      charters: PURSES,
      steps: [...steps, closing, late],
    }),
    fails(whole, 'charter/closed-params', 'closed-params', 'a closed policy with parameters', {
      charters: [
        { ...PURSE, terms: { ...PURSE.terms, policy: { kind: CLOSED, params: Uint8Array.of(1) } } },
      ],
    }),
  ]
}

const fourth = (by: readonly string[], amount = 1n): BundleStep => {
  const deed: Deed = { write: [headAt(3)], operations: [pay(headAt(3), 'bob', amount)] }
  const { head } = only(after(deed))
  const more = by.length > 0 ? { certificate: cosigned(head, by) } : {}
  return { interaction: interactionOf(deed), consents: [], legs: [writtenLeg(head, more)] }
}

const remembered = (): readonly Case[] => {
  const file = hexOfFile({ charters: PURSES, steps })
  const whole = good({
    id: 'bundle/remembered',
    comment: 'the third payment is remembered, and was the newest at a given time',
    check: 'bundle',
    input: { file, anchors: [anchorAt(headAt(3), { asOf: '1000' })] },
  })
  const rival: Deed = { write: [headAt(2)], operations: [pay(headAt(2), 'alice', 9n)] }
  const other = only(after(rival))
  return [
    whole,
    spoiled(whole, 'bundle/stale', {
      id: 'bundle/stale',
      comment: 'an older file, given for the newest',
      input: { file: hexOfFile({ charters: PURSES, steps: [S1, S2] }) },
    }),
    spoiled(whole, 'bundle/contradicts-anchor', {
      id: 'bundle/contradicts-anchor',
      comment: 'another third payment is remembered; its certificate convicts both',
      input: { anchors: [anchorAt(other, { certificate: hexFromBytes(cosigned(other.head)) })] },
    }),
  ]
}

const forks = (): readonly Case[] => {
  const deed: Deed = { write: [headAt(2)], operations: [pay(headAt(2), 'alice', 9n)] }
  const { head } = only(after(deed))
  const rival: BundleStep = {
    interaction: interactionOf(deed),
    consents: [],
    legs: [writtenLeg(head, { certificate: cosigned(head) })],
  }
  const whole = holds('no-fork', 'three payments, for comparison', { charters: PURSES, steps })
  const votes = [bilateralVote(headAt(3).head, 0), bilateralVote(head, 0)] as const
  const proof: Evidence = {
    suite: 'classic',
    scheme: 'ed25519',
    publicKey: pairOf('bob').publicKey,
    first: { statement: votes[0], signature: signStatement('bob', votes[0]) },
    second: { statement: votes[1], signature: signStatement('bob', votes[1]) },
  }
  const failing = (fault: string, id: string, comment: string, more: Partial<Bundle>): Case =>
    fails(whole, fault, id, comment, { charters: PURSES, ...more })
  return [
    whole,
    failing('bundle/contested', 'fork', 'two third payments, both signed by both', {
      steps: [...steps, rival],
    }),
    failing('bundle/contested', 'evidence', 'evidence that Bob signed another third payment', {
      steps,
      evidence: [proof],
    }),
    failing('evidence/no-conflict', 'evidence-of-one', 'one statement given twice', {
      steps,
      evidence: [{ ...proof, second: proof.first }],
    }),
    failing('evidence/no-conflict', 'evidence-two-encodings', 'one signature in two encodings', {
      steps,
      evidence: [
        { ...proof, second: { ...proof.first, signature: proof.first.signature.with(63, 0x7f) } },
      ],
    }),
    failing('evidence/bad-signature', 'evidence-forged', 'evidence against Alice, signed by Bob', {
      steps,
      evidence: [{ ...proof, publicKey: pairOf('alice').publicKey }],
    }),
  ]
}

const KINDS: readonly FileKind[] = ['bundle', 'message', 'evidence', 'identity', 'invite']

const files = (): readonly Case[] => {
  const body = Uint8Array.of(1, 2, 3)
  const file = (kind: FileKind): string => hexFromBytes(fileFromBody(kind, body))
  const whole = good({
    id: 'file/bundle',
    comment: 'eight bytes in front',
    check: 'file',
    input: { file: file('bundle') },
  })
  const failing = (fault: string, id: string, comment: string, input: JsonObject): Case =>
    spoiled(whole, fault, { id: `file/${id}`, comment, input })
  return [
    whole,
    ...KINDS.map((kind) =>
      good({
        id: `file/is-${kind}`,
        comment: 'read as what it is',
        check: 'file',
        input: { file: file(kind), kind },
      }),
    ),
    failing('file/not-tally', 'not-tally', 'a text', {
      file: hexFromBytes(new TextEncoder().encode('{"a":1}')),
    }),
    failing('file/not-tally', 'text-mode', 'the first byte lost its highest bit', {
      file: `09${file('bundle').slice(2)}`,
    }),
    failing('file/not-tally', 'empty', 'no bytes', { file: '' }),
    failing('file/unknown-version', 'unknown-version', 'a later version', {
      file: `${file('bundle').slice(0, 12)}02${file('bundle').slice(14)}`,
    }),
    failing('file/unknown-kind', 'unknown-kind', 'a kind that there is not', {
      file: `${file('bundle').slice(0, 14)}ff${file('bundle').slice(16)}`,
    }),
    failing('file/other-kind', 'other-kind', 'a message where a bundle is expected', {
      file: file('message'),
      kind: 'bundle',
    }),
    bad('file/too-large', {
      id: 'file/100-megabytes',
      comment: 'a bundle of 100 MB, described and not written down',
      check: 'bundle',
      input: { generated: { start: file('bundle').slice(0, 16), size: 104_857_600 }, anchors: [] },
    }),
    bad('file/other-kind', {
      id: 'file/message-as-bundle',
      comment: 'a message given to be checked',
      check: 'bundle',
      input: { file: file('message'), anchors: [] },
    }),
  ]
}

export const bundleArea = (): Area => ({
  area: 'bundle',
  about: 'Files that anybody can check offline.',
  cases: [...files(), ...suites(), ...purses(), ...closings(), ...remembered(), ...forks()],
})
