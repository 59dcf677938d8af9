/** A machine of two as its folder knows it while operators certify it. */
import { holdingsIn, type Output, type Span } from 'tallystick/command'
import type { Interaction } from 'tallystick/kernel'
import { type Asset, assetsIn, STANDARD_LOGICS } from 'tallystick/logic'
import { type AgreedStep, directoryCertificate, directoryPolicy } from 'tallystick/models'
import { describeOperations } from 'tallystick/verify'
import { type SharedOffice, wantedIn } from './office.ts'

export const assetsOf = ({ folder }: Pick<SharedOffice, 'folder'>): readonly Asset[] =>
  assetsIn([[folder.id, folder.charter]])

/** One line for each operation. */
export const describeIn = (
  { folder }: Pick<SharedOffice, 'folder'>,
  of: Interaction,
): readonly string[] =>
  describeOperations(
    { charters: new Map([[folder.id, folder.charter]]), logics: STANDARD_LOGICS },
    of,
  )

/** Names of those who have certified a step. */
const vouchersOf = ({ era }: SharedOffice, step: AgreedStep): readonly string[] => {
  const { operators } = directoryPolicy.decode(era.start.terms.policy.params)
  const certificate = directoryCertificate.decode(step.certificate)
  return certificate.is === 'rounds'
    ? certificate.rounds.commits.flatMap(({ signer }) => operators[signer]?.name ?? [])
    : []
}

const STEPS_LAST = 12

export const showShared = (output: Output, office: SharedOffice, all: boolean): void => {
  const { folder, era, followed, steps } = office
  const policy = directoryPolicy.decode(era.start.terms.policy.params)
  output.line([
    { text: `${folder.own}–${folder.peer}`, tone: 'strong' },
    ` (${folder.id.slice(0, 8)})  you are ${folder.own}, network ${folder.charter.network}`,
  ])
  const names = policy.operators.map((one) => one.name).join(', ')
  output.line(
    `certified by ${policy.threshold} of ${names} since step ${era.start.head.sequence}`,
    'quiet',
  )
  output.line()
  output.table(
    holdingsIn(followed.machine, assetsOf(office)).map(
      ({ holder, free, symbol, locked }): Span[] => [
        holder,
        { text: `${free} ${symbol}`, tone: 'strong' },
        locked === '' ? '' : `and ${locked} set aside`,
      ],
    ),
  )
  output.line()
  output.line(`  steps 1 to ${era.start.head.sequence} came before`, 'quiet')
  const shown = all ? steps : steps.slice(-STEPS_LAST)
  output.table(
    shown.map((step): readonly Span[] => [
      `${step.transition.sequence}`,
      describeIn(office, step.candidate.interaction).join('; '),
      { text: 'certified', tone: 'good' },
      `by ${vouchersOf(office, step).join(', ')}`,
    ]),
  )
  const wanted = wantedIn(era)
  if (wanted) {
    output.line()
    output.line(`on its way: ${describeIn(office, wanted.interaction).join('; ')}`, 'warn')
  }
  output.result(sharedResult(office))
}

/** What programs get to see. */
export const sharedResult = (office: SharedOffice): Readonly<Record<string, unknown>> => {
  const { folder, era, followed, steps } = office
  const { machine } = followed
  const wanted = wantedIn(era)
  return {
    machine: folder.id,
    folder: folder.path,
    you: folder.own,
    other: folder.peer,
    certifiedBy: directoryPolicy
      .decode(era.start.terms.policy.params)
      .operators.map((one) => one.name),
    since: era.start.head.sequence,
    head: { sequence: machine.head.sequence, id: machine.headId },
    holdings: holdingsIn(machine, assetsOf(office)),
    steps: steps.map((step) => ({
      sequence: step.transition.sequence,
      described: describeIn(office, step.candidate.interaction),
      grade: 'receipted',
      vouchers: vouchersOf(office, step),
    })),
    wanted: wanted && describeIn(office, wanted.interaction),
  }
}
