/** Machines that a signed definition event makes, as a custodian takes them up. */
import { type Fault, isFault, type Verifier } from 'tallystick/base'
import { type Charter, type LogicRegistry, type Machine, openMachine } from 'tallystick/kernel'
import {
  charterFrom,
  checkNostrEvent,
  definitionFrom,
  type NostrDefinition,
  type NostrEvent,
} from 'tallystick/nostr'
import { custodiansIn, standInsIn } from '../relay/changes.ts'
import type { RelayClient } from '../relay/client.ts'

export type Defined = {
  readonly event: NostrEvent
  readonly definition: NostrDefinition
  readonly charter: Charter
  readonly genesis: Machine
  /** Keys of the custodians in the order of their seats. */
  readonly custodians: readonly string[]
  /** Keys of those who help out when too many of them are silent. */
  readonly standIns: readonly string[]
}

/** What an event defines. Returns the fault that keeps it from being run here. */
export const definedBy = (
  event: NostrEvent,
  by: { readonly verifier: Verifier; readonly logics: LogicRegistry; readonly legacy?: boolean },
): Defined | Fault => {
  const forged = checkNostrEvent(event, by.verifier)
  if (forged) return forged
  const definition = definitionFrom(event)
  const charter = charterFrom(definition, { legacy: by.legacy === true })
  if (isFault(charter)) return charter
  const genesis = openMachine(charter, by.logics)
  if (isFault(genesis)) return genesis
  const custodians = custodiansIn(charter.terms)
  return { event, definition, charter, genesis, custodians, standIns: standInsIn(charter.terms) }
}

/** The event with this id, from whichever relay has it. */
export const fetchDefinition = async (
  client: RelayClient,
  relays: readonly string[],
  id: string,
): Promise<NostrEvent | undefined> => {
  const found = await client.fetch(relays, { ids: [id] })
  return found.events.find((one) => one.id === id)
}
