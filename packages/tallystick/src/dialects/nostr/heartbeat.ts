/**
 * Heartbeats, kind 37504: a custodian's signed word on what is the newest step that it knows, and when. Relays keep the newest one of
 * each custodian for each machine.
 *
 * Not promised. That a relay shows the newest: the time that is signed inside says how old it is.
 *
 * | part | what |
 * |---|---|
 * | content | hexadecimal of the signed heartbeat, in the codec of the custodians' model |
 * | `["d", machine]`, `["e", machine]` | id of the event that defines the machine |
 */
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { faultFrom, isFault } from '../../base/fault.ts'
import type { NostrDraft } from '../../forms/nostr-event.ts'
import { asId, badContent, badTags, expectKind, KINDS, onlyTag } from './message.ts'
import { timeAfter } from './snapshot.ts'

export type NostrHeartbeat = {
  readonly machine: string
  readonly custodian: string
  readonly heartbeat: Uint8Array
}

/** Later than the one before, as relays keep one of two in one second that nobody chooses. */
export const heartbeatDraft = (
  of: NostrHeartbeat,
  time: { readonly now: number; readonly last: number | undefined },
): NostrDraft => ({
  pubkey: of.custodian,
  created_at: timeAfter(time.now, time.last),
  kind: KINDS.heartbeat,
  tags: [
    ['d', of.machine],
    ['e', of.machine],
  ],
  content: hexFromBytes(of.heartbeat),
})

/** Raises faults of `nostr-message/…`. */
export const heartbeatFrom = (event: NostrDraft): NostrHeartbeat => {
  expectKind(event, KINDS.heartbeat)
  const machine = asId(onlyTag(event, 'e')[0], 'the machine')
  if (onlyTag(event, 'd')[0] !== machine) throw badTags('the name is not that of the machine')
  const heartbeat = faultFrom(() => bytesFromHex(event.content))
  if (isFault(heartbeat)) throw badContent(heartbeat.message)
  return { machine, custodian: event.pubkey, heartbeat }
}
