/** Instructions that make values: literals, zeros, copies, events, and what a run knows of itself. */
import { bytesFromId } from '../../../../base/brand.ts'
import { PISA_EVENTS_MAX } from '../../../../base/limits.ts'
import { encodePolo } from '../../polo/schema.ts'
import { LOG_EVENT, topicOfName, topicOfValue } from '../../topic.ts'
import {
  cellAt,
  cellName,
  checkCount,
  checkType,
  claim,
  defect,
  type Frame,
  ownCopy,
  isValue,
  makeZero,
  pointerAt,
  spend,
  textAt,
  wordFuel,
} from '../frame.ts'
import { EXTRA_FUEL } from '../opcodes.ts'
import { type Step } from '../program.ts'
import { type Type } from '../../manifest/type-expression.ts'
import { type Value, ZERO_BY_CODE } from '../value.ts'
import { createValuePolo } from '../value-polo.ts'
import { heldAt, numberAt } from './arithmetic.ts'

export const loadPointer = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = { is: 'pointer', to: step.b }
}

export const loadWidePointer = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = { is: 'pointer', to: step.b * 256 + step.c }
}

export const copy = (frame: Frame, step: Step): void => {
  const cell = heldAt(frame, step.b)
  frame.registers[step.a] = isValue(cell) ? ownCopy(frame, cell) : cell
}

export const makePrimitive = (frame: Frame, step: Step): void => {
  const zero = ZERO_BY_CODE[step.b]
  if (!zero) throw defect(frame, `no primitive has the code ${step.b}`)
  frame.registers[step.a] = zero
}

export const makeLiteral = (frame: Frame, step: Step): void => {
  const element = frame.run.program.elements.get(pointerAt(frame, step.b))
  if (element?.is !== 'literal') throw defect(frame, 'the pointer names no literal')
  frame.registers[step.a] = ownCopy(frame, element.value)
}

const typeAt = (frame: Frame, register: number): Type => {
  const element = frame.run.program.elements.get(pointerAt(frame, register))
  if (element?.is !== 'type') throw defect(frame, 'the pointer names no type or class')
  return element.type
}

export const make = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = makeZero(frame, typeAt(frame, step.b))
}

export const makeMany = (frame: Frame, step: Step): void => {
  const type = typeAt(frame, step.b)
  if (type.is !== 'array' || type.size !== undefined)
    throw defect(frame, `${type.text} is no array that can grow`)
  const count = Number(numberAt(frame, step.c).of)
  if (!(count >= 0)) throw defect(frame, `an array of ${count} items`)
  checkCount(frame, count)
  claim(frame, 1 + count, 0)
  const items: Value[] = []
  for (let at = 0; at < count; at++) items.push(makeZero(frame, type.item))
  frame.registers[step.a] = { is: 'array', type, items }
}

export const makeArguments = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = { is: 'fields', fields: [] }
}

/** Fields that an event has and that were not given are zero. */
export const makeEvent = (frame: Frame, step: Step): void => {
  const element = frame.run.program.elements.get(pointerAt(frame, step.b))
  if (element?.is !== 'event') throw defect(frame, 'the pointer names no event')
  const { nameTopic, topics, list } = element.event
  const given = cellAt(frame, step.c)
  if (given.is !== 'fields') throw defect(frame, `${cellName(given)} are no fields`)
  if (given.fields.length > list.fields.length) throw defect(frame, 'an event with too many fields')
  const { polo } = frame.run.program
  const values = list.fields.map(({ type }, at) => {
    const value = given.fields[at] ?? makeZero(frame, type)
    checkType(frame, value, type)
    return value
  })
  const searched = values.slice(0, topics).map((value, at) => {
    const field = list.fields[at]
    if (!field) throw defect(frame, 'an event with more topics than fields')
    return topicOfValue(encodePolo(polo.of(field.type), value))
  })
  const data = encodePolo(list.polo, values)
  claim(frame, 1 + values.length, data.length)
  frame.registers[step.a] = { is: 'event', event: { topics: [nameTopic, ...searched], data } }
}

const STRING: Type = { is: 'string', text: 'string' }
const logPolo = createValuePolo().fields([{ label: 'value', type: STRING }])
const logTopics = [topicOfName(LOG_EVENT)]

export const makeLog = (frame: Frame, step: Step): void => {
  const data = encodePolo(logPolo, [textAt(frame, heldAt(frame, step.b))])
  claim(frame, 2, data.length)
  frame.registers[step.a] = { is: 'event', event: { topics: logTopics, data } }
}

export const emit = (frame: Frame, step: Step): void => {
  const account = identifierAt(frame, step.a)
  const cell = cellAt(frame, step.b)
  if (cell.is !== 'event') throw defect(frame, `${cellName(cell)} is no event`)
  const { events } = frame.run
  if (events.length >= PISA_EVENTS_MAX) throw defect(frame, `more than ${PISA_EVENTS_MAX} events`)
  spend(frame.run, wordFuel(cell.event.data.length) * EXTRA_FUEL.emitted)
  events.push({ ...cell.event, account })
}

export const identifierAt = (frame: Frame, register: number): Uint8Array => {
  const cell = heldAt(frame, register)
  if (cell.is === 'identifier') return cell.of
  if (cell.is === 'logic') return bytesFromId(frame.run.host.logic)
  throw defect(frame, `an identifier is wanted where there is ${cellName(cell)}`)
}

export const identify = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = { is: 'identifier', of: identifierAt(frame, step.b) }
}

export const loadLogic = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = { is: 'logic' }
}

export const loadAsset = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = { is: 'asset' }
}

export const loadOrigin = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = { is: 'identifier', of: frame.run.sender }
}

export const loadCaller = (frame: Frame, step: Step): void => {
  const { host, sender } = frame.run
  const of = host.caller === undefined ? sender : bytesFromId(host.caller)
  frame.registers[step.a] = { is: 'identifier', of }
}

export const loadTime = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = { is: 'u64', of: BigInt.asUintN(64, frame.run.host.time) }
}

export const loadSelf = (frame: Frame, step: Step): void => {
  if (frame.self === undefined) throw defect(frame, 'no method runs')
  frame.registers[step.a] = ownCopy(frame, frame.self)
}

export const setSelf = (frame: Frame, step: Step): void => {
  const cell = heldAt(frame, step.a)
  const { self, routine } = frame
  if (!isValue(cell) || self?.is !== 'object' || !routine.mutable)
    throw defect(frame, 'no method runs that may change its object')
  checkType(frame, cell, self.type)
  frame.self = ownCopy(frame, cell)
}
