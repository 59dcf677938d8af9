/** What a function of the language is made of. */
import type { Frame, Result } from './run.ts'
import type { Type } from './type.ts'
import type { Kind, Value } from './value.ts'

export type LanguageFunction = {
  /** Whether it stands before its first argument, behind it and a point, or either. */
  readonly stands: 'before' | 'behind' | 'either'
  /** What each argument may be; the last entry holds for all that follow if `repeats`. */
  readonly takes: readonly Accepted[]
  readonly repeats?: boolean
  /** The type of its value from those of its arguments; missing where they do not go together. */
  readonly gives: (given: readonly Type[]) => Type | undefined
  /** How it is written, for messages. */
  readonly form: string
  /** Its work on as many values as it takes; `at` is its place in the source. */
  readonly run: (frame: Frame, given: readonly Value[], at: number) => Result
}

/** `signed` is what `nostr` gives and nothing else. */
export type Accepted = 'any' | 'signed' | readonly Kind[]
