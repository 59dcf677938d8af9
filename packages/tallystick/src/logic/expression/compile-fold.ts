/**
 * Macros at work: going over the items of a list or the keys of a map.
 *
 * Promise. The items are fixed before the first is looked at, and each costs a unit, so going over them ends. `all` and
 * `exists` forget a failure once another item decides, as `&&` and `||` do; the others do not.
 */
import { EXPRESSION_ITEMS_MAX } from '../../base/limits.ts'
import { paidKeys } from './function-map.ts'
import { unfit } from './operate.ts'
import { fail, type Frame, type Result, type Run, spend } from './run.ts'
import type { FoldForm, Node } from './syntax.ts'
import { isList, isMap, type Value } from './value.ts'

type Parts = {
  readonly of: Run
  readonly where: Run | undefined
  readonly each: Run | undefined
}

type Fold = Parts & { readonly at: number; readonly slot: number; readonly name: string }

/** `slot` is where the macro's variable stands in the frame. */
export const compileFold = (node: Node & FoldForm, slot: number, parts: Parts): Run => {
  const fold: Fold = { ...parts, at: node.at, slot, name: node.macro }
  switch (node.macro) {
    case 'all':
      return over(fold, (frame, items) => decided(frame, fold, items, false))
    case 'exists':
      return over(fold, (frame, items) => decided(frame, fold, items, true))
    case 'exists_one':
      return over(fold, (frame, items) => {
        const found = selected(frame, fold, items)
        return found === undefined ? undefined : found.length === 1
      })
    case 'filter':
    case 'map':
      return over(fold, (frame, items) => selected(frame, fold, items))
  }
}

const over =
  ({ of, at, name }: Fold, work: (frame: Frame, items: readonly Value[]) => Result): Run =>
  (frame) => {
    spend(frame.gas, 1)
    const from = of(frame)
    if (from === undefined) return undefined
    if (isList(from)) return work(frame, from)
    if (isMap(from)) return work(frame, paidKeys(frame.gas, from))
    return unfit(frame, at, `${name} goes over a list or a map`, from)
  }

const decided = (frame: Frame, fold: Fold, items: readonly Value[], decides: boolean): Result => {
  let failure
  for (const item of items) {
    const answer = asked(frame, fold, item)
    if (answer === decides) return decides
    if (answer === undefined) failure ??= frame.failure
  }
  return failure === undefined ? !decides : fail(frame, failure)
}

/** The items that the condition holds for, each as `map` makes it. */
const selected = (frame: Frame, fold: Fold, items: readonly Value[]): Value[] | undefined => {
  const made: Value[] = []
  for (const item of items) {
    const answer = asked(frame, fold, item)
    if (answer === undefined) return undefined
    if (!answer) continue
    const value = fold.each === undefined ? item : fold.each(frame)
    if (value === undefined) return undefined
    if (made.length >= EXPRESSION_ITEMS_MAX) {
      const why = `more than ${EXPRESSION_ITEMS_MAX} items in one list`
      return fail(frame, { code: 'expression/too-large', at: fold.at, why })
    }
    made.push(value)
  }
  return made
}

/** Sets the variable to the item and asks the condition, if there is one. */
const asked = (frame: Frame, { where, slot, at, name }: Fold, item: Value): boolean | undefined => {
  spend(frame.gas, 1)
  frame.values[slot] = item
  if (where === undefined) return true
  const answer = where(frame)
  if (typeof answer === 'boolean' || answer === undefined) return answer
  return unfit(frame, at, `${name} asks for a bool`, answer)
}
