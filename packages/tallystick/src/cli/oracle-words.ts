/**
 * What oracles have said, as people type it, with the files that show it: the premises of an event, and what a new machine says of
 * oracles and of the machine whose time is its own.
 *
 * Nothing is judged here: whoever takes the step runs the files (`machine-desk.ts`), and so does everybody who verifies it later.
 */
import type { MachineId } from '../base/brand.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import type { Verifier } from '../base/verifier.ts'
import { machineId } from '../kernel/charter.ts'
import type { Premise } from '../kernel/interaction.ts'
import { transitionId } from '../kernel/transition.ts'
import { answerKey, answerValue, oracle as oracleLogic, oracleOperation } from '../logic/oracle.ts'
import { STANDARD_LOGICS } from '../logic/registry.ts'
import type { Answer } from '../logic/statechart/operation.ts'
import type { Oracle, StatechartParams } from '../logic/statechart/params.ts'
import { type Bundle, bundleFromFile, type BundleStep } from '../verify/bundle.ts'
import { STANDARD_MODELS } from '../verify/standard.ts'
import { verify } from '../verify/verify.ts'
import { readInputFile } from './input-file.ts'
import { usageError } from './print.ts'

/** ORACLE:QUESTION=ANSWER, as typed. A question that holds "=" is quoted up to its last one. */
export const answersFrom = (typed: readonly string[]): readonly Answer[] =>
  typed.map((one) => {
    const [, oracle, question, answer] = /^([^:]+):(.+)=([^=]*)$/.exec(one) ?? []
    if (oracle !== undefined && question !== undefined && answer !== undefined) {
      return { oracle, question, answer }
    }
    throw usageError(
      `--answer ${one} says not what an oracle has answered`,
      'use ORACLE:QUESTION=ANSWER',
    )
  })

/** NAME=FILE of a bundle that shows the oracle's machine. */
export const oracleFrom = (typed: string): Oracle => {
  const [, name = '', path = ''] = /^([^=]+)=(.+)$/.exec(typed) ?? []
  if (name === '') throw usageError(`--oracle ${typed} names no file`, 'use NAME=FILE')
  const found = bundleFromFile(readInputFile(path)).charters.flatMap((charter) => {
    const logic = charter.logics.findIndex((one) => one.name === oracleLogic.name)
    return logic < 0
      ? []
      : [{ name, machine: machineId(charter), suite: charter.terms.suite, logic }]
  })
  const [only, ...others] = found
  if (only && others.length === 0) return only
  throw usageError(`${path} shows ${found.length} oracles`, 'use the file that tally oracle writes')
}

/** The machine whose certificates are to tell the time: the only one in a file. */
export const clockMachineFrom = (path: string): MachineId => {
  const [only, ...others] = bundleFromFile(readInputFile(path)).charters
  if (only && others.length === 0) return machineId(only)
  throw usageError(
    `${path} shows ${others.length + 1} machines`,
    'use the file of one, such as tally oracle writes',
  )
}

/** What an event rests on. */
export type Shown = {
  readonly answers: readonly Answer[]
  readonly premises: readonly Premise[]
  readonly attachments: readonly Uint8Array[]
  /** What the machine's clock has reached, where a file shows that. */
  readonly time: bigint | undefined
}

/**
 * Premises for what was typed, out of the files beside it. Raises usage errors, `statechart/unknown-oracle` and, where no file
 * shows an answer, `bundle/missing-fact`.
 */
export const shownFrom = (
  { oracles, clock }: Pick<StatechartParams, 'oracles' | 'clock'>,
  typed: { readonly answer: readonly string[]; readonly attach: readonly string[] },
  verifier: Verifier,
): Shown => {
  const attachments = typed.attach.map((path) => readInputFile(path))
  const bundles = attachments.map((one) => bundleFromFile(one))
  const answers = answersFrom(typed.answer)
  const facts = answers.map((one) => premiseOf(oracles, bundles, one))
  const time = clock.is === 'machine' ? timeIn(attachments, clock.machine, verifier) : undefined
  const premises = time ? [...facts, time] : facts
  if (premises.length === 0 && attachments.length > 0) {
    throw usageError(
      'what is attached shows nothing that this event rests on',
      "add --answer 'ORACLE:QUESTION=ANSWER', or leave --attach out",
    )
  }
  return { answers, premises, attachments, time: time?.atLeast }
}

const premiseOf = (
  oracles: readonly Oracle[],
  bundles: readonly Bundle[],
  { oracle: name, question, answer }: Answer,
): Premise => {
  const oracle = oracles.find((one) => one.name === name)
  if (!oracle) {
    throw new Fault('statechart/unknown-oracle', `the charter names no "${name}"`, { part: name })
  }
  const { machine, suite, logic } = oracle
  // The step that gave the answer, so that two who quote it rely on one thing.
  for (const step of bundles.flatMap((one) => one.steps)) {
    const [leg, ...others] = step.legs
    if (leg?.is !== 'written' || others.length > 0 || leg.transition.machine !== machine) continue
    if (!answers(step, oracle, question)) continue
    return {
      is: 'fact',
      machine,
      transition: transitionId(suite, leg.transition),
      key: answerKey({ suite, logic: { machine, logic } }, question),
      value: answerValue(answer),
    }
  }
  const says = `no file here shows that ${name} has answered ${JSON.stringify(question)}`
  throw new Fault('bundle/missing-fact', says, { machine })
}

const answers = (
  { interaction }: BundleStep,
  { machine, logic }: Oracle,
  question: string,
): boolean =>
  interaction.operations.some((one) => {
    if (one.machine !== machine || one.logic !== logic) return false
    const read = faultFrom(() => oracleOperation.decode(one.argument))
    return !isFault(read) && read.question === question
  })

/** The newest time that certificates of a machine attest in a file. */
const timeIn = (
  files: readonly Uint8Array[],
  machine: MachineId,
  verifier: Verifier,
): Extract<Premise, { is: 'time' }> | undefined => {
  const options = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier }
  const times = files.flatMap((file) => {
    const report = verify(file, options)
    const steps = report.machines.find((one) => one.id === machine)?.steps ?? []
    return steps.flatMap(({ id, standing, finality }) =>
      standing === 'final' && finality?.clock === 'attested' && finality.since !== undefined
        ? [{ is: 'time', machine, transition: id, atLeast: finality.since } as const]
        : [],
    )
  })
  return times.reduce<(typeof times)[number] | undefined>(
    (last, one) => (last && last.atLeast >= one.atLeast ? last : one),
    undefined,
  )
}
