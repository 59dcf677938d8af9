import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/forms/strict-json.ts'
import type { Premise } from '../../../src/kernel/interaction.ts'
import { answerKey, answerValue } from '../../../src/logic/oracle.ts'
import type { Answer } from '../../../src/logic/statechart/operation.ts'
import type { Clock, NostrUse, Oracle } from '../../../src/logic/statechart/params.ts'
import {
  assign,
  begun,
  carried,
  carry,
  codeOf,
  COUNTER,
  guard,
  idOf,
  leafOf,
  NOSTR_ID,
  on,
  run,
  opening,
  pubkeyOf,
  send,
  sent,
  signed,
} from './chart-machine.ts'

const ON_NOSTR: NostrUse = { id: idOf(NOSTR_ID) as unknown as NostrUse['id'], senders: 'anyone' }
const players = { role: 'player', senders: ['alice', 'bob'].map(pubkeyOf) }
const nostrParams = { nostr: ON_NOSTR, roles: [players] }
const board = begun(COUNTER, { params: nostrParams })

describe('an input that was signed for Nostr', () => {
  const by = (name: string, amount: number, parent?: string) =>
    signed(name, 'ADD', { content: `{"by": ${amount}}`, ...(parent !== undefined && { parent }) })

  test('is taken on its own signature, and becomes the head', () => {
    const event = by('alice', 4)
    const one = carried(board, event)
    expect(leafOf(one, ['head'])).toEqual({ at: 0, height: 1, input: event.id })
    expect(leafOf(one, ['context', 'last'])).toBe(pubkeyOf('alice'))
    const two = carried(one, by('bob', 5, event.id))
    expect(leafOf(two, ['context', 'count'])).toBe(9)
  })

  test('is refused if anything in it was changed', () => {
    const event = by('alice', 4)
    expect(codeOf(carry(board, event))).toBe('done')
    expect(codeOf(carry(board, { ...event, content: '{"by": 5}' }))).toBe(
      'nostr-event/bad-signature',
    )
    expect(codeOf(carry(board, { ...event, pubkey: pubkeyOf('bob') }))).toBe(
      'nostr-event/bad-signature',
    )
    expect(codeOf(carry(board, { ...event, created_at: 1001 }))).toBe('nostr-event/bad-signature')
  })

  test('is refused after its parent is no longer the last, and cannot come twice', () => {
    const [first, rival] = [by('alice', 1), by('bob', 2)]
    const one = carried(board, first)
    expect(codeOf(carry(one, rival))).toBe('statechart/stale-head')
    expect(codeOf(carry(one, first))).toBe('statechart/taken-before')
    const two = carried(one, by('bob', 2, first.id))
    expect(codeOf(carry(two, first))).toBe('statechart/stale-head')
    expect(codeOf(carry(two, by('bob', 2, first.id)))).toBe('statechart/taken-before')
    expect(codeOf(carry(two, by('bob', 3, 'cd'.repeat(32))))).toBe('statechart/stale-head')
  })

  test('belongs to the machine that it names', () => {
    const other = signed('alice', 'ADD', { content: '{"by":1}', machine: 'ef'.repeat(32) })
    expect(codeOf(carry(board, other))).toBe('nostr-input/other-machine')
    expect(codeOf(carry(board, signed('alice', 'ADD', { content: '{"by":1}', kind: 1 })))).toBe(
      'nostr-input/wrong-kind',
    )
    expect(codeOf(carry(begun(COUNTER), by('alice', 1)))).toBe('statechart/not-on-nostr')
  })

  test('may come from anyone, or from participants alone, as the charter says', () => {
    const stop = signed('mallory', 'STOP')
    expect(codeOf(carry(board, stop))).toBe('done')
    const closed = begun(COUNTER, {
      params: { ...nostrParams, nostr: { ...ON_NOSTR, senders: 'participants' } },
    })
    expect(codeOf(carry(closed, stop))).toBe('statechart/unknown-sender')
    expect(codeOf(carry(closed, signed('carol', 'STOP')))).toBe('done')
  })

  test('and the event of a participant follow one another', () => {
    const one = sent(board, ['carol', 'STOP'], { by: ['carol'] })
    expect(codeOf(carry(one, by('alice', 1)))).toBe('statechart/stale-head')
    const open = sent(begun(TICKING, { params: nostrParams }), ['carol', 'NOTE'])
    const { input } = leafOf(open, ['head']) as { input: string }
    expect(codeOf(carry(open, signed('alice', 'NOTE', { parent: input })))).toBe('done')
  })
})

const TICKING: Json = {
  id: 'ticking',
  initial: 'waiting',
  context: { seen: 0 },
  states: {
    waiting: {
      on: {
        NOTE: { actions: assign({ seen: 'event.now' }) },
        LATE: { guard: guard('event.now >= 2000'), target: 'over' },
      },
    },
    over: { type: 'final' },
  },
}

