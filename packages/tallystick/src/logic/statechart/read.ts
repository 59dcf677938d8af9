/**
 * From the text of a definition to something that runs, or to everything that is wrong with it.
 *
 * Promise. What is read is nsm-1 and nothing else: no key is skipped that is not understood, no expression fails to
 * parse later, no target is missing, and the same text gives the same chart on every runtime. All problems of a text
 * that is JSON are listed at once. What is not promised: that the machine does what its author wanted. Lints say what
 * looks like a mistake.
 */
import { bytesFromUtf8 } from '../../base/bytes.ts'
import { faultFrom, isFault } from '../../base/fault.ts'
import { EXPRESSION_GAS_MAX, DEFINITION_BYTES_MAX, CONTEXT_BYTES_MAX } from '../../base/limits.ts'
import { isJsonObject, type JsonObject, jsonFromText } from '../../forms/strict-json.ts'
import { isMap, type ValueMap } from '../expression/value.ts'
import { checkProse, type Reading, readState } from './arrows.ts'
import type { ChartState, Definition } from './chart.ts'
import { openingOf } from './entry.ts'
import { type Frames, readFrames, sourceAt } from './frames.ts'
import { lintChart } from './lint.ts'
import { checkLoops } from './loops.ts'
import { type Names, NO_NAMES } from './names.ts'
import { pathTo, type Problem, type ProblemCode } from './problem.ts'
import { createReport, itemPath, listAt, NOTHING, objectAt, type Report } from './report.ts'
import { areTogether, resolveDefault } from './targets.ts'
import { canonicalSize, valueAt } from './value-check.ts'

/** The profile that this folder implements. What it means never changes; a change is another name. */
export const PROFILE = 'nsm-1'

export const readDefinition = (
  text: string,
  names: Names = NO_NAMES,
): Definition | readonly Problem[] => {
  const report = createReport()
  const source = sourceFrom(report, text)
  if (source === undefined) return report.problems
  const all = readFrames(report, source)
  for (const frame of all.frames) checkProse(report, sourceAt(all, frame.at), frame.path)
  readDefaults(report, all)
  const reading: Reading = { report, names, all, count: 0 }
  const states = all.frames.map((frame) => readState(reading, frame))
  const nsm = readTerms(report, source)
  const context = readContext(report, source)
  const output = source['output']
  const outcome = output === undefined ? undefined : valueAt(report, output, '$.output')
  checkLoops(report, states)
  if (report.problems.length > 0) return report.problems
  lintChart(report, states)
  const gas = nsm['gas']
  return {
    text,
    source,
    id: states[0]?.id ?? '',
    nsm,
    context,
    output: outcome,
    gasMax: typeof gas === 'number' ? gas : EXPRESSION_GAS_MAX,
    states,
    numbers: all.numbers,
    opening: openingOf(states),
    hasHistory: states.some((state) => state.kind === 'history'),
    hasAfter: states.some((state) => state.after.length > 0),
    hasAlways: states.some((state) => state.always.length > 0),
    events: eventsOf(states),
    lints: report.lints,
  }
}

export const isDefinition = (read: Definition | readonly Problem[]): read is Definition =>
  !Array.isArray(read)

/** Every event that some state listens to, in document order. */
const eventsOf = (states: readonly ChartState[]): readonly string[] => [
  ...new Set(states.flatMap(({ on }) => [...on.keys()])),
]

const sourceFrom = (report: Report, text: string): JsonObject | undefined => {
  const problem = (code: ProblemCode, message: string, fix: string): undefined => {
    report.problems.push({ code, path: '$', message, fix })
    return undefined
  }
  const size = text.length > DEFINITION_BYTES_MAX ? text.length : bytesFromUtf8(text).length
  if (size > DEFINITION_BYTES_MAX) {
    const message = `more than ${DEFINITION_BYTES_MAX} bytes`
    return problem('too-large', message, 'shorten it: relays take no larger events')
  }
  const json = faultFrom(() => jsonFromText(text, DEFINITION_BYTES_MAX))
  if (isFault(json)) {
    const [code, fix] = JSON_CODES.get(json.code) ?? ['not-json', 'write JSON']
    return problem(code, json.message, fix)
  }
  if (isJsonObject(json)) return json
  return problem('wrong-type', 'a definition is an object', 'write an object in braces')
}

