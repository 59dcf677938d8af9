/** Parties of a bilateral machine that are fed messages, and what they make of them. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { terms } from '../../packages/tallystick/src/kernel/charter.ts'
import { AMEND, operation } from '../../packages/tallystick/src/kernel/interaction.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import { type Transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { bilateralCertificate } from '../../packages/tallystick/src/models/bilateral/certificate.ts'
import {
  type Message,
  message,
  type MessageBody,
  sealDigest,
} from '../../packages/tallystick/src/models/bilateral/message.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import {
  abortBy,
  after,
  consentOf,
  cosigned,
  type Deed,
  hexOfCharter,
  interactionOf,
  only,
  opened,
  operatorTerms,
  PAIR,
  pay,
  PURSE,
  seedOf,
  sign,
} from './world.ts'

const start = opened(PURSE)
const deedOf = (machine: Machine, from: string, amount = 1n): Deed => ({
  write: [machine],
  operations: [pay(machine, from, amount)],
})
const first = deedOf(start, 'alice')
const one = only(after(first))
const two = only(after(deedOf(one, 'bob')))
const rival = only(after(deedOf(start, 'alice', 2n)))

/** Alice's account in all but name: from here on operators certify, and this role is done. */
const handOver: Deed = {
  write: [start],
  operations: [
    {
      machine: start.id,
      logic: AMEND,
      argument: terms.encode({
        ...PURSE.terms,
        turn: { is: 'owner', party: 0 },
        policy: operatorTerms(),
      }),
    },
  ],
}
const handed = only(after(handOver))

// Parties. Bob is asked to accept what Alice offers, unless a case says otherwise.

const messageAt = (
  machine: Machine,
  from: number,
  body: MessageBody,
  more: Partial<Message> = {},
): JsonObject => ({
  is: 'message',
  bytes: hexFromBytes(
    message.encode({
      machine: machine.id,
      from,
      sequence: machine.head.sequence,
      head: machine.headId,
      round: 0,
      body,
      ...more,
    }),
  ),
})

const proposalOf = (machine: Machine, deed: Deed, by: readonly string[]) => ({
  interaction: interactionOf(deed),
  consents: by.map((name) => consentOf(machine, name, deed)),
  attachments: [],
})

type Offer = Extract<MessageBody, { is: 'offer' }>

const offerOf = (deed: Deed = first, to: Transition = one.head): Offer => ({
  is: 'offer',
  ...proposalOf(start, deed, ['alice']),
  transition: to,
  aborts: [],
})

const party = (
  name: 'alice' | 'bob',
  events: readonly JsonObject[],
  more: JsonObject = {},
): JsonObject => ({
  charter: hexOfCharter(PURSE),
  party: name === 'alice' ? 0 : 1,
  seed: hexFromBytes(seedOf(name)),
  agrees: true,
  events,
  ...more,
})

const OFFER = messageAt(start, 0, offerOf())
const CONFIRM = messageAt(one, 0, {
  is: 'confirm',
  transition: one.head,
  certificate: bilateralCertificate.decode(cosigned(one.head)),
})
const acceptOf = (by: string, of: Transition): MessageBody => ({
  is: 'accept',
  transition: of,
  signatures: bilateralCertificate.decode(cosigned(of, [by])).signatures,
})
const ACCEPT = messageAt(start, 1, acceptOf('bob', one.head))
const WISH: JsonObject = {
  is: 'wish',
  operations: first.operations.map((each) => hexFromBytes(operation.encode(each))),
}

