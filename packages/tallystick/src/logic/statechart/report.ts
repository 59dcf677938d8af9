/** Reads the parts of a definition and writes down every problem on the way, instead of stopping at the first. */
import type { Fault } from '../../base/fault.ts'
import { STATECHART_NAME_CHARACTERS_MAX } from '../../base/limits.ts'
import { isJsonObject, type Json, type JsonObject } from '../../forms/strict-json.ts'
import type { Expression } from '../expression/expression.ts'
import { pathTo, type Problem } from './problem.ts'

export type Report = {
  readonly problems: Problem[]
  readonly lints: Problem[]
  /** Expressions by their text: definitions repeat themselves, and reading is what costs most. */
  readonly expressions: Map<string, Expression | Fault>
}

export const createReport = (): Report => ({ problems: [], lints: [], expressions: new Map() })

/** The value as an object; anything else is a problem. */
export const objectAt = (report: Report, json: Json | undefined, path: string): JsonObject => {
  if (isJsonObject(json)) return json
  report.problems.push({
    code: 'wrong-type',
    path,
    message: 'this is no object',
    fix: 'write an object in braces',
  })
  return NOTHING
}
export const NOTHING: JsonObject = Object.freeze({ __proto__: null })

export const textAt = (report: Report, json: Json | undefined, path: string): string => {
  if (typeof json === 'string' && json !== '') return json
  report.problems.push({
    code: 'wrong-type',
    path,
    message: 'this is no text, or an empty one',
    fix: 'write a text in quotes',
  })
  return ''
}

/** One thing or a list of things. */
export const listAt = (json: Json | undefined): readonly (readonly [Json, number | undefined])[] =>
  json === undefined ? [] : isList(json) ? json.map((item, at) => [item, at]) : [[json, undefined]]

export const isList = (json: Json | undefined): json is readonly Json[] => Array.isArray(json)

export const itemPath = (path: string, at: number | undefined): string =>
  at === undefined ? path : pathTo(path, at)

/** Keys that are not in `allowed`. Nothing that this interpreter does not know is skipped over. */
export const knownKeys = (report: Report, { object, path, allowed, where }: Checked): void => {
  for (const key of Object.keys(object)) {
    if (allowed.has(key)) continue
    report.problems.push({
      code: 'unknown-key',
      path: pathTo(path, key),
      message: `${where} has no "${key.slice(0, 64)}" in nsm-1`,
      fix: INSTEAD.get(key) ?? `remove it; known are ${[...allowed].join(', ')}`,
    })
  }
}

type Checked = {
  readonly object: JsonObject
  readonly path: string
  readonly allowed: ReadonlySet<string>
  readonly where: string
}

const INSTEAD: ReadonlyMap<string, string> = new Map([
  ['invoke', 'let a participant or an oracle send an event instead of invoking an actor'],
  ['spawn', 'let a participant or an oracle send an event instead of spawning an actor'],
  ['route', 'write ordinary transitions with guards; a route moves a machine from anywhere'],
  ['internal', 'leave it out: transitions do not reenter unless "reenter" is true'],
  ['cond', 'call it "guard", as XState 5 does'],
  ['in', 'write a guard over the context'],
  ['data', 'call it "output", as XState 5 does'],
  ['activities', 'use effects in "entry" and "exit"'],
  ['delimiter', 'leave it out'],
  ['input', 'put it into "context"'],
])

/** Keys of states and events: anything that JavaScript would reorder, or XState would read as a path, is a problem. */
export const checkName = (
  report: Report,
  name: string,
  { path, what }: { readonly path: string; readonly what: 'state' | 'event' | 'id' },
): void => {
  const why = whyNot(name, what)
  if (why === undefined) return
  report.problems.push({
    code: 'bad-key',
    path,
    message: `"${name.slice(0, 64)}" ${why}`,
    fix: `choose another name for the ${what}: letters, digits, - and _, beginning with a letter`,
  })
}

const whyNot = (name: string, what: 'state' | 'event' | 'id'): string | undefined => {
  if (name === '') return 'is empty'
  if (name.length > STATECHART_NAME_CHARACTERS_MAX)
    return `is longer than ${STATECHART_NAME_CHARACTERS_MAX} characters`
  if (/^-?\d+$/.test(name)) return 'looks like a number, and such keys lose their place'
  if (RESERVED.has(name)) return 'is reserved by the language'
  if (hasControls(name)) return 'has control characters'
  if (name.includes('\\')) return 'has a backslash, which escapes points in paths'
  if (what === 'state' && name.includes('.'))
    return 'has a point, which separates levels in targets'
  if (what !== 'event' && name.startsWith('#')) return 'begins with #, which begins ids in targets'
  return undefined
}

const hasControls = (name: string): boolean => {
  for (let at = 0; at < name.length; at++) {
    const unit = name.charCodeAt(at)
    if (unit < 0x20 || unit === 0x7f) return true
  }
  return false
}

const RESERVED: ReadonlySet<string> = new Set([
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
])
