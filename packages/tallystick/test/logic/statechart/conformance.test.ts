/**
 * The examples, played on machines that are certified in different ways. What is accepted, what is refused and why, the state,
 * the context and the effects have to be the same under each: a model decides which steps are final, and never what they do.
 */
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { utf8FromBytes } from '../../../src/base/bytes.ts'
import { canonicalJson } from '../../../src/forms/canonical-json.ts'
import type { Json } from '../../../src/forms/strict-json.ts'
import { type Machine, pathKey } from '../../../src/kernel/execute.ts'
import type { Path } from '../../../src/kernel/logic.ts'
import { rejectionFromFault } from '../../../src/logic/statechart/rejection.ts'
import { read } from '../../../src/state/tree.ts'
import { EXAMPLES, type Example, type Play, type PlayStep } from './plays.ts'
import { custodianStage, directoryStage, nostrStage } from './certified-stages.ts'
import { type Casting, circleStage, pairStage, type Stage } from './stages.ts'

const STARTS_AT = 1_000_000

const namesOf = ({ roles, plays }: Example): readonly string[] => [
  ...new Set([
    ...Object.values(roles).flat(),
    ...plays.flatMap((play) => play.steps.flatMap((one) => one.by ?? [])),
  ]),
]

const leafOf = (machine: Machine, path: Path): Json | undefined => {
  const value = read(
    machine.state,
    pathKey(machine.terms.suite, { machine: machine.id, logic: 0 }, path),
  )
  return value && (JSON.parse(utf8FromBytes(value)) as Json)
}

const dataOf = (stage: Stage, { data }: PlayStep, by: string): string => {
  const hashOf = (_: string, rest: string): string =>
    createHash('sha256')
      .update(`${stage.id()}|${stage.senderOf(by)}|${rest}`)
      .digest('hex')
  const told = JSON.stringify(data ?? {}).replaceAll(/\{sha256:([^}]*)\}/g, hashOf)
  return canonicalJson(JSON.parse(told) as Json)
}

type Seen = {
  readonly outcomes: readonly string[]
  readonly context: Readonly<Record<string, Json | undefined>>
  readonly effects: readonly string[]
}

/** Plays a play on a stage, checks what it says, and tells what came of it. */
const played = (stage: Stage, casting: Casting, play: Play): Seen => {
  let now = STARTS_AT
  const outcomes: string[] = []
  const effects: string[] = []
  for (const [at, step] of play.steps.entries()) {
    now += step.wait ?? 0
    // Anybody may send a tick; on these machines somebody who takes part does.
    const by = step.by ?? casting.names[0] ?? ''
    const refused = stage.send({
      by,
      type: step.send ?? 'nsm.tick',
      data: dataOf(stage, step, by),
      answers: step.answers ?? [],
      at: BigInt(now),
      now: BigInt(now),
    })
    const said = `${play.name}, step ${at + 1}: ${refused?.message ?? 'accepted'}`
    const machine = stage.machine()
    expect(refused && (rejectionFromFault(refused) ?? refused.code), said).toBe(step.refused)
    if (step.state !== undefined) expect(leafOf(machine, ['value']), said).toBe(step.state)
    outcomes.push(`${step.refused ?? canonicalJson(leafOf(machine, ['value']) ?? null)}`)
    if (refused) continue
    const { height } = leafOf(machine, ['head']) as { height: number }
    const listed = (leafOf(machine, ['effects', String(height)]) ?? []) as { kind: string }[]
    effects.push(...listed.map((one) => one.kind))
  }
  const machine = stage.machine()
  const keys = leafOf(machine, ['context']) as readonly string[]
  const context = byNames(
    stage,
    casting,
    Object.fromEntries(keys.map((key) => [key, leafOf(machine, ['context', key])])),
  )
  expect(context).toMatchObject(play.context ?? {})
  if (play.effects) expect(effects).toEqual(play.effects)
  return { outcomes, context: withoutIds(context), effects }
}

