/** What charts begin as, what moves them, and what is refused. Each case is a short history. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { DEFINITION_BYTES_MAX } from '../../packages/tallystick/src/base/limits.ts'
import type { Charter } from '../../packages/tallystick/src/kernel/charter.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import { interaction, type Premise } from '../../packages/tallystick/src/kernel/interaction.ts'
import {
  answerKey,
  answerValue,
  operationOnOracle,
} from '../../packages/tallystick/src/logic/oracle.ts'
import type { StatechartOperation } from '../../packages/tallystick/src/logic/statechart/operation.ts'
import { type Case, good, spoiled } from './case.ts'
import { chartCharter, event, idOf, input, on, ORACLE, PARAMS, START, told } from './chart.ts'
import type { JsonObject } from './finding.ts'
import { after, hexOfCharter, interactionOf, only, opened, operatorTerms } from './world.ts'

const CHARTER = chartCharter()
const start = opened(CHARTER)
const nextOf = (operation: StatechartOperation): Machine =>
  only(after({ write: [start], operations: on(start, [operation]) }))

type Told = {
  readonly id: string
  readonly comment: string
  readonly steps?: readonly JsonObject[]
  readonly charters?: readonly Charter[]
}

const inputOf = ({ steps = [], charters = [CHARTER] }: Told): JsonObject => ({
  charters: charters.map(hexOfCharter),
  steps,
})

const history = (of: Told): Case =>
  good({
    id: `statechart/${of.id}`,
    comment: of.comment,
    check: 'history',
    input: inputOf(of),
  })

const failing = (from: Case, fault: string, of: Told): Case =>
  spoiled(from, `statechart/${fault}`, {
    id: `statechart/${of.id}`,
    comment: of.comment,
    input: inputOf(of),
  })

// Beginnings.

const begins = history({ id: 'begins', comment: 'a chart at its beginning' })

/** A beginning that is refused. */
const badBeginning = (fault: string, id: string, comment: string, charter: Charter): Case =>
  failing(begins, fault, { id, comment, charters: [charter] })

const defined = (from: string, to: string): Charter =>
  chartCharter({ definition: PARAMS.definition.replace(from, to) })

const beginnings = (): readonly Case[] => {
  const [role] = PARAMS.roles
  const [oracle] = PARAMS.oracles
  if (!role || !oracle) throw new Error('the chart has both')
  const filling = ' '.repeat(DEFINITION_BYTES_MAX - PARAMS.definition.length)
  const largest = chartCharter({ definition: PARAMS.definition + filling })
  const owner = {
    turn: { is: 'owner', party: 0 } as const,
    policy: operatorTerms('bip340'),
  }
  const waits = '{"initial":"a","states":{"a":{"after":{"5":"b"}},"b":{"type":"final"}}}'
  const no = badBeginning
  return [
    begins,
    history({
      id: 'largest-definition',
      comment: 'a definition of 48 KiB, which a charter has room for',
      charters: [largest],
    }),
    no(
      'bad-definition',
      'bad-definition',
      'an initial state that is not there',
      defined('"initial":"open"', '"initial":"shut"'),
    ),
    no('bad-definition', 'bad-window', 'a window of nothing', defined('"window":2', '"window":0')),
    no(
      'other-custody',
      'other-custody',
      'meant for custodians',
      defined('"window":2', '"window":2,"custody":"custodians"'),
    ),
    no('name-twice', 'role-twice', 'a role twice', chartCharter({ roles: [role, role] })),
    no(
      'name-twice',
      'oracle-twice',
      'two oracles of one name',
      chartCharter({ oracles: [oracle, { ...oracle, logic: 1 }] }),
    ),
    no(
      'no-clock',
      'waits-without-clock',
      'a definition that waits, and no clock',
      chartCharter({ definition: waits, clock: { is: 'none' }, startsAt: 0n }),
    ),
    no(
      'no-clock',
      'agrees-alone',
      'an owner, who would agree with nobody',
      chartCharter({}, owner),
    ),
    no(
      'wrong-clock',
      'no-skew',
      'a clock that has to be exact',
      chartCharter({ clock: { is: 'agreed', skewMs: 0 } }),
    ),
    no(
      'wrong-clock',
      'beginning-without-clock',
      'a beginning in time, and no clock',
      chartCharter({ clock: { is: 'none' } }),
    ),
  ]
}

// Events of participants.

const ADD = event('ADD', { by: 4 })
const STOP = event('STOP')
const added = history({ id: 'add', comment: 'four are put in', steps: [told(start, [ADD])] })

/** One event at the beginning that is refused. */
const badEvent = (fault: string, id: string, comment: string, of: StatechartOperation): Case =>
  failing(added, fault, { id, comment, steps: [told(start, [of])] })

const refusedEvents = (): readonly Case[] => [
  badEvent(
    'bad-event',
    'reserved-data',
    'data that says who sent it',
    event('ADD', { by: 4, sender: 'bob' }),
  ),
  badEvent('expression-error', 'no-data', 'without what the guard looks at', event('ADD')),
  badEvent('guard-failed', 'guard', 'not enough', event('ADD', { by: 0 })),
  badEvent('limit', 'loop', 'an event that raises itself', event('LOOP')),
  badEvent('no-transition', 'unheard', 'an event that nothing listens to', event('TAKE')),
  badEvent(
    'out-of-gas',
    'hungry',
    'more text to hash than the gas is enough for',
    event('HUNGRY', { text: 'x'.repeat(16_000) }),
  ),
  badEvent('out-of-range', 'deep', 'more levels than a context keeps', event('DEEP')),
  badEvent(
    'unknown-oracle',
    'unknown-oracle',
    'an oracle that the charter does not name',
    event('ASK', '', { answers: [{ oracle: 'weather', question: 'final', answer: 'home' }] }),
  ),
  badEvent(
    'unknown-sender',
    'unknown-sender',
    'somebody who takes no part',
    event('ADD', { by: 4 }, { party: 'mallory' }),
  ),
  badEvent(
    'wrong-time',
    'back-in-time',
    'before the machine began',
    event('ADD', { by: 4 }, { at: PARAMS.startsAt - 1n }),
  ),
]

