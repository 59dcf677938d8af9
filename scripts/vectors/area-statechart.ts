/** Statecharts as logic: what a charter says of one, what its inputs look like, and what they lead to. */
import { idFromHex } from '../../packages/tallystick/src/base/brand.ts'
import { bytesFromUtf8, hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { PARAMS_BYTES_MAX } from '../../packages/tallystick/src/base/limits.ts'
import { charter } from '../../packages/tallystick/src/kernel/charter.ts'
import {
  type StatechartOperation,
  statechartOperation,
} from '../../packages/tallystick/src/logic/statechart/operation.ts'
import {
  type StatechartParams,
  statechartParams,
} from '../../packages/tallystick/src/logic/statechart/params.ts'
import { type Area, bad, type Case, good, spoiled } from './case.ts'
import { chartHistories } from './chart-histories.ts'
import { charterOf, person, seedOf } from './world.ts'

const PARAMS: StatechartParams = {
  definition: '{\n  "id": "counter"\n}',
  names: 'none',
  creator: 'alice',
  roles: [{ role: 'player', senders: ['alice', 'bob'] }],
  clock: { is: 'agreed', skewMs: 60_000 },
  startsAt: 1_800_000_000_000n,
  oracles: [
    {
      name: 'score',
      machine: idFromHex(hexFromBytes(seedOf('an oracle'))),
      suite: 'nostr',
      logic: 0,
    },
  ],
  nostr: { id: idFromHex(hexFromBytes(seedOf('a definition'))), senders: 'anyone' },
}

const decoded = (type: string, id: string, comment: string, bytes: Uint8Array): Case =>
  good({
    id: `statechart/${id}`,
    comment,
    check: 'decode',
    input: { type, bytes: hexFromBytes(bytes) },
  })

const params = (): readonly Case[] => [
  decoded(
    'statechart parameters',
    'params',
    'an agreed clock, an oracle, and a definition on Nostr',
    statechartParams.encode(PARAMS),
  ),
  decoded(
    'statechart parameters',
    'params-plain',
    'no clock, no oracle',
    statechartParams.encode({
      ...PARAMS,
      clock: { is: 'none' },
      startsAt: 0n,
      oracles: [],
      nostr: undefined,
    }),
  ),
]

/** A charter whose only logic has as many bytes of parameters as are named in front of the zeros. */
const tooLarge = (): Case => {
  const whole = charter.encode(
    charterOf(
      { participants: [person('alice')] },
      { logics: [{ name: 'nsm/1', params: new Uint8Array(0) }] },
    ),
  )
  // The last five bytes are the length of the parameters and the form of the state, whose code is zero as well.
  const start = whole.slice(0, -5)
  const size = PARAMS_BYTES_MAX + 1
  const length = new Uint8Array(new Uint32Array([size]).buffer)
  return bad('codec/too-long', {
    id: 'statechart/params-too-long',
    comment: 'a byte more than a charter holds for one logic',
    check: 'decode',
    input: {
      type: 'charter',
      generated: {
        start: hexFromBytes(start) + hexFromBytes(length),
        size: whole.length + size,
      },
    },
  })
}

const EVENT: StatechartOperation = {
  is: 'event',
  party: 'alice',
  type: 'BET',
  data: '{"amount":10,"on":"home"}',
  at: 1_800_000_000_500n,
  answers: [{ oracle: 'score', question: 'final', answer: 'home' }],
}

const NOSTR: StatechartOperation = {
  is: 'nostr',
  event: {
    pubkey: hexFromBytes(seedOf('a sender')),
    created_at: 1_800_000_000,
    kind: 7501,
    tags: [
      ['e', hexFromBytes(seedOf('a definition'))],
      ['t', 'BET'],
    ],
    content: '{"amount": 10}',
    sig: hexFromBytes(seedOf('half')).repeat(2),
  },
  at: 1_800_000_000_500n,
  answers: [],
}

const operations = (): readonly Case[] => {
  const event = decoded(
    'statechart operation',
    'event',
    'a participant sends an event',
    statechartOperation.encode(EVENT),
  )
  const respelled = (id: string, comment: string, from: string, to: string): Case => {
    const bytes = hexFromBytes(statechartOperation.encode(EVENT)).replace(
      hexFromBytes(bytesFromUtf8(from)),
      hexFromBytes(bytesFromUtf8(to)),
    )
    return spoiled(event, 'json/not-canonical', {
      id: `statechart/${id}`,
      comment,
      input: { bytes },
    })
  }
  return [
    event,
    respelled(
      'data-unsorted',
      'keys out of order',
      '"amount":10,"on":"home"',
      '"on":"home","amount":10',
    ),
    respelled('data-blank', 'a blank between two tokens', '"home"}', '"hom" }'),
    decoded(
      'statechart operation',
      'nostr',
      'an event that was signed for Nostr, by nobody in particular',
      statechartOperation.encode(NOSTR),
    ),
  ]
}

export const statechartArea = (): Area => ({
  area: 'statechart',
  about:
    'Statecharts: parameters in a charter, operations, what they lead to, and what is refused.',
  cases: [...params(), tooLarge(), ...operations(), ...chartHistories()],
})
