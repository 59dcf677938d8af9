/** Shared machines under a directory: certificates of rounds, and a purse that two parties hand over to operators. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { type Charter, terms, type Terms } from '../../packages/tallystick/src/kernel/charter.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import { AMEND } from '../../packages/tallystick/src/kernel/interaction.ts'
import type { RoundCertificate } from '../../packages/tallystick/src/kernel/round-certificate.ts'
import type { Phase, Statement } from '../../packages/tallystick/src/kernel/statement.ts'
import { type Transition, transition } from '../../packages/tallystick/src/kernel/transition.ts'
import {
  acceptanceFrom,
  directoryCertificate,
} from '../../packages/tallystick/src/models/directory/certificate.ts'
import {
  type Acceptance,
  acceptanceVote,
} from '../../packages/tallystick/src/models/rounds/acceptance.ts'
import type { BundleLeg, BundleStep } from '../../packages/tallystick/src/verify/bundle.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { fails, holds } from './files.ts'
import type { JsonObject } from './finding.ts'
import {
  after,
  consentOf,
  cosigned,
  type Deed,
  hexOfCharter,
  interactionOf,
  only,
  opened,
  OPERATORS,
  operatorTerms,
  pay,
  proposed,
  PURSE,
  receipted,
  signStatement,
  writtenLeg,
} from './world.ts'

const anyone: Terms = { ...PURSE.terms, turn: { is: 'anyone' }, policy: operatorTerms() }
const SHARED: Charter = { ...PURSE, terms: anyone }

type Ballot = { readonly phase: Phase; readonly cited: number; readonly time: bigint }

/** Rounds that end with the first one: three hold the child, and these commit, each a millisecond later. */
const roundsOn = (
  of: Transition,
  by: readonly string[] = OPERATORS.slice(0, 3),
): RoundCertificate => {
  const vote = (more: Ballot): Statement => ({ is: 'vote', transition: of, round: 0, ...more })
  const hold = vote({ phase: 'hold', cited: 0, time: 0n })
  return {
    round: 0,
    commits: by.map((name) => {
      const signer = OPERATORS.indexOf(name)
      const time = 1000n + BigInt(signer)
      return {
        signer,
        time,
        signature: signStatement(name, vote({ phase: 'commit', cited: 1, time })),
      }
    }),
    links: [
      {
        round: 0,
        cited: 0,
        holds: OPERATORS.slice(0, 3).map((name, signer) => ({
          signer,
          signature: signStatement(name, hold),
        })),
      },
    ],
  }
}
const agreed = (of: Transition, by?: readonly string[]): Uint8Array =>
  directoryCertificate.encode({ is: 'rounds', rounds: roundsOn(of, by) })

const takenOver = (
  of: Transition,
  by: readonly string[] = OPERATORS.slice(1),
  change: Partial<Acceptance> = {},
): Uint8Array =>
  directoryCertificate.encode(
    acceptanceFrom(
      by.map((name) => {
        const signer = OPERATORS.indexOf(name)
        const place = { round: signer, cited: signer, time: 2000n }
        const signature = signStatement(name, acceptanceVote(of, place))
        return { ...place, signer, signature, ...change }
      }),
    ),
  )

const start = opened(SHARED)
const paid = (on: Machine, from = 'alice'): Deed => ({ write: [on], operations: [pay(on, from)] })
const child = only(after(paid(start))).head
const rival = only(after(paid(start, 'bob'))).head

