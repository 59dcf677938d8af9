/** Reads guards and actions: `expr`, `assign`, `raise` and `effect`, and names that the caller knows. */
import { isFault } from '../../base/fault.ts'
import type { Json, JsonObject } from '../../forms/strict-json.ts'
import { type Expression, readExpression } from '../expression/expression.ts'
import type { Action, Entry, Guard } from './chart.ts'
import { checkEventName } from './event-name.ts'
import type { Names } from './names.ts'
import { pathTo } from './problem.ts'
import { itemPath, knownKeys, listAt, NOTHING, objectAt, type Report, textAt } from './report.ts'

/** What every expression of a definition may refer to. */
export const SCOPE: ReadonlySet<string> = new Set(['context', 'event', 'machine'])

export const readGuard = (
  report: Report,
  names: Names,
  { json, path }: { readonly json: Json | undefined; readonly path: string },
): Guard | undefined => {
  if (json === undefined) return undefined
  if (typeof json === 'string') return guardByName(report, names, { name: json, path })
  const object = objectAt(report, json, path)
  if (object === NOTHING) return undefined
  const type = textAt(report, object['type'], pathTo(path, 'type'))
  if (type !== 'expr') {
    if (type === '') return undefined
    knownKeys(report, { object, path, allowed: TYPE, where: 'a guard by name' })
    return guardByName(report, names, { name: type, path })
  }
  knownKeys(report, { object, path, allowed: TYPE_AND_PARAMS, where: 'a guard' })
  const params = objectAt(report, object['params'], pathTo(path, 'params'))
  if (params === NOTHING) return undefined
  knownKeys(report, { object: params, path: pathTo(path, 'params'), allowed: CEL, where: 'expr' })
  const place = pathTo(pathTo(path, 'params'), 'cel')
  const text = textAt(report, params['cel'], place)
  const expression = text === '' ? undefined : expressionAt(report, text, place)
  if (expression === undefined) return undefined
  if (expression.type.is !== 'bool' && expression.type.is !== 'dyn') {
    report.problems.push({
      code: 'bad-guard',
      path: place,
      message: `a guard is true or false, and this is of type ${expression.type.is}`,
      fix: 'compare it with something',
    })
    return undefined
  }
  return { is: 'expression', text, expression }
}

const TYPE = new Set(['type'])
const TYPE_AND_PARAMS = new Set(['type', 'params'])
const CEL = new Set(['cel'])

const guardByName = (
  report: Report,
  names: Names,
  { name, path }: { readonly name: string; readonly path: string },
): Guard | undefined => {
  const holds = names.guards.get(name)
  if (holds !== undefined) return { is: 'name', text: name, holds }
  report.problems.push({
    code: 'unknown-guard',
    path,
    message: `no guard "${name.slice(0, 128)}" is known here`,
    fix: 'write {"type":"expr","params":{"cel":"…"}}, or agree on a library that has it',
  })
  return undefined
}

const expressionAt = (report: Report, text: string, path: string): Expression | undefined => {
  const expression = report.expressions.get(text) ?? readExpression(text, SCOPE)
  report.expressions.set(text, expression)
  if (!isFault(expression)) return expression
  report.problems.push({
    code: 'bad-expression',
    path,
    message: expression.message,
    fix: 'write it in nsm-expr/1, over context, event and machine',
  })
  return undefined
}

export const readActions = (
  report: Report,
  names: Names,
  { json, path }: { readonly json: Json | undefined; readonly path: string },
): readonly Action[] =>
  listAt(json).flatMap(([item, at]) => {
    const place = itemPath(path, at)
    if (typeof item === 'string') return actionByName(report, names, { name: item, path: place })
    const object = objectAt(report, item, place)
    return object === NOTHING ? [] : actionOf(report, names, { object, path: place })
  })

type Place = { readonly object: JsonObject; readonly path: string }

const actionOf = (report: Report, names: Names, place: Place): readonly Action[] => {
  const { object, path } = place
  const type = textAt(report, object['type'], pathTo(path, 'type'))
  if (type === '') return []
  if (type !== 'assign' && type !== 'raise' && type !== 'effect') {
    knownKeys(report, { object, path, allowed: TYPE, where: 'an action by name' })
    return actionByName(report, names, { name: type, path })
  }
  knownKeys(report, { object, path, allowed: TYPE_AND_PARAMS, where: `the action ${type}` })
  const inside = pathTo(path, 'params')
  const params = objectAt(report, object['params'], inside)
  if (params === NOTHING) return []
  knownKeys(report, { object: params, path: inside, allowed: PARAMS[type], where: type })
  switch (type) {
    case 'assign': {
      const set = entriesAt(report, params['set'], pathTo(inside, 'set'))
      return [{ is: 'assign', set }]
    }
    case 'raise': {
      const name = textAt(report, params['event'], pathTo(inside, 'event'))
      checkEventName(report, name, { path: pathTo(inside, 'event'), isRaised: true })
      const data = params['data']
      const entries = data === undefined ? [] : entriesAt(report, data, pathTo(inside, 'data'))
      return [{ is: 'raise', type: name, data: entries }]
    }
    case 'effect': {
      const kind = textAt(report, params['kind'], pathTo(inside, 'kind'))
      const args = params['args']
      const entries = args === undefined ? [] : entriesAt(report, args, pathTo(inside, 'args'))
      return [{ is: 'effect', kind, args: entries }]
    }
  }
}

const PARAMS = {
  assign: new Set(['set']),
  raise: new Set(['event', 'data']),
  effect: new Set(['kind', 'args']),
}

const entriesAt = (report: Report, json: Json | undefined, path: string): readonly Entry[] =>
  Object.entries(objectAt(report, json, path)).flatMap(([key, value]) => {
    const place = pathTo(path, key)
    const text = textAt(report, value, place)
    const expression = text === '' ? undefined : expressionAt(report, text, place)
    return expression === undefined ? [] : [{ key, expression }]
  })

const actionByName = (
  report: Report,
  names: Names,
  { name, path }: { readonly name: string; readonly path: string },
): readonly Action[] => {
  const run = names.actions.get(name)
  if (run !== undefined) return [{ is: 'name', name, run }]
  report.problems.push({
    code: 'unknown-action',
    path,
    message: `no action "${name.slice(0, 128)}" is known here`,
    fix: 'use assign, raise or effect, or agree on a library that has it',
  })
  return []
}
