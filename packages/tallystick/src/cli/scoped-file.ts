/** `tally bundle --for …`: a whole bundle, cut down to what somebody is to see. */
import { basename } from 'node:path'
import type { MachineId } from '../base/brand.ts'
import { isFault } from '../base/fault.ts'
import { createNativeEngine } from '../engine/native.ts'
import { machineId } from '../kernel/charter.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import { type Bundle, fileFromBundle } from '../verify/bundle.ts'
import { judgeChains } from '../verify/chains.ts'
import { judgeLies } from '../verify/lies.ts'
import type { Report } from '../verify/report.ts'
import type { VerifyOptions } from '../verify/run.ts'
import { type Scope, scopeBundle } from '../verify/scope.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { verify } from '../verify/verify.ts'
import { PUBLIC_FILE, replaceFile } from './durable-file.ts'
import { type ExitCode, type Output, usageError } from './print.ts'
import { sizeText } from './report-view.ts'

export type ScopeOptions = {
  /** Who it is for: a word for the file's name, and nothing in the file. */
  readonly for?: string
  readonly hide?: readonly string[]
  readonly show?: readonly string[]
  readonly machine?: readonly string[]
  readonly steps?: string
}

export const isScoped = (of: ScopeOptions): boolean =>
  [of.for, of.hide, of.show, of.machine, of.steps].some((one) => one !== undefined)

export type ToScope = {
  readonly bundle: Bundle
  /** What the file is called without an ending. */
  readonly name: string
  readonly output: string | undefined
}

/** Cuts a bundle down, writes it and says what is in it. Raises usage errors and the faults of `scopeBundle`. */
export const writeScoped = (output: Output, of: ToScope, options: ScopeOptions): ExitCode => {
  const checks: VerifyOptions = {
    models: STANDARD_MODELS,
    logics: STANDARD_LOGICS,
    chains: judgeChains,
    lies: judgeLies,
    verifier: createNativeEngine(),
  }
  const scope = scopeFrom(of.bundle, options)
  const scoped = scopeBundle(of.bundle, scope, checks)
  if (isFault(scoped)) throw scoped
  const file = fileFromBundle(scoped)
  const to = of.output ?? `${of.name}-${options.for ?? 'scoped'}.tally`
  replaceFile(to, file, PUBLIC_FILE)
  const report = verify(file, checks)
  tell(output, { to, file, report })
  const hidden = [...new Set(hiddenIn(report))]
  const demands = hidden.map((one) => ` --require "no field ${one}"`).join('')
  output.next(`tally verify ${to}${demands}`)
  return 0
}

/** The file's name without folder and ending. */
export const stemOf = (path: string): string => basename(path).replace(/\.tally$/, '')

const fieldsIn = (report: Report) =>
  report.machines.flatMap((machine) => machine.steps.flatMap((step) => step.fields))

const hiddenIn = (report: Report): readonly string[] =>
  fieldsIn(report).flatMap(({ name, value }) => (value === undefined ? [name] : []))

type Told = { readonly to: string; readonly file: Uint8Array; readonly report: Report }

const tell = (output: Output, { to, file, report }: Told): void => {
  const steps = report.machines.flatMap((one) => one.steps)
  const withheld = steps.filter((one) => one.withheld).length
  const fields = fieldsIn(report)
  const hidden = hiddenIn(report)
  const names = [...new Set(hidden)].join(', ')
  output.line(['Wrote ', { text: to, tone: 'strong' }, `, ${sizeText(file.length)}`])
  output.table([
    [
      'steps',
      `${steps.length - withheld} shown`,
      withheld === 0 ? 'none withheld' : `${withheld} withheld`,
    ],
    [
      'values',
      `${fields.length - hidden.length} shown`,
      hidden.length === 0 ? 'none withheld' : `${hidden.length} withheld (${names})`,
    ],
  ])
  output.result({
    file: to,
    bytes: file.length,
    steps: { shown: steps.length - withheld, withheld },
    values: { shown: fields.length - hidden.length, withheld: hidden },
  })
}

const scopeFrom = (bundle: Bundle, options: ScopeOptions): Scope => {
  if (options.for !== undefined && !/^[A-Za-z0-9_-]{1,32}$/.test(options.for)) {
    throw usageError(
      `"${options.for}" is no word for a file’s name`,
      'use letters, digits, _ and -',
    )
  }
  const names = new Set(bundle.openings.map((one) => one.name))
  for (const one of [...(options.hide ?? []), ...(options.show ?? [])]) {
    // A name typed wrong would leave in the file what was to be hidden.
    if (names.has(one)) continue
    const known = names.size === 0 ? 'no field is opened in it' : [...names].sort().join(', ')
    throw usageError(`there is no field "${one}" to hide or show`, `in the file are: ${known}`)
  }
  return {
    machines: options.machine?.map((one) => machineFrom(bundle, one)),
    steps: options.steps === undefined ? undefined : rangeFrom(options.steps),
    hide: options.hide ?? [],
    show: options.show,
  }
}

/** Fewer digits of an id could be those of a machine that somebody made for it. */
const DIGITS_MIN = 8

const machineFrom = (bundle: Bundle, typed: string): MachineId => {
  const digits = typed.replaceAll(' ', '')
  const ids = bundle.charters.map((one) => machineId(one))
  const found = ids.filter((one) => one.startsWith(digits))
  const [only] = found
  if (only !== undefined && found.length === 1 && digits.length >= DIGITS_MIN) return only
  const known = ids.map((one) => one.slice(0, DIGITS_MIN)).join(', ')
  throw usageError(
    `"${typed}" is no machine of the file`,
    `give the first ${DIGITS_MIN} digits: ${known}`,
  )
}

const rangeFrom = (typed: string): NonNullable<Scope['steps']> => {
  const [, first, last] = /^([0-9]{1,19})(?:\.\.([0-9]{1,19}))?$/.exec(typed) ?? []
  if (first !== undefined) {
    const range = { first: BigInt(first), last: BigInt(last ?? first) }
    if (range.first <= range.last) return range
  }
  throw usageError(`"${typed}" is no range of steps`, 'write 3..7, or 3')
}
