/** Machines as their parties see them: who holds what, what was agreed, and what it waits for. */
import type { MachineId } from '../base/brand.ts'
import type { Machine } from '../kernel/execute.ts'
import type { Interaction } from '../kernel/interaction.ts'
import { exposureOf } from '../logic/ledger-audit.ts'
import { textFromAmount } from '../logic/amount.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { type PartyState, type PartyStep, stepsOf } from '../models/bilateral/state.ts'
import { describeOperations, nameOf } from '../verify/describe.ts'
import { waitWords } from '../verify/words.ts'
import { type Charter, CLOSED, proposerAt } from '../kernel/charter.ts'
import { type Asset, assetsIn } from '../logic/ledger-asset.ts'
import { chartResult, showChart } from './chart-view.ts'
import { holdingsIn, openVaultsIn } from './holdings.ts'
import type { MachineDesk } from './machine-desk.ts'
import { isOpen, partyPayments } from './party-payments.ts'
import { paymentResult, showPayments } from './payment-view.ts'
import type { Output, Span } from './print.ts'
import { openedLines, openingsOf, recordsOf, showRecords } from './record-view.ts'

/** Steps that are shown unless all are asked for. */
const STEPS_LAST = 12

/** Shows a machine as its folder knows it. */
export const showDesk = (output: Output, desk: MachineDesk, options: { all: boolean }): void => {
  const state = desk.state()
  const { machine } = state
  output.line([
    { text: nameOf(machine), tone: 'strong' },
    ` (${machine.id.slice(0, 8)})  you are ${desk.folder.own}`,
    `, ${machine.terms.suite}, network ${machine.charter.network}`,
  ])
  output.line()
  showHoldings(output, machine, assetsOf(state))
  showRecordsOf(output, state)
  showChart(output, machine)
  showSteps(output, state, options)
  const payments = partyPayments(state, assetsOf(state))
  const called = (): string => nameOf(machine)
  showPayments(output, payments.filter(isOpen), { ...options, called })
  showWarnings(output, desk)
  showPending(output, desk)
  output.result({ ...deskResult(desk), payments: payments.map(paymentResult) })
}

/** All assets that a state knows the rules of. */
export const assetsOf = (state: PartyState): readonly Asset[] => assetsIn(chartersOf(state))

/** The machine's charter and those of the machines that its steps may refer to. */
export const chartersOf = (state: PartyState): ReadonlyMap<MachineId, Charter> =>
  new Map([state.machine, ...state.known.values()].map((one) => [one.id, one.charter]))

/** One line for each operation. */
export const describeIn = (state: PartyState, of: Interaction): readonly string[] =>
  describeOperations({ charters: chartersOf(state), logics: STANDARD_LOGICS }, of)

const showHoldings = (output: Output, machine: Machine, assets: readonly Asset[]): void => {
  const rows = holdingsIn(machine, assets).map(({ holder, free, symbol, locked }): Span[] => [
    holder,
    { text: `${free} ${symbol}`, tone: 'strong' },
    locked === '' ? '' : `and ${locked} set aside`,
  ])
  output.table(rows)
  const vaults = openVaultsIn(machine, assets)
  output.table(
    vaults.map((one) => [
      `vault ${one.id.slice(0, 8)}`,
      `${one.amount} of ${one.from} for ${one.to}, ${one.release}`,
    ]),
  )
  if (rows.length + vaults.length > 0) output.line()
}

const showRecordsOf = (output: Output, state: PartyState): void => {
  const records = recordsOf(state.machine, interactionsOf(state))
  showRecords(output, records)
  if (records.length > 0) output.line()
}

const interactionsOf = (state: PartyState): readonly Interaction[] =>
  stepsOf(state).map((one) => one.interaction)

const showSteps = (output: Output, state: PartyState, { all }: { all: boolean }): void => {
  const steps = stepsOf(state)
  const earlier = state.machine.head.sequence - BigInt(steps.length)
  if (earlier > 0n) {
    output.line(`  steps 1 to ${earlier} came before; tally bundle shows them`, 'quiet')
  }
  const left = all ? 0 : Math.max(0, steps.length - STEPS_LAST)
  if (left > 0) output.line(`  … ${left} steps before`, 'quiet')
  output.table(steps.slice(left).flatMap((one) => stepRows(state, one)))
  if (steps.length === 0) output.line('  no step yet', 'quiet')
}

