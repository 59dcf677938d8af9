/** A bet of two parties, decided by oracles that are machines of their own, or by a clock when they are silent. */
import { beforeEach, describe, expect, test } from 'vitest'
import { utf8FromBytes } from '../src/base/bytes.ts'
import type { Person } from '../src/cli/demo/people.ts'
import { createRelation, type Outcome, type Relation } from '../src/cli/demo/relation.ts'
import { type Account, createTown, type Town } from '../src/cli/demo/town.ts'
import { canonicalJson } from '../src/forms/canonical-json.ts'
import type { Json } from '../src/forms/strict-json.ts'
import { pathKey } from '../src/kernel/execute.ts'
import type { Premise } from '../src/kernel/interaction.ts'
import type { Path } from '../src/kernel/logic.ts'
import { answerKey, answerValue, operationOnOracle } from '../src/logic/oracle.ts'
import { operationOnStatechart } from '../src/logic/statechart/operation.ts'
import { statechartParams } from '../src/logic/statechart/params.ts'
import { stepsOf } from '../src/models/bilateral/state.ts'
import { read } from '../src/state/tree.ts'
import type { Bundle } from '../src/verify/bundle.ts'

const QUESTION = 'final'
const WAIT_MS = 5000

const guard = (cel: string): Json => ({ type: 'expr', params: { cel } })
const BET: Json = {
  id: 'bet',
  initial: 'open',
  context: { said: {} },
  meta: { nsm: { custody: 'bilateral' } },
  states: {
    open: {
      on: {
        QUOTE: {
          guard: guard('!(event.data.oracle in context.said)'),
          actions: {
            type: 'assign',
            params: {
              set: {
                said: `put(context.said, event.data.oracle, get(event.answers, event.data.oracle, {})["${QUESTION}"])`,
              },
            },
          },
        },
      },
      always: ['home', 'away'].map((end) => ({
        target: end,
        guard: guard(`keys(context.said).filter(o, context.said[o] == "${end}").size() >= 2`),
      })),
      after: { [WAIT_MS]: 'refund' },
    },
    home: { type: 'final' },
    away: { type: 'final' },
    refund: { type: 'final' },
  },
}
const NAMES = ['north', 'south', 'west'] as const

type Table = {
  readonly town: Town
  readonly alice: Person
  readonly bet: Relation
  readonly oracles: ReadonlyMap<string, Account>
  readonly clock: Account
  readonly startsAt: bigint
}

const setTable = (): Table => {
  const town = createTown('classic')
  const alice = town.person('alice')
  const oracles = new Map(
    NAMES.map((name) => [
      name as string,
      town.open(town.person(name), { logics: [{ name: 'oracle/1', params: new Uint8Array() }] }),
    ]),
  )
  const clock = town.open(town.person('clock'))
  const startsAt = BigInt(Date.now()) - 10_000n
  const bet = createRelation(town, [alice, town.person('bob')], {
    turn: { is: 'leader', party: 0 },
    logics: [
      {
        name: 'nsm/1',
        params: statechartParams.encode({
          definition: JSON.stringify(BET),
          names: 'none',
          creator: 'alice',
          roles: [],
          clock: { is: 'machine', machine: clock.genesis.id },
          startsAt,
          oracles: [...oracles].map(([name, { genesis }]) => ({
            name,
            machine: genesis.id,
            suite: 'classic',
            logic: 0,
          })),
          nostr: undefined,
        }),
      },
    ],
  })
  return { town, alice, bet, oracles, clock, startsAt }
}

let table: Table
beforeEach(() => {
  table = setTable()
})

const oracleOf = (name: string): Account => {
  const found = table.oracles.get(name)
  if (!found) throw new Error(`no oracle is called ${name}`)
  return found
}

const say = (name: string, answer: string): void => {
  const oracle = oracleOf(name)
  const logic = { machine: oracle.genesis.id, logic: 0 }
  oracle.take({ operations: [operationOnOracle(logic, { question: QUESTION, answer })] })
  oracle.certify()
}

