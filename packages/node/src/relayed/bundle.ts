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
import { catchUp, type RelayedOffice, withRelayed } from './office.ts'

export const bundleOf = ({
  charter,
  history,
}: Pick<RelayedOffice, 'charter' | 'history'>): Bundle => {
  const attached = history().steps.flatMap((one) => one.attachments)
  const own = ownBundle({ charter, history })
  return attached.length === 0 ? own : joinBundles([own, ...attached.map(bundleFromFile)])
}

const ownBundle = ({ charter, history }: Pick<RelayedOffice, 'charter' | 'history'>): Bundle => ({
  ...EMPTY_BUNDLE,
  charters: [charter],
  evidence: history().twoFaced.map((one) => one.proof),
  steps: history().steps.map(({ interaction, transition, certificate }) =>
    bundleStepFrom(
      {
        interaction,
        transition,
        certificate: CUSTODIAN_ROUNDS.certificateFrom(certificate),
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
