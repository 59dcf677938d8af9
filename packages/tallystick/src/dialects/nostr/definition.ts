/**
 * Definitions, kind 7500: the event that is a machine. Its id is the machine's name on Nostr.
 *
 * Promise. An event is read with all that its tags say, or refused with the tag that is wrong. A definition as the published
 * specification has it, by the author's own library or anybody's client, is read as well; `flags` say what of ours it lacks.
 *
 * Not promised. That the definition can be run: `charter.ts` says whether it can be run here, and the statechart checks the text.
 *
 * | part | layout | whose |
 * |---|---|---|
 * | content | the statechart, JSON | published |
 * | `["state", "30078:<custodian>:<d>"]` | where a custodian's snapshots are; the first is the published one, their order is that of custodians | published, once |
 * | `["title", text]`, `["description", text]` | for people | published |
 * | `["engine", "<name>@<version>", role, …]` | what runs it; roles are `state-machine`, `guards`, `actions` | published |
 * | `["custody", "quorum", k, f]` | how many custodians make a step final, and how many may lie without harm, the most that k bears if missing; `authority` is the first custodian alone | ours |
 * | `["stand-in", key, name]` | who decides together with custodians when too many are silent; their order is theirs | ours |
 * | `["escalation", ms, k, f, custodians]` | after how long a silence, how many stand-ins, how many of these may lie, and how many custodians beside them | ours |
 * | `["p", key, relay, role]` | who takes part, as what | ours |
 * | `["relay", url]`, `["t", topic]` | where it is told; `nsm` and what it is about | ours |
 * | `["clock", "none"]`, `["clock", "agreed", ms]`, `["clock", "machine", id]` | whose time counts; custodians', within a minute, where nothing is said | ours |
 * | `["oracle", name, machine, suite, position]` | whose answers may be quoted | ours |
 * | `["senders", "participants"]` | inputs of others are not looked at | ours |
 */
import { Fault } from '../../base/fault.ts'
import {
  CUSTODIANS_MAX,
  DEFINITION_BYTES_MAX,
  ORACLES_MAX,
  PARTICIPANTS_MAX,
  SKEW_MS_DEFAULT,
} from '../../base/limits.ts'
import { bytesFromUtf8 } from '../../base/bytes.ts'
import {
  isHex,
  type NostrDraft,
  type NostrEvent,
  type NostrTag,
  tagsNamed,
} from '../../forms/nostr-event.ts'
import { asCount, asId, badTags, expectKind, KINDS, optionalTag } from './message.ts'

export const ENGINE = 'nsm-1'

/** A custodian, and the name under which its snapshots are found. */
export type StatePlace = { readonly custodian: string; readonly name: string }

export type NamedParticipant = {
  readonly key: string
  readonly relay: string
  /** May be empty. */
  readonly role: string
}

export type EngineTag = { readonly name: string; readonly roles: readonly string[] }

export type Custody =
  | {
      readonly is: 'quorum'
      readonly threshold: number
      /** Custodians that may lie without harm; the most that the threshold bears if missing. */
      readonly faulty?: number
    }
  /** The first custodian alone. */
  | { readonly is: 'authority' }
  /** Another mode, by its name: readable, and not run here. */
  | { readonly is: 'other'; readonly mode: string }

/** Who helps out while too few custodians answer (`models/custodians/policy.ts`). */
export type EscalationTag = {
  /** Milliseconds of silence. */
  readonly after: number
  readonly standIns: readonly StandIn[]
  readonly threshold: number
  readonly faulty: number
  readonly custodians: number
}

export type StandIn = { readonly key: string; readonly name: string }

export type ClockTag =
  | { readonly is: 'none' }
  | { readonly is: 'agreed'; readonly skewMs: number }
  | { readonly is: 'machine'; readonly machine: string }

export type OracleTag = {
  readonly name: string
  readonly machine: string
  readonly suite: string
  readonly logic: number
}

/** What a definition says, and nothing of who signed it when. */
export type DefinitionWish = {
  readonly text: string
  readonly title: string
  readonly description: string
  readonly states: readonly StatePlace[]
  readonly engines: readonly EngineTag[]
  readonly custody: Custody
  /** Missing where nobody stands in. */
  readonly escalation?: EscalationTag
  readonly participants: readonly NamedParticipant[]
  readonly relays: readonly string[]
  readonly topics: readonly string[]
  readonly clock: ClockTag
  readonly oracles: readonly OracleTag[]
  readonly senders: 'anyone' | 'participants'
}