const shownBy = (name: string, answer: string): Premise => {
  const { genesis, machine } = oracleOf(name)
  return {
    is: 'fact',
    machine: genesis.id,
    transition: machine().headId,
    key: answerKey({ suite: 'classic', logic: { machine: genesis.id, logic: 0 } }, QUESTION),
    value: answerValue(answer),
  }
}

type Event = {
  readonly type: string
  readonly data?: Json
  readonly at?: bigint
  readonly quoting?: readonly [name: string, answer: string]
  readonly premises?: readonly Premise[]
  readonly support?: readonly Bundle[]
}

const send = (of: Event): Outcome => {
  const { bet, alice, startsAt } = table
  const [oracle, answer] = of.quoting ?? []
  return bet.wish({
    by: alice,
    operations: [
      operationOnStatechart(
        { machine: bet.genesis.id, logic: 0 },
        {
          is: 'event',
          party: 'alice',
          type: of.type,
          data: of.data === undefined ? '' : canonicalJson(of.data),
          at: of.at ?? startsAt,
          answers:
            oracle === undefined || answer === undefined
              ? []
              : [{ oracle, question: QUESTION, answer }],
        },
      ),
    ],
    premises: of.premises ?? [],
    support: of.support ?? [],
  })
}

const quote = (name: string, answer: string, support = [oracleOf(name).bundle()]): Outcome =>
  send({
    type: 'QUOTE',
    data: { oracle: name },
    quoting: [name, answer],
    premises: [shownBy(name, answer)],
    support,
  })

const leaf = (path: Path): Json | undefined => {
  const machine = table.bet.machine(table.alice)
  const key = pathKey('classic', { machine: machine.id, logic: 0 }, path)
  const value = read(machine.state, key)
  return value && (JSON.parse(utf8FromBytes(value)) as Json)
}

describe('two of three oracles', () => {
  test('decide a bet, from their files, whoever hands them in', () => {
    for (const [name, answer] of [
      ['north', 'home'],
      ['south', 'away'],
      ['west', 'home'],
    ] as const) {
      say(name, answer)
      expect(quote(name, answer)).toMatchObject({ final: true, refusal: undefined })
    }
    expect(leaf(['context', 'said'])).toEqual({ north: 'home', south: 'away', west: 'home' })
    expect(leaf(['value'])).toBe('home')
    const grades = stepsOf(table.bet.state(table.alice)).map((one) => one.grade)
    expect(grades).toEqual(['receipted', 'receipted', 'receipted'])
  })

  test('do not count without their file, or with another answer than it shows', () => {
    say('north', 'home')
    expect(quote('north', 'home', []).final).toBe(false)
    expect(quote('north', 'away').final).toBe(false)
    expect(quote('north', 'home', [oracleOf('south').bundle()]).final).toBe(false)
    expect(leaf(['context', 'said'])).toEqual({})
    expect(quote('north', 'home').final).toBe(true)
  })

  test('count once each', () => {
    say('north', 'home')
    expect(quote('north', 'home').final).toBe(true)
    expect(quote('north', 'home')).toMatchObject({ final: false })
    expect(leaf(['value'])).toBe('open')
  })
})

describe('silent oracles', () => {
  const tick = (at: bigint, atLeast: bigint | undefined): Outcome => {
    const { clock } = table
    return send({
      type: 'nsm.tick',
      at,
      premises:
        atLeast === undefined
          ? []
          : [
              {
                is: 'time',
                machine: clock.genesis.id,
                transition: clock.machine().headId,
                atLeast,
              },
            ],
      support: [clock.bundle()],
    })
  }
  const due = (): bigint => table.startsAt + BigInt(WAIT_MS)

  test('are waited for until a certificate shows that the time is over', () => {
    const { clock, startsAt } = table
    clock.take({ operations: [] })
    // Signed by its owner alone, the clock's step attests no time.
    expect(tick(due(), due()).final).toBe(false)
    clock.certify()
    expect(tick(due(), undefined).final).toBe(false)
    expect(tick(due() - 1n, due()).final).toBe(false)
    const future = startsAt + 86_400_000n
    expect(tick(future, future).final).toBe(false)
    expect(leaf(['value'])).toBe('open')
    expect(tick(due(), due())).toMatchObject({ final: true })
    expect(leaf(['value'])).toBe('refund')
  })
})
