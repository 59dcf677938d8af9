/** Oracles: one controller, one answer to each question. Each case is a short history. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { Charter } from '../../packages/tallystick/src/kernel/charter.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import { interaction } from '../../packages/tallystick/src/kernel/interaction.ts'
import {
  operationOnOracle,
  type OracleOperation,
} from '../../packages/tallystick/src/logic/oracle.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import type { JsonObject } from './finding.ts'
import {
  after,
  charterOf,
  hexOfCharter,
  interactionOf,
  only,
  opened,
  owned,
  person,
} from './world.ts'

const ORACLE_LOGIC = { name: 'oracle/1', params: new Uint8Array(0) }
const ORACLE = owned('weatherman', [ORACLE_LOGIC])
const BESIDE = owned('mint')
const start = opened(ORACLE)

const RAIN: OracleOperation = { question: 'rain in Oslo on 1 May', answer: 'yes' }

const operations = (...answers: readonly OracleOperation[]) =>
  answers.map((one) => operationOnOracle({ machine: start.id, logic: 0 }, one))

const told = (
  machine: Machine,
  answers: readonly OracleOperation[],
  by: readonly string[] = ['weatherman'],
): JsonObject => ({
  interaction: hexFromBytes(
    interaction.encode(interactionOf({ write: [machine], operations: operations(...answers) })),
  ),
  by,
})

export const oracleArea = (): Area => {
  const whole = good({
    id: 'oracle/answer',
    comment: 'a question answered',
    check: 'history',
    input: { charters: [hexOfCharter(ORACLE)], steps: [told(start, [RAIN])] },
  })
  const refused = (
    fault: string,
    id: string,
    comment: string,
    steps: readonly JsonObject[],
    charters: readonly Charter[] = [ORACLE],
  ): Case =>
    spoiled(whole, fault, {
      id: `oracle/${id}`,
      comment,
      input: { charters: charters.map(hexOfCharter), steps },
    })
  const next = only(after({ write: [start], operations: operations(RAIN) }))
  const elsewhere = hexFromBytes(
    interaction.encode(
      interactionOf({
        write: [opened(BESIDE)],
        beside: [{ machine: start, access: 'refer' }],
        operations: operations(RAIN),
      }),
    ),
  )
  const twoOfThem = charterOf(
    { participants: [person('weatherman'), person('friend')] },
    { logics: [ORACLE_LOGIC] },
  )
  const withParams = owned('weatherman', [{ ...ORACLE_LOGIC, params: new Uint8Array(1) }])
  return {
    area: 'oracle',
    about: 'Oracles: one controller, one answer to each question.',
    cases: [
      whole,
      refused('oracle/answered', 'answered', 'answered again, otherwise', [
        told(start, [RAIN]),
        told(next, [{ ...RAIN, answer: 'no' }]),
      ]),
      refused('oracle/answered', 'twice-in-one', 'answered twice in one step', [
        told(start, [RAIN, { ...RAIN, answer: 'no' }]),
      ]),
      refused('oracle/no-consent', 'no-consent', 'by nobody', [told(start, [RAIN], [])]),
      refused(
        'oracle/not-written',
        'elsewhere',
        'in a step of another machine',
        [{ interaction: elsewhere, by: ['weatherman', 'mint'] }],
        [ORACLE, BESIDE],
      ),
      refused('oracle/not-sole', 'not-sole', 'two controllers', [], [twoOfThem]),
      refused('oracle/bad-params', 'params', 'a parameter', [], [withParams]),
    ],
  }
}