export type DefinitionFlag =
  /** Nothing says how many custodians it takes; the first one decides alone. */
  | 'custody-by-default'
  /** An engine is named without what it is to do, as the author's own library does. */
  | 'engine-without-role'
  /** No engine of ours is named: versions of the one that is named differ in what they do. */
  | 'floating-engine'
  /** Inputs may lack their parent links; see `legacyOrder`. */
  | 'legacy'

export type NostrDefinition = DefinitionWish & {
  /** Id of the event. */
  readonly id: string
  readonly creator: string
  readonly createdAt: number
  readonly flags: readonly DefinitionFlag[]
}

/** Engines as ours are written: the profile, and beside it what reads the same text. */
export const OUR_ENGINES: readonly EngineTag[] = [
  { name: ENGINE, roles: ['state-machine', 'guards', 'actions'] },
  { name: 'xstate@5', roles: ['state-machine'] },
]

/** Raises `nostr-message/too-large` and what reading the draft again would raise. */
export const definitionDraft = (
  of: DefinitionWish,
  by: { readonly pubkey: string; readonly now: number },
): NostrDraft => {
  const draft = {
    pubkey: by.pubkey,
    created_at: by.now,
    kind: KINDS.definition,
    tags: tagsFrom(of),
    content: of.text,
  }
  readTags(draft)
  return draft
}

/** Reads a definition whose signature the caller has checked. Raises faults of `nostr-message/…`. */
export const definitionFrom = (event: NostrEvent): NostrDefinition => {
  expectKind(event, KINDS.definition)
  return {
    ...readTags(event),
    id: event.id,
    creator: event.pubkey,
    createdAt: event.created_at,
    flags: flagsOf(event),
  }
}

/** Keys that take part: the creator first, then those named, except as custodians or watchtowers. Each once. */
export const partiesOf = (
  of: Pick<NostrDefinition, 'creator' | 'participants'>,
): readonly string[] => {
  const named = of.participants
    .filter((one) => one.role !== 'custodian' && one.role !== 'watchtower')
    .map((one) => one.key)
  return [...new Set([of.creator, ...named])]
}

const tagsFrom = (of: DefinitionWish): readonly NostrTag[] => [
  ...of.states.map((one): NostrTag => ['state', `${KINDS.snapshot}:${one.custodian}:${one.name}`]),
  ['title', of.title],
  ['description', of.description],
  ...of.engines.map((one): NostrTag => ['engine', one.name, ...one.roles]),
  ...custodyTag(of.custody),
  ...(of.escalation ? escalationTags(of.escalation) : []),
  ...of.participants.map((one): NostrTag => ['p', one.key, one.relay, one.role]),
  ...of.relays.map((url): NostrTag => ['relay', url]),
  ...of.topics.map((topic): NostrTag => ['t', topic]),
  clockTag(of.clock),
  ...of.oracles.map((one): NostrTag => [
    'oracle',
    one.name,
    one.machine,
    one.suite,
    String(one.logic),
  ]),
  ...(of.senders === 'participants' ? [['senders', 'participants']] : []),
]

const custodyTag = (of: Custody): readonly NostrTag[] => {
  switch (of.is) {
    case 'quorum':
      return [
        [
          'custody',
          'quorum',
          String(of.threshold),
          ...(of.faulty === undefined ? [] : [String(of.faulty)]),
        ],
      ]
    case 'authority':
      return [['custody', 'authority']]
    case 'other':
      return [['custody', of.mode]]
  }
}

const escalationTags = (of: EscalationTag): readonly NostrTag[] => [
  ...of.standIns.map((one): NostrTag => ['stand-in', one.key, one.name]),
  ['escalation', String(of.after), String(of.threshold), String(of.faulty), String(of.custodians)],
]

const clockTag = (of: ClockTag): NostrTag => {
  switch (of.is) {
    case 'none':
      return ['clock', 'none']
    case 'agreed':
      return ['clock', 'agreed', String(of.skewMs)]
    case 'machine':
      return ['clock', 'machine', of.machine]
  }
}

const readTags = (event: NostrDraft): DefinitionWish => {
  const size = bytesFromUtf8(event.content).length
  if (size > DEFINITION_BYTES_MAX) {
    throw new Fault('nostr-message/too-large', `${size} bytes, at most ${DEFINITION_BYTES_MAX}`)
  }
  const escalation = escalationIn(event)
  return {
    text: event.content,
    title: optionalTag(event, 'title')?.[0] ?? '',
    description: optionalTag(event, 'description')?.[0] ?? '',
    states: statesIn(event),
    engines: tagsNamed(event, 'engine').map(([, name = '', ...roles]) => ({ name, roles })),
    custody: custodyIn(event),
    ...(escalation && { escalation }),
    participants: bounded(tagsNamed(event, 'p'), PARTICIPANTS_MAX, 'p').map(participantFrom),
    relays: tagsNamed(event, 'relay').flatMap(([, url]) => (url ? [url] : [])),
    topics: tagsNamed(event, 't').flatMap(([, topic]) => (topic ? [topic] : [])),
    clock: clockIn(event),
    oracles: bounded(tagsNamed(event, 'oracle'), ORACLES_MAX, 'oracle').map(oracleFrom),
    senders: sendersIn(event),
  }
}

