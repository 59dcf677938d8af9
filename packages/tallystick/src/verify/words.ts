/** Reports in plain words, one line each. Only the report's own data is shown; nothing is judged here. */
import type { Fault } from '../base/fault.ts'
import type { Finality, Wait } from '../kernel/verdict.ts'
import { textFromMillis } from '../logic/calendar.ts'
import { CUSTODIANS } from '../models/custodians/policy.ts'
import type { LieReport, Freshness, MachineReport, Report, Standing, StepReport } from './report.ts'

export const linesFromReport = (report: Report): readonly string[] => [
  `${OUTCOMES[report.outcome]} (${report.bytes} bytes)`,
  ...report.machines.flatMap((one) => ['', ...machineLines(report, one)]),
  ...section(
    'What is wrong or missing:',
    report.faults.map((one) => faultLine(report, one)),
  ),
  ...section(
    'Convicted:',
    [...report.convictions, ...report.lies].map((one) => convictionLine(report, one)),
  ),
  ...section(
    'This rests on:',
    report.assumptions.map((one) => one.text),
  ),
]

const OUTCOMES: Readonly<Record<Report['outcome'], string>> = {
  valid: 'valid: every step in the file holds and is final',
  invalid: 'invalid: something in the file is false or contested',
  incomplete: 'incomplete: nothing is false, but not every step is shown to be final',
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', title, ...lines.map((one) => `  ${one}`)]

/** How a machine is called in a report: the parties' names and the start of its id. */
export const labelOf = (report: Report, id: string): string => {
  const name = report.machines.find((one) => one.id === id)?.name
  return name === undefined ? id.slice(0, 8) : `${name} (${id.slice(0, 8)})`
}

/** A fault with its place in front: which step of which machine, which party, which part. */
export const faultLine = (report: Report, fault: Fault): string => {
  const { machine, step, party, part } = fault.place
  const place: string[] = []
  if (step !== undefined) place.push(`step ${String(step)}`)
  if (machine !== undefined)
    place.push(`${step === undefined ? '' : 'of '}${labelOf(report, machine)}`)
  const rest = [party === undefined ? '' : `party ${party}`, part ?? ''].filter((one) => one !== '')
  const where = [place.join(' '), ...rest].filter((one) => one !== '').join(', ')
  return `${where === '' ? '' : `${where}: `}${fault.message} [${fault.code}]`
}

const machineLines = (report: Report, of: MachineReport): readonly string[] => [
  `${labelOf(report, of.id)}: network ${of.network}, suite ${of.suite}, policy ${of.policy}`,
  ...of.steps.map((one) => `  ${stepLine(report, one)}`),
  `  head: step ${String(of.head.sequence)}, ${headWords(of)}; ${freshnessWords(of.freshness)}`,
]

const headWords = (of: MachineReport): string =>
  of.head.grade === undefined
    ? 'the beginning'
    : `${STANDINGS[of.head.standing]} (${gradeWords(of)})`

/** What vouches for the newest step itself, and the lowest grade on the way to it where that is lower. */
export const gradeWords = ({ steps, head }: MachineReport): string => {
  const own = steps.find((one) => one.id === head.id)?.finality?.grade
  return own && own !== head.grade ? `${own}, ${head.grade} on the way` : `${head.grade}`
}

const STANDINGS: Readonly<Record<Standing, string>> = {
  final: 'final',
  vouched: 'run, on a state that is vouched for',
  provisional: 'provisional, not final',
  pending: 'not yet final',
  superseded: 'lost to another step',
  contested: 'contested',
  refused: 'refused',
  unchecked: 'not checked: what it builds on is missing or refused',
}

/** How a step stands. One whose header alone is shown is never said to be checked. */
export const standingWords = (step: Pick<StepReport, 'standing' | 'withheld'>): string =>
  step.withheld
    ? `${step.standing === 'vouched' ? 'vouched for' : STANDINGS[step.standing]}, not run`
    : STANDINGS[step.standing]

const stepLine = (report: Report, step: StepReport): string => {
  const what = step.described.join('; ')
  const words = [standingWords(step)]
  for (const { name, value } of step.fields) words.push(`${name} ${value ?? 'withheld'}`)
  if (step.finality) words.push(finalityWords(step.finality, step.standIns))
  if (step.restsOn) {
    const { machine, sequence } = step.restsOn
    words.push(`rests on step ${String(sequence)} of ${labelOf(report, machine)}`)
  }
  const waiting =
    step.standing === 'pending' || step.standing === 'provisional' ? step.waitingFor : []
  if (waiting.length > 0) words.push(`waits for ${waiting.map(waitWords).join(', and ')}`)
  return `step ${String(step.sequence)}: ${what === '' ? '' : `${what}: `}${words.join('; ')}`
}

/** The grade, and who vouches for it: stand-ins are told apart from custodians. */
export const finalityWords = (
  { grade, vouchers }: Finality,
  standIns: readonly string[] = [],
): string => {
  const others = vouchers.filter((one) => !standIns.includes(one))
  const by = others.length === 0 ? '' : ` by ${others.join(', ')}`
  const helped = standIns.length === 0 ? '' : `, and by the stand-ins ${standIns.join(', ')}`
  return `${grade}${by}${helped}`
}

export const waitWords = (wait: Wait): string => {
  switch (wait.is) {
    case 'signers':
      return `the signature of ${wait.names.join(', ')}`
    case 'time':
      return textFromMillis(wait.until)
    case 'fact':
      return wait.about
    case 'step':
      return `step ${String(wait.sequence)}`
  }
}

const freshnessWords = (of: Freshness): string => {
  switch (of.is) {
    case 'closed':
      return 'closed'
    case 'latest':
      return `latest as of ${textFromMillis(of.asOf)}`
    case 'unknown':
      return 'freshness unknown'
  }
}

const KINDS: Readonly<Record<string, string>> = {
  fork: 'signed for two different steps at one place',
  regress: 'signed for steps of two histories at one number',
  'abort-broken': 'aborted a round and committed in it',
  'lock-broken': 'left a step it had committed to without leave',
  [`${CUSTODIANS}/decreasing-time`]: 'attested an earlier time for a later step',
  [`${CUSTODIANS}/stale-heartbeat`]:
    'said that it knew of nothing newer than what it had committed to',
  [`${CUSTODIANS}/two-heads`]: 'said that two different steps were the newest',
  [`${CUSTODIANS}/invalid-step`]: 'signed for a step that the rules do not lead to',
  [`${CUSTODIANS}/early-step`]: 'signed for a step whose time was still to come',
  [`${CUSTODIANS}/false-premise`]:
    'signed for a step that relies on what another machine never said',
}

const convictionLine = (report: Report, of: LieReport): string => {
  const who = of.name ?? `the key ${of.signer.slice(0, 8)}`
  const what = KINDS[of.kind] ?? 'signed what no honest signer signs'
  const where = `step ${String(of.sequence)} of ${labelOf(report, of.machine)}`
  return `${who} ${what}: ${where} (${of.kind}, proof of ${of.bytes} bytes)`
}
