/**
 * Key logs at a directory: handed in by their owner, fetched by everybody.
 *
 * Promise. What is fetched as certified has a quorum's receipts for each of its events, so up to f liars neither make up an event nor
 * hide one. What is handed in is reported as certified once a quorum has given receipts for it, and as *taken* only where an operator
 * shows another event that keeps the log's rules.
 *
 * Not promised. That a log with split receipts is ever certified: where different operators have seen different events first, no
 * quorum is left for either.
 */
import { Fault } from 'tallystick/base'
import {
  applyKeyEvent,
  type IdentityId,
  identityOf,
  keyEventId,
  type KeyState,
  type Quorum,
  reachesQuorum,
  type SignedKeyEvent,
} from 'tallystick/kernel'
import {
  type DirectoryPolicy,
  gatherKeyLog,
  type GatheredLog,
  type KeptKeyEvent,
  quorumOf,
  type ShownLog,
} from 'tallystick/models'
import { askPatiently, clientOf, type DirectoryClient } from './directory.ts'
import type { OperatorClient } from './operator.ts'

export type FetchedLog = {
  readonly found: GatheredLog
  /**
   * Everything that anybody shows and the rules allow, certified or not: what a further event has to build on. Missing while too
   * few operators have answered to be sure that no certified event is left out.
   */
  readonly newest: readonly SignedKeyEvent[] | undefined
  /** Operators that did not answer, by name. */
  readonly silent: readonly string[]
}

/** The key log of an identity, as the operators of a policy vouch for it. */
export const fetchKeyLog = async (
  directory: DirectoryClient,
  policy: DirectoryPolicy,
  identity: IdentityId,
): Promise<FetchedLog> => {
  const asked = await Promise.all(
    seatedIn(directory, policy).map(async ({ at, name, client }) => {
      const kept = client && (await wholeLog(directory, client, identity))
      return { operator: at, name, kept }
    }),
  )
  const silent = asked.flatMap(({ name, kept }) => (kept ? [] : [name]))
  const shown = asked.flatMap(({ operator, kept }): readonly ShownLog[] =>
    kept ? [{ operator, kept }] : [],
  )
  const quorum = quorumOf(policy)
  const found = gatherKeyLog(shown, quorum, directory.verifier)
  const isRead = reachesQuorum(
    quorum,
    shown.map((one) => one.operator),
  )
  const all = found.is === 'known' ? [...found.log, ...found.pending] : found.pending
  return { found, newest: isRead ? all : undefined, silent }
}

export type HandedIn =
  | { readonly is: 'certified'; readonly fetched: FetchedLog }
  /** Too few operators have given receipts for all of it. */
  | { readonly is: 'waiting'; readonly fetched: FetchedLog }
  /** An operator has seen another event first. */
  | { readonly is: 'taken'; readonly by: SignedKeyEvent; readonly instead: SignedKeyEvent }

/**
 * Hands a log in, to each operator from where it is behind. Raises what an operator answers where it refuses an event that is not
 * taken, if no quorum takes it.
 */
export const handInKeyLog = async (
  directory: DirectoryClient,
  policy: DirectoryPolicy,
  log: readonly SignedKeyEvent[],
): Promise<HandedIn> => {
  const [first] = log
  if (!first) throw new Fault('key-log/empty', 'there is no event to hand in')
  const identity = identityOf(first.event)
  const faults: Fault[] = []
  const taken: Taken[] = []
  await Promise.all(
    seatedIn(directory, policy).map(async ({ client }) => {
      const ended = client && (await catchUp(directory, client, log))
      if (ended instanceof Fault) faults.push(ended)
      else if (ended) taken.push(ended)
    }),
  )
  const [rival] = taken.filter((one) => isOwnRule(directory, log, one))
  const fetched = await fetchKeyLog(directory, policy, identity)
  const last = log.at(-1)
  const isThere =
    fetched.found.is === 'known' && last && holds(fetched.found.log, last, log.length - 1)
  if (isThere) return { is: 'certified', fetched }
  if (rival) return { is: 'taken', ...rival }
  const [fault] = faults
  if (fault && !canReach(quorumOf(policy), policy, faults.length)) throw fault
  return { is: 'waiting', fetched }
}

type Taken = { readonly by: SignedKeyEvent; readonly instead: SignedKeyEvent }

/** Hands over what an operator has not, in order. */
const catchUp = async (
  { surroundings }: DirectoryClient,
  client: OperatorClient,
  log: readonly SignedKeyEvent[],
): Promise<Taken | Fault | undefined> => {
  for (const one of log) {
    const reply = await askPatiently(surroundings, () => client.handIn(one))
    if (reply.is === 'silent') return undefined
    if (reply.is === 'refused') return reply.fault
    if (reply.value.is === 'taken') return { by: reply.value.by.signed, instead: one }
  }
  return undefined
}

/** Whether what an operator showed in place of an event could stand there; a made-up one could not. */
const isOwnRule = (
  { verifier }: DirectoryClient,
  log: readonly SignedKeyEvent[],
  { by, instead }: Taken,
): boolean => {
  let before: KeyState | undefined
  for (const one of log.slice(0, instead.event.sequence)) {
    const next = applyKeyEvent(before, one, verifier)
    if (next instanceof Fault) return false
    before = next
  }
  return !(applyKeyEvent(before, by, verifier) instanceof Fault)
}

const holds = (log: readonly SignedKeyEvent[], of: SignedKeyEvent, at: number): boolean => {
  const there = log[at]
  return there !== undefined && keyEventId(there.event) === keyEventId(of.event)
}

const canReach = ({ sets }: Quorum, { operators }: DirectoryPolicy, refusing: number): boolean =>
  sets.every((set) => operators.length - refusing >= set.threshold)

type Seat = {
  readonly at: number
  readonly name: string
  readonly client: OperatorClient | undefined
}

const seatedIn = (directory: DirectoryClient, policy: DirectoryPolicy): readonly Seat[] =>
  policy.operators.map((operator, at) => ({
    at,
    name: operator.name,
    client: clientOf(directory, operator),
  }))

/** All that one operator shows; undefined where it does not answer. */
const wholeLog = async (
  { surroundings }: DirectoryClient,
  client: OperatorClient,
  identity: IdentityId,
): Promise<readonly KeptKeyEvent[] | undefined> => {
  const all: KeptKeyEvent[] = []
  for (;;) {
    const from = all.length
    const reply = await askPatiently(surroundings, () => client.keyLog(identity, from))
    if (reply.is !== 'answered') return from > 0 ? all : undefined
    const fresh = reply.value.filter(({ signed }, at) => signed.event.sequence === from + at)
    // The same page again, or one with a gap, would keep us here for as long as the operator likes.
    if (fresh.length === 0) return all
    all.push(...fresh)
  }
}
