/**
 * `tally handover` for a machine on relays: participants hand it to a directory, under the certificate of its custodians or of stand-ins
 * beside some of them, and back.
 *
 * Promise. New terms come into force as any change does (`change.ts`): every participant consents, those of now certify it. From then on
 * the machine waits for a quorum of those who are named to accept, so they are asked by whoever hands it over, again and again if need be.
 *
 * Not promised. A way around those of now: without the quorum that terms ask for, nobody else goes on (docs/decisions/0022).
 */
import { type ExitCode, type Output, type RelayedAsk, usageError } from 'tallystick/command'
import { type Terms, transitionId } from 'tallystick/kernel'
import { admitDirectory, CUSTODIANS, directoryTerms } from 'tallystick/models'
import { SUITE } from 'tallystick/nostr'
import { type DirectoryFile, readDirectoryFile } from '../account/directory-file.ts'
import { gatherAcceptances } from '../client/takeover.ts'
import { changesIn } from '../shared/changes.ts'
import { termsIn } from '../relay/changes.ts'
import { bundleOf } from './bundle.ts'
import { publishStep } from './certify.ts'
import { proposeTerms } from './change.ts'
import type { CertifiedStep } from './history.ts'
import { catchUp, dirOf, type RelayedOffice, withRelayed } from './office.ts'
import { directoryOf, isAtDirectory, keepAddresses } from './operators.ts'
import { waitMsOf } from './wait.ts'

export const handOverRelayed = (output: Output, ask: RelayedAsk): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    await catchUp(office)
    const { machine } = office.history()
    if (ask.back === true) {
      if (!isAtDirectory(machine))
        throw usageError('custodians hold it already', `tally show${dirOf(office)}`)
      return proposeTerms(office, { ...machine.terms, policy: custodyBefore(office).policy }, ask)
    }
    if (ask.directory === undefined) {
      throw usageError('who is to go on is not said', 'add --directory FILE, or --back')
    }
    const directory = readDirectoryFile(ask.directory)
    if (!isAtDirectory(machine)) {
      const terms = termsAt(machine.terms, directory, office)
      const code = await proposeTerms(office, terms, ask, true)
      if (!isAtDirectory(office.history().machine)) return code
    }
    return takeOver(office, directory, ask)
  })

/** Raises a usage error and faults of `admitDirectory`. */
const termsAt = (
  terms: Terms,
  { suite, policy }: DirectoryFile,
  { engine }: Pick<RelayedOffice, 'engine'>,
): Terms => {
  if (suite !== terms.suite) {
    throw usageError(
      `the operators sign in ${suite}, the machine in ${terms.suite}`,
      'choose a directory of the same suite',
    )
  }
  const next = { ...terms, policy: directoryTerms(policy) }
  const fault = admitDirectory(next, policy, engine)
  if (fault) throw fault
  return next
}

/** The terms under which custodians held it last. */
export const custodyBefore = (office: Pick<RelayedOffice, 'history' | 'charter'>): Terms =>
  office
    .history()
    .steps.flatMap(({ interaction }) => termsIn(interaction) ?? [])
    .findLast((one) => one.policy.kind === CUSTODIANS) ?? office.charter.terms

/** Asks the operators to go on, keeps where they are reached, and publishes that they do. */
const takeOver = async (
  office: RelayedOffice,
  { addresses }: DirectoryFile,
  ask: RelayedAsk,
): Promise<ExitCode> => {
  const { output, folder, engine, charter } = office
  const { start } = office.history()
  output.progress('asking the operators to go on …')
  const changes = changesIn(bundleOf(office), charter, [start.headId])
  const waitMs = waitMsOf(ask)
  const client = directoryOf(addresses, engine)
  const { accepted, names, why } = await gatherAcceptances(client, {
    machine: start,
    changes,
    waitMs,
  })
  output.progress()
  const missing = [...why].map(([name, text]) => ({ name, why: text }))
  output.result({ step: start.head.sequence, accepted: names, missing })
  if (!accepted) {
    output.line(`Not taken over yet: ${names.length} operators have accepted.`, 'warn')
    output.table(missing.map((one) => [one.name, one.why]))
    output.line('Until a quorum has accepted, nobody can take a step.', 'quiet')
    output.next(`tally handover --directory ${ask.directory ?? 'FILE'}${dirOf(office)}`)
    return 2
  }
  keepAddresses(folder.path, addresses)
  const step = office.history().steps.find((one) => idOf(one) === start.headId)
  if (step && office.handed.acceptedFor(start.head, start.terms).length === 0) {
    await publishStep(office, step, accepted)
  }
  output.line(
    `${names.join(', ')} have accepted: they certify it from step ${start.head.sequence + 1n} on.`,
    'good',
  )
  for (const one of missing) output.line(`${one.name} is told later: ${one.why}`, 'warn')
  output.next(`tally propose EVENT${dirOf(office)}`)
  return 0
}

const idOf = ({ transition }: CertifiedStep): string => transitionId(SUITE, transition)
