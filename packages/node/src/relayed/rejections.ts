/** What custodians have said against inputs. Nothing rests on it: who is refused may still be certified by the others. */
import { isFault } from 'tallystick/base'
import { KINDS, type RejectionCode, rejectionFrom } from 'tallystick/nostr'
import type { RelayedOffice } from './office.ts'

export type FoundRejection = {
  readonly custodian: string
  readonly input: string
  readonly code: RejectionCode
  readonly detail: string
}

export const rejectionsIn = (office: RelayedOffice): readonly FoundRejection[] =>
  [...office.events().values()].flatMap((event) => {
    if (
      event.kind !== KINDS.rejection ||
      ![...office.custodians, ...office.standIns].includes(event.pubkey)
    )
      return []
    try {
      const { machine, input, code, detail } = rejectionFrom(event)
      return machine === office.definition.id
        ? [{ custodian: event.pubkey, input, code, detail }]
        : []
    } catch (error) {
      if (isFault(error)) return []
      throw error
    }
  })
