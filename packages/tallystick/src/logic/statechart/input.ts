/**
 * From an operation to the event that the interpreter is given: who sent it, whether it may come now, at what time, and what
 * oracles have said.
 *
 * Promise. The sender is who consented: the participant whose consent the interaction carries, or the key whose signature is
 * on the Nostr event. Nothing in an event's data reaches who sent it or when. An answer counts if a premise proves that the
 * oracle's machine holds it, and a time if the charter's clock vouches for it. Cheap before dear: form, lineage, time,
 * answers, signature.
 */
import { bytesFromHex, equalBytes } from '../../base/bytes.ts'
import { Fault } from '../../base/fault.ts'
import { checkNostrEvent, nostrEventId } from '../../forms/nostr-event.ts'
import { nostrInputFrom } from '../../forms/nostr-input.ts'
import { jsonFromText } from '../../forms/strict-json.ts'
import type { Call } from '../../kernel/logic.ts'
import type { Millis } from '../../kernel/verdict.ts'
import type { Value, ValueMap } from '../expression/value.ts'
import { answerKey, answerValue } from '../oracle.ts'
import type { Head, ReadLeaf } from './leaves.ts'
import { checkLink } from './lineage.ts'
import type { Answer, SignedInput, StatechartOperation } from './operation.ts'
import type { NostrUse } from './params.ts'
import type { Prepared } from './prepared.ts'
import type { StatechartEvent } from './snapshot.ts'

type Case<Name extends StatechartOperation['is']> = Extract<StatechartOperation, { is: Name }>

/** What is known of the machine when an input comes. */
export type Scene = {
  readonly call: Call
  readonly prepared: Prepared
  readonly head: Head
  readonly read: ReadLeaf
}

/** The event that an operation puts to the chart. Raises a fault for an input that may not come, or not now. */
export const eventFrom = (scene: Scene, of: StatechartOperation): StatechartEvent => {
  const said = of.is === 'event' ? fromParty(scene, of) : fromNostr(scene, of)
  return {
    ...said,
    now: nowFrom(scene, of.at, said.earliest),
    height: scene.head.height + 1,
    answers: answersFrom(scene, of.answers),
  }
}

type Said = Pick<StatechartEvent, 'type' | 'sender' | 'id' | 'at' | 'data'> & {
  /** The certified time is not before this. */
  readonly earliest: Millis
}

const fromParty = ({ call }: Scene, of: Case<'event'>): Said => {
  const { machine } = call.self
  const place = { machine, party: of.party }
  const participants = call.terms(machine)?.participants ?? []
  const party = participants.findIndex((one) => one.name === of.party)
  if (party < 0) throw new Fault('statechart/unknown-sender', 'is no participant', place)
  if (!call.consents(machine, party)) {
    throw new Fault('statechart/no-consent', 'has not consented', place)
  }
  return {
    type: of.type,
    sender: of.party,
    id: call.interaction,
    at: Number(of.at),
    data: of.data === '' ? NO_DATA : jsonFromText(of.data),
    earliest: 0n,
  }
}

const NO_DATA: Value = Object.freeze({})

const fromNostr = (scene: Scene, { event, answers }: Case<'nostr'>): Said => {
  const { call, prepared, head, read } = scene
  const { nostr, clock } = prepared.params
  if (!nostr) throw new Fault('statechart/not-on-nostr', 'the charter knows no Nostr event')
  const { type, parent, data, answers: quoted } = nostrInputFrom(event, nostr.id)
  const id = nostrEventId(event)
  // Whoever puts an input forward could otherwise choose what its guards get to see.
  if (!sameAnswers(answers, quoted)) {
    const says = 'its author quotes other answers than the operation does'
    throw new Fault('statechart/other-answers', says, { machine: call.self.machine })
  }
  checkSender(scene, nostr, event)
  const fault = checkLink(read, head, prepared.agreement, { id, type, parent })
  if (fault) throw fault
  // Last, because it is dear.
  const verifier = { acceptsKey: () => true, verify: call.verifies }
  const forged = checkNostrEvent({ ...event, id }, verifier)
  if (forged) throw forged
  const at = event.created_at * 1000
  return {
    type,
    sender: event.pubkey,
    id,
    at,
    data: data ?? NO_DATA,
    // An author who is ahead of the certifiers' clocks waits for them. Other clocks are not asked about each input.
    earliest: clock.is === 'agreed' ? BigInt(Math.max(0, at - clock.skewMs)) : 0n,
  }
}

