/**
 * A definition after reading: states in document order, and the arrows between them.
 *
 * An arrow is what statecharts call a transition; in this project that word is taken by the header of a step. States are
 * numbers here, by their place in the document: all descendants of one follow it, so that "is a descendant of" is a
 * comparison of numbers.
 */
import type { JsonObject } from '../../forms/strict-json.ts'
import type { Expression } from '../expression/expression.ts'
import type { Value, ValueMap } from '../expression/value.ts'
import type { NamedAction, NamedGuard } from './names.ts'
import type { Problem } from './problem.ts'

export type Definition = {
  /** As it was read, and as an editor takes it. */
  readonly text: string
  readonly source: JsonObject
  readonly id: string
  /** What stands under `meta.nsm`: terms that others than the interpreter read. */
  readonly nsm: JsonObject
  readonly context: ValueMap
  readonly output: Value | undefined
  readonly gasMax: number
  readonly states: readonly ChartState[]
  readonly numbers: ReadonlyMap<string, number>
  /** What is entered at the beginning. */
  readonly opening: readonly number[]
  readonly hasHistory: boolean
  /** Whether some state has `after`, and so entry times are kept. */
  readonly hasAfter: boolean
  readonly hasAlways: boolean
  readonly events: readonly string[]
  readonly lints: readonly Problem[]
}

export type StateKind = 'atomic' | 'compound' | 'parallel' | 'final' | 'history'

/** How states stand to one another. */
export type Frame = {
  readonly at: number
  readonly key: string
  readonly id: string
  /** Place in the JSON. */
  readonly path: string
  readonly kind: StateKind
  /** −1 for the root. */
  readonly parent: number
  /** The first state after this one that is no descendant. */
  readonly end: number
  /** Without history states. */
  readonly children: readonly number[]
  readonly childByKey: ReadonlyMap<string, number>
  readonly histories: readonly number[]
  /** Of a compound state; −1 otherwise. */
  readonly initial: number
  readonly isDeep: boolean
  /** Of a history state: where to go when nothing is remembered. */
  readonly defaults: readonly number[]
}

export type ChartState = Frame & {
  readonly entry: readonly Action[]
  readonly exit: readonly Action[]
  readonly on: ReadonlyMap<string, readonly Arrow[]>
  readonly after: readonly Arrow[]
  readonly always: readonly Arrow[]
  readonly done: readonly Arrow[]
  /** Of a final state. */
  readonly output: Value | undefined
  readonly tags: readonly string[]
}

export type Arrow = {
  readonly source: number
  readonly path: string
  readonly guard: Guard | undefined
  /** None: the arrow only acts, or forbids. */
  readonly targets: readonly number[]
  readonly actions: readonly Action[]
  readonly isReentering: boolean
  /** Of `after`: how long its source must have been active. */
  readonly delayMs: number
  /** What it leaves and enters; undefined where that depends on what a history state remembers. */
  readonly plan: Plan | undefined
}

export type Plan = {
  /** Every active descendant of it is left; −1 leaves the root too. */
  readonly domain: number
  /** In document order. */
  readonly entry: readonly number[]
}

export type Guard =
  | { readonly is: 'expression'; readonly text: string; readonly expression: Expression }
  | { readonly is: 'name'; readonly text: string; readonly holds: NamedGuard }

export type Action =
  | { readonly is: 'assign'; readonly set: readonly Entry[] }
  | { readonly is: 'raise'; readonly type: string; readonly data: readonly Entry[] }
  | { readonly is: 'effect'; readonly kind: string; readonly args: readonly Entry[] }
  | { readonly is: 'name'; readonly name: string; readonly run: NamedAction }

export type Entry = { readonly key: string; readonly expression: Expression }

/** Whether `at` stands below `above`; −1 is above everything. */
export const isBelow = (frames: readonly Frame[], at: number, above: number): boolean =>
  above < 0 || (at > above && at < (frames[above]?.end ?? 0))
