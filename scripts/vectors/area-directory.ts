/** The directory: receipts of operators, and what operators refuse. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { terms } from '../../packages/tallystick/src/kernel/charter.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import { AMEND } from '../../packages/tallystick/src/kernel/interaction.ts'
import { type Transition, transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { directoryCertificate } from '../../packages/tallystick/src/models/directory/certificate.ts'
import {
  type Receipt,
  receiptVote,
} from '../../packages/tallystick/src/models/directory/evidence.ts'
import {
  type Submission,
  submission,
} from '../../packages/tallystick/src/models/directory/submission.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import { operatorLies } from './operator-lies.ts'
import {
  after,
  ALICE,
  BOB,
  type Deed,
  hexOfCharter,
  interactionOf,
  only,
  opened,
  person,
  proposed,
  receipted,
  seedOf,
  sign,
  signStatement,
} from './world.ts'

const hexOf = (of: Transition): string => hexFromBytes(transition.encode(of))
const account = opened(ALICE)
/** Any step will do: new terms are one that needs no logic. */
const deedTo = (of: Machine, names: readonly string[]): Deed => ({
  write: [of],
  operations: [
    {
      machine: of.id,
      logic: AMEND,
      argument: terms.encode({
        ...of.terms,
        participants: [...of.terms.participants, ...names.map((one) => person(one))],
      }),
    },
  ],
})
const stepTo = (of: Machine, names: readonly string[]): Machine => only(after(deedTo(of, names)))
const left = stepTo(account, ['bob'])
const right = stepTo(account, ['carol'])

const certificates = (): readonly Case[] => {
  const judged = (certificate: Uint8Array, of = left.head): JsonObject => ({
    charter: hexOfCharter(ALICE),
    transition: hexOf(of),
    certificate: hexFromBytes(certificate),
  })
  const whole = good({
    id: 'directory/three-receipts',
    comment: 'final, at the median of the times',
    check: 'certificate',
    input: judged(receipted(left.head)),
  })
  const failing = (fault: string, id: string, comment: string, certificate: Uint8Array): Case =>
    spoiled(whole, fault, { id: `directory/${id}`, comment, input: judged(certificate) })
  const receiptsOf = (names: readonly string[], time?: bigint): readonly Receipt[] => {
    const whole = directoryCertificate.decode(receipted(left.head, names, time))
    return whole.is === 'receipts' ? whole.receipts : []
  }
  const [first, second, third] = receiptsOf(['oda', 'ove', 'oki'])
  if (!first || !second || !third) throw new Error('there are three')
  const made = (of: readonly Receipt[]): Uint8Array =>
    directoryCertificate.encode({ is: 'receipts', receipts: of })
  const wrongDomain = { ...third, signature: sign('oki', seedOf('anything')) }
  const wrongPhase = {
    ...third,
    signature: signStatement('oki', { ...receiptVote(left.head, third.time), phase: 'hold' }),
  }
  return [
    whole,
    good({
      id: 'directory/four-receipts',
      comment: 'with times apart: the lower median counts',
      check: 'certificate',
      input: judged(
        made(
          ['oda', 'ove', 'oki', 'olga'].flatMap((name, at) => receiptsOf([name], BigInt(10 * at))),
        ),
      ),
    }),
    good({
      id: 'directory/two-receipts',
      comment: 'pending, for one of the two others',
      check: 'certificate',
      input: judged(made([first, second])),
    }),
    failing(
      'receipt/counted-twice',
      'same-twice',
      'one receipt listed twice',
      made([first, first, second]),
    ),
    failing(
      'receipt/counted-twice',
      'unordered',
      'operators out of order',
      made([second, first, third]),
    ),
    failing(
      'receipt/unknown-operator',
      'unknown-operator',
      'an operator that the policy does not name',
      made([first, second, { ...third, operator: 4 }]),
    ),
    failing(
      'receipt/bad-signature',
      'other-operator',
      'a receipt in another operator’s name',
      made([first, second, { ...third, operator: 3 }]),
    ),
    failing(
      'receipt/bad-signature',
      'other-time',
      'another time than was signed',
      made([first, second, { ...third, time: 1n }]),
    ),
    failing(
      'receipt/bad-signature',
      'wrong-domain',
      'a signature over other bytes',
      made([first, second, wrongDomain]),
    ),
    failing(
      'receipt/bad-signature',
      'wrong-phase',
      'a vote to hold, offered as one to commit',
      made([first, second, wrongPhase]),
    ),
    failing(
      'receipt/bad-signature',
      'other-child',
      'receipts for another child',
      receipted(right.head),
    ),
    failing(
      'codec/truncated',
      'truncated',
      'a certificate cut short',
      receipted(left.head).slice(0, -1),
    ),
    failing(
      'codec/extended',
      'extended',
      'a byte too many',
      Uint8Array.of(...receipted(left.head), 0),
    ),
  ]
}

