/** Why a chart takes an event or an input not: as faults here, and under the names that published rejections have. */
import { Fault, type FaultCode } from '../../base/fault.ts'
import type { Rejected, RejectionCode } from './snapshot.ts'

export const faultFromRejection = ({ code, detail }: Rejected): Fault =>
  new Fault(FAULTS[code], detail)

const FAULTS: Readonly<Record<RejectionCode, FaultCode>> = {
  BAD_EVENT: 'statechart/bad-event',
  EXPR_ERROR: 'statechart/expression-error',
  FINAL_STATE: 'statechart/final-state',
  GAS: 'statechart/out-of-gas',
  GUARD_FAILED: 'statechart/guard-failed',
  LIMIT: 'statechart/limit',
  NO_TRANSITION: 'statechart/no-transition',
  RANGE: 'statechart/out-of-range',
}

/** The code of a published rejection for a fault of an input; missing for faults that are not the input's. */
export const rejectionFromFault = ({ code }: Fault): string | undefined => PUBLISHED.get(code)

const PUBLISHED: ReadonlyMap<FaultCode, string> = new Map<FaultCode, string>([
  ...Object.entries(FAULTS).map(([name, code]): readonly [FaultCode, string] => [code, name]),
  ['claim/off-clock', 'TIME_SKEW'],
  ['nostr-event/bad-signature', 'BAD_SIGNATURE'],
  ['nostr-event/wrong-id', 'BAD_SIGNATURE'],
  ['nostr-event/malformed', 'BAD_EVENT'],
  ['nostr-event/too-large', 'LIMIT'],
  ['nostr-event/control-character', 'BAD_EVENT'],
  ['nostr-input/bad-payload', 'BAD_PAYLOAD'],
  ['nostr-input/bad-tags', 'BAD_EVENT'],
  ['nostr-input/not-lasting', 'BAD_EVENT'],
  ['nostr-input/other-machine', 'WRONG_MACHINE'],
  ['nostr-input/reserved-name', 'BAD_PAYLOAD'],
  ['nostr-input/too-large', 'LIMIT'],
  ['nostr-input/wrong-kind', 'BAD_EVENT'],
  ['statechart/no-consent', 'NOT_PARTICIPANT'],
  ['statechart/stale-head', 'STALE_HEAD'],
  ['statechart/taken-before', 'DUPLICATE'],
  ['statechart/unknown-oracle', 'BAD_PAYLOAD'],
  ['statechart/unknown-parent', 'UNKNOWN_PARENT'],
  ['statechart/unknown-sender', 'NOT_PARTICIPANT'],
  ['statechart/unproven-answer', 'UNPROVEN'],
  ['statechart/unproven-time', 'UNPROVEN'],
  ['statechart/wrong-time', 'TIME_SKEW'],
])