const responders = (): readonly Case[] => {
  const whole = good({
    id: 'party/accepts',
    comment: 'Bob is offered a payment and accepts',
    check: 'party',
    input: party('bob', [OFFER]),
  })
  const failing = (
    fault: string,
    id: string,
    comment: string,
    events: readonly JsonObject[],
  ): Case => spoiled(whole, fault, { id: `party/${id}`, comment, input: { events } })
  const bytesOfOffer = typeof OFFER['bytes'] === 'string' ? OFFER['bytes'] : ''
  const raw = (bytes: string): JsonObject => ({ is: 'message', bytes })
  const greedy = deedOf(start, 'bob')
  return [
    whole,
    good({
      id: 'party/finishes',
      comment: 'and Alice confirms',
      check: 'party',
      input: party('bob', [OFFER, CONFIRM]),
    }),
    good({
      id: 'party/offered-twice',
      comment: 'a repeat of the offer gets the same acceptance',
      check: 'party',
      input: party('bob', [OFFER, OFFER]),
    }),
    good({
      id: 'party/declines',
      comment: 'Bob says no, which ends the round',
      check: 'party',
      input: party('bob', [OFFER], { agrees: false }),
    }),
    failing('codec/truncated', 'message-truncated', 'a message cut short', [
      raw(bytesOfOffer.slice(0, -2)),
    ]),
    failing('codec/extended', 'message-extended', 'a byte too many', [raw(`${bytesOfOffer}00`)]),
    failing(
      'message/too-large',
      'message-too-large',
      'a message of nine megabytes, described and not written down',
      [{ is: 'message', generated: { start: '01', size: 9_437_184 } }],
    ),
    failing('message/unknown-version', 'unknown-version', 'a later version', [
      raw(`02${bytesOfOffer.slice(2)}`),
    ]),
    failing('message/other-machine', 'other-machine', 'a message for another machine', [
      messageAt(start, 0, offerOf(), { machine: opened(PAIR).id }),
    ]),
    failing('message/not-from-peer', 'from-oneself', 'Bob’s own words come back', [
      messageAt(start, 1, offerOf()),
    ]),
    failing('message/other-history', 'other-history', 'a head that this side does not have', [
      messageAt(start, 0, offerOf(), { head: two.headId }),
    ]),
    failing('offer/other-result', 'other-result', 'the step does not lead where Alice says', [
      messageAt(start, 0, offerOf(first, rival.head)),
    ]),
    failing('offer/second-in-round', 'second-offer', 'a second offer while the first is open', [
      OFFER,
      messageAt(start, 0, offerOf(deedOf(start, 'alice', 2n), rival.head)),
    ]),
    failing('offer/round-open', 'round-open', 'an offer in a round that has not come', [
      messageAt(start, 0, offerOf(), { round: 1 }),
    ]),
    failing('consent/missing', 'no-consent', 'an offer that Alice has not consented to', [
      messageAt(start, 0, { ...offerOf(), consents: [] }),
    ]),
    failing('consent/given-twice', 'consent-twice', 'one consent given twice', [
      messageAt(start, 0, {
        ...offerOf(),
        consents: [consentOf(start, 'alice', first), consentOf(start, 'alice', first)],
      }),
    ]),
    failing('consent/bad-signature', 'consent-forged', 'a consent to another payment', [
      messageAt(start, 0, {
        ...offerOf(),
        consents: [consentOf(start, 'alice', deedOf(start, 'alice', 9n))],
      }),
    ]),
    failing('proposal/wrong-legs', 'wrong-legs', 'a second machine to be written', [
      messageAt(start, 0, offerOf({ write: [start, opened(PAIR)], operations: first.operations })),
    ]),
    failing('ledger/insufficient', 'too-much', 'a payment that Alice cannot make', [
      messageAt(start, 0, offerOf(deedOf(start, 'alice', 999n))),
    ]),
    failing('offer/not-your-turn', 'not-your-turn', 'an offer out of turn', [
      OFFER,
      CONFIRM,
      messageAt(one, 0, {
        is: 'offer',
        ...proposalOf(one, deedOf(one, 'alice'), ['alice']),
        transition: only(after(deedOf(one, 'alice'))).head,
        aborts: [],
      }),
    ]),
    failing(
      'confirm/not-enough',
      'confirm-not-enough',
      'a confirmation without Alice’s signature',
      [
        OFFER,
        messageAt(one, 0, {
          is: 'confirm',
          transition: one.head,
          certificate: bilateralCertificate.decode(cosigned(one.head, ['bob'])),
        }),
      ],
    ),
    failing('confirm/other-step', 'confirm-other-step', 'a confirmation of another step', [
      OFFER,
      messageAt(one, 0, {
        is: 'confirm',
        transition: rival.head,
        certificate: bilateralCertificate.decode(cosigned(rival.head)),
      }),
    ]),
    failing('message/stale-head', 'stale', 'an offer from before the last step', [
      OFFER,
      CONFIRM,
      OFFER,
    ]),
    failing(
      'request/not-our-turn',
      'request-to-wrong',
      'a request to the one whose turn it is not',
      [messageAt(start, 0, { is: 'request', ...proposalOf(start, greedy, ['alice']) })],
    ),
    failing(
      'party/closed',
      'closed',
      'an offer after the machine was handed over to other certifiers',
      [
        messageAt(start, 0, offerOf(handOver, handed.head)),
        messageAt(handed, 0, {
          is: 'confirm',
          transition: handed.head,
          certificate: bilateralCertificate.decode(cosigned(handed.head)),
        }),
        messageAt(handed, 0, {
          is: 'offer',
          ...proposalOf(handed, deedOf(handed, 'alice'), ['alice']),
          transition: only(after(deedOf(handed, 'alice'))).head,
          aborts: [],
        }),
      ],
    ),
    failing(
      'request/passed-over',
      'passed-over',
      'an offer of something else than Bob has just asked for',
      [
        {
          is: 'wish',
          operations: deedOf(start, 'bob').operations.map((each) =>
            hexFromBytes(operation.encode(each)),
          ),
        },
        OFFER,
      ],
    ),
    failing('party/quarantined', 'before-restore', 'an offer to a party that lost its memory', [
      { is: 'restored', random: '07'.repeat(32) },
      OFFER,
    ]),
  ]
}

