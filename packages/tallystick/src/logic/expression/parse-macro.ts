/** Macros: what looks like a call and is a form of its own, because its arguments are no values. */
import { problem } from './problem.ts'
import type { FoldForm, Form, Macro, Node } from './syntax.ts'

const MACROS: ReadonlyMap<string, Macro> = new Map<string, Macro>([
  ['all', 'all'],
  ['exists', 'exists'],
  ['exists_one', 'exists_one'],
  ['filter', 'filter'],
  ['map', 'map'],
])

export const macroNamed = (name: string): Macro | undefined => MACROS.get(name)

type Fold = { readonly macro: Macro; readonly of: Node; readonly given: readonly Node[] }

/** `of.all(x, …)` and its like. Raises `expression/wrong-arguments`. */
export const foldFrom = (at: number, { macro, of, given }: Fold): FoldForm => {
  const [variable, first, second] = given
  const allowed = macro === 'map' ? [2, 3] : [2]
  if (variable === undefined || first === undefined || !allowed.includes(given.length)) {
    const form =
      macro === 'map' ? 'map(x, value) or map(x, condition, value)' : `${macro}(x, condition)`
    throw problem('expression/wrong-arguments', at, `${macro} is written ${form}`)
  }
  if (variable.is !== 'name') {
    throw problem('expression/wrong-arguments', variable.at, `${macro} takes a plain name first`)
  }
  const isPlainMap = macro === 'map' && second === undefined
  return {
    is: 'fold',
    macro,
    of,
    variable: variable.name,
    where: isPlainMap ? undefined : first,
    each: isPlainMap ? first : second,
  }
}

/** `has(of.field)`. Raises `expression/wrong-arguments`. */
export const hasFrom = (at: number, given: readonly Node[]): Form => {
  const [selection] = given
  if (given.length !== 1 || selection?.is !== 'select') {
    throw problem('expression/wrong-arguments', at, 'has takes one field, as in has(context.name)')
  }
  return { is: 'has', of: selection.of, field: selection.field }
}