const sameAnswers = (a: readonly Answer[], b: readonly Answer[]): boolean =>
  a.length === b.length &&
  a.every(({ oracle, question, answer }, at) => {
    const other = b[at]
    return other?.oracle === oracle && other.question === question && other.answer === answer
  })

/** Raises `statechart/unknown-sender` where participants alone may send, and this key speaks for none. */
const checkSender = ({ call }: Scene, { senders }: NostrUse, { pubkey }: SignedInput): void => {
  if (senders === 'anyone') return
  const { machine } = call.self
  const publicKey = bytesFromHex(pubkey)
  const isParty = (call.terms(machine)?.participants ?? []).some(({ controller }) =>
    controller.keys.some(
      (key) =>
        key.scheme === 'bip340' &&
        key.weight >= controller.threshold &&
        equalBytes(key.publicKey, publicKey),
    ),
  )
  if (isParty) return
  throw new Fault('statechart/unknown-sender', 'this key speaks for no participant', {
    machine,
    party: pubkey,
  })
}

/** Raises `statechart/wrong-time` or `statechart/unproven-time`. */
const nowFrom = ({ call, prepared, head }: Scene, at: Millis, earliest: Millis): number => {
  const { clock } = prepared.params
  const wrong = (why: string): Fault =>
    new Fault('statechart/wrong-time', why, { machine: call.self.machine })
  if (at > BigInt(Number.MAX_SAFE_INTEGER)) throw wrong(`${at} is beyond what is counted here`)
  const now = Number(at)
  if (clock.is === 'none') {
    if (now !== 0) throw wrong('a time, and the charter has no clock')
    return now
  }
  if (now < head.at) throw wrong(`${now} is before ${head.at}, when the last input was taken`)
  if (at < earliest) throw wrong(`${now} is before ${earliest}, which the sender claims`)
  if (clock.is === 'agreed' || now === head.at) return now
  const isShown = call.premises.some(
    (one) => one.is === 'time' && one.machine === clock.machine && one.atLeast >= at,
  )
  if (isShown) return now
  throw new Fault(
    'statechart/unproven-time',
    `no premise shows that ${clock.machine} reached ${at}`,
    {
      machine: call.self.machine,
    },
  )
}

/** By oracle and question. Raises `statechart/unknown-oracle` or `statechart/unproven-answer`. */
const answersFrom = ({ call, prepared }: Scene, answers: readonly Answer[]): ValueMap => {
  const byOracle: Record<string, Record<string, Value>> = {}
  for (const { oracle: name, question, answer } of answers) {
    const oracle = prepared.params.oracles.find((one) => one.name === name)
    if (!oracle) throw new Fault('statechart/unknown-oracle', `the charter names no "${name}"`)
    const { machine, logic, suite } = oracle
    const key = answerKey({ suite, logic: { machine, logic } }, question)
    const value = answerValue(answer)
    const isShown = call.premises.some(
      (one) =>
        one.is === 'fact' &&
        one.machine === machine &&
        one.key === key &&
        one.value !== undefined &&
        equalBytes(one.value, value),
    )
    if (!isShown) {
      const says = `no premise shows that ${name} answered "${question}" so`
      throw new Fault('statechart/unproven-answer', says, { machine, part: question })
    }
    byOracle[name] = { ...byOracle[name], [question]: answer }
  }
  return byOracle
}
