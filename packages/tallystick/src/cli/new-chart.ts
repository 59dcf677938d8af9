/** A statechart for a new machine: the definition's file, what is wrong with it, and what the user's options say of it. */
import { existsSync } from 'node:fs'
import { utf8FromBytes } from '../base/bytes.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import { DEFINITION_BYTES_MAX, SKEW_MS_MAX } from '../base/limits.ts'
import type { LogicTerms } from '../kernel/charter.ts'
import { commuteDoubts } from '../logic/statechart/commute.ts'
import { statechart } from '../logic/statechart/logic.ts'
import {
  type Clock,
  type Role,
  type StatechartParams,
  statechartParams,
} from '../logic/statechart/params.ts'
import { type Prepared, readWhole } from '../logic/statechart/prepared.ts'
import type { Problem } from '../logic/statechart/problem.ts'
import { rolesReadBy } from '../logic/statechart/roles.ts'
import { readInputFile } from './input-file.ts'
import { clockMachineFrom, oracleFrom } from './oracle-words.ts'
import { type Output, usageError } from './print.ts'
import { countFrom, oneOf } from './program-option.ts'

export type ChartOptions = {
  readonly definition: string
  /** ROLE=NAME,NAME as typed. */
  readonly role: readonly string[]
  /** agreed, none, or the file of a machine, as typed. */
  readonly clock?: string
  /** NAME=FILE as typed. */
  readonly oracle?: readonly string[]
  /** Seconds, as typed. */
  readonly skew: string
}

/** A definition that was read from a file, and is to be begun by `creator`. */
export type NewChart = Pick<Prepared, 'definition' | 'agreement'> & {
  readonly options: ChartOptions
}

/**
 * Reads a definition's file, and shows everything that is wrong with it, or that may be a mistake. Undefined if it is
 * refused.
 */
export const readChart = (output: Output, options: ChartOptions): NewChart | undefined => {
  const bytes = readInputFile(options.definition, 4 * DEFINITION_BYTES_MAX)
  const text = faultFrom(() => utf8FromBytes(bytes))
  if (isFault(text)) throw usageError(`${options.definition} is no text`, 'save it as UTF-8')
  const read = readWhole({ definition: text, names: 'none' })
  if (!('definition' in read)) {
    showProblems(output, read, options.definition)
    return undefined
  }
  const doubts = commuteDoubts(read.definition, read.agreement)
  for (const { path, message, fix } of read.definition.lints) {
    output.line(`${path}: ${message}; ${fix}`, 'warn')
  }
  for (const { path, why } of doubts) {
    output.line(`${path}: the order of such inputs may matter, as ${why}`, 'warn')
  }
  const vacant = vacantRoles(read.definition, options)
  for (const role of vacant) {
    output.line(
      `nobody has the role "${role}": inputs that ask for it will fail; add ${roleOption(role)}`,
      'warn',
    )
  }
  output.result({ lints: read.definition.lints, doubts, vacant })
  return { ...read, options }
}

/** Roles that the definition counts on and nobody has. Raises a usage error where it has all its roles from nobody: it could do nothing. */
const vacantRoles = (
  definition: Prepared['definition'],
  { definition: file, role: given }: ChartOptions,
): readonly string[] => {
  const wanted = rolesReadBy(definition)
  const filled = new Set(given.map((one) => one.split('=', 1)[0]))
  const vacant = wanted.filter((role) => !filled.has(role))
  if (vacant.length === 0 || vacant.length < wanted.length) return vacant
  throw usageError(
    `${file} looks at who has the role ${vacant.map((one) => `"${one}"`).join(', and the role ')}, and nobody has`,
    `add ${vacant.map(roleOption).join(' ')}, with the names of those who take part`,
  )
}

const roleOption = (role: string): string => `--role ${role}=ann,bob`

const showProblems = (output: Output, problems: readonly Problem[], file: string): void => {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  output.complain(`${file} is no definition yet: ${count}`, 'bad')
  for (const { code, path, message, fix } of problems) {
    output.complain([
      { text: path, tone: 'strong' },
      `  ${message}`,
      { text: `  (${code})`, tone: 'quiet' },
    ])
    output.complain(`  fix: ${fix}`)
  }
  output.result({ error: 'statechart/bad-definition', file, problems })
}

/** What a charter says of the chart. Raises usage errors. `now` is the time at which the machine is to begin. */
export const chartTerms = (
  { definition, options }: NewChart,
  names: readonly string[],
  now: bigint,
): LogicTerms => {
  const clock = clockFrom(options, definition)
  const params: StatechartParams = {
    definition: definition.text,
    names: 'none',
    creator: names[0] ?? '',
    roles: options.role.map((one) => roleFrom(one, names)),
    clock,
    startsAt: clock.is === 'none' ? 0n : now,
    oracles: (options.oracle ?? []).map(oracleFrom),
    nostr: undefined,
  }
  return { name: statechart.name, params: statechartParams.encode(params) }
}

/** Where nobody says otherwise, a definition that looks at the time gets a clock, and another gets none. */
const clockFrom = (options: ChartOptions, { hasAfter, text }: Prepared['definition']): Clock => {
  const isTimed = hasAfter || text.includes('event.now')
  const { clock = isTimed ? 'agreed' : 'none' } = options
  // A file of that name would be an odd one, and is written as ./none.
  const isKind = CLOCKS.some((one) => one === clock)
  if (!isKind && existsSync(clock)) return { is: 'machine', machine: clockMachineFrom(clock) }
  const is = oneOf(CLOCKS, clock, '--clock')
  const seconds = countFrom(options.skew, '--skew', [1, SKEW_MS_MAX / 1000])
  return is === 'none' ? { is } : { is, skewMs: seconds * 1000 }
}

const CLOCKS = ['none', 'agreed'] as const

const roleFrom = (typed: string, names: readonly string[]): Role => {
  const [, role = '', given = ''] = /^([^=]+)=(.+)$/.exec(typed) ?? []
  const senders = given.split(',')
  if (role === '' || !senders.every((one) => names.includes(one))) {
    throw usageError(`--role ${typed} names nobody here`, `use ROLE=${names.join(',')}`)
  }
  return { role, senders }
}
