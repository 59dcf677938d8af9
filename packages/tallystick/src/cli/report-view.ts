/** Reports as people read them on a screen: the verdict first, then what is wrong, then what holds and on what it rests. */
import type { Fault } from '../base/fault.ts'
import { CUSTODIANS } from '../models/custodians/policy.ts'
import { DIRECTORY } from '../models/directory/policy.ts'
import { KRAMA } from '../models/krama/policy.ts'
import { shortKeys } from '../forms/short-keys.ts'
import type { FieldReport, MachineReport, Report, Standing, StepReport } from '../verify/report.ts'
import { finalityWords, gradeWords, labelOf, standingWords, waitWords } from '../verify/words.ts'
import { fixOf } from './fix.ts'
import type { ExitCode, Output, Span, Tone } from './print.ts'
import type { StepOwner } from './step-owner.ts'

export const EXIT_OF: Readonly<Record<Report['outcome'], ExitCode>> = {
  valid: 0,
  invalid: 1,
  incomplete: 2,
}

/** Steps of a machine that are shown unless all are asked for: the first ones and the last ones. */
const STEPS_FIRST = 3
const STEPS_LAST = 12

export type ReportOptions = {
  readonly all: boolean
  /** Whose step it is, for faults that name no party. */
  readonly ownerOf: StepOwner
}

export const showReport = (to: Output, report: Report, options: ReportOptions): void => {
  const output = withShortKeys(to)
  const { word, tone, says } = OUTCOMES[report.outcome]
  output.line([
    { text: word, tone },
    `  ${says}`,
    { text: `  ${sizeText(report.bytes)}`, tone: 'quiet' },
  ])
  for (const fault of report.faults) {
    output.line()
    showFault(output, report, { fault, ownerOf: options.ownerOf })
  }
  for (const machine of report.machines) {
    output.line()
    showMachine(output, report, { machine, all: options.all })
  }
  const convicted = [...report.convictions, ...report.lies]
  if (convicted.length > 0) output.line()
  for (const one of convicted) {
    const name = one.name ?? `key ${one.signer.slice(0, 8)}`
    const where = `step ${one.sequence} of ${labelOf(report, one.machine)}`
    output.line([{ text: `convicted: ${name}`, tone: 'bad' }, ` ${KINDS[one.kind] ?? one.kind}`])
    output.line(`  ${where}, a proof of ${sizeText(one.bytes)}`)
  }
  if (report.assumptions.length > 0) output.line()
  if (report.assumptions.length > 0) output.line('This rests on', 'quiet')
  for (const text of sharedAssumptions(report)) output.paragraph(text, 2, 'quiet')
}

const withShortKeys = (output: Output): Output => {
  const cell = (of: Span): Span =>
    typeof of === 'string' ? shortKeys(of) : { ...of, text: shortKeys(of.text) }
  const isOne = (of: Span | readonly Span[]): of is Span => typeof of === 'string' || 'text' in of
  return {
    ...output,
    line: (text, tone) =>
      output.line(text === undefined || isOne(text) ? text && cell(text) : text.map(cell), tone),
    paragraph: (text, indent, tone) => output.paragraph(shortKeys(text), indent, tone),
    table: (rows, indent) =>
      output.table(
        rows.map((row) => row.map(cell)),
        indent,
      ),
  }
}

/** What several machines rest on alike is said once, with the machines it holds for. */
const sharedAssumptions = (report: Report): readonly string[] => {
  const holders = new Map<string, string[]>()
  for (const { machine, text } of report.assumptions) {
    const name = report.machines.find((one) => one.id === machine)?.name ?? ''
    const says = name !== '' && text.startsWith(`${name}: `) ? text.slice(name.length + 2) : text
    holders.set(says, [...(holders.get(says) ?? []), name])
  }
  return [...holders].map(([says, names]) => {
    const isForAll = report.machines.length > 1 && names.length === report.machines.length
    const who = isForAll
      ? 'all of them'
      : [...new Set(names)].filter((one) => one !== '').join(', ')
    return who === '' ? says : `${who}: ${says}`
  })
}

const OUTCOMES: Readonly<
  Record<Report['outcome'], { readonly word: string; readonly tone: Tone; readonly says: string }>
> = {
  valid: { word: 'valid', tone: 'good', says: 'every step in the file holds and is final' },
  invalid: { word: 'invalid', tone: 'bad', says: 'something in the file is false or contested' },
  incomplete: {
    word: 'incomplete',
    tone: 'warn',
    says: 'nothing is false, but not every step is shown to be final',
  },
}

type ShownFault = { readonly fault: Fault; readonly ownerOf: StepOwner }

const showFault = (output: Output, report: Report, { fault, ownerOf }: ShownFault): void => {
  const { machine, step, party, part } = fault.place
  const owner =
    machine === undefined || step === undefined ? undefined : ownerOf(machine, BigInt(step))
  const rows: Span[][] = [['why', { text: fault.message, tone: 'bad' }]]
  if (step !== undefined) rows.push(['step', String(step)])
  if (party !== undefined) rows.push(['party', party])
  else if (owner !== undefined) rows.push(['party', `${owner}, whose step it is`])
  if (part !== undefined) rows.push(['part', part])
  if (machine !== undefined) rows.push(['machine', labelOf(report, machine)])
  rows.push(['fix', fixOf(fault.code, fault.message)])
  rows.push(['code', { text: `${fault.code}  (${fault.docs})`, tone: 'quiet' }])
  output.table(rows)
}