const events = (): readonly Case[] => {
  const other = chartCharter({ creator: 'bob' })
  const elsewhere = interactionOf({
    write: [opened(other)],
    beside: [{ machine: start, access: 'refer' }],
    operations: on(start, [ADD]),
  })
  const timed = chartCharter({ clock: { is: 'machine', machine: idOf<'machine'>('a clock') } })
  return [
    added,
    history({
      id: 'two-in-one',
      comment: 'two events in one step',
      steps: [told(start, [ADD, ADD])],
    }),
    failing(added, 'final-state', {
      id: 'after-the-end',
      comment: 'an event after the end',
      steps: [told(start, [STOP]), told(nextOf(STOP), [ADD])],
    }),
    failing(added, 'no-consent', {
      id: 'no-consent',
      comment: 'in the name of somebody who has not consented',
      steps: [told(start, [ADD], ['bob'])],
    }),
    failing(added, 'not-written', {
      id: 'not-written',
      comment: 'in a step that writes another machine',
      steps: [{ interaction: hexFromBytes(interaction.encode(elsewhere)), by: ['alice'] }],
      charters: [CHARTER, other],
    }),
    failing(added, 'unproven-time', {
      id: 'unproven-time',
      comment: 'a later time than any premise shows',
      steps: [told(opened(timed), [ADD])],
      charters: [timed],
    }),
    ...refusedEvents(),
  ]
}

// Oracles.

const quotes = (): readonly Case[] => {
  const oracle = opened(ORACLE)
  const said = [
    operationOnOracle({ machine: oracle.id, logic: 0 }, { question: 'final', answer: 'home' }),
  ]
  const shown: Premise = {
    is: 'fact',
    machine: oracle.id,
    transition: only(after({ write: [oracle], operations: said })).headId,
    key: answerKey({ suite: 'classic', logic: { machine: oracle.id, logic: 0 } }, 'final'),
    value: answerValue('home'),
  }
  const charters = [CHARTER, ORACLE]
  const quoting = (answer: string): readonly JsonObject[] => [
    {
      interaction: hexFromBytes(
        interaction.encode(interactionOf({ write: [oracle], operations: said })),
      ),
      by: ['weatherman'],
    },
    told(
      start,
      [event('ASK', '', { answers: [{ oracle: 'score', question: 'final', answer }] })],
      ['alice'],
      [shown],
    ),
  ]
  const quoted = history({
    id: 'quoted',
    comment: 'an oracle answers, and is quoted as a premise shows',
    steps: quoting('home'),
    charters,
  })
  return [
    quoted,
    failing(quoted, 'unproven-answer', {
      id: 'unproven-answer',
      comment: 'an oracle quoted otherwise than is shown',
      steps: quoting('away'),
      charters,
    }),
  ]
}

// Inputs that were signed for Nostr.

const inputs = (): readonly Case[] => {
  const first = input('alice', 'ADD', { content: '{"by":4}' })
  const carried = told(start, [first], [])
  const next = nextOf(first)
  const unseen = input('bob', 'NOTE', { parent: first.event })
  const plain = chartCharter({ nostr: undefined })
  const whole = history({
    id: 'input',
    comment: 'an input that was signed for Nostr, which nobody else consents to',
    steps: [carried],
  })
  const one = (fault: string, id: string, comment: string, of: StatechartOperation): Case =>
    failing(whole, fault, { id, comment, steps: [told(start, [of], [])] })
  const second = (fault: string, id: string, comment: string, of: StatechartOperation): Case =>
    failing(whole, fault, { id, comment, steps: [carried, told(next, [of], [])] })
  const changed = { ...first, event: { ...first.event, content: '{"by":5}' } }
  return [
    whole,
    history({
      id: 'inputs-commute',
      comment: 'one that commutes, and saw none before it',
      steps: [carried, told(next, [input('bob', 'NOTE')], [])],
    }),
    spoiled(whole, 'nostr-event/bad-signature', {
      id: 'statechart/input-changed',
      comment: 'more than was signed for',
      input: { steps: [told(start, [changed], [])] },
    }),
    second(
      'stale-head',
      'input-stale',
      'signed before another was taken',
      input('alice', 'ADD', { content: '{"by":5}' }),
    ),
    second('taken-before', 'input-again', 'taken a second time', first),
    second(
      'unknown-parent',
      'input-unknown-parent',
      'after one that was never taken',
      input('bob', 'NOTE', { parent: unseen.event }),
    ),
    one('unknown-sender', 'input-stranger', 'signed by a stranger', input('mallory', 'NOTE')),
    one('other-answers', 'input-other-answers', 'with an answer that its author does not quote', {
      ...first,
      answers: [{ oracle: 'score', question: 'final', answer: 'home' }],
    }),
    one(
      'wrong-time',
      'input-ahead',
      'two minutes before what its author says',
      input('bob', 'NOTE', { created_at: Number(START / 1000n) + 120 }),
    ),
    failing(whole, 'not-on-nostr', {
      id: 'input-not-on-nostr',
      comment: 'to a machine that no event defines',
      steps: [told(opened(plain), [first], [])],
      charters: [plain],
    }),
  ]
}

export const chartHistories = (): readonly Case[] => [
  ...beginnings(),
  ...events(),
  ...quotes(),
  ...inputs(),
]