const bounded = (tags: readonly NostrTag[], max: number, name: string): readonly NostrTag[] => {
  if (tags.length <= max) return tags
  throw badTags(`${tags.length} tags "${name}", at most ${max}`)
}

const statesIn = (event: NostrDraft): readonly StatePlace[] => {
  const tags = bounded(tagsNamed(event, 'state'), CUSTODIANS_MAX, 'state')
  const states = tags.map(([, place = '']) => {
    const [kind, custodian, ...name] = place.split(':')
    // The last part may hold colons of its own.
    if (kind === String(KINDS.snapshot) && isHex(custodian, 64) && name.length > 0) {
      return { custodian, name: name.join(':') }
    }
    throw badTags(`"${place}" is no place of a snapshot`)
  })
  if (states.length === 0) throw badTags('no tag "state" names a custodian')
  if (new Set(states.map((one) => one.custodian)).size === states.length) return states
  throw badTags('one custodian in two tags "state"')
}

const custodyIn = (event: NostrDraft): Custody => {
  const [mode, threshold, faulty] = optionalTag(event, 'custody') ?? ['authority']
  if (mode === 'authority') return { is: 'authority' }
  if (mode !== 'quorum') return { is: 'other', mode: mode ?? '' }
  return {
    is: 'quorum',
    threshold: asCount(threshold, 'how many custodians it takes'),
    ...(faulty !== undefined && { faulty: asCount(faulty, 'how many custodians may lie') }),
  }
}

const escalationIn = (event: NostrDraft): EscalationTag | undefined => {
  const named = bounded(tagsNamed(event, 'stand-in'), CUSTODIANS_MAX, 'stand-in')
  const said = optionalTag(event, 'escalation')
  if (!said) {
    if (named.length === 0) return undefined
    throw badTags('stand-ins, and no tag "escalation" that says when they come')
  }
  const [after, threshold, faulty, custodians] = said
  return {
    after: asCount(after, 'how long custodians may be silent'),
    standIns: named.map(([, key, name = '']) => ({ key: asId(key, 'a stand-in'), name })),
    threshold: asCount(threshold, 'how many stand-ins it takes'),
    faulty: asCount(faulty, 'how many stand-ins may lie'),
    custodians: asCount(custodians, 'how many custodians stand beside'),
  }
}

const participantFrom = ([, key, relay = '', role = '']: NostrTag): NamedParticipant => ({
  key: asId(key, 'a participant'),
  relay,
  role,
})

const clockIn = (event: NostrDraft): ClockTag => {
  const [is, value] = optionalTag(event, 'clock') ?? ['agreed', String(SKEW_MS_DEFAULT)]
  if (is === 'none') return { is }
  if (is === 'agreed') return { is, skewMs: asCount(value, 'the skew') }
  if (is === 'machine') return { is, machine: asId(value, 'the machine whose time counts') }
  throw badTags(`"${is ?? ''}" is no clock`)
}

const oracleFrom = ([, name = '', machine, suite = '', logic]: NostrTag): OracleTag => ({
  name,
  machine: asId(machine, 'an oracle'),
  suite,
  logic: asCount(logic, 'the position of an oracle'),
})

const sendersIn = (event: NostrDraft): DefinitionWish['senders'] => {
  const [senders] = optionalTag(event, 'senders') ?? ['anyone']
  if (senders === 'anyone' || senders === 'participants') return senders
  throw badTags(`"${senders ?? ''}" is nobody who sends`)
}

const flagsOf = (event: NostrDraft): readonly DefinitionFlag[] => {
  const engines = tagsNamed(event, 'engine')
  const isOurs = engines.some(([, name]) => name === ENGINE)
  const hasCustody = tagsNamed(event, 'custody').length > 0
  const flags: DefinitionFlag[] = []
  if (!hasCustody) flags.push('custody-by-default')
  if (engines.some((tag) => tag.length < 3)) flags.push('engine-without-role')
  if (!isOurs) flags.push('floating-engine')
  if (!isOurs && !hasCustody) flags.push('legacy')
  return flags
}
