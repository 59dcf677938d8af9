/** Instructions on parts of values and on places in state: fields, items, entries. */
import { moiIdFromBytes } from '../../identifier.ts'
import { faultFrom, isFault } from '../../../../base/fault.ts'
import {
  cellAt,
  cellName,
  checkCount,
  checkType,
  claim,
  defect,
  exception,
  type Frame,
  isValue,
  ownCopy,
  spendKey,
} from '../frame.ts'
import {
  appendAt,
  entryPlace,
  fieldPlace,
  isPresent,
  itemPlace,
  lengthAt,
  outside,
  partPlace,
  readPlace,
  writePlace,
} from '../place.ts'
import { type Step } from '../program.ts'
import {
  type ArrayValue,
  boolValue,
  type Cell,
  keyText,
  type MapValue,
  type Value,
} from '../value.ts'
import { heldAt, numberAt, primitiveAt } from './arithmetic.ts'
import { identifierAt } from './making.ts'

/** The value in a register, as one that may be put into another. */
const ownAt = (frame: Frame, register: number): Value => {
  const cell = heldAt(frame, register)
  if (!isValue(cell)) throw defect(frame, `a value is wanted where there is ${cellName(cell)}`)
  return ownCopy(frame, cell)
}

export const loadLogicField = (frame: Frame, step: Step): void => {
  const { program, host } = frame.run
  if (frame.mode === 'pure') throw defect(frame, 'a pure routine reads state')
  const field = program.logicState?.[step.b]
  if (!field) throw defect(frame, `the state has no field ${step.b}`)
  frame.registers[step.a] = fieldPlace(host.logicState, field.type, step.b)
}

export const loadActorField = (frame: Frame, step: Step): void => {
  const { program, host } = frame.run
  if (frame.mode === 'pure') throw defect(frame, 'a pure routine reads state')
  const field = program.actorState?.[step.c]
  if (!field) throw defect(frame, `the state of participants has no field ${step.c}`)
  const bytes = identifierAt(frame, step.b)
  const id = faultFrom(() => moiIdFromBytes(bytes))
  const store = isFault(id) ? undefined : host.actorState(id)
  if (!store) throw defect(frame, 'the state of a participant that is out of reach')
  frame.registers[step.a] = fieldPlace(store, field.type, step.c)
}

export const getField = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.b)
  if (cell.is === 'place') {
    frame.registers[step.a] = partPlace(frame, cell, step.c)
    return
  }
  if (cell.is !== 'fields' && cell.is !== 'object')
    throw defect(frame, `${cellName(cell)} has no fields`)
  const value = cell.fields[step.c]
  if (value === undefined) throw defect(frame, `${cellName(cell)} has no field ${step.c}`)
  frame.registers[step.a] = value
}

export const setField = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.a)
  if (cell.is === 'place') {
    writePlace(frame, partPlace(frame, cell, step.b), cellAt(frame, step.c))
    return
  }
  if (cell.is === 'fields') {
    // Slots in between stay undefined: nobody gave them.
    claim(frame, Math.max(step.b + 1 - cell.fields.length, 1), 0)
    while (cell.fields.length < step.b) cell.fields.push(undefined)
    cell.fields[step.b] = ownAt(frame, step.c)
    return
  }
  if (cell.is !== 'object') throw defect(frame, `${cellName(cell)} has no fields`)
  const field = cell.type.fields[step.b]
  if (!field) throw defect(frame, `${cell.type.text} has no field ${step.b}`)
  const value = ownAt(frame, step.c)
  checkType(frame, value, field.type)
  cell.fields[step.b] = value
}

/** The place or value of an entry, or undefined where there is none. */
const findEntry = (frame: Frame, cell: Cell, register: number): Cell | undefined => {
  const key = primitiveAt(frame, register)
  if (cell.is === 'place') {
    const place = entryPlace(frame, cell, key)
    return isPresent(frame, place) ? place : undefined
  }
  const map = mapFrom(frame, cell)
  checkType(frame, key, map.type.key)
  spendKey(frame, key)
  return map.entries.get(keyText(key))?.value
}

const mapFrom = (frame: Frame, cell: Cell): MapValue => {
  if (cell.is !== 'map') throw defect(frame, `a map is wanted where there is ${cellName(cell)}`)
  return cell
}

export const hasKey = (frame: Frame, step: Step): void => {
  frame.registers[step.a] = boolValue(findEntry(frame, cellAt(frame, step.b), step.c) !== undefined)
}