type ShownMachine = { readonly machine: MachineReport; readonly all: boolean }

const showMachine = (output: Output, report: Report, { machine, all }: ShownMachine): void => {
  output.line([
    { text: labelOf(report, machine.id), tone: 'strong' },
    `  ${machine.policy}, ${machine.suite}, network ${machine.network}`,
  ])
  const { steps } = machine
  const left = all ? 0 : Math.max(0, steps.length - STEPS_FIRST - STEPS_LAST)
  const shown = left < 2 ? steps : [...steps.slice(0, STEPS_FIRST), ...steps.slice(-STEPS_LAST)]
  const rows = shown.flatMap((one) => stepRows(report, one))
  if (left >= 2) {
    const first = shown[STEPS_FIRST]
    const at = rows.findIndex((row) => row[0] === String(first?.sequence))
    rows.splice(at, 0, ['', { text: `… ${left} more`, tone: 'quiet' }])
  }
  output.table(rows)
  output.line(`  head: step ${machine.head.sequence}, ${headText(machine)}`)
}

const headText = (machine: MachineReport): string => {
  const { head, freshness } = machine
  const how =
    head.grade === undefined
      ? 'nothing has happened yet'
      : `${head.standing}, ${gradeWords(machine)}`
  switch (freshness.is) {
    case 'closed':
      return `${how}; closed`
    case 'latest':
      return `${how}; latest as of ${timeText(freshness.asOf)}`
    case 'unknown':
      return `${how}; whether it is the newest, no file can show`
  }
}

export const timeText = (at: bigint): string =>
  at < 8_640_000_000_000_000n ? new Date(Number(at)).toISOString() : `${at} ms after 1970`

const stepRows = (report: Report, step: StepReport): readonly (readonly Span[])[] => {
  const [said = step.withheld ? 'withheld' : '–', ...more] = step.described
  const standing = {
    text: step.standing === 'vouched' || step.withheld ? standingWords(step) : step.standing,
    tone: TONES[step.standing],
  }
  return [
    [String(step.sequence), said, standing, whyText(report, step)],
    ...more.map((one) => ['', one]),
    ...step.fields.map((one) => ['', fieldSpan(one)]),
  ]
}

const fieldSpan = ({ name, value }: FieldReport): Span =>
  value === undefined
    ? { text: `  ${name}: withheld`, tone: 'quiet' }
    : { text: `  ${name}: ${value}`, tone: 'plain' }

const TONES: Readonly<Record<Standing, Tone>> = {
  final: 'good',
  vouched: 'warn',
  provisional: 'warn',
  pending: 'warn',
  superseded: 'quiet',
  contested: 'bad',
  refused: 'bad',
  unchecked: 'quiet',
}

const whyText = (report: Report, step: StepReport): string => {
  const words: string[] = []
  if (step.finality) words.push(finalityWords(step.finality, step.standIns))
  if (step.restsOn) {
    const { machine, sequence } = step.restsOn
    words.push(`rests on step ${sequence} of ${labelOf(report, machine)}`)
  }
  if (
    step.waitingFor.length > 0 &&
    (step.standing === 'pending' || step.standing === 'provisional')
  ) {
    words.push(`waits for ${step.waitingFor.map(waitWords).join(', and ')}`)
  }
  return words.join('; ')
}

export const KINDS: Readonly<Record<string, string>> = {
  fork: 'signed for two different steps at one place',
  regress: 'signed for steps of two histories at one number',
  'abort-broken': 'aborted a round and committed in it',
  'lock-broken': 'left a step it had committed to without leave',
  [`${CUSTODIANS}/decreasing-time`]: 'attested an earlier time for a later step',
  [`${CUSTODIANS}/stale-heartbeat`]: 'named a step the newest that it had gone beyond',
  [`${CUSTODIANS}/two-heads`]: 'named two steps the newest',
  [`${KRAMA}/fork`]: 'sealed two different steps at one place',
  [`${KRAMA}/regress`]: 'sealed steps of two histories at one number',
  [`${KRAMA}/decreasing-time`]: 'sealed a later step at an earlier time',
  [`${CUSTODIANS}/invalid-step`]: 'signed for a step that the rules do not lead to',
  [`${CUSTODIANS}/early-step`]: 'signed for a step whose time was still to come',
  [`${CUSTODIANS}/false-premise`]:
    'signed for a step that relies on what another machine never said',
  [`${DIRECTORY}/split-log`]: 'signed for two logs that exclude each other',
  [`${DIRECTORY}/unlogged`]: 'gave a receipt and left it out of its log',
}

/** 4,312 bytes. */
export const sizeText = (bytes: number): string => `${bytes.toLocaleString('en')} bytes`
