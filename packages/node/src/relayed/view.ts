/** A machine on relays as people see it: its terms, where it stands, its steps, and who keeps it waiting. */
import {
  chartLines,
  chartResult,
  drawPictures,
  type ExitCode,
  type Output,
  type RelayedAsk,
  showChart,
  type Span,
} from 'tallystick/command'
import { type PolicyWarning, warningsOf } from 'tallystick/models'
import { isFault } from 'tallystick/base'
import { evidenceFrom, KINDS, nostrInputFrom, partiesOf } from 'tallystick/nostr'
import { fileFromBundle } from 'tallystick/verify'
import { isHeld, termsIn } from '../relay/changes.ts'
import { bundleOf } from './bundle.ts'
import type { CertifiedStep } from './history.ts'
import { showNewness } from './freshness.ts'
import { linkFrom } from './link.ts'
import { listText, type Names, namesIn } from './names.ts'
import {
  catchUp,
  type CaughtUp,
  type Defined,
  dirOf,
  type RelayedOffice,
  withRelayed,
} from './office.ts'
import { ownOpen } from './own-input.ts'
import { custodyIn, custodyText, standInText } from './terms.ts'

export const showRelayed = (output: Output, ask: RelayedAsk): Promise<ExitCode> =>
  withRelayed(output, ask, async (office): Promise<ExitCode> => {
    const caughtUp = await catchUp(office)
    const history = office.history()
    output.line([
      { text: office.definition.title, tone: 'strong' },
      `  step ${history.machine.head.sequence}`,
    ])
    showChart(output, history.machine)
    showSteps(output, office, ask.all === true)
    showTrouble(output, office, caughtUp)
    const { definition, folder } = office
    const link = linkFrom({ id: definition.id, relays: folder.relays, author: definition.creator })
    output.line(['invitation  ', link], 'quiet')
    await drawPictures(output, fileFromBundle(bundleOf(office)), ask)
    output.result({ ...resultOf(office), relays: caughtUp, link })
    output.next(nextOf(office))
    return history.stopped || accusedIn(office).length > 0 ? 1 : 0
  })

/** What a program gets to see of the machine. */
export const resultOf = (office: RelayedOffice): Readonly<Record<string, unknown>> => {
  const { machine, steps, stopped, pending } = office.history()
  return {
    machine: machine.id,
    definition: office.definition.id,
    heldBy: machine.terms.policy.kind,
    sealed: office.membership?.sealed(),
    head: { sequence: machine.head.sequence, id: machine.headId },
    chart: chartResult(machine),
    steps: steps.map((one) => stepResult(office, one)),
    pending: pending.map((one) => ({ ...one, custodians: one.custodians.map(office.names) })),
    accused: accusedIn(office),
    stopped: stopped && { code: stopped.code, message: stopped.message },
    open: ownOpen(office)?.id,
  }
}

export const stepResult = (
  { names }: Pick<RelayedOffice, 'names'>,
  of: CertifiedStep,
): Readonly<Record<string, unknown>> => ({
  sequence: of.transition.sequence,
  input: of.input?.id,
  sender: of.input?.pubkey,
  type: of.input && nostrInputFrom(of.input).type,
  data: of.input?.content,
  custodians: of.custodians.map(names),
  standIns: of.standIns.map(names),
  operators: of.operators,
})

/** One line for a certified step. */
export const stepLine = (
  { names }: Pick<RelayedOffice, 'names'>,
  of: CertifiedStep,
): readonly Span[] => {
  const input = of.input
  const next = termsIn(of.interaction)
  const what = input
    ? nostrInputFrom(input).type
    : next
      ? `held by ${custodyText(next, names)}`
      : 'a step without an input'
  return [
    `${of.transition.sequence}`,
    { text: what, tone: 'strong' },
    ...(input ? [`by ${names(input.pubkey)}`, input.content] : ['', '']),
    certifiedText(names, of),
  ]
}

const certifiedText = (names: Names, { custodians, standIns, operators }: CertifiedStep): Span => {
  const by = `certified by ${listText([...custodians.map(names), ...operators])}`
  if (standIns.length === 0) return { text: by, tone: 'quiet' }
  return { text: `${by}, and by the stand-ins ${listText(standIns.map(names))}`, tone: 'warn' }
}

/** Steps that are shown where nobody asks for all. */
const STEPS_SHOWN = 10

const showSteps = (output: Output, office: RelayedOffice, isAll: boolean): void => {
  const { steps } = office.history()
  const shown = isAll ? steps : steps.slice(-STEPS_SHOWN)
  if (steps.length > shown.length) {
    output.line(`… ${steps.length - shown.length} earlier steps; --all shows them`, 'quiet')
  }
  output.table(shown.map((one) => stepLine(office, one)))
  if (shown.length > 0) output.line()
}

const showTrouble = (output: Output, office: RelayedOffice, caughtUp: CaughtUp): void => {
  const { stopped, pending, machine } = office.history()
  for (const { relay, why } of caughtUp.unsure) {
    output.line(`${relay} did not show all it has: ${why}`, 'warn')
  }
  if (!caughtUp.isComplete) {
    output.line(
      'No relay showed all it has, so this may not be the newest; the history here stands.',
      'warn',
    )
  }
  if (isHeld(machine.terms)) showNewness(output, caughtUp.newness)
  else output.line(`Held by ${custodyText(machine.terms, office.names)}.`, 'quiet')
  const sealed = office.membership?.sealed() ?? 0
  if (sealed > 0) {
    output.line(
      `${sealed} messages are under keys that are not here: tally resend looks for them.`,
      'warn',
    )
  }
  for (const { input, custodians } of pending) {
    const names = listText(custodians.map(office.names))
    output.line(
      `${input.slice(0, 8)}: ${custodians.length} of ${office.threshold} receipts, by ${names}`,
    )
  }
  showWaiting(output, office)
  if (stopped) output.line(`The history ends here: ${stopped.message} (${stopped.code})`, 'bad')
  for (const one of accusedIn(office))
    output.line(`Evidence against ${one.name}: ${one.why}`, 'bad')
}

