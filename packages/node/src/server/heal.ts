/**
 * Heals an operator that is in quarantine: asks the others for everything that it has signed, and ends the quarantine if enough of
 * them have answered. It serves reads all the while.
 *
 * Safety. The very entries may come back: then the guard's chain says so, and nothing was lost. Else the rules of the model's
 * `healing.ts` are in force, with what the others have shown, before the quarantine ends. A vow that comes back counts with the
 * operator's own signature under it; floors are what anybody shows, since a lie about them only keeps the operator silent. A
 * machine whose terms were changed by a step that the operator does not know as a change is one that nobody can speak for.
 *
 * Liveness. Asking again is always safe. It takes `peersNeeded` of the others for every machine that is served here; until then
 * the quarantine stays, and the report names who is missing.
 *
 * Not promised. That vows come back that are in no certificate. That an operator alone can heal: there is nobody to ask.
 */
import { Fault, isFault, type MachineId, type SignerKey, U64_MAX } from 'tallystick/base'
import { AMEND, charter as charterCodec, statementDigest } from 'tallystick/kernel'
import {
  checkSubmission,
  DIRECTORY,
  directoryCertificate,
  directoryPolicy,
  type Healed,
  isEnoughForHealing,
  type KeptStep,
  receiptVote,
  submission,
  type Submission,
  vowKey,
} from 'tallystick/models'
import type { OperatorClient } from '../client/operator.ts'
import type { GuardedStore } from '../store/guard.ts'
import type { Append } from '../store/store.ts'
import type { Served } from './charters.ts'
import { healedPuts } from './healing.ts'
import { CHARTERS } from './charters.ts'
import type { Operator } from './operator.ts'
import { suiteAt, VOWS } from './steps.ts'

export type HealReport = {
  readonly is: 'whole' | 'recovered' | 'healed' | 'waiting' | 'refused'
  readonly answered: readonly string[]
  /** Why others did not answer, by name. */
  readonly silent: ReadonlyMap<string, string>
  /** Vows that came back. */
  readonly vows: number
  /** Vows that the guard remembers and nobody gave back; missing where there is no guard. */
  readonly lost: bigint | undefined
}

export type Peer = { readonly client: OperatorClient; readonly key: SignerKey }

export type HealOptions = {
  readonly operator: Operator
  readonly store: GuardedStore
  readonly peers: readonly Peer[]
}

/** Entries of one operator's log that are looked at: it could go on for ever. */
const ENTRIES_MAX = 67_108_864n
const STEPS_EACH = 64

type Found = {
  /** The highest number that anybody shows; undefined where nobody can say. */
  readonly floors: Map<MachineId, bigint | undefined>
  /** By key. */
  readonly vows: Map<string, Append>
  readonly answered: Peer[]
  readonly silent: Map<string, string>
}

export const heal = async (options: HealOptions): Promise<HealReport> => {
  const { operator, store, peers } = options
  const found: Found = { floors: new Map(), vows: new Map(), answered: [], silent: new Map() }
  if (store.status().is !== 'quarantined') return reportOf(found, 'whole', 0n)
  const lacks = await store.lacks()
  for (const own of await store.remembered()) found.vows.set(nameOf(own.key), own)
  await markAmended(options, found)
  for (const peer of peers) {
    const why = await askPeer(options, peer, found)
    if (why === undefined) found.answered.push(peer)
    else found.silent.set(peer.client.name, why)
  }
  const vows = [...found.vows.values()].sort((a, b) => Number(a.time - b.time))
  const tail = new Set((await store.remembered()).map((one) => nameOf(one.key)))
  const missing = vows.filter((one) => !tail.has(nameOf(one.key)))
  if (lacks && (await store.recover(missing)).is === 'open') {
    for (const one of vows) await putBack(operator, one, [])
    await rememberSetBack(operator)
    return reportOf(found, 'recovered', 0n)
  }
  const lost = lacks && lacks.to - lacks.from - BigInt(vows.length)
  if (!(await isEnough(options, found.answered))) return reportOf(found, 'waiting', lost)
  const { size } = await store.head(VOWS)
  const before = operator.healing.known()
  const healed: Healed = {
    answered: found.answered.map(({ key }) => key),
    ahead: BigInt(operator.limits.vowsAhead),
    // What was added after an earlier healing stands in no order that a checkpoint could tell of.
    logSize: before && !before.isWhole && before.logSize < size ? before.logSize : size,
    isWhole: false,
  }
  operator.healing.adopt(healed)
  const status = await store.renounce(healedPuts(healed, found.floors))
  if (status.is !== 'open') return reportOf(found, 'refused', lost)
  for (const one of vows) await putBack(operator, one, [one])
  operator.log('warning', 'operator healed', { vows: vows.length, lost })
  return reportOf(found, 'healed', lost)
}

