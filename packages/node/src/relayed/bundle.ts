/** A machine on relays as a bundle that anybody can check: charter, steps, certificates that receipts make, and proof of two words. */
import {
  type ExitCode,
  type Output,
  pathFromHere,
  PUBLIC_FILE,
  type RelayedAsk,
  replaceFile,
  sizeText,
} from 'tallystick/command'
import type { Interaction, Transition } from 'tallystick/kernel'
import {
  type Bundle,
  bundleFromFile,
  bundleStepFrom,
  EMPTY_BUNDLE,
  fileFromBundle,
  joinBundles,
} from 'tallystick/verify'
import { basename, resolve } from 'node:path'
import { faultFrom, isFault } from 'tallystick/base'
import { evidenceFrom, KINDS } from 'tallystick/nostr'
import { isHeld, termsIn } from '../relay/changes.ts'
import { catchUp, type RelayedOffice, withRelayed } from './office.ts'

export const bundleOf = (office: BundleOffice): Bundle => {
  const { history } = office
  const attached = history().steps.flatMap((one) => one.attachments)
  const own = { ...ownBundle(office), ...accusationsIn(office) }
  return attached.length === 0 ? own : joinBundles([own, ...attached.map(bundleFromFile)])
}

type BundleOffice = Pick<
  RelayedOffice,
  'charter' | 'genesis' | 'history' | 'events' | 'engine' | 'changes' | 'handed'
>

/** What convicts custodians: seen here, and published by others and judged when it was taken in. */
const accusationsIn = ({
  history,
  events,
  engine,
  genesis,
}: BundleOffice): Pick<Bundle, 'evidence' | 'lies'> => {
  const published = [...events().values()].flatMap((event) => {
    if (event.kind !== KINDS.evidence) return []
    const read = faultFrom(() => evidenceFrom(event, engine))
    return isFault(read) ? [] : [read]
  })
  return {
    evidence: [
      ...history().twoFaced.map((one) => one.proof),
      ...published.flatMap((one) => one.statements ?? []),
    ],
    lies: published.flatMap(({ proof }) =>
      proof ? [{ machine: genesis.id, by: proof.by, proof: proof.bytes }] : [],
    ),
  }
}

const ownBundle = (office: BundleOffice): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [office.charter],
  steps: office.history().steps.map(({ interaction, transition, certificate, consents }) =>
    bundleStepFrom(
      {
        interaction,
        transition,
        consents,
        certificate,
        accepted: acceptedFor(office, transition, interaction),
      },
      () => undefined,
    ),
  ),
})

/** What those have signed whom a step's new terms name; empty of a step that brings none. */
const acceptedFor = (
  { changes, handed }: Pick<BundleOffice, 'changes' | 'handed'>,
  step: Transition,
  of: Interaction,
): Uint8Array => {
  const next = termsIn(of)
  if (!next) return new Uint8Array(0)
  return isHeld(next) ? changes.acceptedFor(step, of) : handed.acceptedFor(step, next)
}

export const bundleOfRelayed = (output: Output, ask: RelayedAsk): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    const { unsure } = await catchUp(office)
    for (const { relay, why } of unsure) {
      output.line(`${relay} did not show all it has: ${why}`, 'warn')
    }
    const file = fileFromBundle(bundleOf(office))
    const path = ask.output ?? `${basename(resolve(office.folder.path))}.tally`
    replaceFile(path, file, PUBLIC_FILE)
    const steps = office.history().steps.length
    output.line([
      'Wrote ',
      { text: pathFromHere(path), tone: 'strong' },
      `, ${sizeText(file.length)}, ${steps} ${steps === 1 ? 'step' : 'steps'}`,
    ])
    output.result({ file: path, bytes: file.length, steps })
    output.next(`tally verify ${path}`)
    return 0
  })