/** Who may still decide what waits, where the terms name stand-ins. */
const showWaiting = (output: Output, office: RelayedOffice): void => {
  const { pending, machine } = office.history()
  const help = standInText(machine.terms, office.names)
  if (help === undefined || (pending.length === 0 && !ownOpen(office))) return
  output.line(`Something waits: ${help} decide.`, 'quiet')
}

export type Accused = { readonly key: string; readonly name: string; readonly why: string }

/** Whom signatures at hand convict: those seen here, and those that others published. */
export const accusedIn = (office: RelayedOffice): readonly Accused[] => {
  const { names, engine } = office
  const own = office.history().twoFaced.map(({ custodian, step }) => ({
    key: custodian,
    name: names(custodian),
    why: `it committed to two histories at step ${step}`,
  }))
  const published = [...office.events().values()].flatMap((event) => {
    if (event.kind !== KINDS.evidence) return []
    try {
      const { accused, type } = evidenceFrom(event, engine)
      return [{ key: accused, name: names(accused), why: whyOf(type) }]
    } catch (error) {
      if (isFault(error)) return []
      throw error
    }
  })
  return [...own, ...published]
}

/** What evidence of a type says of the accused. */
export const whyOf = (type: string): string => WORDS.get(type) ?? type

const WORDS: ReadonlyMap<string, string> = new Map([
  ['EQUIVOCATION', 'it committed to two histories'],
  ['DOUBLE_VOTE', 'it voted for two histories'],
  ['EARLY_TIMER', 'it signed a time that goes back, or that its step had not reached'],
  ['FALSE_HEARTBEAT', 'it signed that it knew of nothing newer, and had'],
  ['INVALID_TRANSITION', 'it signed for a step that does not follow'],
  [
    'DOUBLE_INPUT',
    'two inputs of one author on one head; harmless where the first was refused or the type commutes',
  ],
])

/** What somebody agrees to who takes part. */
export const showTermsOf = (output: Output, of: Defined, own: string): void => {
  const names = namesIn(of.definition, own)
  const [logic] = of.charter.logics
  const roles = rolesIn(of, names)
  const standIns = standInText(of.charter.terms, (key) => custodianText(names, key))
  output.table([
    ...(logic
      ? chartLines(logic.params).filter(([word]) => word !== 'role' && word !== 'clock')
      : []),
    ['clock', clockText(of)],
    ...roles.map((one): readonly Span[] => ['role', one]),
    ...of.definition.oracles.map(({ name, machine }): readonly Span[] => [
      'oracle',
      `${name}, on machine ${machine.slice(0, 8)}`,
    ]),
    ['takes part', partiesOf(of.definition).map(names).join(', ')],
    [
      'custodians',
      `${of.threshold} of ${listText(of.custodians.map((key) => custodianText(names, key)))}`,
    ],
    ...(standIns === undefined ? [] : [['stand-ins', standIns]]),
    ['relays', of.definition.relays.join(', ')],
  ])
  for (const one of warningsFor(of)) output.line(warningText(one), 'warn')
}

const custodianText = (names: Names, key: string): string => {
  const name = names(key)
  return name === key.slice(0, 8) ? name : `${name} (${key.slice(0, 8)})`
}

const rolesIn = ({ definition }: Defined, names: Names): readonly string[] =>
  [...Map.groupBy(definition.participants, (one) => one.role)]
    .filter(([role]) => role !== '' && role !== 'custodian')
    .map(([role, list]) => `${role}: ${list.map((one) => names(one.key)).join(', ')}`)

const clockText = ({ definition: { clock } }: Defined): string => {
  switch (clock.is) {
    case 'none':
      return 'none; nothing in it waits for a time'
    case 'agreed':
      return `the custodians’, within ${clock.skewMs / 1000} seconds of each one’s own`
    case 'machine':
      return `what the certificates of machine ${clock.machine.slice(0, 8)} attest`
  }
}

export const warningsFor = ({ charter }: Defined): readonly PolicyWarning[] => {
  const policy = custodyIn(charter.terms)
  return policy ? warningsOf(policy) : []
}

const warningText = (of: PolicyWarning): string => {
  switch (of.is) {
    case 'one-liar-forks':
      return 'One custodian that lies can make two histories final.'
    case 'one-stand-in-forks':
      return 'One stand-in that lies can make two histories final.'
    case 'one-silent-stops':
      return 'One custodian that is silent stops the machine.'
    case 'time-moved-by':
      return `${of.liars} custodians that lie can move the time.`
  }
}

export const nextOf = (office: RelayedOffice): string => {
  const dir = dirOf(office)
  if (ownOpen(office)) return `tally resend${dir}`
  const { status } = statusIn(office)
  return status === 'done' ? `tally bundle${dir}` : `tally propose EVENT${dir}`
}

const statusIn = (office: RelayedOffice): { readonly status: unknown } => {
  const chart = chartResult(office.history().machine)
  return { status: chart?.['status'] }
}
