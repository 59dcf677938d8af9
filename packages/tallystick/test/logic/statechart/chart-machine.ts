/** Machines that run a statechart, and events put to them, for the tests of this folder. */
import { idFromHex, type MachineId } from '../../../src/base/brand.ts'
import { bytesFromUtf8, hexFromBytes, utf8FromBytes } from '../../../src/base/bytes.ts'
import { type Fault, isFault } from '../../../src/base/fault.ts'
import { hash } from '../../../src/base/hash.ts'
import { TAGS } from '../../../src/base/tags.ts'
import type { Engine, KeyPair } from '../../../src/base/verifier.ts'
import { createPortableEngine } from '../../../src/engine/portable.ts'
import { canonicalJson } from '../../../src/forms/canonical-json.ts'
import { type NostrDraft, type NostrEvent, signNostrEvent } from '../../../src/forms/nostr-event.ts'
import type { Json } from '../../../src/forms/strict-json.ts'
import type { Charter, Terms } from '../../../src/kernel/charter.ts'
import { type Participant, soleController } from '../../../src/kernel/controller.ts'
import { execute, type Machine, openMachine, pathKey } from '../../../src/kernel/execute.ts'
import type { Interaction, Operation, Premise } from '../../../src/kernel/interaction.ts'
import type { LogicRegistry, Path } from '../../../src/kernel/logic.ts'
import { createLogicRegistry, STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { statechart } from '../../../src/logic/statechart/logic.ts'
import {
  type Answer,
  operationOnStatechart,
  type StatechartOperation,
} from '../../../src/logic/statechart/operation.ts'
import { type StatechartParams, statechartParams } from '../../../src/logic/statechart/params.ts'
import { read } from '../../../src/state/tree.ts'

export const engine: Engine = createPortableEngine()

export const LOGICS: LogicRegistry = STANDARD_LOGICS.has(statechart.name)
  ? STANDARD_LOGICS
  : createLogicRegistry([...STANDARD_LOGICS.values(), statechart])

const pairs = new Map<string, KeyPair>()

/** Everybody's key is made from the name. */
export const pairOf = (name: string): KeyPair => {
  const known =
    pairs.get(name) ?? engine.fromSeed('bip340', hash('sha256', TAGS.seed, bytesFromUtf8(name)))
  pairs.set(name, known)
  return known
}

export const pubkeyOf = (name: string): string => hexFromBytes(pairOf(name).publicKey)

export const participantOf = (name: string): Participant => ({
  name,
  controller: soleController('bip340', pairOf(name).publicKey),
})

export const NOSTR_ID: string = 'ab'.repeat(32)

export const PLAIN: Omit<StatechartParams, 'definition'> = {
  names: 'none',
  creator: 'alice',
  roles: [{ role: 'player', senders: ['alice', 'bob'] }],
  clock: { is: 'none' },
  startsAt: 0n,
  oracles: [],
  nostr: undefined,
}

export type ChartOptions = {
  readonly params?: Partial<StatechartParams>
  readonly terms?: Partial<Terms>
  readonly names?: readonly string[]
}

export const charterFor = (definition: Json, options: ChartOptions = {}): Charter => ({
  network: 'test',
  nonce: new Uint8Array(32),
  terms: {
    suite: 'nostr',
    participants: (options.names ?? ['alice', 'bob', 'carol']).map(participantOf),
    turn: { is: 'anyone' },
    policy: { kind: 'test', params: new Uint8Array() },
    ...options.terms,
  },
  logics: [
    {
      name: 'nsm/1',
      params: statechartParams.encode({
        ...PLAIN,
        definition: JSON.stringify(definition, undefined, 2),
        ...options.params,
      }),
    },
  ],
  state: { is: 'tree' },
})

export const opening = (definition: Json, options: ChartOptions = {}): Machine | Fault =>
  openMachine(charterFor(definition, options), LOGICS)

export const begun = (definition: Json, options: ChartOptions = {}): Machine => {
  const machine = opening(definition, options)
  if (isFault(machine)) throw machine
  return machine
}

export type With = {
  readonly at?: number
  readonly answers?: readonly Answer[]
  readonly premises?: readonly Premise[]
  /** Names that have consented; the sender alone if missing. */
  readonly by?: readonly string[]
}

export const interactionWith = (
  machine: Machine,
  operations: readonly Operation[],
  premises: readonly Premise[] = [],
): Interaction => ({
  suite: machine.terms.suite,
  legs: [{ machine: machine.id, access: 'write', parent: machine.headId }],
  operations,
  premises,
})

export const run = (
  machine: Machine,
  operations: readonly Operation[],
  { premises = [], by = [] }: With = {},
): Machine | Fault => {
  const done = execute({
    interaction: interactionWith(machine, operations, premises),
    machines: new Map([[machine.id, machine]]),
    logics: LOGICS,
    consents: (_, party) => by.includes(machine.terms.participants[party]?.name ?? ''),
    proven: premises,
    verifier: engine,
  })
  if (isFault(done)) return done
  const [after] = done.written
  if (!after) throw new Error('it is written')
  return after
}

export const on = (machine: Machine, of: StatechartOperation): Operation =>
  operationOnStatechart({ machine: machine.id, logic: 0 }, of)

export const eventOn = (
  machine: Machine,
  [party, type, data]: readonly [string, string, Json?],
  { at = 0, answers = [] }: With = {},
): Operation =>
  on(machine, {
    is: 'event',
    party,
    type,
    data: data === undefined ? '' : canonicalJson(data),
    at: BigInt(at),
    answers,
  })

/** What a participant's event makes of a machine. */
export const send = (
  machine: Machine,
  event: readonly [string, string, Json?],
  more: With = {},
): Machine | Fault => run(machine, [eventOn(machine, event, more)], { by: [event[0]], ...more })

/** As `send`, for events that a test builds on. */
export const sent = (
  machine: Machine,
  event: readonly [string, string, Json?],
  more: With = {},
): Machine => {
  const after = send(machine, event, more)
  if (isFault(after)) throw after
  return after
}

export const codeOf = (of: Machine | Fault): string => (isFault(of) ? of.code : 'done')

/** An input signed for Nostr. */
export const signed = (
  name: string,
  type: string,
  more: Partial<NostrDraft> & { readonly parent?: string; readonly machine?: string } = {},
): NostrEvent => {
  const { parent, machine = NOSTR_ID, ...draft } = more
  const pair = pairOf(name)
  return signNostrEvent(
    {
      pubkey: pubkeyOf(name),
      created_at: 1000,
      kind: 7501,
      tags: [
        ['e', machine],
        ['t', type],
        ...(parent === undefined ? [] : [['transition', parent]]),
      ],
      content: '',
      ...draft,
    },
    {
      scheme: 'bip340',
      publicKey: pair.publicKey,
      sign: (message) => engine.sign('bip340', pair.secret, message, { deterministic: true }),
    },
  )
}

export const carry = (machine: Machine, event: NostrEvent, at = 0): Machine | Fault =>
  run(machine, [on(machine, { is: 'nostr', event, at: BigInt(at), answers: [] })])

export const carried = (machine: Machine, event: NostrEvent, at = 0): Machine => {
  const after = carry(machine, event, at)
  if (isFault(after)) throw after
  return after
}

/** The JSON at a path; undefined if nothing stands there. */
export const leafOf = (machine: Machine, path: Path): Json | undefined => {
  const value = read(
    machine.state,
    pathKey(machine.terms.suite, { machine: machine.id, logic: 0 }, path),
  )
  return value && (JSON.parse(utf8FromBytes(value)) as Json)
}

export const idOf = (hex: string): MachineId => idFromHex(hex)

const expr = (cel: string): Json => ({ type: 'expr', params: { cel } })
export const guard: (cel: string) => Json = expr
export const assign = (set: Record<string, string>): Json => ({ type: 'assign', params: { set } })

/** Counts what players send, up to ten. */
export const COUNTER: Json = {
  id: 'counter',
  initial: 'counting',
  context: { count: 0, last: null },
  states: {
    counting: {
      on: {
        ADD: {
          guard: expr(
            'event.sender in machine.roles.player && context.count + event.data.by <= 10',
          ),
          actions: [
            assign({ count: 'context.count + event.data.by', last: 'event.sender' }),
            {
              type: 'effect',
              params: { kind: 'shout', args: { count: 'context.count' } },
            },
          ],
        },
        STOP: { target: 'stopped' },
      },
    },
    stopped: { type: 'final' },
  },
}

/** One choice for each of a roster, counted when it is closed. */
export const VOTE: Json = {
  id: 'vote',
  initial: 'open',
  context: { ballots: {}, roster: ['alice', 'bob', 'carol', 'dave'].map(pubkeyOf) },
  meta: { nsm: { commute: ['VOTE'], window: 3 } },
  states: {
    open: {
      on: {
        VOTE: {
          guard: expr('event.sender in context.roster && !(event.sender in context.ballots)'),
          actions: assign({ ballots: 'put(context.ballots, event.sender, event.data.choice)' }),
        },
        CLOSE: { target: 'closed' },
      },
    },
    closed: { type: 'final' },
  },
}
