/**
 * A statechart in a machine's state: what stands under which path, and what a step changes there.
 *
 * Promise. Every value is JSON in its canonical spelling, so that a premise or a vault can wait for one entry of the context by
 * its text. A step writes what differs and nothing else. What was written is what is read: a snapshot comes back as it was.
 *
 * | path | value |
 * |---|---|
 * | 'value' | where the machine stands, as in the snapshots of XState: a text or an object |
 * | 'status' | "active" or "done" |
 * | 'context' | the sorted list of the context's keys |
 * | 'context', key | its value |
 * | 'history' | what history states remember; missing if nothing |
 * | 'entered' | when states that wait for a time were entered; missing if none is active |
 * | 'output' | what a machine that is done gives; missing otherwise |
 * | 'head' | object: `at` certified time, `height` number of inputs, `input` id of the last one |
 * | 'effects', height | list of what the step at this height asks the world to do; missing if nothing |
 *
 * A value of more than 4,096 bytes goes on under the same path with a further part '1', then '2', and so on. A value
 * whose first part has fewer bytes is whole.
 */
import { assert } from '../../base/assert.ts'
import { bytesFromUtf8, concatBytes, equalBytes, utf8FromBytes } from '../../base/bytes.ts'
import { STATE_VALUE_BYTES_MAX } from '../../base/limits.ts'
import { canonicalJson } from '../../forms/canonical-json.ts'
import { isJsonList, isJsonObject, type Json, jsonFromText } from '../../forms/strict-json.ts'
import type { Change, Path } from '../../kernel/logic.ts'
import type { Value, ValueMap } from '../expression/value.ts'
import type { Effect, Snapshot, StateValue } from './snapshot.ts'

/** What stands at a path of this logic in the machine. */
export type ReadLeaf = (path: Path) => Uint8Array | undefined

export type LeafChange = Omit<Change, 'machine'>

/** The end of the chain of inputs. */
export type Head = {
  /** Certified time in milliseconds. */
  readonly at: number
  /** Inputs taken so far. */
  readonly height: number
  /** Id of the last one; empty before the first. */
  readonly input: string
}

export const headFrom = (read: ReadLeaf): Head => {
  const json = jsonAt(read, ['head'])
  assert(isJsonObject(json), 'the logic wrote an object')
  const { at, height, input } = json
  assert(typeof at === 'number' && typeof height === 'number', 'the logic wrote numbers')
  assert(typeof input === 'string', 'the logic wrote a text')
  return { at, height, input }
}

export const snapshotFrom = (read: ReadLeaf): Snapshot => {
  const status = jsonAt(read, ['status'])
  const value = jsonAt(read, ['value'])
  assert(status === 'active' || status === 'done', 'the logic wrote one of two words')
  assert(isStateValue(value), 'the logic wrote a state')
  const output = jsonAt(read, ['output'])
  return {
    status,
    value,
    historyValue: historyFrom(jsonAt(read, ['history'])),
    context: contextFrom(read),
    entered: timesFrom(jsonAt(read, ['entered'])),
    ...(output !== undefined && { output }),
  }
}

/** What a step leaves behind, as what differs from what stands there. */
export const changesTo = (
  read: ReadLeaf,
  before: Snapshot | undefined,
  after: {
    readonly snapshot: Snapshot
    readonly head: Head
    readonly effects: readonly Effect[]
  },
): readonly LeafChange[] => {
  const { snapshot, head, effects } = after
  const put = (path: Path, json: Json | undefined): readonly LeafChange[] =>
    changesAt(read, path, json)
  return [
    ...put(['value'], snapshot.value),
    ...put(['status'], snapshot.status),
    ...contextChanges(put, before?.context ?? {}, snapshot.context),
    ...put(['history'], unlessEmpty(snapshot.historyValue)),
    ...put(['entered'], unlessEmpty(snapshot.entered)),
    ...put(['output'], snapshot.output),
    ...put(['head'], head),
    ...put(effectsPath(head.height), effects.length > 0 ? effects : undefined),
  ]
}

/** Where the effects of the step at a height stand. */
export const effectsPath = (height: number): Path => ['effects', String(height)]

/** Where a key of the context stands. */
export const contextPath = (key: string): Path => ['context', key]