/** What the strict reader of JSON refuses, in the codes of definitions. */
const JSON_CODES: ReadonlyMap<string, readonly [ProblemCode, string]> = new Map([
  ['json/too-deep', ['too-deep', 'let several machines take the place of nesting']],
  ['json/too-many-keys', ['too-many-keys', 'keep what differs only by a number in the context']],
  ['json/number-not-exact', ['number-not-exact', 'write whole numbers up to 2^53 - 1, or texts']],
  ['json/key-twice', ['key-twice', 'give one of them another name']],
  ['json/forbidden-key', ['forbidden-key', 'choose a name that means nothing to JavaScript']],
])

const readDefaults = (report: Report, all: Frames): void => {
  for (const frame of all.frames) {
    if (frame.kind !== 'history') continue
    const source = sourceAt(all, frame.at)
    const path = pathTo(frame.path, 'target')
    const depth = source['history']
    if (depth !== undefined && depth !== 'shallow' && depth !== 'deep') {
      report.problems.push({
        code: 'wrong-type',
        path: pathTo(frame.path, 'history'),
        message: 'no kind of history',
        fix: 'write "shallow" or "deep"',
      })
    }
    const targets = listAt(source['target'])
    if (targets.length === 0) {
      report.problems.push({
        code: 'history-no-target',
        path,
        message: 'it does not say where to go while nothing is remembered',
        fix: 'add "target" with the name of a sibling',
      })
    }
    for (const [item, at] of targets) {
      const found = typeof item === 'string' ? resolveDefault(all, frame, item) : 'this is no text'
      if (typeof found === 'number') all.defaults.get(frame.at)?.push(found)
      else
        report.problems.push({
          code: 'bad-target',
          path: itemPath(path, at),
          message: found,
          fix: 'write the name of a sibling, or sibling.child',
        })
    }
    if (!areTogether(all.frames, frame.defaults)) {
      report.problems.push({
        code: 'bad-target',
        path,
        message: 'a machine cannot stand in all of these at once',
        fix: 'name one state for each region',
      })
    }
  }
}

const readContext = (report: Report, source: JsonObject): ValueMap => {
  const given = source['context']
  if (given === undefined) return NOTHING
  const context = valueAt(report, objectAt(report, given, '$.context'), '$.context')
  const size = canonicalSize(context)
  if (size > CONTEXT_BYTES_MAX) {
    report.problems.push({
      code: 'context-too-large',
      path: '$.context',
      message: `${size} bytes where ${CONTEXT_BYTES_MAX} are kept`,
      fix: 'keep large things outside of the machine, under their hash',
    })
  }
  return isMap(context) ? context : NOTHING
}

/** `meta.nsm`: the engine that is asked for and a lower limit of gas; the rest is read elsewhere. */
const readTerms = (report: Report, source: JsonObject): JsonObject => {
  const meta = source['meta']
  const nsm = isJsonObject(meta) ? meta['nsm'] : undefined
  if (nsm === undefined) return NOTHING
  const path = '$.meta.nsm'
  const terms = objectAt(report, nsm, path)
  const engine = terms['engine']
  if (engine !== undefined && engine !== PROFILE) {
    report.problems.push({
      code: 'unknown-engine',
      path: pathTo(path, 'engine'),
      message: `this version runs ${PROFILE} and nothing else`,
      fix: `write "${PROFILE}", or leave it out`,
    })
  }
  const gas = terms['gas']
  const isGas = typeof gas === 'number' && gas >= 1 && gas <= EXPRESSION_GAS_MAX
  if (gas !== undefined && !isGas) {
    report.problems.push({
      code: 'bad-value',
      path: pathTo(path, 'gas'),
      message: 'no limit of gas',
      fix: `write a number from 1 to ${EXPRESSION_GAS_MAX}`,
    })
  }
  return terms
}
