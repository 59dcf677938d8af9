/**
 * Instructions that call: routines of the same logic, methods of objects, the asset engine, other logics.
 *
 * Routines that wait for one another are frames of one loop each, and their number is limited, so a program cannot use up
 * the stack of the machine that runs it. What a callee may do with state is no more than what its caller may.
 */
import { faultFrom, isFault } from '../../../../base/fault.ts'
import { PISA_CALL_DEPTH_MAX, PISA_EVENTS_MAX } from '../../../../base/limits.ts'
import { kindOfMoiId, type MoiId, moiIdFromBytes } from '../../identifier.ts'
import { encodePolo, readPolo } from '../../polo/schema.ts'
import {
  cellAt,
  cellName,
  checkType,
  claim,
  defect,
  exception,
  execute,
  exhausted,
  type Frame,
  freshRegisters,
  isValue,
  makeZero,
  passException,
  pointerAt,
  spend,
  wordFuel,
} from '../frame.ts'
import { type CallOutcome, type Meter } from '../host.ts'
import { EXTRA_FUEL } from '../opcodes.ts'
import { readPlace } from '../place.ts'
import { type Endpoint, type FieldList, type Mode, type Routine, type Step } from '../program.ts'
import { type Cell, isNumber, type Value } from '../value.ts'
import { numberOf } from './arithmetic.ts'
import { identifierAt } from './making.ts'

type Fields = (Value | undefined)[]

const fieldsAt = (frame: Frame, register: number): Fields => {
  const cell = cellAt(frame, register)
  if (cell.is !== 'fields')
    throw defect(frame, `arguments are wanted where there is ${cellName(cell)}`)
  return cell.fields
}

const checkFields = (frame: Frame, values: Fields, list: FieldList): void => {
  if (values.length > list.fields.length)
    throw defect(frame, `${values.length} arguments where there are ${list.fields.length}`)
  for (const [at, value] of values.entries()) {
    const field = list.fields[at]
    if (value !== undefined && field !== undefined) checkType(frame, value, field.type)
  }
}

/** Values by their slots; what was not given is zero. */
const filled = (frame: Frame, values: Fields, list: FieldList): Value[] =>
  list.fields.map(({ type }, at) => values[at] ?? makeZero(frame, type))

const ORDER: readonly Mode[] = ['pure', 'static', 'dynamic']

const lesserMode = (a: Mode, b: Mode | undefined): Mode =>
  b === undefined || ORDER.indexOf(a) < ORDER.indexOf(b) ? a : b

/** Counted through all logics that wait, so that they together use no more of the stack than one may. */
const checkDepth = (frame: Frame): void => {
  if (frame.depth < PISA_CALL_DEPTH_MAX) return
  const error = `more than ${PISA_CALL_DEPTH_MAX} calls inside one another`
  throw exception(frame, 'CallDepthExceeded', error)
}

const enterRoutine = (
  frame: Frame,
  routine: Routine,
  { args, self }: { readonly args: Fields; readonly self: Value | undefined },
): Frame => {
  checkDepth(frame)
  checkFields(frame, args, routine.accepts)
  claim(frame, 1, routine.registers)
  const below: Frame = {
    run: frame.run,
    routine,
    mode: lesserMode(frame.mode, routine.mode),
    registers: freshRegisters(routine),
    args,
    results: [],
    above: frame,
    depth: frame.depth + 1,
    self,
    next: 0,
  }
  execute(below)
  return below
}

export const callRoutine = (frame: Frame, step: Step): void => {
  const element = frame.run.program.elements.get(pointerAt(frame, step.b))
  if (element?.is !== 'routine' || element.routine.kind === 'method')
    throw defect(frame, 'the pointer names no callable')
  const { routine } = element
  const args = fieldsAt(frame, step.c)
  const below = enterRoutine(frame, routine, { args, self: undefined })
  frame.registers[step.a] = { is: 'fields', fields: filled(frame, below.results, routine.returns) }
}

/** Method of every number: the same number as a `u256`. */
const TO_U256 = 0x13

