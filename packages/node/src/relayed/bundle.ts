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
import { CUSTODIAN_ROUNDS } from 'tallystick/models'
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
import { catchUp, type RelayedOffice, withRelayed } from './office.ts'

export const bundleOf = (office: BundleOffice): Bundle => {
  const { history } = office
  const attached = history().steps.flatMap((one) => one.attachments)
  const own = { ...ownBundle(office), ...accusationsIn(office) }
  return attached.length === 0 ? own : joinBundles([own, ...attached.map(bundleFromFile)])
}

type BundleOffice = Pick<
  RelayedOffice,
  'charter' | 'genesis' | 'history' | 'events' | 'engine' | 'changes'
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

const ownBundle = ({
  charter,
  history,
  changes,
}: Pick<BundleOffice, 'charter' | 'history' | 'changes'>): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [charter],
  steps: history().steps.map(({ interaction, transition, certificate, consents }) =>
    bundleStepFrom(
      {
        interaction,
        transition,
        consents,
        certificate: CUSTODIAN_ROUNDS.certificateFrom(certificate),
        accepted: changes.acceptedFor(transition, interaction),
      },
      () => undefined,
    ),
  ),
})

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