/** Only places have a place inside; of a map in a register, it is the entry itself. */
export const findKey = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.b)
  if (cell.is !== 'place') return getKey(frame, step)
  frame.registers[step.a] = entryPlace(frame, cell, primitiveAt(frame, step.c))
}

export const getKey = (frame: Frame, step: Step): void => {
  const found = findEntry(frame, cellAt(frame, step.b), step.c)
  if (found === undefined) {
    const key = primitiveAt(frame, step.c)
    throw exception(frame, 'KeyNotFound', `key not found: ${keyText(key)}`)
  }
  // A primitive is read now; of what has parts, a part may be all that is wanted.
  frame.registers[step.a] =
    found.is === 'place' && isReadAtOnce(found.type.is) ? readPlace(frame, found) : found
}

const isReadAtOnce = (is: string): boolean => is !== 'map' && is !== 'class' && is !== 'array'

export const setKey = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.a)
  const key = primitiveAt(frame, step.b)
  if (cell.is === 'place') {
    writePlace(frame, entryPlace(frame, cell, key), cellAt(frame, step.c))
    return
  }
  const map = mapFrom(frame, cell)
  checkType(frame, key, map.type.key)
  spendKey(frame, key)
  const value = ownAt(frame, step.c)
  checkType(frame, value, map.type.value)
  claim(frame, 1, 32)
  checkCount(frame, map.entries.size + 1)
  map.entries.set(keyText(key), { key, value })
}

const arrayFrom = (frame: Frame, cell: Cell): ArrayValue => {
  if (cell.is !== 'array')
    throw defect(frame, `an array is wanted where there is ${cellName(cell)}`)
  return cell
}

export const size = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.b)
  frame.registers[step.a] = { is: 'u64', of: BigInt(sizeOfCell(frame, cell)) }
}

const sizeOfCell = (frame: Frame, cell: Cell): number => {
  if (cell.is === 'place') {
    if (cell.type.is === 'array') return cell.type.size ?? lengthAt(frame, cell)
    if (cell.type.is === 'map') return lengthAt(frame, cell)
    return sizeOfCell(frame, readPlace(frame, cell))
  }
  if (cell.is === 'array') return cell.items.length
  if (cell.is === 'map') return cell.entries.size
  if (cell.is === 'string' || cell.is === 'bytes') return cell.of.length
  throw defect(frame, `${cellName(cell)} has no size`)
}

export const append = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.a)
  if (cell.is === 'place') {
    appendAt(frame, cell, cellAt(frame, step.b))
    return
  }
  const array = arrayFrom(frame, cell)
  if (array.type.size !== undefined) throw defect(frame, `${array.type.text} cannot grow`)
  const value = ownAt(frame, step.b)
  checkType(frame, value, array.type.item)
  checkCount(frame, array.items.length + 1)
  claim(frame, 1, 0)
  array.items.push(value)
}

export const getItem = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.b)
  const index = numberAt(frame, step.c).of
  if (cell.is === 'place') {
    const place = itemPlace(frame, cell, Number(index))
    frame.registers[step.a] = isReadAtOnce(place.type.is) ? readPlace(frame, place) : place
    return
  }
  const { items } = arrayFrom(frame, cell)
  const item = items[Number(index)]
  if (item === undefined) throw outside(frame, index, items.length)
  frame.registers[step.a] = item
}

export const setItem = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.a)
  const index = numberAt(frame, step.b).of
  if (cell.is === 'place') {
    writePlace(frame, itemPlace(frame, cell, Number(index)), cellAt(frame, step.c))
    return
  }
  const array = arrayFrom(frame, cell)
  const at = Number(index)
  if (array.items[at] === undefined) throw outside(frame, index, array.items.length)
  const value = ownAt(frame, step.c)
  checkType(frame, value, array.type.item)
  array.items[at] = value
}

export const gather = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.b)
  frame.registers[step.a] = cell.is === 'place' ? readPlace(frame, cell) : ownAt(frame, step.b)
}

export const disperse = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.a)
  if (cell.is !== 'place') throw defect(frame, `a place is wanted where there is ${cellName(cell)}`)
  writePlace(frame, cell, cellAt(frame, step.b))
}

/** A place is let go: the register holds nothing any more. */
export const release = (frame: Frame, step: Step): void => {
  const cell = cellAt(frame, step.a)
  if (cell.is !== 'place') throw defect(frame, `a place is wanted where there is ${cellName(cell)}`)
  frame.registers[step.a] = undefined
}
