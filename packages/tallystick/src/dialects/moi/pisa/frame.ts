/**
 * A run and its frames: what instructions read and change, what they are charged, and how they stop.
 *
 * A run ends in one of four ways. What is not its regular end travels as a thrown error that carries a `Stop`, and
 * `call-logic.ts` catches it; nothing else is thrown by an instruction but a host's `Fault`, which counts as a defect.
 */
import {
  PISA_ITEMS_MAX,
  PISA_MEMORY_MAX,
  PISA_TEXT_BYTES_MAX,
  PISA_TRACE_MAX,
} from '../../../base/limits.ts'
import { type Type } from '../manifest/type-expression.ts'
import { type PisaHost } from './host.ts'
import { EXTRA_FUEL } from './opcodes.ts'
import { type Mode, type Program, type Routine, type Step } from './program.ts'
import {
  type BoolValue,
  type Cell,
  copyValue,
  type EventValue,
  sizeOf,
  type TextValue,
  typeName,
  type Value,
  zeroValue,
} from './value.ts'

export type EmittedEvent = EventValue & { readonly account: Uint8Array }

/** One call of a logic from outside. */
export type Run = {
  readonly program: Program
  readonly host: PisaHost
  readonly sender: Uint8Array
  /** What may still be spent. */
  fuel: number
  /** Bytes of values made so far. */
  memory: number
  readonly events: EmittedEvent[]
}

/** One routine that is running. */
export type Frame = {
  readonly run: Run
  readonly routine: Routine
  readonly mode: Mode
  readonly registers: (Cell | undefined)[]
  readonly args: readonly (Value | undefined)[]
  readonly results: (Value | undefined)[]
  readonly above: Frame | undefined
  /** How many routines wait for this one, those of other logics counted too. */
  readonly depth: number
  /** The value that a method is of. */
  self: Value | undefined
  /** Index of the next instruction. */
  next: number
}

export type PisaException = {
  readonly class: string
  readonly error: string
  readonly revert: boolean
  readonly trace: readonly string[]
}

export type Stop =
  | { readonly is: 'exception'; readonly exception: PisaException }
  | { readonly is: 'defect'; readonly message: string }
  | { readonly is: 'exhausted' }

const stopped = (stop: Stop): Error => Object.assign(new Error(stop.is), { pisaStop: stop })

/** The stop that a thrown value carries, if it does. */
export const stopFrom = (error: unknown): Stop | undefined =>
  error instanceof Error && 'pisaStop' in error && isStop(error.pisaStop)
    ? error.pisaStop
    : undefined

const isStop = (value: unknown): value is Stop =>
  typeof value === 'object' && value !== null && 'is' in value

export const exhausted = (): Error => stopped({ is: 'exhausted' })

/** The program did what no program of the compiler does. */
export const defect = (frame: Frame, why: string): Error =>
  stopped({ is: 'defect', message: `${why} (${placeOf(frame)})` })

/** The program, or the machine in its name, raised an exception. */
export const exception = (frame: Frame, of: string, error: string): Error =>
  passException(frame, {
    // Cut in the middle of a character, a text could not be written.
    class: of.slice(0, EXCEPTION_CLASS_MAX).toWellFormed(),
    error: error.slice(0, PISA_TEXT_BYTES_MAX).toWellFormed(),
    revert: false,
    trace: [],
  })

/** Characters of an exception's class. */
const EXCEPTION_CLASS_MAX = 64

/** An exception of another logic, with the frames here put in front of its trace. */
export const passException = (frame: Frame, inner: PisaException): Error => {
  const trace = [...traceOf(frame), ...inner.trace].slice(0, PISA_TRACE_MAX)
  return stopped({ is: 'exception', exception: { ...inner, trace } })
}

const hex = (of: number): string => `0x${of.toString(16)}`

/** For example `routine.Transfer() [0xc] ... [0x1b: THROW 0x5]`. */
const placeOf = (frame: Frame): string => {
  const { ptr, name, steps } = frame.routine
  const at = frame.next - 1
  const step = steps[at]
  if (!step) return `routine.${name}() [${hex(ptr)}]`
  const operands = [step.a, step.b, step.c, step.d].filter((operand) => operand >= 0).map(hex)
  const words = [step.opcode.name, ...operands].join(' ')
  return `routine.${name}() [${hex(ptr)}] ... [${hex(at)}: ${words}]`
}

