/** Having operators of a directory certify a step of a machine on relays, and publishing it for those who follow it there. */
import { isFault } from 'tallystick/base'
import { usageError } from 'tallystick/command'
import { transitionId } from 'tallystick/kernel'
import type { Application } from 'tallystick/models'
import { faultFrom } from 'tallystick/base'
import {
  certifiedStepDraft,
  certifiedStepFrom,
  KINDS,
  type NostrEvent,
  SUITE,
} from 'tallystick/nostr'
import { nameOf } from '../relay/handed.ts'
import { changesIn } from '../shared/changes.ts'
import { bundleOf } from './bundle.ts'
import { agreedFrom, type CertifiedStep } from './history.ts'
import { atOperators, dirOf, type RelayedOffice } from './office.ts'
import { certifyAtOperators, directoryAt } from './operators.ts'

/** The own position among those who take part, or −1. */
export const partyOf = ({ charter, folder }: Pick<RelayedOffice, 'charter' | 'folder'>): number =>
  charter.terms.participants.findIndex((one) => one.name === folder.key)

/** Hands a wish to the operators; why some of them have not answered, by name. Raises what refuses the wish. */
export const certifyWish = async (
  office: RelayedOffice,
  wish: Application,
  waitMs: number,
): Promise<ReadonlyMap<string, string>> => {
  const { folder, engine, charter } = office
  const directory = directoryAt(folder.path, engine)
  if (!directory) {
    throw usageError(
      'where the operators are reached is not known here',
      `tally handover --directory FILE${dirOf(office)}`,
    )
  }
  const at = atOperators(office)
  const changes = changesIn(bundleOf(office), charter, [at.start.headId])
  const party = partyOf(office)
  const signer = office.rawSigner
  try {
    return await certifyAtOperators(directory, { ...at, party, wish, signer, changes, waitMs })
  } finally {
    await publishSteps(office)
  }
}

type Publishing = Pick<
  RelayedOffice,
  'events' | 'history' | 'definition' | 'folder' | 'client' | 'output' | 'sign' | 'add'
>

/**
 * Publishes those steps of operators that nobody has published yet. Only an event with the very certificate and consents of a step shows it:
 * a false one that bears its name must not keep the others from hearing of it.
 */
export const publishSteps = async (office: Publishing): Promise<void> => {
  const { folder } = office
  const shown = Map.groupBy(
    [...office.events().values()].filter((one) => one.kind === KINDS.certifiedStep),
    (one) => one.tags.find(([name]) => name === 'header')?.[1],
  )
  for (const step of office.history().steps) {
    if (step.operators.length === 0) continue
    const events = shown.get(transitionId(SUITE, step.transition)) ?? []
    const name = nameOf(agreedFrom(step))
    const isShown = events.some((one) => one.pubkey === folder.key || nameIn(one) === name)
    if (!isShown) await publishStep(office, step)
  }
}

/** Of the step in an event, whoever has accepted it. */
const nameIn = (event: NostrEvent): string | undefined => {
  const read = faultFrom(() => certifiedStepFrom(event))
  if (isFault(read)) return undefined
  const { transition, interaction, consents, certificate } = read
  const candidate = { interaction, consents, beside: [], attachments: [] }
  return nameOf({ transition, candidate, certificate, accepted: new Uint8Array(0) })
}

/** Publishes a step with its certificate, and with what those have signed who accept the terms that it brings. */
export const publishStep = async (
  office: Publishing,
  { transition, interaction, consents, certificate }: CertifiedStep,
  accepted: Uint8Array = new Uint8Array(0),
): Promise<void> => {
  const { definition, folder, client, output } = office
  const by = { machine: definition.id, author: folder.key }
  const of = { ...by, transition, interaction, consents, certificate, accepted }
  const draft = faultFrom(() => certifiedStepDraft(of, Math.floor(Date.now() / 1000)))
  if (isFault(draft)) {
    output.line(
      `Step ${transition.sequence} is too large for an event: hand over a bundle.`,
      'warn',
    )
    return
  }
  const event = await office.sign(draft)
  office.add([event])
  await client.publish(folder.relays, event)
}
