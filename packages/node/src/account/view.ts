/** An account as its owner sees it: what it holds, its steps and how firm they are, and what is waited for. */
import { faultFrom, isFault } from 'tallystick/base'
import { holdingsIn, type Output, type Span } from 'tallystick/shell'
import { type Asset, assetsIn, STANDARD_LOGICS } from 'tallystick/logic'
import { directoryCertificate, medianTime, type OwnerStep } from 'tallystick/models'
import { describeOperations } from 'tallystick/verify'
import { exposedSteps } from './bundle.ts'
import { type Contact, listContacts } from './contacts.ts'
import { payeesOf, undelivered } from './deliver.ts'
import type { Office } from './office.ts'
import { risksIn } from './risk.ts'
import { standingOf } from './standing.ts'

/**
 * `proposed`: signed by the owner alone. `certified`: k operators vouch for it, and for what it rests on. `provisional`: they vouch
 * for the step, and the money that it takes in rests on the word of two parties.
 */
export type StepState = 'proposed' | 'provisional' | 'certified'

const stateOf = (step: OwnerStep, exposed: ReadonlySet<string>): StepState => {
  if (!step.certificate) return 'proposed'
  return exposed.has(`${step.transition.sequence}`) ? 'provisional' : 'certified'
}

export const assetsOf = ({ desk }: Pick<Office, 'desk'>): readonly Asset[] =>
  assetsIn(desk.charters())

export const showAccount = (office: Office, options: { readonly all: boolean }): void => {
  const { output, folder, desk } = office
  const { policy } = standingOf(office)
  const names = policy.operators.map((one) => one.name)
  output.line([
    { text: folder.own, tone: 'strong' },
    ` account ${folder.id.slice(0, 8)}, ${folder.charter.terms.suite}, network ${folder.charter.network}`,
  ])
  output.line(`certified by ${policy.threshold} of ${names.join(', ')}`, 'quiet')
  output.line()
  showHoldings(output, office)
  showRisks(office)
  showSteps(office, options)
  if (desk.isForgetful()) {
    output.line()
    output.line('Steps that were signed elsewhere may be missing here.', 'warn')
  }
  output.result(accountResult(office))
}

const showHoldings = (output: Output, office: Office): void => {
  const rows = holdingsIn(office.desk.state().machine, assetsOf(office))
    .filter((one) => one.holder === office.folder.own)
    .map(({ holder, free, symbol, locked }): readonly Span[] => [
      holder,
      { text: `${free} ${symbol}`, tone: 'strong' },
      locked === '' ? '' : `and ${locked} set aside`,
    ])
  if (rows.length === 0) output.line('  no money yet')
  output.table(rows)
}

const showRisks = ({ output, folder }: Office): void =>
  output.table(
    risksIn(folder).map(({ from, amount }): readonly Span[] => [
      `at a risk`,
      { text: amount, tone: 'warn' },
      `from ${from}, not certified`,
    ]),
  )

const STEPS_LAST = 12

const showSteps = (office: Office, { all }: { readonly all: boolean }): void => {
  const { output, desk, folder } = office
  const { steps } = desk.state()
  if (steps.length === 0) return
  output.line()
  const shown = all ? steps : steps.slice(-STEPS_LAST)
  if (shown.length < steps.length) {
    output.line(`  ${steps.length - shown.length} earlier steps; --all shows them`, 'quiet')
  }
  const contacts = listContacts(folder)
  const due = new Set(undelivered(office).map((one) => one.step))
  const exposed = exposedSteps(folder)
  output.table(
    shown.map((step): readonly Span[] => [
      `${step.transition.sequence}`,
      stepText(office, step, contacts),
      {
        text: `${stateOf(step, exposed)}${due.has(step) ? ', not delivered' : ''}`,
        tone: stateOf(step, exposed) === 'certified' ? 'good' : 'warn',
      },
    ]),
  )
}

/** What a step does, with names of the address book instead of ids. */
export const stepText = (
  { desk }: Pick<Office, 'desk'>,
  step: OwnerStep,
  contacts: readonly Contact[],
): string => {
  const charters = desk.charters()
  const lines = describeOperations({ charters, logics: STANDARD_LOGICS }, step.interaction)
  return contacts
    .filter((one) => payeesOf(step).has(one.id))
    .reduce(
      (text, one) => text.replaceAll(`${one.own} on ${one.id.slice(0, 8)}`, one.name),
      lines.join('; '),
    )
}

/** The time that the operators attest, in milliseconds since 1970. */
export const timeOf = (step: OwnerStep): bigint | undefined => {
  const { certificate } = step
  const read = certificate && faultFrom(() => directoryCertificate.decode(certificate))
  return read === undefined || isFault(read) || read.is !== 'receipts'
    ? undefined
    : medianTime(read.receipts)
}

export const accountResult = (office: Office): Readonly<Record<string, unknown>> => {
  const { desk, folder } = office
  const { machine, steps } = desk.state()
  const contacts = listContacts(folder)
  const due = new Set(undelivered(office).map((one) => one.step))
  const exposed = exposedSteps(folder)
  return {
    account: folder.id,
    owner: folder.own,
    folder: folder.path,
    head: { sequence: machine.head.sequence, id: machine.headId },
    holdings: holdingsIn(machine, assetsOf(office)).filter((one) => one.holder === folder.own),
    steps: steps.map((step) => ({
      sequence: step.transition.sequence,
      says: stepText(office, step, contacts),
      state: stateOf(step, exposed),
      since: timeOf(step),
      delivered: step.certificate ? !due.has(step) : undefined,
    })),
    provisional: risksIn(folder).map(({ from, amount, source }) => ({
      from,
      amount,
      source,
      mode: 'M2',
      exposure: amount,
    })),
    contacts: contacts.map((one) => ({ name: one.name, account: one.id })),
  }
}