/** With people under the names of the play, whatever the machine calls them. */
const byNames = (stage: Stage, { names }: Casting, context: Seen['context']): Seen['context'] =>
  names.reduce<Seen['context']>(
    (of, name) =>
      JSON.parse(JSON.stringify(of).replaceAll(stage.senderOf(name), name)) as Seen['context'],
    context,
  )

/** Hashes of a machine's id differ between machines, and are all that may. */
const withoutIds = (context: Seen['context']): Seen['context'] =>
  JSON.parse(JSON.stringify(context).replaceAll(/"[0-9a-f]{64}"/g, '"hash"')) as Seen['context']

const castingOf = (example: Example): Casting => ({
  names: namesOf(example),
  definition: example.definition,
  roles: example.roles,
  startsAt: BigInt(STARTS_AT),
})

const withSaid = (casting: Casting, { said }: Play): Casting => ({
  ...casting,
  ...(said && { said }),
})

describe.each(EXAMPLES)('the example $name', (example) => {
  const casting = castingOf(example)
  const stages = {
    ...(casting.names.length === 2 && { pair: pairStage }),
    circle: circleStage,
    directory: directoryStage,
    custodians: custodianStage,
    'custodians, signed events': nostrStage,
  }

  test.each(example.plays)('plays alike under every custody: $name', (play) => {
    const seen = Object.entries(stages).map(([name, create]) => ({
      name,
      seen: played(create(withSaid(casting, play)), casting, play),
    }))
    for (const one of seen) expect({ ...seen[0], name: one.name }).toEqual(one)
  })
})

test('a time that the clocks of others do not show is certified by nobody', () => {
  const counter = EXAMPLES.find((one) => one.name === 'counter')
  if (!counter) throw new Error('there is a counter')
  const casting = castingOf(counter)
  const sending = (create: (of: Casting) => Stage, ahead: number): string => {
    const now = STARTS_AT + 5000
    const refused = create(casting).send({
      by: 'alice',
      type: 'INCREMENT',
      data: '',
      at: BigInt(now + ahead),
      now: BigInt(now),
      answers: [],
    })
    return refused ? (rejectionFromFault(refused) ?? refused.code) : 'done'
  }
  for (const create of [pairStage, directoryStage, custodianStage]) {
    expect([-1001, -1000, 1000, 1001].map((ahead) => sending(create, ahead))).toEqual([
      'TIME_SKEW',
      'done',
      'done',
      'TIME_SKEW',
    ])
  }
})

test('an answer that an oracle has not given is quoted nowhere', () => {
  const bet = EXAMPLES.find((one) => one.name === 'oracle-bet')
  if (!bet) throw new Error('there is such a bet')
  const [play] = bet.plays
  if (!play) throw new Error('it has plays')
  const [alice = '', bob = ''] = namesOf(bet)
  const casting = (names: readonly string[]): Casting =>
    withSaid({ ...castingOf(bet), names, roles: { player: [alice, bob] } }, play)
  for (const [create, names] of [
    [pairStage, [alice, bob]],
    [circleStage, namesOf(bet)],
    [directoryStage, namesOf(bet)],
    [custodianStage, namesOf(bet)],
    [nostrStage, namesOf(bet)],
  ] as const) {
    const stage = create(casting(names))
    let now = BigInt(STARTS_AT)
    const send = (type: string, data: string, by: string, answer?: string) =>
      stage.send({
        by,
        type,
        data,
        at: now,
        now,
        answers: answer === undefined ? [] : [{ oracle: 'ost', question: 'outcome', answer }],
      })
    expect(send('LOAD', '{"lock":"a1","on":"home"}', alice)).toBeUndefined()
    expect(send('LOAD', '{"lock":"b1","on":"away"}', bob)).toBeUndefined()
    now += 60_000n
    expect(send('nsm.tick', '', alice)).toBeUndefined()
    expect(send('QUOTE', '{"oracle":"ost"}', alice, 'away')?.code).toBe('premise/false')
    expect(send('QUOTE', '{"oracle":"ost"}', alice, 'home')).toBeUndefined()
  }
})

test('there is something to play under each custody', () => {
  expect(EXAMPLES.length).toBeGreaterThan(5)
  expect(EXAMPLES.some((one) => namesOf(one).length === 2)).toBe(true)
})