const stepRows = (state: PartyState, step: PartyStep): readonly (readonly Span[])[] => {
  const [said = '–', ...more] = describeIn(state, step.interaction)
  const isWeak = step.grade === 'provisional' || step.grade === 'local'
  return [
    [
      String(step.transition.sequence),
      said,
      isWeak ? { text: 'provisional', tone: 'warn' } : { text: 'final', tone: 'good' },
      `signed by ${state.machine.terms.participants.map((one) => one.name).join(' and ')}`,
    ],
    ...more.map((one) => ['', one]),
    ...openedLines(openingsOf(state.machine, step.interaction, step.attachments)).map((one) => [
      '',
      { text: `  ${one}`, tone: 'quiet' } as const,
    ]),
  ]
}

const showWarnings = (output: Output, desk: MachineDesk): void => {
  const state = desk.state()
  const { peer } = desk.folder
  for (const asset of assetsOf(state)) {
    const exposed = exposureIn(state, asset)
    if (exposed === '') continue
    output.line()
    output.line(`You may still lose up to ${exposed}: what it came from is not final.`, 'warn')
  }
  if (state.evidence.length > 0) {
    output.line()
    output.line(`There is proof that ${peer} broke its word; nothing more is signed here.`, 'bad')
  }
  if (state.quarantine) {
    output.line()
    output.line(`This folder was put back from an older copy. Nothing is signed until`, 'warn')
    output.line(`${peer} has said what it remembers.`, 'warn')
  }
  if (state.closed) {
    const isOver = state.machine.terms.policy.kind === CLOSED
    output.line()
    output.line(isOver ? 'The machine is closed.' : 'It was handed over to other terms.', 'warn')
  }
}

/** What rests on steps elsewhere that can still be undone; empty if nothing does. */
export const exposureIn = (
  state: PartyState,
  { prefix, params }: Asset,
  more: readonly Pick<PartyStep, 'interaction' | 'grade'>[] = [],
): string => {
  const credited = [...stepsOf(state), ...more].map(({ interaction, grade }) => ({
    interaction,
    grade: grade ?? 'proven',
  }))
  const exposed = exposureOf(prefix, state.machine.id, credited)
  return exposed === 0n ? '' : `${textFromAmount(exposed, params.decimals)} ${params.symbol}`
}

const showPending = (output: Output, desk: MachineDesk): void => {
  const { pending, machine } = desk.state()
  if (!pending) return
  output.line()
  output.line([
    `step ${machine.head.sequence + 1n}: `,
    { text: describeIn(desk.state(), pending.draft.interaction).join('; '), tone: 'strong' },
  ])
  output.line(`  ${stageText(desk)}`)
}

/** What has become of the step on its way, in a sentence. */
export const stageText = (desk: MachineDesk): string => {
  const { pending } = desk.state()
  const { peer } = desk.folder
  switch (pending?.stage) {
    case undefined:
      return 'nothing is on its way'
    case 'proving':
      return 'what it relies on is not proven yet'
    case 'asking':
      return pending.claimed
        ? `${peer} offers it and waits for your answer`
        : `${peer} asks you to propose it and waits for your answer`
    case 'consenting':
    case 'accepting':
    case 'confirming':
      return 'your signature is wanted'
    case 'requested':
      return `it is ${peer}’s turn: you have asked ${peer} to propose it`
    case 'offered':
      return `offered to ${peer}, who has not answered`
    case 'accepted':
      return pending.regretted
        ? `you have signed, and asked ${peer} to let you out of it`
        : `you have signed; it is final when ${peer} has signed too`
  }
}

/** Whose turn the next step is. */
export const turnText = (desk: MachineDesk): string => {
  const { machine } = desk.state()
  const party = proposerAt(machine.terms, machine.head.sequence + 1n)
  return party === desk.folder.party ? 'yours' : `${desk.folder.peer}’s`
}

/** What programs get to see of a machine. */
export const deskResult = (desk: MachineDesk): Readonly<Record<string, unknown>> => {
  const state = desk.state()
  const { machine, pending } = state
  return {
    machine: machine.id,
    folder: desk.folder.path,
    you: desk.folder.own,
    other: desk.folder.peer,
    head: { sequence: machine.head.sequence, id: machine.headId },
    holdings: holdingsIn(machine, assetsOf(state)),
    vaults: openVaultsIn(machine, assetsOf(state)),
    records: recordsOf(machine, interactionsOf(state)),
    chart: chartResult(machine),
    steps: stepsOf(state).map((one) => ({
      sequence: one.transition.sequence,
      id: one.id,
      described: describeIn(state, one.interaction),
      grade: one.grade ?? 'cosigned',
    })),
    pending: pending && {
      stage: pending.stage,
      by: pending.by,
      described: describeIn(state, pending.draft.interaction),
    },
    waitingFor: desk.party.waitingFor(state).map(waitWords),
    evidence: state.evidence.length,
    quarantined: state.quarantine !== undefined,
  }
}