const traceOf = (frame: Frame): readonly string[] => {
  const lines: string[] = []
  for (let at: Frame | undefined = frame; at; at = at.above) lines.push(placeOf(at))
  lines.push('runtime.root()')
  return lines.toReversed()
}

export const spend = (run: Run, fuel: number): void => {
  run.fuel -= fuel
  if (run.fuel < 0) throw exhausted()
}

/** What so many bytes cost to read or copy. */
export const wordFuel = (bytes: number): number => Math.ceil(bytes / 32) * EXTRA_FUEL.word

const ITEM_BYTES = 64

/** Counts what is made. Raises a defect when all that was made is too much. */
export const claim = (frame: Frame, items: number, bytes: number): void => {
  const { run } = frame
  spend(run, items * EXTRA_FUEL.item + wordFuel(bytes))
  run.memory += items * ITEM_BYTES + bytes
  if (run.memory > PISA_MEMORY_MAX) throw defect(frame, 'more memory than a call may use')
}

/** The value, or a copy that is charged for if it could be changed in place. */
export const ownCopy = (frame: Frame, value: Value): Value => {
  if (!('type' in value)) return value
  const { items, bytes } = sizeOf(value)
  claim(frame, items, bytes)
  return copyValue(value)
}

/** The zero of a type, charged for if it has parts. */
export const makeZero = (frame: Frame, type: Type): Value => {
  const value = zeroValue(type)
  if (!('type' in value)) return value
  const { items, bytes } = sizeOf(value)
  claim(frame, items, bytes)
  return value
}

/** What a key of so many bytes costs to spell and to hash. */
export const spendKey = (frame: Frame, key: Value): void => {
  if (key.is === 'string' || key.is === 'bytes') spend(frame.run, wordFuel(key.of.length))
}

export const checkCount = (frame: Frame, count: number): void => {
  if (count > PISA_ITEMS_MAX) throw defect(frame, `more than ${PISA_ITEMS_MAX} items`)
}

/** What a register holds. */
export const cellAt = (frame: Frame, register: number): Cell => {
  const cell = frame.registers[register]
  if (cell === undefined) throw defect(frame, `register ${hex(register)} holds nothing`)
  return cell
}

export const boolAt = (frame: Frame, cell: Cell): BoolValue => {
  if (cell.is !== 'bool') throw defect(frame, `a bool is wanted where there is ${cellName(cell)}`)
  return cell
}

export const textAt = (frame: Frame, cell: Cell): TextValue => {
  if (cell.is !== 'string')
    throw defect(frame, `a string is wanted where there is ${cellName(cell)}`)
  return cell
}

export const pointerAt = (frame: Frame, register: number): number => {
  const cell = cellAt(frame, register)
  if (cell.is !== 'pointer')
    throw defect(frame, `a pointer is wanted where there is ${cellName(cell)}`)
  return cell.to
}

/** What can be in a register and is no value. */
export const isValue = (cell: Cell): cell is Value => {
  switch (cell.is) {
    case 'place':
    case 'pointer':
    case 'fields':
    case 'event':
    case 'logic':
    case 'asset':
    case 'interface':
      return false
    case 'null':
    case 'bool':
    case 'bytes':
    case 'identifier':
    case 'string':
    case 'u64':
    case 'u256':
    case 'i64':
    case 'i256':
    case 'bigint':
    case 'array':
    case 'map':
    case 'object':
      return true
  }
}

export const cellName = (cell: Cell): string =>
  isValue(cell) ? typeName(cell) : cell.is === 'place' ? `a place of ${cell.type.text}` : cell.is

export const checkType = (frame: Frame, value: Value, type: Type): void => {
  if ('type' in value ? value.type !== type : value.is !== type.is)
    throw defect(frame, `${type.text} is wanted where there is ${typeName(value)}`)
}

export type StepRun = (frame: Frame, step: Step) => void

/** Runs a frame to its end. Every instruction is paid for before it is done, so a run ends when its fuel does. */
export const execute = (frame: Frame): void => {
  const { run, routine } = frame
  const { steps } = routine
  for (;;) {
    const step = steps[frame.next]
    if (step === undefined) return
    frame.next += 1
    run.fuel -= step.fuel
    if (run.fuel < 0) throw exhausted()
    step.run(frame, step)
  }
}

export const freshRegisters = (routine: Routine): (Cell | undefined)[] => {
  const registers: (Cell | undefined)[] = []
  registers.length = routine.registers
  return registers
}
