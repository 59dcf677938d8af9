/**
 * Why an input was not accepted, in one table for the code, the documents and the published rejections (kind 7507).
 *
 * Promise. Every refusal of an input has exactly one of these codes. `isFinal` says that the same event can never be accepted later,
 * whatever else happens; the others may be heard again once the machine has moved on or the time has come.
 */
import type { Fault, FaultCode } from '../../base/fault.ts'
import { rejectionFromFault } from '../../logic/statechart/rejection.ts'

export type RejectionCode = (typeof REJECTION_CODES)[number]

export type Rejection = { readonly isFinal: boolean; readonly means: string }

export const REJECTION_CODES = [
  'BAD_EVENT',
  'BAD_SIGNATURE',
  'BAD_PAYLOAD',
  'WRONG_MACHINE',
  'LIMIT',
  'NOT_PARTICIPANT',
  'STALE_HEAD',
  'UNKNOWN_PARENT',
  'DUPLICATE',
  'TIME_SKEW',
  'NO_TRANSITION',
  'GUARD_FAILED',
  'EXPR_ERROR',
  'GAS',
  'RANGE',
  'FINAL_STATE',
  'UNPROVEN',
  'HALTED',
  'ENGINE_UNSUPPORTED',
] as const

export const REJECTIONS: Readonly<Record<RejectionCode, Rejection>> = {
  BAD_EVENT: { isFinal: true, means: 'the event has no form, id or tags that an input can have' },
  BAD_SIGNATURE: { isFinal: true, means: 'the signature is not by the key that the event names' },
  BAD_PAYLOAD: {
    isFinal: true,
    means: 'the content is no JSON object, or sets what the machine fills in itself',
  },
  WRONG_MACHINE: { isFinal: true, means: 'the event names another machine' },
  LIMIT: { isFinal: true, means: 'the event, or what it leads to, is larger than what is kept' },
  NOT_PARTICIPANT: {
    isFinal: true,
    means: 'the machine takes inputs of its participants alone, and the sender is none',
  },
  STALE_HEAD: {
    isFinal: true,
    means: 'another input was accepted after the one that this one builds on',
  },
  UNKNOWN_PARENT: {
    isFinal: false,
    means: 'the input that this one builds on has not been seen here yet',
  },
  DUPLICATE: { isFinal: true, means: 'this very input was accepted before' },
  TIME_SKEW: {
    isFinal: false,
    means: 'the time that the event claims is too far from the present',
  },
  NO_TRANSITION: { isFinal: true, means: 'nothing in the present state reacts to this event' },
  GUARD_FAILED: {
    isFinal: true,
    means: 'the present state reacts to this event, and no guard lets it',
  },
  EXPR_ERROR: { isFinal: true, means: 'a guard or an assignment has no value for this event' },
  GAS: { isFinal: true, means: 'the event costs more steps of evaluation than one input may' },
  RANGE: { isFinal: true, means: 'a number leaves the range of exact integers' },
  FINAL_STATE: { isFinal: true, means: 'the machine has ended' },
  UNPROVEN: {
    isFinal: false,
    means: 'it rests on what another machine says, and nothing at hand shows that firmly yet',
  },
  HALTED: { isFinal: false, means: 'evidence of two histories is known, and the machine waits' },
  ENGINE_UNSUPPORTED: {
    isFinal: false,
    means: 'the definition asks for an engine that is not here',
  },
}

export const isRejectionCode = (text: string | undefined): text is RejectionCode =>
  text !== undefined && Object.hasOwn(REJECTIONS, text)

/**
 * The code of a fault. The statechart and its inputs say theirs themselves; a fault that has none is that of an event which is no
 * input.
 */
export const rejectionOf = (fault: Fault): RejectionCode => {
  const said = rejectionFromFault(fault)
  return isRejectionCode(said) ? said : (OURS.get(fault.code) ?? 'BAD_EVENT')
}

const OURS: ReadonlyMap<FaultCode, RejectionCode> = new Map<FaultCode, RejectionCode>([
  ['bundle/missing-fact', 'UNPROVEN'],
  ['candidate/too-large', 'LIMIT'],
  ['json/too-large', 'LIMIT'],
  ['nostr-definition/other-engine', 'ENGINE_UNSUPPORTED'],
  ['nostr-time/future', 'TIME_SKEW'],
  ['nostr-time/before-machine', 'TIME_SKEW'],
  ['premise/contested', 'UNPROVEN'],
  ['premise/false', 'BAD_PAYLOAD'],
  ['premise/not-firm', 'UNPROVEN'],
])