const proposers = (): readonly Case[] => {
  const whole = good({
    id: 'party/proposes',
    comment: 'Alice offers, Bob accepts, Alice confirms',
    check: 'party',
    input: party('alice', [WISH, ACCEPT]),
  })
  const failing = (
    fault: string,
    id: string,
    comment: string,
    events: readonly JsonObject[],
  ): Case => spoiled(whole, fault, { id: `party/${id}`, comment, input: { events } })
  const [bobs] = bilateralCertificate.decode(cosigned(one.head, ['bob'])).signatures
  if (!bobs) throw new Error('Bob has signed')
  const ended: MessageBody = { is: 'abort', aborts: [abortBy('bob', one.head, 0)] }
  const busy = messageAt(start, 1, {
    is: 'request',
    ...proposalOf(start, deedOf(start, 'bob'), ['bob']),
  })
  return [
    whole,
    failing('accept/not-offered', 'accept-not-offered', 'an acceptance of what was not offered', [
      ACCEPT,
    ]),
    failing('accept/not-enough', 'accept-empty', 'an acceptance without a signature', [
      WISH,
      messageAt(start, 1, { is: 'accept', transition: one.head, signatures: [] }),
    ]),
    failing(
      'certificate/bad-signature',
      'accept-forged',
      'an acceptance with another’s signature',
      [
        WISH,
        messageAt(start, 1, {
          is: 'accept',
          transition: one.head,
          signatures: [{ ...bobs, signature: sign('mallory', seedOf('anything')) }],
        }),
      ],
    ),
    failing('request/busy', 'request-busy', 'a request while an offer is out', [WISH, busy]),
    failing(
      'message/aborted-round',
      'aborted-round',
      'an acceptance after the abort of its round',
      [WISH, { is: 'withdraw' }, ACCEPT],
    ),
    failing('abort/not-enough', 'abort-ahead', 'an abort of a round that has not come', [
      WISH,
      messageAt(start, 1, { is: 'abort', aborts: [abortBy('bob', one.head, 1)] }),
    ]),
    good({
      id: 'party/caught',
      comment: 'Bob commits and aborts one round: evidence, and the role stops',
      check: 'party',
      input: party('alice', [WISH, messageAt(start, 1, ended, { round: 1 }), ACCEPT]),
    }),
    failing('party/stopped', 'stopped', 'whatever else he says', [
      WISH,
      messageAt(start, 1, ended, { round: 1 }),
      ACCEPT,
      busy,
    ]),
  ]
}

const CHALLENGE = '07'.repeat(32)
const RESTORED: JsonObject = { is: 'restored', random: CHALLENGE }

const stepsBody = (
  more: Partial<Extract<MessageBody, { is: 'steps' }>> = {},
): Extract<MessageBody, { is: 'steps' }> => ({
  is: 'steps',
  steps: [
    {
      ...proposalOf(start, first, []),
      transition: one.head,
      certificate: cosigned(one.head),
    },
  ],
  aborts: [],
  held: [],
  open: undefined,
  challenge: undefined,
  sound: true,
  seal: [],
  ...more,
})

