/** The form of an expression after reading: a tree whose nodes know where in the source they stand. */

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in' | '+' | '-' | '*' | '/' | '%'

export type Macro = 'all' | 'exists' | 'exists_one' | 'filter' | 'map'

type Place = {
  /** Where the node's own sign or name stands in the source, in UTF-16 units from 0. */
  readonly at: number
  /** Levels of the tree from here down, this one included. */
  readonly depth: number
}

export type Node = Place & Form

export type Form =
  | { readonly is: 'literal'; readonly value: null | boolean | number | string }
  | { readonly is: 'name'; readonly name: string }
  | { readonly is: 'select'; readonly of: Node; readonly field: string }
  | { readonly is: 'has'; readonly of: Node; readonly field: string }
  | { readonly is: 'index'; readonly of: Node; readonly index: Node }
  | CallForm
  | FoldForm
  | { readonly is: 'list'; readonly items: readonly Node[] }
  | { readonly is: 'map'; readonly entries: readonly MapEntry[] }
  | { readonly is: 'not'; readonly of: Node }
  | { readonly is: 'negate'; readonly of: Node }
  | {
      readonly is: 'binary'
      readonly operator: Operator
      readonly left: Node
      readonly right: Node
    }
  /** A whole chain of one sign is one node. */
  | { readonly is: 'and' | 'or'; readonly parts: readonly Node[] }
  | { readonly is: 'choice'; readonly when: Node; readonly yes: Node; readonly no: Node }

export type MapEntry = { readonly key: Node; readonly value: Node }

export type CallForm = {
  readonly is: 'call'
  readonly name: string
  /** What stands before the point in `text.contains(part)`. */
  readonly target: Node | undefined
  readonly given: readonly Node[]
}

export type FoldForm = {
  readonly is: 'fold'
  readonly macro: Macro
  readonly of: Node
  readonly variable: string
  /** What is asked of each item; `map` need not ask. */
  readonly where: Node | undefined
  /** What `map` makes of each item. */
  readonly each: Node | undefined
}

/** The nodes right below, in the order of the source. */
export const partsOf = (node: Form): readonly Node[] => {
  switch (node.is) {
    case 'literal':
    case 'name':
      return []
    case 'select':
    case 'has':
    case 'not':
    case 'negate':
      return [node.of]
    case 'index':
      return [node.of, node.index]
    case 'call':
      return node.target === undefined ? node.given : [node.target, ...node.given]
    case 'fold':
      return [node.of, node.where, node.each].filter((part) => part !== undefined)
    case 'list':
      return node.items
    case 'map':
      return node.entries.flatMap(({ key, value }) => [key, value])
    case 'binary':
      return [node.left, node.right]
    case 'and':
    case 'or':
      return node.parts
    case 'choice':
      return [node.when, node.yes, node.no]
  }
}
