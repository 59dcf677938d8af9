/**
 * Expressions: evaluations per second of our own language, beside the fastest library for CEL on npm that we found, on the
 * same sources and values in the same run. The library is a dependency of this repository's tests only; where it is not
 * installed, the note says so.
 *
 * Both are measured with what they need for the same answer: ours counts gas, theirs counts in big integers.
 */
import { isFault } from '../base/fault.ts'
import { EXPRESSION_GAS_MAX } from '../base/limits.ts'
import { evaluate, readExpression } from '../logic/expression/expression.ts'
import type { Value, ValueMap } from '../logic/expression/value.ts'
import { type Figure, figureFrom, rateFigure } from './figure.ts'
import { type Case, interleave, type Rounds, speedRatio } from './harness.ts'
import { samplesOf } from './t0.ts'

const PEER = '@marcbachmann/cel-js'

type Source = { readonly name: string; readonly text: string; readonly count: number }

const SOURCES: readonly Source[] = [
  {
    name: 'a guard',
    count: 20_000,
    text:
      'event.sender in context.players && context.players[context.turn] == event.sender && ' +
      'context.count + 1 <= context.target && event.now < context.deadline',
  },
  {
    name: 'a count over a roster',
    count: 4000,
    text:
      'size(context.roster.filter(name, name in context.ballots && ' +
      'context.ballots[name] == event.choice)) * 2 > size(context.roster)',
  },
]

const ROSTER = Array.from({ length: 10 }, (_, at) => `voter${at}`)

const VARIABLES: ValueMap = {
  context: {
    players: ['alice', 'bob'],
    turn: 1,
    count: 4,
    target: 5,
    deadline: 100,
    roster: ROSTER,
    ballots: Object.fromEntries(ROSTER.map((name, at) => [name, at % 3 === 0 ? 'no' : 'yes'])),
  },
  event: { sender: 'bob', now: 99, choice: 'yes' },
}

export const benchExpressions = async (rounds: Rounds): Promise<readonly Figure[]> => {
  const peer = await loadPeer()
  return SOURCES.flatMap((source) => benchSource(rounds, source, peer))
}

const benchSource = (rounds: Rounds, source: Source, peer: Peer | undefined): readonly Figure[] => {
  const cases = [ourCase(source), ourReading(source)]
  if (peer !== undefined) cases.push(theirCase(source, peer), theirReading(source, peer))
  const all = interleave(cases, rounds)
  const { name } = source
  const id = 'expressions'
  const [ours, ourReads] = [samplesOf(all, 'ours'), samplesOf(all, 'ours, read')]
  const note =
    peer === undefined ? `${PEER} is not installed, so there is nothing beside it` : undefined
  const figures = [
    rateFigure({ id, name: `evaluations of ${name}`, ...(note && { note }) }, ours),
    rateFigure({ id, name: `readings of ${name}` }, ourReads),
  ]
  if (peer === undefined) return figures
  const [theirs, theirReads] = [samplesOf(all, 'theirs'), samplesOf(all, 'theirs, read')]
  return [
    ...figures,
    rateFigure({ id, name: `evaluations of ${name}, ${PEER}` }, theirs),
    rateFigure({ id, name: `readings of ${name}, ${PEER}` }, theirReads),
    figureFrom(
      { id, name: `as fast at ${name} as ${PEER}`, unit: 'ratio' },
      speedRatio(ours, theirs),
    ),
  ]
}

const SCOPE: ReadonlySet<string> = new Set(Object.keys(VARIABLES))

const ourCase = ({ text, count }: Source): Case => {
  const expression = readExpression(text, SCOPE, 'bool')
  if (isFault(expression)) throw expression
  const verifies = (): boolean => false
  return {
    name: 'ours',
    count,
    run: () => {
      for (let at = 0; at < count; at++) {
        const gas = { used: 0, limit: EXPRESSION_GAS_MAX }
        expectTrue(evaluate(expression, { variables: VARIABLES, gas, verifies }))
      }
    },
  }
}

const READINGS = 500

const ourReading = ({ text }: Source): Case => ({
  name: 'ours, read',
  count: READINGS,
  run: () => {
    for (let at = 0; at < READINGS; at++) readExpression(text, SCOPE, 'bool')
  },
})

const theirCase = ({ text, count }: Source, peer: Peer): Case => {
  const run = peer(text)
  const variables = withBigInts(VARIABLES)
  return {
    name: 'theirs',
    count,
    run: () => {
      for (let at = 0; at < count; at++) expectTrue(run(variables))
    },
  }
}

const theirReading = ({ text }: Source, peer: Peer): Case => ({
  name: 'theirs, read',
  count: READINGS,
  run: () => {
    for (let at = 0; at < READINGS; at++) peer(text)
  },
})

/** A wrong answer is no answer, however fast. */
const expectTrue = (value: unknown): void => {
  if (value !== true) throw new Error('an expression of the benchmark is not true')
}

const withBigInts = (value: Value): unknown => {
  if (typeof value === 'number') return BigInt(value)
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(withBigInts)
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, withBigInts(part)]))
}

type Run = (variables: unknown) => unknown

/** Reads a source. */
type Peer = (source: string) => Run

const loadPeer = async (): Promise<Peer | undefined> => {
  // A name that is put together keeps it out of what this package depends on.
  const loaded: unknown = await import(PEER).catch(() => undefined)
  if (typeof loaded !== 'object' || loaded === null || !('Environment' in loaded)) return undefined
  const { Environment } = loaded
  if (!isConstructor(Environment)) return undefined
  const environment = new Environment({ unlistedVariablesAreDyn: true })
  return (source) => environment.parse(source)
}

type Environment = { readonly parse: Peer }

const isConstructor = (
  value: unknown,
): value is new (options: { readonly unlistedVariablesAreDyn: boolean }) => Environment =>
  typeof value === 'function'
