/** Own inputs: which one is on its way, and what has become of it. */
import { faultFrom, isFault } from 'tallystick/base'
import { INPUT_KIND, type NostrEvent, nostrInputFrom, REJECTIONS } from 'tallystick/nostr'
import { type Machine, pathKey } from 'tallystick/kernel'
import { CUSTODIANS, policyIn } from 'tallystick/models'
import { read } from 'tallystick/state'
import { type Agreement, checkLink, headFrom, prepared, type ReadLeaf } from 'tallystick/statechart'
import type { RelayedOffice } from './office.ts'
import { type FoundRejection, rejectionsIn } from './rejections.ts'

/** Id of the input that the head accepts; missing at the beginning. */
export const headInput = (office: Pick<RelayedOffice, 'history'>): string | undefined =>
  office.history().steps.findLast((one) => one.input)?.input?.id

/** The own input that custodians may still accept. */
export const ownOpen = (office: RelayedOffice): NostrEvent | undefined => {
  const own = [...office.events().values()].filter(
    (one) => one.kind === INPUT_KIND && one.pubkey === office.folder.key,
  )
  return own.findLast((one) => {
    const input = faultFrom(() => nostrInputFrom(one, office.definition.id))
    if (isFault(input) || !mayFollow(office, one)) return false
    return !isAccepted(office, one.id) && !isRefused(office, one.id)
  })
}

/**
 * Whether an input that was not accepted may still come next: it builds on the head or, where its type commutes, on any of the last
 * inputs. Then nobody has to sign it again because another was faster.
 */
export const mayFollow = (office: Pick<RelayedOffice, 'history'>, event: NostrEvent): boolean => {
  const { machine } = office.history()
  const leaf = leavesOf(machine)
  const { type, parent } = nostrInputFrom(event)
  const link = { id: event.id, type, parent }
  return checkLink(leaf, headFrom(leaf), agreementIn(machine), link) === undefined
}

/** Whether two inputs of one author beside one another are no contradiction. */
export const commutes = (office: Pick<RelayedOffice, 'history'>, type: string): boolean =>
  agreementIn(office.history().machine).commute.has(type)

const leavesOf =
  (machine: Machine): ReadLeaf =>
  (path) =>
    read(machine.state, pathKey(machine.terms.suite, { machine: machine.id, logic: 0 }, path))

const agreementIn = ({ charter }: Machine): Agreement => {
  const [use] = charter.logics
  if (!use) throw new Error('machines on relays have one logic')
  return prepared(use.params).agreement
}

export const isAccepted = (office: Pick<RelayedOffice, 'history'>, id: string): boolean =>
  office.history().steps.some((one) => one.input?.id === id)

/**
 * Whether so many custodians have refused it for good that those who are left are too few, also with stand-ins. One that lies alone can
 * stop nobody.
 */
export const isRefused = (office: RelayedOffice, id: string): boolean => {
  const against = new Set(refusalsFor(office, id).map((one) => one.custodian))
  const { policy } = office.history().machine.terms
  if (policy.kind !== CUSTODIANS) return false
  const { custodians, standIns } = office
  const left = (of: readonly string[]): number => of.filter((one) => !against.has(one)).length
  const { threshold, escalation } = policyIn({ policy })
  if (left(custodians) >= threshold) return false
  if (!escalation) return true
  return left(custodians) < escalation.custodians || left(standIns) < escalation.threshold
}

/** What custodians have said against it for good, one of each. */
export const refusalsFor = (office: RelayedOffice, id: string): readonly FoundRejection[] => [
  ...new Map(
    rejectionsIn(office)
      .filter((one) => one.input === id && REJECTIONS[one.code].isFinal)
      .map((one) => [one.custodian, one]),
  ).values(),
]
