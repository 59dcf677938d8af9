/**
 * Publishing to several relays, each with an answer that means something.
 *
 * Promise. *stored*: the relay gave the event back when it was asked. *accepted*: it said `OK`, and has not been asked. Everything else says
 * what happened, and an `OK` is not taken for storage where relays are known to say it of something else: for events of which they keep
 * one for each author, and where they say that they have it already.
 *
 * Not promised. That a relay which stored an event keeps it.
 */
import type { NostrEvent } from 'tallystick/nostr'
import type { PublishAnswer, RelayConnection } from './connection.ts'
import type { Filter } from './filter.ts'
import { refusalBy, type RelayInfo } from './relay-document.ts'

export type Published =
  | { readonly is: 'stored' }
  | { readonly is: 'accepted' }
  /** It keeps another event in this one's place. */
  | { readonly is: 'displaced'; readonly by: string }
  /** It said `OK` and does not have it. */
  | { readonly is: 'lost' }
  /** By its own document, it would refuse. Nothing was sent. */
  | { readonly is: 'too large'; readonly why: string }
  | { readonly is: 'refused'; readonly why: string }
  /** Nobody can say. Publish again; it does no harm. */
  | { readonly is: 'unknown'; readonly why: string }
  | { readonly is: 'unreachable'; readonly why: string }

/** When to ask for the event that was published: where `OK` is doubtful, or always. */
export type Confirm = 'doubtful' | 'always'

export const isOnRelay = (of: Published): boolean => of.is === 'stored' || of.is === 'accepted'

export const publishOver = async (
  connection: RelayConnection,
  event: NostrEvent,
  by: {
    readonly info: RelayInfo | undefined
    readonly nowSeconds: number
    readonly confirm: Confirm
  },
): Promise<Published> => {
  const refusal = refusalBy(by.info, event, by.nowSeconds)
  if (refusal !== undefined) return { is: 'too large', why: refusal }
  const answer = await connection.publish(event)
  if (answer.is === 'answered' && !answer.isAccepted && !isDuplicate(answer)) {
    return { is: 'refused', why: answer.message }
  }
  // Nobody keeps those; asking for them would show nothing.
  if (isEphemeral(event.kind)) {
    return answer.is === 'answered' ? { is: 'accepted' } : unheard(answer)
  }
  const isDoubtful = answer.is !== 'answered' || isDuplicate(answer) || isReplaceable(event.kind)
  if (!isDoubtful && by.confirm === 'doubtful') return { is: 'accepted' }
  return readBack(connection, event, answer)
}

const readBack = async (
  connection: RelayConnection,
  event: NostrEvent,
  answer: PublishAnswer,
): Promise<Published> => {
  const found: NostrEvent[] = []
  const end = await connection.ask(placeOf(event), (one) => found.push(one))
  if (found.some((one) => one.id === event.id)) return { is: 'stored' }
  if (end.is !== 'complete') return { is: 'unknown', why: 'it does not say what it has' }
  const [other] = found
  if (other && isReplaceable(event.kind)) return { is: 'displaced', by: other.id }
  return answer.is === 'answered' ? { is: 'lost' } : unheard(answer)
}

const unheard = (answer: PublishAnswer): Published =>
  answer.is === 'lost'
    ? { is: 'unreachable', why: answer.why }
    : { is: 'unknown', why: 'the relay did not answer' }

const isDuplicate = (answer: PublishAnswer): boolean =>
  answer.is === 'answered' && answer.message.startsWith('duplicate')

export const isEphemeral = (kind: number): boolean => kind >= 20_000 && kind < 30_000

/** Of which relays keep one for each author, or for each author and name. */
export const isReplaceable = (kind: number): boolean =>
  kind === 0 || kind === 3 || (kind >= 10_000 && kind < 20_000) || (kind >= 30_000 && kind < 40_000)

/** Where a relay has the event, or another one in its place. */
const placeOf = (event: NostrEvent): Filter => {
  if (!isReplaceable(event.kind)) return { ids: [event.id] }
  const place = { kinds: [event.kind], authors: [event.pubkey] }
  if (event.kind < 30_000) return place
  const name = event.tags.find(([tag]) => tag === 'd')?.[1] ?? ''
  return { ...place, '#d': [name] }
}