const certificates = (): readonly Case[] => {
  const judged = (
    certificate: Uint8Array,
    { of = child, ...more }: { readonly of?: Transition } & JsonObject = {},
  ): JsonObject => ({
    charter: hexOfCharter(SHARED),
    transition: hexFromBytes(transition.encode(of)),
    certificate: hexFromBytes(certificate),
    ...more,
  })
  const whole = good({
    id: 'shared/three-commits',
    comment: 'final, at the median of the times of the commits',
    check: 'certificate',
    input: judged(agreed(child)),
  })
  const failing = (fault: string, id: string, comment: string, input: JsonObject): Case =>
    spoiled(whole, fault, { id: `shared/${id}`, comment, input })
  const accepting = good({
    id: 'shared/taken-over',
    comment: 'three that go on from here, each in a round and with a citation of its own',
    check: 'certificate',
    input: judged(takenOver(child), { isAcceptance: true }),
  })
  return [
    whole,
    good({
      id: 'shared/two-commits',
      comment: 'pending, for one of the two others',
      check: 'certificate',
      input: judged(agreed(child, OPERATORS.slice(0, 2))),
    }),
    failing(
      'directory/other-form',
      'receipts',
      'receipts, which fit owned machines only',
      judged(receipted(child)),
    ),
    failing(
      'directory/other-form',
      'no-takeover',
      'acceptances where nobody takes over',
      judged(takenOver(child)),
    ),
    failing(
      'cast/bad-signature',
      'other-child',
      'rounds over another child',
      judged(agreed(rival)),
    ),
    failing(
      'codec/unknown-case',
      'unknown-form',
      'a form that there is not',
      judged(Uint8Array.of(3)),
    ),
    accepting,
    spoiled(accepting, 'directory/other-form', {
      id: 'shared/rounds-no-takeover',
      comment: 'rounds, by which nobody takes over',
      input: judged(agreed(child), { isAcceptance: true }),
    }),
    spoiled(accepting, 'receipt/bad-signature', {
      id: 'shared/other-citation',
      comment: 'another citation than was signed',
      input: judged(takenOver(child, OPERATORS.slice(1), { cited: 0 }), { isAcceptance: true }),
    }),
  ]
}

type Written = Partial<Extract<BundleLeg, { is: 'written' }>>

const stepBy = (deed: Deed, signed: (of: Transition) => Written): BundleStep => {
  const [machine] = deed.write
  if (!machine) throw new Error('a machine is written')
  const { head } = only(after(deed))
  const consents = ['alice', 'bob'].map((name) => consentOf(machine, name, deed))
  return { interaction: interactionOf(deed), consents, legs: [writtenLeg(head, signed(head))] }
}

const files = (): readonly Case[] => {
  const under = (of: Transition): Written => ({ certificate: agreed(of) })
  const second = paid(only(after(paid(start))), 'bob')
  const whole = holds('shared', 'two payments that anyone may have proposed', {
    charters: [SHARED],
    steps: [stepBy(paid(start), under), stepBy(second, under)],
  })
  const pair = opened(PURSE)
  const move: Deed = {
    write: [pair],
    operations: [{ machine: pair.id, logic: AMEND, argument: terms.encode(anyone) }],
  }
  const moved = only(after(move))
  const moving = (more: Written): BundleStep =>
    stepBy(move, (of) => ({ certificate: cosigned(of), accepted: takenOver(of), ...more }))
  const handed = holds(
    'handed-over',
    'a purse of two that operators take over, and a payment there',
    {
      charters: [PURSE],
      steps: [moving({}), stepBy(paid(moved), under)],
    },
  )
  return [
    whole,
    fails(whole, 'proposal/no-turn', 'shared-proposal', 'a proposal where it is nobody’s turn', {
      charters: [SHARED],
      steps: [
        stepBy(paid(start), (of) => ({
          ...under(of),
          proposal: [{ key: 0, signature: proposed('alice', of) }],
        })),
      ],
    }),
    handed,
    fails(handed, 'directory/other-form', 'handed-over-by-rounds', 'rounds for an acceptance', {
      charters: [PURSE],
      steps: [moving({ accepted: agreed(moved.head) })],
    }),
    fails(handed, 'receipt/counted-twice', 'accepted-twice', 'one that takes over twice', {
      charters: [PURSE],
      steps: [
        moving({
          accepted: directoryCertificate.encode({
            is: 'acceptances',
            acceptances: [1, 1, 2].map((signer) => ({
              signer,
              round: 0,
              cited: 0,
              time: 0n,
              signature: new Uint8Array(64),
            })),
          }),
        }),
      ],
    }),
  ]
}

export const sharedArea = (): Area => ({
  area: 'shared',
  about:
    'Machines that anyone may move, under operators who agree in rounds, and how operators take over.',
  cases: [...certificates(), ...files()],
})