export const callMethod = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.b)
  const args = fieldsAt(frame, step.d)
  if (cell.is === 'asset') {
    frame.registers[step.a] = callAsset(frame, step.c, args)
    return
  }
  const self = cell.is === 'place' ? readPlace(frame, cell) : cell
  if (isNumber(self) && step.c === TO_U256) {
    frame.registers[step.a] = { is: 'fields', fields: [numberOf(frame, 'u256', self.of)] }
    return
  }
  const routine =
    self.is === 'object' ? frame.run.program.methods.get(self.type)?.get(step.c) : undefined
  if (!isValue(self) || !routine)
    throw defect(frame, `${cellName(self)} has no method 0x${step.c.toString(16)}`)
  const below = enterRoutine(frame, routine, { args, self })
  if (routine.mutable) frame.registers[step.b] = below.self
  frame.registers[step.a] = { is: 'fields', fields: filled(frame, below.results, routine.returns) }
}

const callAsset = (frame: Frame, code: number, args: Fields): Cell => {
  const { asset } = frame.run.host
  if (!asset) throw defect(frame, 'this logic is no asset')
  spend(frame.run, EXTRA_FUEL.asset)
  const answer = asset.call(code, args)
  switch (answer.is) {
    case 'ok':
      return { is: 'fields', fields: [...answer.results] }
    case 'exception':
      throw exception(frame, answer.class, answer.error)
    case 'defect':
      throw defect(frame, answer.message)
  }
}

/** A fourth operand names who calls; it is the sender in all that is public, and a host knows the sender. */
export const bind = (frame: Frame, step: Step): void => {
  const at = pointerAt(frame, step.b)
  if (frame.run.program.elements.get(at)?.is !== 'interface')
    throw defect(frame, 'the pointer names no interface')
  frame.registers[step.a] = { is: 'interface', at, account: identifierAt(frame, step.c) }
}

export const callOther = (frame: Frame, step: Step): void => {
  const bound = cellAt(frame, step.b)
  const args = fieldsAt(frame, step.d)
  if (bound.is !== 'interface') throw defect(frame, `${cellName(bound)} is no interface`)
  const element = frame.run.program.elements.get(bound.at)
  const endpoint = element?.is === 'interface' ? element.endpoints[step.c] : undefined
  if (!endpoint) throw defect(frame, `the interface has no endpoint ${step.c}`)
  if (endpoint.mode === 'dynamic' && frame.mode !== 'dynamic')
    throw defect(frame, `a ${frame.mode} routine calls a dynamic one`)
  checkFields(frame, args, endpoint.accepts)
  const outcome = askHost(frame, { account: bound.account, endpoint, args })
  frame.registers[step.a] = endOf(frame, outcome, endpoint)
}

type Ask = { readonly account: Uint8Array; readonly endpoint: Endpoint; readonly args: Fields }

const askHost = (frame: Frame, { account, endpoint, args }: Ask): CallOutcome => {
  const { run } = frame
  const target = faultFrom(() => moiIdFromBytes(account))
  if (!run.host.call || isFault(target)) throw defect(frame, 'there is nothing to call there')
  checkDepth(frame)
  const values = filled(frame, args, endpoint.accepts)
  const calldata = encodePolo(endpoint.accepts.polo, values)
  claim(frame, values.length, calldata.length)
  const meter: Meter = { used: 0, limit: run.fuel }
  const callsite = endpoint.name
  const mode = endpoint.mode ?? modeFor(frame, target)
  const outcome = run.host.call({ target, callsite, calldata, mode, meter, depth: frame.depth + 1 })
  spend(run, meter.used)
  return outcome
}

/** POLO has no place for the mode of an endpoint. What it would have allowed, the target and the caller say. */
const modeFor = ({ mode }: Frame, target: MoiId): string =>
  kindOfMoiId(target) === 'asset' ? 'asset' : mode === 'dynamic' ? 'dynamic' : 'static'

const endOf = (frame: Frame, outcome: CallOutcome, endpoint: Endpoint): Cell => {
  switch (outcome.is) {
    case 'ok': {
      spend(frame.run, wordFuel(outcome.outputs.length))
      frame.run.events.push(...outcome.events)
      if (frame.run.events.length > PISA_EVENTS_MAX)
        throw defect(frame, `more than ${PISA_EVENTS_MAX} events`)
      const { returns } = endpoint
      if (returns.fields.length === 0) return { is: 'fields', fields: [] }
      return { is: 'fields', fields: [...readPolo(returns.polo, outcome.outputs)] }
    }
    case 'exception':
      throw passException(frame, outcome.exception)
    case 'defect':
      throw defect(frame, outcome.message)
    case 'exhausted':
      throw exhausted()
  }
}