type Put = (path: Path, json: Json | undefined) => readonly LeafChange[]

/** Values that a step left alone are the same objects as before, and are not spelled again. */
const contextChanges = (put: Put, before: ValueMap, after: ValueMap): readonly LeafChange[] => {
  const keys = Object.keys(after).toSorted()
  const gone = Object.keys(before).filter((key) => !Object.hasOwn(after, key))
  return [
    ...put(['context'], keys),
    ...keys
      .filter((key) => !Object.hasOwn(before, key) || before[key] !== after[key])
      .flatMap((key) => put(contextPath(key), after[key])),
    ...gone.flatMap((key) => put(contextPath(key), undefined)),
  ]
}

const unlessEmpty = <T extends object>(of: T): T | undefined =>
  Object.keys(of).length > 0 ? of : undefined

// Values in pieces.

const piecePath = (path: Path, at: number): Path => (at === 0 ? path : [...path, String(at)])

/** The pieces that stand at a path. */
const piecesAt = (read: ReadLeaf, path: Path): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = []
  for (;;) {
    const piece = read(piecePath(path, pieces.length))
    if (!piece) return pieces
    pieces.push(piece)
    if (piece.length < STATE_VALUE_BYTES_MAX) return pieces
  }
}

const piecesOf = (whole: Uint8Array): readonly Uint8Array[] => {
  const pieces: Uint8Array[] = []
  for (let from = 0; from < whole.length; from += STATE_VALUE_BYTES_MAX) {
    pieces.push(whole.slice(from, from + STATE_VALUE_BYTES_MAX))
  }
  return pieces
}

const changesAt = (read: ReadLeaf, path: Path, json: Json | undefined): readonly LeafChange[] => {
  const old = piecesAt(read, path)
  const next = json === undefined ? [] : piecesOf(bytesFromUtf8(canonicalJson(json)))
  const count = Math.max(old.length, next.length)
  return Array.from({ length: count }, (_, at) => at).flatMap((at) => {
    const [was, is] = [old[at], next[at]]
    if (was && is && equalBytes(was, is)) return []
    return [{ path: piecePath(path, at), value: is }]
  })
}

/** The JSON at a path; undefined if there is nothing. */
export const jsonAt = (read: ReadLeaf, path: Path): Json | undefined => {
  const pieces = piecesAt(read, path)
  const [first] = pieces
  if (!first) return undefined
  return jsonFromText(utf8FromBytes(pieces.length === 1 ? first : concatBytes(...pieces)))
}

// Shapes. The logic alone writes here, so what does not fit is a mistake of ours.

const contextFrom = (read: ReadLeaf): ValueMap => {
  const keys = jsonAt(read, ['context'])
  assert(isJsonList(keys), 'the logic wrote a list of keys')
  const context: Record<string, Value> = {}
  for (const key of keys) {
    assert(typeof key === 'string', 'the logic wrote texts')
    const value = jsonAt(read, contextPath(key))
    assert(value !== undefined, 'each key has its value')
    context[key] = value
  }
  return context
}

const isStateValue = (json: Json | undefined): json is StateValue =>
  typeof json === 'string' || (isJsonObject(json) && Object.values(json).every(isStateValue))

const historyFrom = (json: Json | undefined): Snapshot['historyValue'] => {
  const history: Record<string, readonly { readonly id: string }[]> = {}
  for (const [id, states] of entriesOf(json)) {
    assert(isJsonList(states), 'the logic wrote a list of states')
    history[id] = states.map((one) => {
      const state = isJsonObject(one) ? one['id'] : undefined
      assert(typeof state === 'string', 'the logic wrote the id of a state')
      return { id: state }
    })
  }
  return history
}

const timesFrom = (json: Json | undefined): Snapshot['entered'] => {
  const entered: Record<string, number> = {}
  for (const [id, ms] of entriesOf(json)) {
    assert(typeof ms === 'number', 'the logic wrote a time')
    entered[id] = ms
  }
  return entered
}

const entriesOf = (json: Json | undefined): readonly (readonly [string, Json])[] => {
  if (json === undefined) return []
  assert(isJsonObject(json), 'the logic wrote an object')
  return Object.entries(json)
}