/** An answer to a challenge, sealed by Alice. */
const sealed = (body: Extract<MessageBody, { is: 'steps' }>, by = 'alice'): JsonObject => {
  const said: Message = {
    machine: start.id,
    from: 0,
    sequence: one.head.sequence,
    head: one.headId,
    round: 0,
    body,
  }
  const signature = sign(by, sealDigest('classic', said))
  return messageAt(one, 0, { ...body, seal: [{ party: 0, key: 0, signature }] })
}

const recoveries = (): readonly Case[] => {
  const lagging = good({
    id: 'party/catches-up',
    comment: 'Bob lacks a step that both have signed',
    check: 'party',
    input: party('bob', [messageAt(one, 0, stepsBody())]),
  })
  const whole = good({
    id: 'party/recovers',
    comment: 'Bob lost his memory; Alice answers his challenge with what she holds',
    check: 'party',
    input: party('bob', [RESTORED, sealed(stepsBody({ challenge: new Uint8Array(32).fill(7) }))]),
  })
  const behind = (fault: string, id: string, comment: string, body: MessageBody, at = one): Case =>
    spoiled(lagging, fault, {
      id: `party/${id}`,
      comment,
      input: { events: [messageAt(at, 0, body)] },
    })
  const lost = (fault: string, id: string, comment: string, event: JsonObject): Case =>
    spoiled(whole, fault, { id: `party/${id}`, comment, input: { events: [RESTORED, event] } })
  const shared = stepsBody().steps
  const withStep = (more: Partial<(typeof shared)[number]>): MessageBody =>
    stepsBody({ steps: shared.map((each) => ({ ...each, ...more })) })
  const challenge = new Uint8Array(32).fill(7)
  return [
    lagging,
    whole,
    behind(
      'steps/not-final',
      'steps-not-final',
      'a step that only Alice has signed',
      withStep({ certificate: cosigned(one.head, ['alice']) }),
    ),
    behind(
      'certificate/bad-signature',
      'steps-forged',
      'a certificate for another step',
      withStep({ certificate: cosigned(rival.head) }),
    ),
    behind(
      'steps/other-result',
      'steps-other-result',
      'a step that does not lead there',
      withStep({ interaction: interactionOf(deedOf(start, 'alice', 2n)) }),
    ),
    behind(
      'steps/gap',
      'steps-gap',
      'a step that does not follow',
      stepsBody({
        steps: [
          {
            ...proposalOf(one, deedOf(one, 'bob'), []),
            transition: two.head,
            certificate: cosigned(two.head),
          },
        ],
      }),
      two,
    ),
    behind(
      'message/before-restore',
      'steps-unasked',
      'an answer to a challenge that was not given',
      stepsBody({ challenge }),
    ),
    lost(
      'message/before-restore',
      'old-answer',
      'an answer to an older challenge',
      sealed(stepsBody({ challenge: new Uint8Array(32).fill(8) })),
    ),
    lost(
      'message/before-restore',
      'no-challenge',
      'steps that answer no challenge',
      messageAt(one, 0, stepsBody()),
    ),
    lost(
      'steps/not-sound',
      'not-sound',
      'an answer by one who lost his memory as well',
      sealed(stepsBody({ challenge, sound: false })),
    ),
    lost(
      'message/bad-seal',
      'bad-seal',
      'an answer sealed by somebody else',
      sealed(stepsBody({ challenge }), 'mallory'),
    ),
    lost(
      'message/bad-seal',
      'no-seal',
      'an answer that is not sealed',
      messageAt(one, 0, stepsBody({ challenge })),
    ),
    spoiled(lagging, 'steps/other-history', {
      id: 'party/steps-other-history',
      comment: 'another step, where this side has one that both have signed',
      input: {
        events: [
          messageAt(one, 0, stepsBody()),
          messageAt(rival, 0, {
            ...stepsBody(),
            steps: [
              {
                ...proposalOf(start, deedOf(start, 'alice', 2n), []),
                transition: rival.head,
                certificate: cosigned(rival.head, ['bob']),
              },
            ],
          } as MessageBody),
        ],
      },
    }),
  ]
}

export const partyArea = (): Area => ({
  area: 'party',
  about: 'What a party of a bilateral machine makes of messages.',
  cases: [...responders(), ...proposers(), ...recoveries()],
})