describe('the time of an input', () => {
  const agreed = begun(TICKING, {
    params: { clock: { is: 'agreed', skewMs: 500 }, startsAt: 1000n },
  })

  test('is none where the charter has no clock', () => {
    const none = begun(TICKING)
    expect(leafOf(sent(none, ['alice', 'NOTE']), ['context', 'seen'])).toBe(0)
    expect(codeOf(send(none, ['alice', 'NOTE'], { at: 1 }))).toBe('statechart/wrong-time')
  })

  test('is what the step claims where it is agreed, and never goes back', () => {
    const one = sent(agreed, ['alice', 'NOTE'], { at: 1500 })
    expect(leafOf(one, ['context', 'seen'])).toBe(1500)
    expect(codeOf(send(one, ['alice', 'NOTE'], { at: 1500 }))).toBe('done')
    expect(codeOf(send(one, ['alice', 'NOTE'], { at: 1499 }))).toBe('statechart/wrong-time')
    expect(codeOf(send(agreed, ['alice', 'NOTE'], { at: 999 }))).toBe('statechart/wrong-time')
    expect(codeOf(send(agreed, ['alice', 'LATE'], { at: 1999 }))).toBe('statechart/guard-failed')
    expect(codeOf(send(agreed, ['alice', 'LATE'], { at: 2000 }))).toBe('done')
    expect(codeOf(send(agreed, ['alice', 'LATE'], { at: 2 ** 53 }))).toBe('statechart/wrong-time')
  })

  test('is not long before what the author of a Nostr event claims', () => {
    const params = {
      ...nostrParams,
      clock: { is: 'agreed', skewMs: 500 } satisfies Clock,
      startsAt: 1000n,
    }
    const machine = begun(TICKING, { params })
    const note = signed('alice', 'NOTE', { created_at: 2 })
    expect(codeOf(carry(machine, note, 1500))).toBe('done')
    expect(codeOf(carry(machine, note, 1499))).toBe('statechart/wrong-time')
    expect(codeOf(carry(machine, note, 90_000))).toBe('done')
  })

  test('is what a premise shows of the machine that is the clock', () => {
    const clock = idOf('cd'.repeat(32))
    const machine = begun(TICKING, {
      params: { clock: { is: 'machine', machine: clock }, startsAt: 1000n },
    })
    const shows = (atLeast: bigint, of = clock): readonly Premise[] => [
      { is: 'time', machine: of, transition: idOf('01'.repeat(32)) as never, atLeast },
    ]
    const late = (premises: readonly Premise[], at = 2000) =>
      codeOf(send(machine, ['alice', 'LATE'], { at, premises, by: ['alice'] }))
    expect(late(shows(2000n))).toBe('done')
    expect(late(shows(3000n))).toBe('done')
    expect(late(shows(1999n))).toBe('statechart/unproven-time')
    expect(late(shows(2000n, idOf('ce'.repeat(32))))).toBe('statechart/unproven-time')
    expect(late([])).toBe('statechart/unproven-time')
    // Without a premise the time stays where it was.
    const note = sent(machine, ['alice', 'NOTE'], { at: 1000 })
    expect(leafOf(note, ['context', 'seen'])).toBe(1000)
  })

  test('needs a charter that has one, where the definition waits', () => {
    const waits: Json = {
      id: 'waits',
      initial: 'a',
      states: { a: { after: { 1000: 'b' } }, b: { type: 'final' } },
    }
    const clock: Clock = { is: 'agreed', skewMs: 500 }
    expect(codeOf(opening(waits))).toBe('statechart/no-clock')
    expect(codeOf(opening(waits, { params: { clock } }))).toBe('done')
    expect(codeOf(opening(waits, { params: { clock: { is: 'agreed', skewMs: 0 } } }))).toBe(
      'statechart/wrong-clock',
    )
    expect(codeOf(opening(waits, { params: { clock, startsAt: 2n ** 53n } }))).toBe(
      'statechart/wrong-clock',
    )
    expect(codeOf(opening(TICKING, { params: { startsAt: 1n } }))).toBe('statechart/wrong-clock')
    const owned = { terms: { turn: { is: 'owner', party: 0 } as const } }
    expect(codeOf(opening(waits, { params: { clock }, ...owned }))).toBe('statechart/no-clock')
    const shown: Clock = { is: 'machine', machine: idOf('cd'.repeat(32)) }
    expect(codeOf(opening(waits, { params: { clock: shown }, ...owned }))).toBe('done')
  })
})

const ORACLES: readonly Oracle[] = ['north', 'south', 'west'].map((name, at) => ({
  name,
  machine: idOf(`${at}`.repeat(64)),
  suite: 'classic',
  logic: at,
}))

/** Two of three oracles decide; after a day without two, everybody gets the stake back. */
const BET: Json = {
  id: 'bet',
  initial: 'open',
  context: { said: {} },
  states: {
    open: {
      on: {
        QUOTE: {
          guard: guard('event.answers.all(o, !(o in context.said))'),
          actions: assign({
            said: 'put(context.said, event.data.oracle, get(event.answers, event.data.oracle, {})["final"])',
          }),
        },
      },
      always: {
        target: 'home',
        guard: guard('keys(context.said).filter(o, context.said[o] == "home").size() >= 2'),
      },
      after: { 86_400_000: 'refund' },
    },
    home: { type: 'final' },
    refund: { type: 'final' },
  },
}

