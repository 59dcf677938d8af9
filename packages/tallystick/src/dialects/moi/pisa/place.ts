/**
 * Places in state: reading, writing and finding parts of what a logic keeps.
 *
 * A primitive is one slot. A map and an array keep their length under their own key, an object a mark there (how many fields it
 * has), and their parts lie where `storage-key.ts` says. So a key is present when there is something under it, and a map can
 * be asked, but not listed: its whole value cannot be read, and a map that has entries cannot be replaced by another one.
 *
 * Writes take effect at once; a run that does not end well is undone by the host as a whole.
 */
import { PISA_ITEMS_MAX } from '../../../base/limits.ts'
import { type ClassType, isPrimitive, type Type } from '../manifest/type-expression.ts'
import { poloWhole } from '../polo/scalar.ts'
import { encodePolo, readPolo } from '../polo/schema.ts'
import { entryKey, partKey, slotKey } from '../storage-key.ts'
import {
  cellName,
  checkCount,
  checkType,
  claim,
  defect,
  exception,
  type Frame,
  isValue,
  spend,
  spendKey,
  wordFuel,
} from './frame.ts'
import { EXTRA_FUEL } from './opcodes.ts'
import { type Cell, type Place, type SlotStore, type Value, zeroValue } from './value.ts'

const lengthPolo = poloWhole(Number.MAX_SAFE_INTEGER)

export const fieldPlace = (store: SlotStore, type: Type, slot: number): Place => ({
  is: 'place',
  type,
  store,
  key: slotKey(slot),
  inside: undefined,
})

const readSlot = (frame: Frame, place: Place): Uint8Array | undefined => {
  spend(frame.run, EXTRA_FUEL.read)
  const bytes = place.store.read(place.key)
  if (bytes !== undefined) spend(frame.run, wordFuel(bytes.length))
  return bytes
}

const writeSlot = (frame: Frame, place: Place, bytes: Uint8Array): void => {
  spend(frame.run, EXTRA_FUEL.write + bytes.length * EXTRA_FUEL.byte)
  place.store.write(place.key, bytes)
}

/** Whether something was ever written there. */
export const isPresent = (frame: Frame, place: Place): boolean =>
  readSlot(frame, place) !== undefined

/** Length of a map or an array; 0 where nothing was written. */
export const lengthAt = (frame: Frame, place: Place): number => {
  const bytes = readSlot(frame, place)
  return bytes === undefined ? 0 : readPolo(lengthPolo, bytes)
}

/** The place of an entry. The key has to be of the map's type. */
export const entryPlace = (frame: Frame, map: Place, key: Value): Place => {
  const { type } = map
  if (type.is !== 'map') throw defect(frame, `a map is wanted where there is ${cellName(map)}`)
  checkType(frame, key, type.key)
  spendKey(frame, key)
  const message = encodePolo(frame.run.program.polo.of(type.key), key)
  return {
    is: 'place',
    type: type.value,
    store: map.store,
    key: entryKey(map.key, message),
    inside: map,
  }
}

/** The place of a field of an object. */
export const partPlace = (frame: Frame, object: Place, slot: number): Place => {
  const { type } = object
  const field = type.is === 'class' ? type.fields[slot] : undefined
  if (!field) throw defect(frame, `${cellName(object)} has no field ${slot}`)
  return {
    is: 'place',
    type: field.type,
    store: object.store,
    key: partKey(object.key, slot),
    inside: object,
  }
}

/** The place of an item of an array. An exception outside of it. */
export const itemPlace = (frame: Frame, array: Place, index: number): Place => {
  const { type } = array
  if (type.is !== 'array')
    throw defect(frame, `an array is wanted where there is ${cellName(array)}`)
  const length = type.size ?? lengthAt(frame, array)
  if (!(index >= 0 && index < length)) throw outside(frame, index, length)
  return {
    is: 'place',
    type: type.item,
    store: array.store,
    key: partKey(array.key, index),
    inside: array,
  }
}

export const outside = (frame: Frame, index: number | bigint, length: number): Error =>
  exception(frame, 'IndexOutOfRange', `index ${index} of an array of ${length}`)

/** The whole value at a place; zero where nothing was written. */
export const readPlace = (frame: Frame, place: Place): Value => {
  const { type } = place
  if (type.is === 'map') throw defect(frame, 'a map in state cannot be read as a whole')
  if (type.is === 'array') return readArray(frame, place, type.size ?? lengthAt(frame, place))
  if (type.is === 'class') return readObject(frame, place, type)
  const bytes = readSlot(frame, place)
  if (bytes === undefined) return zeroValue(type)
  return readPolo(frame.run.program.polo.of(type), bytes)
}

