/**
 * One call of a logic from outside: arguments in, and one of four ends.
 *
 * Promise. Pure and total: same program, arguments, answers of the host and limit give the same end, events and fuel, for
 * any program that `compile` made. It ends because every instruction costs fuel before it is done; it uses bounded memory and
 * stack because values, what is made in all, and calls within calls are counted. The only thing it throws is what a host throws
 * that is no `Fault`.
 *
 * Not promised. Nothing is undone here: where the end is not `ok`, the host forgets what was written.
 */
import { type Fault, faultFrom, isFault } from '../../../base/fault.ts'
import { bytesFromId } from '../../../base/brand.ts'
import {
  MANIFEST_NAME_BYTES_MAX,
  PISA_FUEL_MAX,
  PISA_TEXT_BYTES_MAX,
  PISA_TRACE_MAX,
} from '../../../base/limits.ts'
import { type MoiId } from '../identifier.ts'
import { poloArray, poloStruct } from '../polo/container.ts'
import { poloBool, poloText } from '../polo/scalar.ts'
import { encodePolo, type Polo, readPolo } from '../polo/schema.ts'
import {
  execute,
  type Frame,
  freshRegisters,
  type PisaException,
  type Run,
  spend,
  stopFrom,
  wordFuel,
} from './frame.ts'
import { type CallOutcome, type Meter, type PisaHost } from './host.ts'
import { type Program, type Routine, type RoutineKind } from './program.ts'
import { type Value, zeroValue } from './value.ts'

export type LogicRun = {
  readonly program: Program
  readonly callsite: string
  readonly kind: 'deploy' | 'invoke' | 'enlist'
  /** A document of arguments by their labels; no bytes at all where there are none. */
  readonly calldata: Uint8Array
  readonly sender: MoiId
  readonly host: PisaHost
  readonly meter: Meter
  /** How many routines wait for this one; a host hands on what `CrossCall` says. */
  readonly depth?: number
}

export const callLogic = (call: LogicRun): CallOutcome => {
  const { program, callsite, kind, meter } = call
  const routine = program.callsites.get(callsite)
  if (!routine || !isCallable(routine.kind, kind))
    return { is: 'defect', message: `there is no ${kind} callsite ${callsite.slice(0, 64)}` }
  const fuel = Math.min(Math.max(meter.limit - meter.used, 0), PISA_FUEL_MAX)
  const run: Run = {
    program,
    host: call.host,
    sender: bytesFromId(call.sender),
    fuel,
    memory: 0,
    events: [],
  }
  const outcome = runRoutine(run, routine, call)
  meter.used += fuel - Math.max(run.fuel, 0)
  return outcome
}

/** An internal routine is none of those that can be called; each other kind has an operation of its own. */
const isCallable = (is: RoutineKind, wanted: LogicRun['kind']): boolean => is === wanted

const runRoutine = (run: Run, routine: Routine, { calldata, depth = 0 }: LogicRun): CallOutcome => {
  try {
    spend(run, wordFuel(calldata.length))
    const args = argumentsFrom(routine, calldata)
    if (isFault(args)) return { is: 'defect', message: `bad calldata: ${args.message}` }
    const frame = { ...firstFrame(run, routine, args), depth }
    execute(frame)
    const outputs = outputsOf(frame)
    spend(run, wordFuel(outputs.length))
    return { is: 'ok', outputs, events: run.events }
  } catch (error) {
    return endFrom(error)
  }
}

const endFrom = (error: unknown): CallOutcome => {
  const stop = stopFrom(error)
  if (stop?.is === 'exception') {
    const { exception } = stop
    return { is: 'exception', exception, error: encodePolo(exceptionPolo, exception) }
  }
  if (stop) return stop
  // A slot that cannot be read, an output that is too large, a host that refuses a write.
  if (isFault(error)) return { is: 'defect', message: `${error.code}: ${error.message}` }
  throw error
}

const firstFrame = (run: Run, routine: Routine, args: readonly Value[]): Frame => ({
  run,
  routine,
  mode: routine.mode ?? 'pure',
  registers: freshRegisters(routine),
  args,
  results: [],
  above: undefined,
  depth: 0,
  self: undefined,
  next: 0,
})

const argumentsFrom = (routine: Routine, calldata: Uint8Array): readonly Value[] | Fault =>
  faultFrom(() =>
    calldata.length === 0
      ? routine.accepts.fields.map(({ type }) => zeroValue(type))
      : readPolo(routine.accepts.polo, calldata),
  )

/** All results that the routine has, by their labels; zero where it set none. */
const outputsOf = ({ routine, results }: Frame): Uint8Array => {
  const { fields, polo } = routine.returns
  return encodePolo(
    polo,
    fields.map(({ type }, at) => results[at] ?? zeroValue(type)),
  )
}

/** A text of so many characters has up to three times as many bytes. */
const ERROR_BYTES_MAX = 3 * PISA_TEXT_BYTES_MAX

/** What a receipt shows of an exception. */
export const exceptionPolo: Polo<PisaException> = poloStruct<PisaException>({
  class: poloText(MANIFEST_NAME_BYTES_MAX),
  error: poloText(ERROR_BYTES_MAX),
  revert: poloBool,
  trace: poloArray(poloText(4 * MANIFEST_NAME_BYTES_MAX), PISA_TRACE_MAX),
})
