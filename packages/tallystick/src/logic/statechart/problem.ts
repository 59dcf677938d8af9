/** What is wrong with a definition: a code, the place in the JSON, why, and what to write instead. */

export type Problem = {
  readonly code: ProblemCode | LintCode
  /** The place as `$.states.open.on.PAY[0].guard`; `$` is the whole. */
  readonly path: string
  readonly message: string
  readonly fix: string
}

/** Each has a row in docs/spec/statechart.md. A definition with one of them is refused. */
export type ProblemCode =
  | 'always-cycle'
  | 'bad-after'
  | 'bad-expression'
  | 'bad-guard'
  | 'bad-key'
  | 'bad-target'
  | 'bad-value'
  | 'context-too-large'
  | 'forbidden-key'
  | 'history-no-target'
  | 'id-twice'
  | 'key-twice'
  | 'no-initial'
  | 'not-json'
  | 'number-not-exact'
  | 'too-deep'
  | 'too-large'
  | 'too-many-keys'
  | 'too-many-states'
  | 'too-many-transitions'
  | 'unknown-action'
  | 'unknown-engine'
  | 'unknown-guard'
  | 'unknown-key'
  | 'wildcard'
  | 'wrong-type'

/** Each has a row there too. A definition is taken in spite of them. */
export type LintCode =
  | 'dead-end'
  | 'never-expires'
  | 'never-taken'
  | 'no-timed-exit'
  | 'raise-unheard'
  | 'unreachable'

export const pathTo = (path: string, key: string | number): string => {
  if (typeof key === 'number') return `${path}[${key}]`
  return PLAIN.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`
}

const PLAIN = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
