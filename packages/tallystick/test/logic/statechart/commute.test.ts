import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/forms/strict-json.ts'
import { commuteDoubts } from '../../../src/logic/statechart/commute.ts'
import { readWhole } from '../../../src/logic/statechart/prepared.ts'
import { VOTE } from './chart-machine.ts'

const cel = (text: string): Json => ({ type: 'expr', params: { cel: text } })
const set = (of: Record<string, string>): Json => ({ type: 'assign', params: { set: of } })
const VOTES = set({ ballots: 'put(context.ballots, event.sender, event.data.choice)' })

const doubts = (arrow: Json, more: Record<string, Json> = {}): readonly string[] =>
  doubtsIn({
    id: 'a',
    initial: 'on',
    context: { ballots: {}, roster: [], open: true },
    meta: { nsm: { commute: ['VOTE'] } },
    states: { on: { on: { VOTE: arrow }, ...more }, off: { type: 'final' } },
  })

const doubtsIn = (definition: Json): readonly string[] => {
  const read = readWhole({ definition: JSON.stringify(definition), names: 'delivery' })
  if (!('definition' in read)) throw new Error(JSON.stringify(read))
  return commuteDoubts(read.definition, read.agreement).map((one) => `${one.path}: ${one.why}`)
}

const guarded = (text: string): readonly string[] => doubts({ guard: cel(text), actions: VOTES })

describe('the order of commuting inputs', () => {
  test('is shown not to matter where each sender writes its own entry', () => {
    expect(doubtsIn(VOTE)).toEqual([])
    expect(doubts({ actions: VOTES })).toEqual([])
    expect(guarded('event.sender in context.roster && event.now < 100')).toEqual([])
    expect(guarded('!(event.sender in context.ballots)')).toEqual([])
    expect(guarded('context.ballots[event.sender] == "no"')).toEqual([])
    expect(guarded('get(context.ballots, event.sender, "none") == "none"')).toEqual([])
    expect(
      doubts({
        actions: [
          VOTES,
          { type: 'effect', params: { kind: 'thank', args: { to: 'event.sender' } } },
        ],
      }),
    ).toEqual([])
  })

  test('may matter where an input moves the chart', () => {
    expect(doubts({ target: 'off', actions: VOTES })).toEqual([
      expect.stringContaining('it moves the chart'),
    ])
  })

  test('may matter where the entries of others are looked at', () => {
    const all = [expect.stringContaining('it looks at all of context.ballots')]
    expect(guarded('context.ballots.size() < 3')).toEqual(all)
    expect(guarded('context.ballots["bob"] == "yes"')).toEqual(all)
    expect(guarded('!("bob" in context.ballots)')).toEqual(all)
    expect(guarded('get(context.ballots, "bob", "") == ""')).toEqual(all)
    expect(guarded('get(context.roster, event.sender, context.ballots) == 1')).toEqual(all)
    expect(guarded('context == {}')).toEqual([expect.stringContaining('the whole context')])
    expect(guarded('event.height < 3')).toEqual([expect.stringContaining('event.height')])
    const counted = 'put(context.ballots, event.sender, context.ballots.size())'
    expect(doubts({ actions: set({ ballots: counted }) })).toEqual(all)
  })

  test('may matter where something else is written', () => {
    const no = [expect.stringContaining('is not set by put(context.')]
    expect(doubts({ actions: set({ open: 'false' }) })).toEqual(no)
    expect(doubts({ actions: set({ ballots: 'put(context.ballots, "bob", 1)' }) })).toEqual(no)
    expect(doubts({ actions: set({ ballots: 'put(context.roster, event.sender, 1)' }) })).toEqual(
      no,
    )
  })

  test('may matter where something follows that looks at what was written', () => {
    const after = (text: string): readonly string[] =>
      doubts({ actions: VOTES }, { always: { target: 'off', guard: cel(text) } })
    expect(after('context.open')).toEqual([])
    expect(after('context.ballots.size() >= 2')).toEqual([
      expect.stringContaining('taken at once when it may'),
    ])
    expect(after('event.sender in context.ballots')).toHaveLength(1)
    const raising = { type: 'raise', params: { event: 'NEXT' } }
    expect(doubts({ actions: [VOTES, raising] })).toEqual([
      expect.stringContaining('it raises "NEXT"'),
    ])
    expect(doubts({ guard: 'isCreator', actions: VOTES })).toEqual([
      expect.stringContaining('only named'),
    ])
    expect(doubts({ actions: 'assignExecutor' })).toEqual([
      expect.stringContaining('of which only the name is known'),
    ])
  })

  test('is not asked about where nothing commutes', () => {
    expect(doubtsIn({ ...(VOTE as object), meta: {} } as Json)).toEqual([])
  })
})
