/** Instructions that choose the next one, that raise, and that hand arguments in and results out. */
import { PISA_TEXT_BYTES_MAX } from '../../../../base/limits.ts'
import {
  boolAt,
  cellName,
  checkType,
  defect,
  exception,
  type Frame,
  isValue,
  makeZero,
  ownCopy,
  pointerAt,
} from '../frame.ts'
import { type Step } from '../program.ts'
import { textOf, typeName } from '../value.ts'
import { heldAt } from './arithmetic.ts'

export const destination = (): void => {}

export const finish = (frame: Frame): void => {
  frame.next = frame.routine.steps.length
}

const goTo = (frame: Frame, target: number): void => {
  if (frame.routine.steps[target]?.opcode.name !== 'DEST')
    throw defect(frame, `a jump to ${target}, where there is no DEST`)
  frame.next = target
}

export const jump = (frame: Frame, step: Step): void => {
  goTo(frame, pointerAt(frame, step.a))
}

export const jumpIf = (frame: Frame, step: Step): void => {
  const target = pointerAt(frame, step.a)
  if (boolAt(frame, heldAt(frame, step.b)).of) goTo(frame, target)
}

export const raise = (frame: Frame, step: Step): void => {
  const cell = heldAt(frame, step.a)
  const text = isValue(cell) ? textOf(cell) : undefined
  if (text === undefined || !isValue(cell))
    throw defect(frame, `${cellName(cell)} cannot be raised`)
  throw exception(frame, typeName(cell), text.slice(0, PISA_TEXT_BYTES_MAX))
}

export const obtain = (frame: Frame, step: Step): void => {
  const { args, routine } = frame
  const given = args[step.b]
  if (given !== undefined) {
    frame.registers[step.a] = given
    return
  }
  const field = routine.accepts.fields[step.b]
  if (!field) throw defect(frame, `no argument ${step.b}`)
  frame.registers[step.a] = makeZero(frame, field.type)
}

export const yieldResult = (frame: Frame, step: Step): void => {
  const cell = heldAt(frame, step.a)
  const field = frame.routine.returns.fields[step.b]
  if (!field) throw defect(frame, `no result ${step.b}`)
  if (!isValue(cell)) throw defect(frame, `${cellName(cell)} cannot be returned`)
  checkType(frame, cell, field.type)
  frame.results[step.b] = ownCopy(frame, cell)
}
