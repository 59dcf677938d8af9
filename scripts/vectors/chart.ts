/** A small statechart for the vectors: a definition that can go wrong in every way, its charter, and inputs to it. */
import { type Id, idFromHex, type MachineId } from '../../packages/tallystick/src/base/brand.ts'
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { canonicalJson } from '../../packages/tallystick/src/forms/canonical-json.ts'
import {
  type NostrDraft,
  nostrEventId,
  signNostrEvent,
} from '../../packages/tallystick/src/forms/nostr-event.ts'
import type { Json } from '../../packages/tallystick/src/forms/strict-json.ts'
import {
  type Charter,
  machineId,
  type Terms,
} from '../../packages/tallystick/src/kernel/charter.ts'
import type { Machine } from '../../packages/tallystick/src/kernel/execute.ts'
import {
  interaction,
  type Operation,
  type Premise,
} from '../../packages/tallystick/src/kernel/interaction.ts'
import {
  operationOnStatechart,
  type SignedInput,
  type StatechartOperation,
} from '../../packages/tallystick/src/logic/statechart/operation.ts'
import {
  type StatechartParams,
  statechartParams,
} from '../../packages/tallystick/src/logic/statechart/params.ts'
import type { JsonObject } from './finding.ts'
import { charterOf, interactionOf, owned, pairOf, person, seedOf, sign } from './world.ts'

export const idOf = <Name extends string>(label: string): Id<Name> =>
  idFromHex<Name>(hexFromBytes(seedOf(label)))

const assign = (set: JsonObject): Json => ({ type: 'assign', params: { set } })

/** Seventeen lists in one another: one more than a context keeps. */
const DEEP = `${'['.repeat(17)}1${']'.repeat(17)}`

export const DEFINITION: Json = {
  id: 'purse',
  initial: 'open',
  context: { total: 0, said: {} },
  meta: { nsm: { gas: 200, commute: ['NOTE'], window: 2 } },
  states: {
    open: {
      on: {
        ADD: {
          guard: {
            type: 'expr',
            params: { cel: 'event.data.by > 0 && event.sender in machine.roles.giver' },
          },
          actions: assign({ total: 'context.total + event.data.by' }),
        },
        NOTE: { actions: assign({ said: 'put(context.said, event.sender, event.now)' }) },
        ASK: {
          actions: assign({ said: 'put(context.said, "score", event.answers.score["final"])' }),
        },
        DEEP: { actions: assign({ said: DEEP }) },
        LOOP: { actions: { type: 'raise', params: { event: 'LOOP' } } },
        HUNGRY: { actions: assign({ total: '"x".size() + sha256(event.data.text).size()' }) },
        STOP: { target: 'closed' },
      },
    },
    closed: { type: 'final' },
  },
}

export const ORACLE: Charter = owned('weatherman', [
  { name: 'oracle/1', params: new Uint8Array(0) },
])

export const PARAMS: StatechartParams = {
  definition: canonicalJson(DEFINITION),
  names: 'none',
  creator: 'alice',
  roles: [{ role: 'giver', senders: ['alice', hexFromBytes(pairOf('alice', 'bip340').publicKey)] }],
  clock: { is: 'agreed', skewMs: 60_000 },
  startsAt: 1_800_000_000_000n,
  oracles: [{ name: 'score', machine: machineId(ORACLE), suite: 'classic', logic: 0 }],
  nostr: { id: idOf<'nostr-event'>('a definition'), senders: 'participants' },
}

export const chartCharter = (
  params: Partial<StatechartParams> = {},
  terms: Partial<Terms> = {},
): Charter =>
  charterOf(
    {
      suite: 'nostr',
      participants: ['alice', 'bob'].map((name) => person(name, 'bip340')),
      ...terms,
    },
    { logics: [{ name: 'nsm/1', params: statechartParams.encode({ ...PARAMS, ...params }) }] },
  )

export const START: bigint = PARAMS.startsAt + 1000n

type Event = Extract<StatechartOperation, { is: 'event' }>

export const event = (type: string, data: Json = '', more: Partial<Event> = {}): Event => ({
  is: 'event',
  party: 'alice',
  type,
  data: data === '' ? '' : canonicalJson(data),
  at: START,
  answers: [],
  ...more,
})

/** An input that was signed for Nostr. */
export const input = (
  name: string,
  type: string,
  more: Partial<NostrDraft> & { readonly parent?: SignedInput; readonly machine?: MachineId } = {},
): Extract<StatechartOperation, { is: 'nostr' }> => {
  const { parent, machine, ...draft } = more
  const { publicKey } = pairOf(name, 'bip340')
  const link = parent === undefined ? [] : [['transition', nostrEventId(parent)]]
  const { id, ...event } = signNostrEvent(
    {
      pubkey: hexFromBytes(publicKey),
      created_at: Number(START / 1000n),
      kind: 7501,
      tags: [['e', machine ?? idOf<'nostr-event'>('a definition')], ['t', type], ...link],
      content: '',
      ...draft,
    },
    { scheme: 'bip340', publicKey, sign: (digest) => sign(name, digest, 'bip340') },
  )
  if (id.length !== 64) throw new Error('an id has 64 digits')
  return { is: 'nostr', event, at: START, answers: [] }
}

/** A step of a history: operations, and whose consents come with it. */
export const told = (
  machine: Machine,
  operations: readonly StatechartOperation[],
  by: readonly string[] = ['alice'],
  premises: readonly Premise[] = [],
): JsonObject => ({
  interaction: hexFromBytes(
    interaction.encode(
      interactionOf({ write: [machine], operations: on(machine, operations), premises }),
    ),
  ),
  by,
})

export const on = (
  machine: Machine,
  operations: readonly StatechartOperation[],
): readonly Operation[] =>
  operations.map((one) => operationOnStatechart({ machine: machine.id, logic: 0 }, one))
