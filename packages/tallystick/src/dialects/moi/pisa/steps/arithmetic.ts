/** Instructions on numbers, booleans and texts. Numbers are checked: what leaves its range is an exception, never wrapped. */
import { equalBytes } from '../../../../base/bytes.ts'
import { PISA_BIGINT_BITS_MAX, PISA_TEXT_BYTES_MAX } from '../../../../base/limits.ts'
import { type NumberName } from '../../manifest/type-expression.ts'
import {
  boolAt,
  cellAt,
  cellName,
  claim,
  defect,
  exception,
  type Frame,
  spend,
  type StepRun,
  textAt,
  wordFuel,
} from '../frame.ts'
import { readPlace } from '../place.ts'
import { type Step } from '../program.ts'
import {
  boolValue,
  type Cell,
  isNumber,
  type NumberValue,
  type PrimitiveValue,
  textOf,
} from '../value.ts'

type Bounds = { readonly min: bigint; readonly max: bigint }

const unsigned = (bits: number): Bounds => ({ min: 0n, max: (1n << BigInt(bits)) - 1n })
const signed = (bits: number): Bounds => ({
  min: -(1n << BigInt(bits - 1)),
  max: (1n << BigInt(bits - 1)) - 1n,
})

const BOUNDS: Readonly<Record<NumberName, Bounds>> = {
  u64: unsigned(64),
  u256: unsigned(256),
  i64: signed(64),
  i256: signed(256),
  bigint: signed(PISA_BIGINT_BITS_MAX + 1),
}

/** A number of a type. An exception when the type has no room for it. */
export const numberOf = (frame: Frame, is: NumberName, of: bigint): NumberValue => {
  const { min, max } = BOUNDS[is]
  if (of < min || of > max)
    throw exception(frame, 'IntegerOverflow', `${is} has no room for the result`)
  return { is, of }
}

/** What a register holds; where it holds a place, what lies there. */
export const heldAt = (frame: Frame, register: number): Cell => {
  const cell = cellAt(frame, register)
  return cell.is === 'place' ? readPlace(frame, cell) : cell
}

export const numberAt = (frame: Frame, register: number): NumberValue => {
  const cell = heldAt(frame, register)
  if (!isNumber(cell)) throw defect(frame, `a number is wanted where there is ${cellName(cell)}`)
  return cell
}

const sameType = (frame: Frame, left: NumberValue, right: NumberValue): void => {
  if (left.is !== right.is) throw defect(frame, `${left.is} and ${right.is} do not go together`)
}

const arithmetic =
  (compute: (left: bigint, right: bigint) => bigint) =>
  (frame: Frame, step: Step): void => {
    const left = numberAt(frame, step.b)
    const right = numberAt(frame, step.c)
    sameType(frame, left, right)
    frame.registers[step.a] = numberOf(frame, left.is, compute(left.of, right.of))
  }

export const add: StepRun = arithmetic((left, right) => left + right)
export const subtract: StepRun = arithmetic((left, right) => left - right)
export const multiply: StepRun = arithmetic((left, right) => left * right)

export const divide = (frame: Frame, step: Step): void => {
  const left = numberAt(frame, step.b)
  const right = numberAt(frame, step.c)
  sameType(frame, left, right)
  if (right.of === 0n) throw exception(frame, 'DivisionByZero', 'a division by zero')
  frame.registers[step.a] = numberOf(frame, left.is, left.of / right.of)
}

const shift =
  (by: bigint) =>
  (frame: Frame, step: Step): void => {
    const { is, of } = numberAt(frame, step.a)
    frame.registers[step.a] = numberOf(frame, is, of + by)
  }

export const increase: StepRun = shift(1n)
export const decrease: StepRun = shift(-1n)

const ordering =
  (holds: (left: bigint, right: bigint) => boolean) =>
  (frame: Frame, step: Step): void => {
    const left = numberAt(frame, step.b)
    const right = numberAt(frame, step.c)
    sameType(frame, left, right)
    frame.registers[step.a] = boolValue(holds(left.of, right.of))
  }

export const isLess: StepRun = ordering((left, right) => left < right)
export const isGreater: StepRun = ordering((left, right) => left > right)

/** Primitives alone are compared. */
export const isEqual = (frame: Frame, step: Step): void => {
  const left = primitiveAt(frame, step.b)
  const right = primitiveAt(frame, step.c)
  if (left.is !== right.is) throw defect(frame, `${left.is} and ${right.is} do not go together`)
  frame.registers[step.a] = boolValue(equalPrimitives(frame, left, right))
}

const equalPrimitives = (frame: Frame, left: PrimitiveValue, right: PrimitiveValue): boolean => {
  if (left.is === 'null' || right.is === 'null') return true
  if (left.of instanceof Uint8Array) {
    spend(frame.run, wordFuel(left.of.length))
    return right.of instanceof Uint8Array && equalBytes(left.of, right.of)
  }
  if (typeof left.of === 'string') spend(frame.run, wordFuel(left.of.length))
  return left.of === right.of
}

export const primitiveAt = (frame: Frame, register: number): PrimitiveValue => {
  const cell = heldAt(frame, register)
  switch (cell.is) {
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
      return cell
    case 'array':
    case 'map':
    case 'object':
    case 'place':
    case 'pointer':
    case 'fields':
    case 'event':
    case 'logic':
    case 'asset':
    case 'interface':
      throw defect(frame, `a primitive is wanted where there is ${cellName(cell)}`)
  }
}

export const not = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = boolValue(!boolAt(frame, heldAt(frame, step.b)).of)
}

export const and = (frame: Frame, step: Step): void => {
  const left = boolAt(frame, heldAt(frame, step.b)).of
  const right = boolAt(frame, heldAt(frame, step.c)).of
  frame.registers[step.a] = boolValue(left && right)
}

export const or = (frame: Frame, step: Step): void => {
  const left = boolAt(frame, heldAt(frame, step.b)).of
  const right = boolAt(frame, heldAt(frame, step.c)).of
  frame.registers[step.a] = boolValue(left || right)
}

export const join = (frame: Frame, step: Step): void => {
  const left = textAt(frame, heldAt(frame, step.b)).of
  const right = textAt(frame, heldAt(frame, step.c)).of
  const length = left.length + right.length
  if (length > PISA_TEXT_BYTES_MAX) throw defect(frame, `a text of ${length} characters`)
  claim(frame, 1, length)
  frame.registers[step.a] = { is: 'string', of: left + right }
}

export const toText = (frame: Frame, step: Step): void => {
  const of = textOf(primitiveAt(frame, step.b)) ?? ''
  if (of.length > PISA_TEXT_BYTES_MAX) throw defect(frame, `a text of ${of.length} characters`)
  claim(frame, 1, of.length)
  frame.registers[step.a] = { is: 'string', of }
}
