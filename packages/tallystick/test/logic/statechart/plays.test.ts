/** The examples, played on the interpreter alone. */
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { begin, transition } from '../../../src/logic/statechart/interpret.ts'
import type { Setting } from '../../../src/logic/statechart/snapshot.ts'
import { chartOf, eventOf, ORIGIN } from './charts.ts'
import { answersIn, EXAMPLES, type Example, type Play } from './plays.ts'

const MACHINE = 'the machine'

const played = ({ definition, roles }: Example, play: Play): void => {
  const chart = chartOf(definition)
  const setting: Setting = {
    machine: { id: MACHINE, creator: 'somebody', roles },
    verifies: () => false,
  }
  let now = 1_000_000
  const begun = begin(chart, { ...ORIGIN, now, at: now }, setting)
  if (begun.is !== 'moved') throw new Error(begun.detail)
  let { snapshot } = begun
  const effects: string[] = []
  for (const [at, step] of play.steps.entries()) {
    now += step.wait ?? 0
    const sender = step.by ?? 'anybody'
    const hashOf = (_: string, rest: string): string =>
      createHash('sha256').update(`${MACHINE}|${sender}|${rest}`).digest('hex')
    const data = JSON.parse(
      JSON.stringify(step.data ?? {}).replaceAll(/\{sha256:([^}]*)\}/g, hashOf),
    ) as Record<string, string>
    const event = eventOf(step.send ?? 'nsm.tick', {
      sender,
      now,
      at: now,
      data,
      height: at + 1,
      answers: answersIn(step),
    })
    const moved = transition(chart, snapshot, event, setting)
    const said = `${play.name}, step ${at + 1}: ${JSON.stringify(moved)}`
    if (step.refused !== undefined) {
      expect(moved, said).toMatchObject({ is: 'rejected', code: step.refused })
      continue
    }
    if (moved.is === 'rejected') throw new Error(said)
    if (step.state !== undefined) expect(moved.snapshot.value, said).toBe(step.state)
    snapshot = moved.snapshot
    effects.push(...moved.effects.map((one) => one.kind))
  }
  expect(snapshot.context).toMatchObject(play.context ?? {})
  if (play.effects) expect(effects).toEqual(play.effects)
}

describe.each(EXAMPLES)('the example $name', (example) => {
  it.each(example.plays)('plays: $name', (play) => played(example, play))

  it('has nothing that looks like a mistake', () => {
    // A counter has no time in it: it is the smallest machine there is.
    const allowed = example.name === 'counter' ? ['never-expires'] : []
    expect(chartOf(example.definition).lints.map((one) => one.code)).toEqual(allowed)
  })
})