const readArray = (frame: Frame, place: Place, length: number): Value => {
  if (place.type.is !== 'array') throw defect(frame, 'no array')
  checkCount(frame, length)
  claim(frame, length, 0)
  const items: Value[] = []
  for (let at = 0; at < length; at++) {
    items.push(
      readPlace(frame, {
        ...place,
        type: place.type.item,
        key: partKey(place.key, at),
        inside: place,
      }),
    )
  }
  return { is: 'array', type: place.type, items }
}

const readObject = (frame: Frame, place: Place, type: ClassType): Value => {
  claim(frame, type.fields.length, 0)
  const fields = type.fields.map((_, slot) => readPlace(frame, partPlace(frame, place, slot)))
  return { is: 'object', type, fields }
}

/** Writes a whole value. */
export const writePlace = (frame: Frame, place: Place, cell: Cell): void => {
  if (frame.mode !== 'dynamic') throw defect(frame, `a ${frame.mode} routine writes to state`)
  // A place that is written to itself is what compilers write to say that a part of it was.
  if (cell.is === 'place' && isSamePlace(cell, place)) return
  const value = cell.is === 'place' ? readPlace(frame, cell) : cell
  if (!isValue(value)) throw defect(frame, `a value is wanted where there is ${cellName(value)}`)
  checkType(frame, value, place.type)
  if (place.inside !== undefined && !isPresent(frame, place)) enter(frame, place)
  putValue(frame, place, value)
}

const isSamePlace = (a: Place, b: Place): boolean =>
  a.store === b.store && a.key.every((byte, at) => byte === b.key[at])

/** Makes the containers around a place that holds nothing yet count it. */
const enter = (frame: Frame, place: Place): void => {
  const { inside } = place
  if (inside === undefined) return
  const before = readSlot(frame, inside)
  if (before === undefined) enter(frame, inside)
  if (inside.type.is === 'map') {
    const length = before === undefined ? 0 : readPolo(lengthPolo, before)
    writeSlot(frame, inside, encodePolo(lengthPolo, length + 1))
  } else if (before === undefined) writeSlot(frame, inside, markOf(inside.type))
}

const markOf = (type: Type): Uint8Array =>
  encodePolo(
    lengthPolo,
    type.is === 'class' ? type.fields.length : type.is === 'array' ? (type.size ?? 0) : 0,
  )

const putValue = (frame: Frame, place: Place, value: Value): void => {
  if (value.is === 'map') return putMap(frame, place, value)
  if (value.is === 'array') {
    const { item } = value.type
    writeSlot(frame, place, encodePolo(lengthPolo, value.items.length))
    for (const [at, held] of value.items.entries())
      putValue(frame, { ...place, type: item, key: partKey(place.key, at), inside: place }, held)
    return
  }
  if (value.is === 'object') {
    writeSlot(frame, place, markOf(value.type))
    for (const [slot, held] of value.fields.entries())
      putValue(frame, partPlace(frame, place, slot), held)
    return
  }
  if (!isPrimitive(place.type)) throw defect(frame, 'no primitive')
  writeSlot(frame, place, encodePolo(frame.run.program.polo.of(place.type), value))
}

const putMap = (frame: Frame, place: Place, value: Value): void => {
  if (value.is !== 'map') throw defect(frame, 'no map')
  if (lengthAt(frame, place) > 0) throw defect(frame, 'a map that has entries cannot be replaced')
  writeSlot(frame, place, encodePolo(lengthPolo, value.entries.size))
  for (const { key, value: held } of value.entries.values())
    putValue(frame, entryPlace(frame, place, key), held)
}

/** Puts a value at the end of an array that can grow. */
export const appendAt = (frame: Frame, array: Place, value: Cell): void => {
  const { type } = array
  if (type.is !== 'array' || type.size !== undefined)
    throw defect(frame, `an array that can grow is wanted where there is ${cellName(array)}`)
  const length = lengthAt(frame, array)
  if (length >= PISA_ITEMS_MAX) throw defect(frame, `more than ${PISA_ITEMS_MAX} items`)
  const place: Place = {
    ...array,
    type: type.item,
    key: partKey(array.key, length),
    inside: undefined,
  }
  writePlace(frame, place, value)
  if (length === 0 && array.inside !== undefined && !isPresent(frame, array)) enter(frame, array)
  writeSlot(frame, array, encodePolo(lengthPolo, length + 1))
}
