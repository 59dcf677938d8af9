/**
 * Oracles: machines with one controller that answers questions by name, each of them once.
 *
 * Promise. An answer is given with the controller's consent and never changes: a second one to the same question is refused, so in
 * one history there is one answer for good. Whoever relies on it shows the answer's key as a premise. A controller that gives
 * two answers has to sign two children of one parent for it, and these two signatures convict it, with no rule of our own.
 *
 * Not promised. That an answer is true, or that there ever is one. Who waits for an oracle needs a way out of its own.
 *
 * Wire. The logic has no parameters. An operation is the question, a text of at most 128 bytes, and the answer, UTF-8 of at most
 * 1,024 bytes. The answer stands in the state as its UTF-8, under 'answer' and the question.
 */
import { bytesFromUtf8 } from '../base/bytes.ts'
import { type Codec, struct, text } from '../base/codec.ts'
import { Fault, faultFrom } from '../base/fault.ts'
import { ANSWER_BYTES_MAX, QUESTION_BYTES_MAX } from '../base/limits.ts'
import type { SuiteId } from '../base/suite.ts'
import { pathKey } from '../kernel/execute.ts'
import type { Operation } from '../kernel/interaction.ts'
import type { Call, Change, Logic, Path, Prefix } from '../kernel/logic.ts'
import type { StateKey } from '../state/keys.ts'
import { anyText } from './statechart/params.ts'

export type OracleOperation = { readonly question: string; readonly answer: string }

export const oracleOperation: Codec<OracleOperation> = struct<OracleOperation>({
  question: text(QUESTION_BYTES_MAX),
  answer: anyText(ANSWER_BYTES_MAX),
})

export const operationOnOracle = (oracle: Prefix, of: OracleOperation): Operation => ({
  machine: oracle.machine,
  logic: oracle.logic,
  argument: oracleOperation.encode(of),
})

/** Where the answer to a question stands. */
export const answerPath = (question: string): Path => ['answer', question]

/** The key that a premise about an answer names. */
export const answerKey = (
  of: { readonly suite: SuiteId; readonly logic: Prefix },
  question: string,
): StateKey => pathKey(of.suite, of.logic, answerPath(question))

/** What stands there. */
export const answerValue = (answer: string): Uint8Array => bytesFromUtf8(answer)

export const oracle: Logic = {
  name: 'oracle/1',
  genesis: ({ params, terms, machine }) => {
    if (params.length > 0) {
      return new Fault('oracle/bad-params', 'this logic has no parameters', { machine })
    }
    return checkSole(terms.participants.length)?.at({ machine }) ?? []
  },
  apply: (call) => faultFrom(() => [answer(call, oracleOperation.decode(call.argument))]),
  describe: (argument) => {
    const of = oracleOperation.decode(argument)
    return `answers ${JSON.stringify(of.question)} with ${JSON.stringify(of.answer)}`
  },
}

const answer = (call: Call, of: OracleOperation): Change => {
  const { machine } = call.self
  const place = { machine, part: of.question }
  const terms = call.written.includes(machine) ? call.terms(machine) : undefined
  if (!terms) throw new Fault('oracle/not-written', `${machine} is no written leg`, place)
  // Terms may have changed since: with two controllers nobody's two answers would convict anybody.
  const fault = checkSole(terms.participants.length)
  if (fault) throw fault.at(place)
  if (!call.consents(machine, 0)) {
    throw new Fault('oracle/no-consent', 'the controller has not consented', place)
  }
  const path = answerPath(of.question)
  if (call.read(machine, path)) throw new Fault('oracle/answered', 'answered before', place)
  return { machine, path, value: answerValue(of.answer) }
}

const checkSole = (participants: number): Fault | undefined =>
  participants === 1
    ? undefined
    : new Fault('oracle/not-sole', `${participants} participants where an oracle has one`)
