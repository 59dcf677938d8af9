/** The check of expressions: read, evaluated, paid for. */
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { canonicalJson } from '../../packages/tallystick/src/forms/canonical-json.ts'
import { isJsonObject, jsonFromText } from '../../packages/tallystick/src/forms/strict-json.ts'
import {
  evaluate,
  readExpression,
} from '../../packages/tallystick/src/logic/expression/expression.ts'
import { type Check, unless } from './finding.ts'
import { numberAt, textAt } from './read.ts'

const engine = createPortableEngine()

export const expressionChecks: Readonly<Record<string, Check>> = {
  expression: (input) => {
    const variables = jsonFromText(textAt(input, 'variables'))
    if (!isJsonObject(variables)) throw new Error('the variables are no object')
    const names = new Set(Object.keys(variables))
    const expression = unless(readExpression(textAt(input, 'source'), names))
    const gas = { used: 0, limit: numberAt(input, 'gas') }
    const value = evaluate(expression, { variables, gas, verifies: engine.verify })
    return { expected: { value: canonicalJson(value), gas: gas.used } }
  },
}
