/**
 * Types of expressions, as far as they can be known before anything runs.
 *
 * Promise. `dyn` is what nothing is known about: everything in the variables, unless the caller says more. Where two
 * known types meet that CEL would not let meet, the expression is refused; where one is `dyn`, evaluation decides.
 */
import type { Kind } from './value.ts'

export type Type =
  | { readonly is: 'dyn' | 'null' | 'bool' | 'int' | 'string' }
  /** A Nostr event whose signature has been checked: a map whose `tag` can be asked for. */
  | { readonly is: 'signed' }
  | { readonly is: 'list' | 'map'; readonly of: Type }

export const DYN: Type = { is: 'dyn' }
export const NULL: Type = { is: 'null' }
export const BOOL: Type = { is: 'bool' }
export const INT: Type = { is: 'int' }
export const STRING: Type = { is: 'string' }
export const SIGNED: Type = { is: 'signed' }

export const listOf = (of: Type): Type => ({ is: 'list', of })

export const mapOf = (of: Type): Type => ({ is: 'map', of })

/** How a type is written in messages and in the specification. */
export const textFromType = (type: Type): string =>
  type.is === 'list' || type.is === 'map' ? `${type.is}(${textFromType(type.of)})` : type.is

/** Whether a value of the type may be of the kind. */
export const mayBe = (type: Type, kind: Kind): boolean =>
  type.is === 'dyn' || type.is === kind || (type.is === 'signed' && kind === 'map')

/** The type of what is one or the other; missing where no known type is both. */
export const sharedType = (a: Type, b: Type): Type | undefined => {
  if (a.is === 'dyn' || b.is === 'dyn') return DYN
  if ((a.is === 'list' || a.is === 'map') && a.is === b.is) {
    const of = sharedType(a.of, b.of)
    return of === undefined ? undefined : { is: a.is, of }
  }
  if (a.is === b.is) return a
  return (a.is === 'signed' && b.is === 'map') || (a.is === 'map' && b.is === 'signed')
    ? mapOf(DYN)
    : undefined
}

/** The type of items that stand beside one another, alike or not. */
export const mixedType = (types: readonly Type[]): Type => {
  let mixed: Type | undefined
  for (const type of types) mixed = mixed === undefined ? type : (sharedType(mixed, type) ?? DYN)
  return mixed ?? DYN
}