const reportOf = (
  { answered, silent, vows }: Found,
  is: HealReport['is'],
  lost: bigint | undefined,
): HealReport => ({
  is,
  answered: answered.map(({ client }) => client.name),
  silent,
  vows: vows.size,
  lost,
})

const nameOf = (key: Uint8Array): string => Buffer.from(key).toString('hex')

/** What lies beside the guarded journal was set back with it, and nobody gives it back. */
export const rememberSetBack = async ({ healing, store }: Operator): Promise<void> => {
  if (healing.known()) return
  const of: Healed = { answered: [], ahead: 0n, logSize: U64_MAX, isWhole: true }
  await store.commit({ appends: [], puts: healedPuts(of, new Map()) })
  healing.adopt(of)
}

/** Machines with changes of terms among the own vows that are not known as such. */
const markAmended = async ({ operator, store }: HealOptions, found: Found): Promise<void> => {
  for (let at = 0n; ;) {
    const page = await store.read(VOWS, at, STEPS_EACH)
    if (page.length === 0) return
    for (const { value } of page) await noteTerms(operator, found, submission.decode(value))
    at += BigInt(page.length)
  }
}

const noteTerms = async (
  { charters }: Operator,
  { floors }: Found,
  { transition, interaction }: Submission,
): Promise<void> => {
  const { machine, sequence } = transition
  const changes = interaction.operations.some(
    (one) => one.machine === machine && one.logic === AMEND,
  )
  if (!changes) return
  const served = await charters.find(machine)
  const isKnown = served?.terms.eras.some((era) => era.from === sequence + 1n) === true
  if (!isKnown) floors.set(machine, undefined)
}

/** Looks through everything that one of the others has vowed for. Gives why it is not counted, if so. */
const askPeer = async (
  options: HealOptions,
  { client }: Peer,
  found: Found,
): Promise<string | undefined> => {
  const lacking = new Map<MachineId, bigint>()
  for (let at = 0n; ;) {
    if (at > ENTRIES_MAX) return 'its log does not end'
    const reply = await client.entries(at)
    if (reply.is !== 'answered') return reply.is === 'silent' ? reply.why : reply.fault.message
    if (reply.value.length === 0) break
    for (const { machine, sequence } of reply.value) {
      raiseFloor(found, machine, sequence)
      const least = lacking.get(machine)
      if (least !== undefined && least <= sequence) continue
      if (!(await options.store.find(VOWS, vowKey({ machine, sequence })))) {
        lacking.set(machine, sequence)
      }
    }
    at += BigInt(reply.value.length)
  }
  for (const [machine, from] of lacking) {
    const why = await askForSteps(options, client, { machine, from }, found)
    if (why !== undefined) return why
  }
  return undefined
}

const raiseFloor = ({ floors }: Found, machine: MachineId, sequence: bigint): void => {
  const floor = floors.get(machine)
  if (floors.has(machine) && floor === undefined) return
  if (floor === undefined || sequence > floor) floors.set(machine, sequence)
}

