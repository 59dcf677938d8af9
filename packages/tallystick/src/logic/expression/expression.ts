/**
 * Expressions: `nsm-expr/1`, conditions and values that people write into definitions (`docs/spec/expressions.md`).
 *
 * Promise. A strict subset of CEL with whole numbers only. Reading refuses what cannot be right, with the place and the
 * way out. Evaluating is a function of the expression, the variables and the gas: it ends, reads no clock and depends on
 * no runtime; what succeeds gives what CEL gives. Nothing is promised about values that were not read strictly:
 * fractions, texts with half a surrogate, objects that compute their fields.
 */
import { assert } from '../../base/assert.ts'
import { faultFrom, type Fault, isFault } from '../../base/fault.ts'
import type { Verifier } from '../../base/verifier.ts'
import { type Reach, typeOf } from './check.ts'
import { runFrom, slotsFor } from './compile.ts'
import { nodeFrom } from './parse.ts'
import { problem } from './problem.ts'
import { namesOf } from './reads.ts'
import { faultFromFailure, type Frame, type Gas, type Run } from './run.ts'
import type { Node } from './syntax.ts'
import { DYN, mayBe, textFromType, type Type } from './type.ts'
import { fieldOf, type Kind, type Value, type ValueMap } from './value.ts'

/** The language's name; another meaning of any expression would get another. */
export const EXPRESSION_LANGUAGE = 'nsm-expr/1'

/** Read once, evaluated often. */
export type Expression = {
  readonly source: string
  /** What it gives, as far as that is known. */
  readonly type: Type
  readonly node: Node
  /** The variables that it uses. */
  readonly names: readonly string[]
  /** Expects their values in this order at the beginning of the frame. */
  readonly run: Run
}

export type Surroundings = {
  readonly variables: ValueMap
  /** One object for all expressions of an input; its `used` grows. */
  readonly gas: Gas
  /** Checks the signatures that an expression asks about. */
  readonly verifies: Verifier['verify']
}

/**
 * Reads a source in which the names of `scope` may be used. With `wants`, what it gives has to be able to be of that kind:
 * a guard wants `bool`. The fault's message begins with the place.
 */
export const readExpression = (
  source: string,
  scope: ReadonlySet<string>,
  wants?: Kind,
): Expression | Fault =>
  faultFrom(() => {
    const node = nodeFrom(source)
    const reach: Reach = new Map([...scope].map((name) => [name, DYN]))
    const type = typeOf(node, reach)
    if (wants !== undefined && !mayBe(type, wants)) {
      throw problem(
        'expression/wrong-type',
        node.at,
        `this gives ${textFromType(type)}, where a ${wants} is wanted`,
      )
    }
    const names = namesOf(node)
    return { source, type, node, names, run: runFrom(node, slotsFor(names)) }
  })

/**
 * The expression's value. Raises `expression/out-of-gas`, and what a part of it fails with: `expression/wrong-type`,
 * `expression/no-such-key`, `expression/no-such-item`, `expression/out-of-range`, `expression/divided-by-zero`,
 * `expression/too-large`, `expression/too-deep`, `expression/key-twice`, `expression/forbidden-key`,
 * `expression/no-number`, `expression/no-hex`, `expression/not-signed`.
 */
export const evaluate = (expression: Expression, surroundings: Surroundings): Value => {
  const { variables, gas, verifies } = surroundings
  const values = expression.names.map((name) => fieldOf(variables, name))
  const frame: Frame = { gas, verifies, values, failure: undefined }
  const value = expression.run(frame)
  if (value !== undefined) return value
  assert(frame.failure !== undefined, 'what gives no value says why')
  throw faultFromFailure(frame.failure)
}

export const isExpression = (read: Expression | Fault): read is Expression => !isFault(read)
