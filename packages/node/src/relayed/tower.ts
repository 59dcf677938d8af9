/**
 * A watchtower: the model's `watcher` over relays, for a machine in a participant's folder. It hears what custodians say to each other
 * while they agree, their heartbeats and the certified steps, and holds them against one another.
 *
 * Promise. What it accuses somebody of has been judged here, and is published as evidence (7505) that anybody can judge again, if whoever
 * runs it says so. It signs nothing else.
 *
 * Not promised. What it is not shown. Messages between custodians are kept by no relay: it hears those that pass while it runs.
 */
import { faultFrom, hexFromBytes, isFault } from 'tallystick/base'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import {
  beginWatcher,
  createWatcher,
  custodianEvidence,
  memberMessage,
  ruleEvidence,
  signedHeartbeat,
  type WatcherEffect,
  type WatcherInput,
  type WatcherState,
} from 'tallystick/models'
import {
  evidenceDraft,
  gatherVote,
  heartbeatFrom,
  KINDS,
  lieTypeOf,
  type NostrEvent,
  type NostrEvidence,
  voteShareFrom,
  type VotesUnderway,
} from 'tallystick/nostr'
import { withProver } from 'tallystick/verify'
import type { Filter } from '../relay/filter.ts'
import { agreedFrom } from './history.ts'
import { FRESH_MS, SILENCE_MS } from './limits.ts'
import type { RelayedOffice } from './office.ts'
import { custodyIn } from './terms.ts'

export type Tower = {
  readonly filter: Filter
  /** Takes in a message of a custodian or a heartbeat. */
  readonly hear: (event: NostrEvent) => void
  /** Goes on with what the history has, and looks at the clock. */
  readonly look: () => void
  /** What it has found that it has not told yet. */
  readonly found: () => readonly Finding[]
}

type Sides = readonly (readonly string[])[]

export type Finding =
  | { readonly is: 'lie'; readonly accused: string; readonly evidence: NostrEvidence }
  /** Something waits. Where custodians voted for several steps, who voted for which. */
  | { readonly is: 'silence'; readonly sides: Sides }

export const createTower = (office: RelayedOffice): Tower => {
  const { definition, engine } = office
  const checks = { logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine }
  const { machine, steps } = office.history()
  const after = custodyIn(machine.terms)?.escalation?.after ?? SILENCE_MS
  const silenceMs = after < SILENCE_MS ? after : SILENCE_MS
  const role = createWatcher({ ...withProver(checks), ageMs: FRESH_MS, silenceMs })
  let state = beginWatcher(machine)
  let taken = steps.length
  let underway: VotesUnderway = []
  const told = new Set<string>()
  const take = (input: WatcherInput): void => {
    state = role.step(state, input, { now: BigInt(Date.now()), random: new Uint8Array(32) })
    const last = state.unkept.at(-1)?.transition.sequence
    // The folder keeps the history.
    if (last !== undefined) take({ is: 'kept', sequence: last })
  }
  return {
    filter: {
      kinds: [KINDS.vote, KINDS.heartbeat],
      '#e': [definition.id],
      authors: [...office.keepers],
    },
    hear: (event) => {
      if (!office.keepers.includes(event.pubkey)) return
      if (event.kind === KINDS.heartbeat) {
        const beat = faultFrom(() => signedHeartbeat.decode(heartbeatFrom(event).heartbeat))
        if (!isFault(beat)) take({ is: 'heartbeat', heartbeat: beat })
        return
      }
      const share = faultFrom(() => voteShareFrom(event))
      if (isFault(share) || share.machine !== definition.id) return
      const gathered = gatherVote(underway, share)
      ;({ underway } = gathered)
      const whole = gathered.message
      const message = whole && faultFrom(() => memberMessage.decode(whole))
      if (message && !isFault(message)) take({ is: 'message', message })
    },
    look: () => {
      const fresh = office.history().steps
      for (const step of fresh.slice(taken)) take({ is: 'certified', step: agreedFrom(step) })
      taken = fresh.length
      take({ is: 'tick' })
    },
    found: () =>
      role.outstanding(state).flatMap((effect) => {
        const finding = findingOf(office, effect, state)
        if (!finding) return []
        const name =
          finding.is === 'lie' ? `${finding.accused} ${finding.evidence.type}` : finding.is
        if (told.has(name)) return []
        told.add(name)
        return [finding]
      }),
  }
}

const findingOf = (
  office: RelayedOffice,
  effect: WatcherEffect,
  state: WatcherState,
): Finding | undefined => {
  const lie = (publicKey: Uint8Array, of: Omit<NostrEvidence, 'machine' | 'accused'>): Finding => {
    const accused = hexFromBytes(publicKey)
    return { is: 'lie', accused, evidence: { machine: office.definition.id, accused, ...of } }
  }
  switch (effect.is) {
    case 'accuse':
      return lie(effect.evidence.publicKey, {
        type: 'DOUBLE_VOTE',
        events: [],
        statements: effect.evidence,
      })
    case 'denounce': {
      const { publicKey, lie: of } = custodianEvidence.decode(effect.proof)
      const proof = { by: 'model', bytes: effect.proof } as const
      return lie(publicKey, { type: lieTypeOf(`custodians/${of.is}`), events: [], proof })
    }
    case 'denounce-by-rules': {
      const { publicKey, lie: of } = effect.evidence
      const proof = { by: 'rules', bytes: ruleEvidence.encode(effect.evidence) } as const
      return lie(publicKey, { type: lieTypeOf(`custodians/${of.is}`), events: [], proof })
    }
    case 'alert-silence':
      return { is: 'silence', sides: sidesIn(state) }
    case 'keep':
    case 'ask':
    case 'alert-stale':
      return undefined
  }
}

/** Keys by the child of the head that they have voted for; nobody where all have voted for the same. */
const sidesIn = ({ casts, followed: { machine } }: WatcherState): Sides => {
  const sides = new Map<string, Set<string>>()
  for (const { cast, publicKey } of [...casts.values()].flat()) {
    const { statement: of } = cast
    if (of.is !== 'vote' || of.transition.parent !== machine.headId) continue
    const side = sides.get(of.transition.interaction) ?? new Set()
    sides.set(of.transition.interaction, side.add(hexFromBytes(publicKey)))
  }
  return sides.size < 2 ? [] : [...sides.values()].map((one) => [...one])
}

/** The event by which a finding is told to everybody; undefined where it is too large for one. */
export const draftOf = (
  { folder }: Pick<RelayedOffice, 'folder'>,
  evidence: NostrEvidence,
): ReturnType<typeof evidenceDraft> | undefined => {
  const by = { pubkey: folder.key, now: Math.floor(Date.now() / 1000) }
  const draft = faultFrom(() => evidenceDraft(evidence, by))
  return isFault(draft) ? undefined : draft
}