describe('the answers of oracles', () => {
  const start = begun(BET, {
    params: { oracles: ORACLES, clock: { is: 'agreed', skewMs: 1000 }, startsAt: 1000n },
  })
  const answer = (oracle: string, text = 'home'): Answer => ({
    oracle,
    question: 'final',
    answer: text,
  })
  const shows = (name: string, text: string | undefined, question = 'final'): Premise => {
    const oracle = ORACLES.find((one) => one.name === name) ?? ORACLES[0]
    if (!oracle) throw new Error('there are three')
    return {
      is: 'fact',
      machine: oracle.machine,
      transition: idOf('01'.repeat(32)) as never,
      key: answerKey(
        { suite: oracle.suite, logic: { machine: oracle.machine, logic: oracle.logic } },
        question,
      ),
      value: text === undefined ? undefined : answerValue(text),
    }
  }
  const quote = (of: typeof start, oracle: string, said: Answer, premises: readonly Premise[]) =>
    send(of, ['alice', 'QUOTE', { oracle }], {
      at: 2000,
      answers: [said],
      premises,
      by: ['alice'],
    })

  test('decide when enough of them are quoted, whoever quotes them', () => {
    const one = quote(start, 'north', answer('north'), [shows('north', 'home')])
    expect(codeOf(one)).toBe('done')
    if (codeOf(one) !== 'done') return
    const machine = one as typeof start
    expect(leafOf(machine, ['context', 'said'])).toEqual({ north: 'home' })
    expect(leafOf(machine, ['value'])).toBe('open')
    const other = quote(machine, 'south', answer('south', 'away'), [shows('south', 'away')])
    expect(leafOf(other as typeof start, ['value'])).toBe('open')
    const two = quote(machine, 'west', answer('west'), [shows('west', 'home')])
    expect(leafOf(two as typeof start, ['value'])).toBe('home')
  })

  test('count only as a premise proves them', () => {
    const no = 'statechart/unproven-answer'
    const said = answer('north')
    expect(codeOf(quote(start, 'north', said, [shows('north', 'home')]))).toBe('done')
    expect(codeOf(quote(start, 'north', said, []))).toBe(no)
    expect(codeOf(quote(start, 'north', said, [shows('north', 'away')]))).toBe(no)
    expect(codeOf(quote(start, 'north', said, [shows('north', undefined)]))).toBe(no)
    expect(codeOf(quote(start, 'north', said, [shows('south', 'home')]))).toBe(no)
    expect(codeOf(quote(start, 'north', said, [shows('north', 'home', 'half-time')]))).toBe(no)
    expect(codeOf(quote(start, 'east', answer('east'), [shows('north', 'home')]))).toBe(
      'statechart/unknown-oracle',
    )
  })

  test('are those that the author of a signed event quotes, whoever puts it forward', () => {
    const onNostr = begun(BET, {
      params: {
        oracles: ORACLES,
        nostr: ON_NOSTR,
        clock: { is: 'agreed', skewMs: 1000 },
        startsAt: 1000n,
      },
    })
    const event = signed('alice', 'QUOTE', {
      tags: [
        ['e', NOSTR_ID],
        ['t', 'QUOTE'],
        ['answer', 'north', 'final', 'home'],
      ],
      content: '{"oracle":"north"}',
    })
    const put = (answers: readonly Answer[], premises: readonly Premise[]) =>
      run(onNostr, [on(onNostr, { is: 'nostr', event, at: 1_000_000n, answers })], { premises })
    const premises = [shows('north', 'home'), shows('south', 'home')]
    const after = put([answer('north')], premises)
    expect(codeOf(after)).toBe('done')
    expect(leafOf(after as typeof start, ['context', 'said'])).toEqual({ north: 'home' })
    const no = 'statechart/other-answers'
    expect(codeOf(put([], premises))).toBe(no)
    expect(codeOf(put([answer('north'), answer('south')], premises))).toBe(no)
    expect(codeOf(put([answer('south')], premises))).toBe(no)
    expect(codeOf(put([answer('north')], []))).toBe('statechart/unproven-answer')
  })

  test('do not count twice, and silence has a way out', () => {
    const one = quote(start, 'north', answer('north'), [shows('north', 'home')]) as typeof start
    expect(codeOf(quote(one, 'north', answer('north'), [shows('north', 'home')]))).toBe(
      'statechart/guard-failed',
    )
    const tick = (at: number) => send(one, ['bob', 'nsm.tick'], { at })
    expect(codeOf(tick(86_400_999))).toBe('statechart/no-transition')
    const over = tick(86_401_000)
    expect(codeOf(over)).toBe('done')
    expect(leafOf(over as typeof start, ['value'])).toBe('refund')
  })
})