/** The step of an account that adds participants, as its owner submits it. */
const submit = (
  [of, ...names]: readonly [of: Machine, ...names: string[]],
  changed: Partial<Submission> = {},
  more: JsonObject = {},
): JsonObject => {
  const child = stepTo(of, names).head
  const step: Submission = {
    transition: child,
    parent: of.head,
    interaction: interactionOf(deedTo(of, names)),
    consents: [],
    proposal: proposed('alice', child),
  }
  const bytes = submission.encode({ ...step, ...changed })
  return { charter: hexOfCharter(ALICE), submission: hexFromBytes(bytes), now: '1000', ...more }
}

const operators = (): readonly Case[] => {
  const seed = hexFromBytes(seedOf('oda'))
  const first = submit([account, 'bob'])
  const second = submit([left, 'dave'], {}, { now: '2000' })
  const rival = submit([account, 'carol'])
  const whole = good({
    id: 'operator/receipt',
    comment: 'a receipt for the first child submitted, and for its child',
    check: 'operator',
    input: { seed, events: [first, second] },
  })
  const failing = (
    fault: string,
    id: string,
    comment: string,
    events: readonly JsonObject[],
  ): Case => spoiled(whole, fault, { id: `operator/${id}`, comment, input: { events } })
  return [
    whole,
    good({
      id: 'operator/again',
      comment: 'a repeat gets the same receipt, with the time of the vow',
      check: 'operator',
      input: { seed, events: [first, submit([account, 'bob'], {}, { now: '9000' })] },
    }),
    good({
      id: 'operator/earlier',
      comment: 'a step below one vowed for, and timed behind it',
      check: 'operator',
      input: { seed, events: [second, first] },
    }),
    failing('operator/second-child', 'second-child', 'another child of the same parent', [
      first,
      rival,
    ]),
    failing('operator/frozen', 'frozen', 'a step of an owner that has shown a second child', [
      first,
      rival,
      second,
    ]),
    failing('operator/other-interaction', 'other-interaction', 'what the header does not name', [
      submit([account, 'bob'], { interaction: interactionOf(deedTo(account, ['carol'])) }),
    ]),
    failing('operator/not-the-owner', 'not-the-owner', 'signed by somebody else', [
      submit([account, 'bob'], { proposal: proposed('bob', left.head) }),
    ]),
    failing('operator/not-served', 'other-machine', 'a charter that the step does not belong to', [
      submit([account, 'bob'], {}, { charter: hexOfCharter(BOB) }),
    ]),
    failing('transition/wrong-sequence', 'gap', 'a child that does not follow', [
      submit([left, 'dave'], { parent: account.head }),
    ]),
    spoiled(whole, 'operator/not-served', {
      id: 'operator/stranger',
      comment: 'an operator that the charter does not name',
      input: { seed: hexFromBytes(seedOf('mallory')), events: [first] },
    }),
  ]
}

const lies = (): readonly Case[] => {
  const next = stepTo(left, ['dave'])
  const last = stepTo(next, ['eve'])
  return operatorLies({ steps: [left.head, next.head, last.head], rival: right.head })
}

export const directoryArea = (): Area => ({
  area: 'directory',
  about: 'Receipts of operators, judged and given, and evidence against operators.',
  cases: [...certificates(), ...operators(), ...lies()],
})