/** Steps of one machine that the own journal lacks, as another operator keeps them. */
const askForSteps = async (
  { operator, store }: HealOptions,
  client: OperatorClient,
  { machine, from }: { readonly machine: MachineId; readonly from: bigint },
  found: Found,
): Promise<string | undefined> => {
  const served = await servedFrom(operator, client, machine)
  // Where terms that are not known here may name the operator, nobody can say what it has signed.
  if (!served) {
    found.floors.set(machine, undefined)
    return undefined
  }
  for (let at = from; ;) {
    const reply = await client.steps(machine, { from: at, limit: STEPS_EACH })
    if (reply.is !== 'answered') return reply.is === 'silent' ? reply.why : reply.fault.message
    const last = reply.value.at(-1)
    if (!last) return undefined
    for (const kept of reply.value) {
      const { transition } = kept.submission
      if (transition.machine !== machine || (await store.find(VOWS, vowKey(transition)))) continue
      await noteTerms(operator, found, kept.submission)
      const vow = ownVow(operator, served, kept)
      if (vow) found.vows.set(nameOf(vow.key), vow)
    }
    const next = last.submission.transition.sequence + 1n
    if (next <= at) return 'it shows steps out of order'
    at = next
  }
}

const servedFrom = async (
  { charters }: Operator,
  client: OperatorClient,
  machine: MachineId,
): Promise<Served | undefined> => {
  const known = await charters.find(machine)
  if (known) return known
  const reply = await client.charter(machine)
  if (reply.is !== 'answered' || !reply.value) return undefined
  try {
    const served = await charters.open(charterCodec.encode(reply.value))
    return served.machine === machine ? served : undefined
  } catch (error) {
    // Without room for the machine nothing is known of it, and it must not count as judged.
    if (isFault(error) && error.code !== 'operator/too-many') return undefined
    throw error
  }
}

/** The own vow that a kept step proves: its certificate holds a receipt with the operator's signature. */
const ownVow = (
  { key, verifier }: Operator,
  served: Served,
  { submission: of, certificate }: KeptStep,
): Append | undefined => {
  const { transition } = of
  if (checkSubmission(served.terms, of, verifier)) return undefined
  const seat = served.seatFor(transition)
  const receipt = receiptsIn(certificate).find((one) => one.operator === seat)
  if (!receipt) return undefined
  const suite = suiteAt(served, transition.sequence)
  const digest = statementDigest(suite, receiptVote(transition, receipt.time))
  if (!verifier.verify(key.scheme, key.publicKey, digest, receipt.signature)) return undefined
  return {
    journal: VOWS,
    key: vowKey(transition),
    value: submission.encode(of),
    time: receipt.time,
  }
}

const receiptsIn = (certificate: Uint8Array) => {
  if (certificate.length === 0) return []
  try {
    const read = directoryCertificate.decode(certificate)
    return read.is === 'receipts' ? read.receipts : []
  } catch (error) {
    if (error instanceof Fault) return []
    throw error
  }
}

/** Whether enough of the others have answered for every machine that is served here. */
const isEnough = async (
  { operator, store }: HealOptions,
  answered: readonly Peer[],
): Promise<boolean> => {
  const keys = answered.map(({ key }) => key)
  let after: Uint8Array | undefined
  let served = 0
  for (;;) {
    const page = await store.scan(CHARTERS, after, STEPS_EACH)
    if (page.length === 0) return served > 0
    for (const { value } of page) {
      const { policy } = charterCodec.decode(value).terms
      if (policy.kind !== DIRECTORY) continue
      served += 1
      if (!isEnoughForHealing(directoryPolicy.decode(policy.params), operator.key, keys)) {
        return false
      }
    }
    after = page.at(-1)?.key
  }
}

/** Puts a vow back, so that it is found from the machine's head too. The same one again changes nothing. */
const putBack = async (
  { heads, store }: Operator,
  vow: Append,
  appends: readonly Append[],
): Promise<void> => {
  const { machine, sequence } = submission.decode(vow.value).transition
  const head = await heads.putFor(machine, sequence)
  const puts = head ? [head] : []
  if (appends.length > 0 || puts.length > 0) await store.commit({ appends, puts })
  heads.raise(machine, sequence)
}
