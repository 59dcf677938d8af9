/**
 * Heads files: what a user chose to remember of machines, so that an older file is not taken for the newest and a
 * contradicting one convicts somebody. JSON; written by `tally verify --remember` and by nothing else.
 */
import { existsSync } from 'node:fs'
import { bytesFromHex, bytesFromUtf8, hexFromBytes } from '../base/bytes.ts'
import { Fault, isFault } from '../base/fault.ts'
import { jsonFromBytes, jsonList, jsonObjectWith, jsonText } from '../forms/strict-json.ts'
import { machineId } from '../kernel/charter.ts'
import { transition, transitionId } from '../kernel/transition.ts'
import { GRADES } from '../kernel/verdict.ts'
import { bundleFromFile } from '../verify/bundle.ts'
import type { Report } from '../verify/report.ts'
import type { Remembered } from '../verify/run.ts'
import { replaceFile } from './durable-file.ts'
import { readInputFile } from './input-file.ts'

/** Bytes of a heads file that is read. */
const HEADS_FILE_BYTES_MAX = 16_777_216
const FORMAT = 'tallystick/1 heads'

/** Reads a heads file. Raises `heads/damaged`, `file/too-large` and the platform's error where there is none. */
export const readHeads = (path: string): readonly Remembered[] => {
  try {
    const json = jsonFromBytes(readInputFile(path, HEADS_FILE_BYTES_MAX), HEADS_FILE_BYTES_MAX)
    const fields = jsonObjectWith(json, ['format', 'heads'], 'the heads file')
    if (fields.format !== FORMAT) throw new Fault('heads/damaged', 'the format is unknown')
    return jsonList(fields.heads, 'the heads').map((one) => {
      const head = jsonObjectWith(one, ['head', 'grade', 'certificate', 'asOf'], 'a head')
      const grade = GRADES.find((known) => known === head.grade)
      if (!grade) throw new Fault('heads/damaged', 'a grade is unknown')
      return {
        head: transition.decode(bytesFromHex(jsonText(head.head, 'a head'))),
        grade,
        certificate: bytesFromHex(jsonText(head.certificate, 'a certificate')),
        asOf: head.asOf === null ? undefined : timeFrom(jsonText(head.asOf, 'a time')),
      }
    })
  } catch (error) {
    if (!isFault(error) || error.code === 'file/too-large') throw error
    throw new Fault('heads/damaged', `${path} is no usable heads file: ${error.message}`)
  }
}

/** Adds the final heads of a checked file to what is remembered; per machine the later one stays. Writes the file. */
export const rememberHeads = (path: string, file: Uint8Array, report: Report): number => {
  const known = existsSync(path) ? readHeads(path) : []
  const byMachine = new Map(known.map((one) => [one.head.machine, one]))
  let learned = 0
  for (const one of finalHeads(file, report)) {
    const before = byMachine.get(one.head.machine)
    if (before && before.head.sequence >= one.head.sequence) continue
    byMachine.set(one.head.machine, one)
    learned++
  }
  replaceFile(path, bytesFromUtf8(`${JSON.stringify(jsonOf([...byMachine.values()]), null, 2)}\n`))
  return learned
}

const finalHeads = (file: Uint8Array, report: Report): readonly Remembered[] => {
  const heads = new Map<string, MachineHead>(
    report.machines
      .filter((one) => one.head.standing === 'final' && one.head.sequence > 0n)
      .map((one) => [one.head.id, one]),
  )
  const { charters, steps } = bundleFromFile(file)
  // Two machines of one interaction may hash differently; each head's id is in its own machine's suite.
  const suites = new Map(charters.map((one) => [machineId(one), one.terms.suite]))
  return steps.flatMap((step) =>
    step.legs.flatMap((leg): readonly Remembered[] => {
      if (leg.is !== 'written') return []
      const suite = suites.get(leg.transition.machine)
      const found = suite && heads.get(transitionId(suite, leg.transition))
      const grade = found?.head.grade
      if (grade === undefined) return []
      return [{ head: leg.transition, grade, certificate: leg.certificate, asOf: undefined }]
    }),
  )
}

type MachineHead = Pick<Report['machines'][number], 'head'>

const jsonOf = (heads: readonly Remembered[]): Readonly<Record<string, unknown>> => ({
  format: FORMAT,
  heads: heads.map((one) => ({
    head: hexFromBytes(transition.encode(one.head)),
    grade: one.grade,
    certificate: hexFromBytes(one.certificate),
    asOf: one.asOf === undefined ? null : one.asOf.toString(),
  })),
})

const timeFrom = (text: string): bigint => {
  if (!/^[0-9]{1,19}$/.test(text)) throw new Fault('heads/damaged', 'a time is no whole number')
  return BigInt(text)
}
