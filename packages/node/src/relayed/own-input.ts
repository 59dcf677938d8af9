/** Own inputs: which one is on its way, and what has become of it. */
import { faultFrom, isFault } from 'tallystick/base'
import { INPUT_KIND, type NostrEvent, nostrInputFrom, REJECTIONS } from 'tallystick/nostr'
import type { RelayedOffice } from './office.ts'
import { type FoundRejection, rejectionsIn } from './rejections.ts'

/** Id of the input that the head accepts; missing at the beginning. */
export const headInput = (office: Pick<RelayedOffice, 'history'>): string | undefined =>
  office.history().steps.findLast((one) => one.input)?.input?.id

/** The own input that builds on the head and that custodians may still accept. */
export const ownOpen = (office: RelayedOffice): NostrEvent | undefined => {
  const parent = headInput(office)
  const own = [...office.events().values()].filter(
    (one) => one.kind === INPUT_KIND && one.pubkey === office.folder.key,
  )
  return own.findLast((one) => {
    const input = faultFrom(() => nostrInputFrom(one, office.definition.id))
    if (isFault(input) || input.parent !== parent) return false
    return !isAccepted(office, one.id) && !isRefused(office, one.id)
  })
}

export const isAccepted = (office: Pick<RelayedOffice, 'history'>, id: string): boolean =>
  office.history().steps.some((one) => one.input?.id === id)

/**
 * Whether so many custodians have refused it for good that those who are left are too few. One that lies alone can stop nobody.
 */
export const isRefused = (office: RelayedOffice, id: string): boolean => {
  const against = new Set(refusalsFor(office, id).map((one) => one.custodian))
  return against.size > office.custodians.length - office.threshold
}

/** What custodians have said against it for good, one of each. */
export const refusalsFor = (office: RelayedOffice, id: string): readonly FoundRejection[] => [
  ...new Map(
    rejectionsIn(office)
      .filter((one) => one.input === id && REJECTIONS[one.code].isFinal)
      .map((one) => [one.custodian, one]),
  ).values(),
]
