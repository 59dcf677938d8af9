/** Handing an event to a machine's relays, and telling what became of it at each. */
import type { Output } from 'tallystick/command'
import type { NostrEvent } from 'tallystick/nostr'
import type { PublishedTo, RelayClient } from '../relay/client.ts'
import type { Published } from '../relay/publish.ts'
import { refusalBy } from '../relay/relay-document.ts'

export type RelayResult = {
  readonly relay: string
  readonly outcome: Published['is']
  readonly why: string
}

/** Relays that would refuse the event by what they say of themselves. Nothing is sent. */
export const refusalsOf = async (
  client: RelayClient,
  relays: readonly string[],
  event: NostrEvent,
): Promise<readonly RelayResult[]> => {
  const now = Math.floor(Date.now() / 1000)
  const asked = await Promise.all(
    relays.map(async (relay) => ({ relay, why: refusalBy(await client.info(relay), event, now) })),
  )
  return asked.flatMap(({ relay, why }) =>
    why === undefined ? [] : [{ relay, outcome: 'too large' as const, why }],
  )
}

export const resultsOf = ({ relays }: PublishedTo): readonly RelayResult[] =>
  relays.map(({ relay, outcome }) => ({
    relay,
    outcome: outcome.is,
    why: 'why' in outcome ? outcome.why : 'by' in outcome ? `it keeps ${outcome.by}` : '',
  }))

export const showResults = (output: Output, results: readonly RelayResult[]): void =>
  output.table(
    results.map(({ relay, outcome, why }) => [
      { text: outcome, tone: isGood(outcome) ? 'good' : 'bad' },
      relay,
      { text: why, tone: 'quiet' },
    ]),
  )

const isGood = (outcome: Published['is']): boolean => outcome === 'stored' || outcome === 'accepted'
