/**
 * Whether the head here is the newest, by what custodians sign about it from time to time.
 *
 * Promise. *Fresh* at a time: enough custodians signed that they knew of no later step then, so none was certified as long as no more of them lie than
 * the policy bears (`heartbeat.ts` of the model). A custodian that signs a later step than is here is named: receipts are withheld, or on their way.
 *
 * Not promised. That nothing was certified since.
 */
import { faultFrom, hexFromBytes, isFault } from 'tallystick/base'
import type { Output } from 'tallystick/command'
import {
  checkHeartbeat,
  freshnessOf,
  type SignedHeartbeat,
  signedHeartbeat,
} from 'tallystick/models'
import { heartbeatFrom, KINDS, type NostrEvent, SUITE } from 'tallystick/nostr'
import { heldQuorumIn } from '../relay/changes.ts'
import type { Filter } from '../relay/filter.ts'
import { FRESH_MS } from './limits.ts'
import { listText } from './names.ts'
import type { RelayedOffice } from './office.ts'

export type Newness = {
  /** When enough custodians knew of nothing later; missing where nobody can say. */
  readonly freshAt: bigint | undefined
  /** Names of those whose word is missing or old. */
  readonly missing: readonly string[]
  /** Who signs that there is a later step, and which. */
  readonly ahead: readonly { readonly name: string; readonly step: bigint }[]
}

export const heartbeatFilter = ({
  definition,
  keepers,
}: Pick<RelayedOffice, 'definition' | 'keepers'>): Filter => ({
  kinds: [KINDS.heartbeat],
  // A filter without authors would be one for everybody's, or none: at a directory nobody signs any.
  authors: [...keepers],
  '#d': [definition.id],
})

export const newnessIn = (
  office: Pick<RelayedOffice, 'history' | 'engine' | 'names'>,
  events: readonly NostrEvent[],
  now: bigint,
): Newness => {
  const { machine } = office.history()
  const quorum = heldQuorumIn(machine.terms)
  if (!quorum) return { freshAt: undefined, missing: [], ahead: [] }
  const beats = events
    .flatMap((one) => beatIn(one) ?? [])
    .filter(
      (one) =>
        one.beat.machine === machine.id && !checkHeartbeat(SUITE, quorum, one, office.engine),
    )
  const nameOf = (signer: number): string => {
    const by = quorum.signers[signer]
    return by ? office.names(hexFromBytes(by.publicKey)) : String(signer)
  }
  const head = { machine: machine.id, head: machine.headId }
  const found = freshnessOf(quorum, head, beats, { now, ageMs: FRESH_MS })
  return {
    freshAt: found.is === 'fresh' ? found.at : undefined,
    missing: found.is === 'fresh' ? [] : found.missing.map(office.names),
    ahead: beats
      .filter(({ beat }) => beat.sequence > machine.head.sequence)
      .map(({ beat, signer }) => ({ name: nameOf(signer), step: beat.sequence })),
  }
}

export const showNewness = (output: Output, { freshAt, missing, ahead }: Newness): void => {
  for (const { name, step } of ahead) {
    output.line(`${name} signs that there is step ${step}: its receipts are not here yet`, 'warn')
  }
  if (freshAt !== undefined) {
    const at = new Date(Number(freshAt)).toISOString()
    output.line(`Custodians knew of nothing later at ${at}.`, 'quiet')
  } else if (ahead.length === 0) {
    output.line(`There may be later steps: no recent word of ${listText(missing)}.`, 'quiet')
  }
}

const beatIn = (event: NostrEvent): SignedHeartbeat | undefined => {
  const read = faultFrom(() => signedHeartbeat.decode(heartbeatFrom(event).heartbeat))
  return isFault(read) ? undefined : read
}
