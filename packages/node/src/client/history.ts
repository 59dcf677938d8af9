/**
 * Histories: the steps of a machine as its operators show them, put together and checked.
 *
 * Promise. What comes back as certified has, step by step from the beginning that was asked for, the owner's signature, the
 * link to the step before and a certificate that holds under the terms in force there: those of the charter, until a certified step
 * brings others. Where no operator has the certificate, it is made of the receipts that several of them show, and so is the acceptance
 * of operators who take over. A liar can neither add a step nor hide one that an honest operator shows.
 *
 * Not promised. That the steps are valid: whoever relies on them runs them, as `verify` does. That the last of them is the
 * newest there is. That operators whose addresses are not known are asked: new terms bring names and keys. A history from a step
 * after a change of terms begins under the charter’s, so it has to be asked for from before the change.
 */
import {
  equalBytes,
  faultFrom,
  isFault,
  type MachineId,
  type TransitionId,
  type Verifier,
} from 'tallystick/base'
import { STANDARD_MODELS } from 'tallystick'
import {
  AMEND,
  type Charter,
  machineId,
  openMachine,
  statementDigest,
  transitionId,
} from 'tallystick/kernel'
import { STANDARD_LOGICS } from 'tallystick/logic'
import {
  certificateFrom,
  checkSubmission,
  DIRECTORY,
  directoryCertificate,
  type DirectoryPolicy,
  directoryPolicy,
  isEnough,
  type KeptStep,
  type Receipt,
  receiptVote,
  type ServedMachine,
  servedFrom,
  type Submission,
  withAmendment,
} from 'tallystick/models'
import { askPatiently, type DirectoryClient } from './directory.ts'
import { FETCHED_STEPS_MAX, STEPS_EACH_MAX } from './limits.ts'
import type { OperatorClient } from './operator.ts'

export type CertifiedSubmission = {
  readonly submission: Submission
  readonly certificate: Uint8Array
  /** Of a step that brings other operators, once enough of them have signed that they go on; else empty. */
  readonly accepted: Uint8Array
}

export type History = {
  readonly charter: Charter
  /** With the changes of terms among the certified steps. */
  readonly served: ServedMachine
  readonly certified: readonly CertifiedSubmission[]
  /** Signed by the owner and the child of the last certified one, but not certified as far as anybody shows. */
  readonly pending: readonly Submission[]
  /** Operators that did not answer. */
  readonly silent: readonly string[]
}

/** A point from which on a history is wanted: the beginning, or a step that is known. */
export type Since = { readonly sequence: bigint; readonly head: TransitionId }

/** The charter of a machine, from whichever operator shows it; the machine's id is its hash. */
export const fetchCharter = async (
  directory: DirectoryClient,
  machine: MachineId,
): Promise<Charter | undefined> => {
  for (const client of directory.operators) {
    const reply = await askPatiently(directory.surroundings, () => client.charter(machine))
    if (reply.is === 'answered' && reply.value && machineId(reply.value) === machine) {
      return reply.value
    }
  }
  return undefined
}

export const fetchHistory = async (
  directory: DirectoryClient,
  charter: Charter,
  since: Since = beginningOf(charter),
): Promise<History> => {
  const machine = machineId(charter)
  const silent: string[] = []
  const seen: Seen = new Map()
  await Promise.all(
    directory.operators.map(async (client) => {
      const steps = await stepsFrom(directory, client, { machine, from: since.sequence + 1n })
      if (steps.is === 'silent') silent.push(client.name)
      for (const step of steps.kept) note(seen, charter, step)
    }),
  )
  return { ...walk({ charter, verifier: directory.verifier, seen }, since), silent }
}

const beginningOf = (charter: Charter): Since => {
  const machine = openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return { sequence: 0n, head: machine.headId }
}

type Kept = { readonly is: 'all' | 'silent'; readonly kept: readonly KeptStep[] }

/** All that one operator has, page by page. */
const stepsFrom = async (
  { surroundings }: DirectoryClient,
  client: OperatorClient,
  { machine, from }: { readonly machine: MachineId; readonly from: bigint },
): Promise<Kept> => {
  const kept: KeptStep[] = []
  let next = from
  while (kept.length < FETCHED_STEPS_MAX) {
    const range = { from: next, limit: STEPS_EACH_MAX }
    const reply = await askPatiently(surroundings, () => client.steps(machine, range))
    if (reply.is !== 'answered') return { is: reply.is === 'silent' ? 'silent' : 'all', kept }
    const fresh = reply.value.filter((one) => one.submission.transition.sequence >= next)
    const last = fresh.at(-1)
    // An operator that shows the same page again would keep us here for as long as it likes.
    if (!last) break
    kept.push(...fresh)
    next = last.submission.transition.sequence + 1n
  }
  return { is: 'all', kept }
}

/** Children that were shown, by parent, and then by their own id. */
type Seen = Map<TransitionId, Map<TransitionId, Shown>>

type Shown = {
  readonly submission: Submission
  readonly receipts: Receipt[]
  readonly certificates: Uint8Array[]
}

const note = (seen: Seen, charter: Charter, kept: KeptStep): void => {
  const { transition } = kept.submission
  const id = transitionId(charter.terms.suite, transition)
  const children = seen.get(transition.parent) ?? new Map<TransitionId, Shown>()
  const shown = children.get(id) ?? { submission: kept.submission, receipts: [], certificates: [] }
  shown.receipts.push(kept.receipt)
  if (kept.certificate.length > 0) shown.certificates.push(kept.certificate)
  children.set(id, shown)
  seen.set(transition.parent, children)
}

type Walking = {
  readonly charter: Charter
  readonly verifier: Verifier
  readonly seen: Seen
}

/** From child to certified child, and over those that are not certified where there is but one. */
const walk = (walking: Walking, since: Since): Omit<History, 'silent'> => {
  const { charter, seen, verifier } = walking
  const certified: CertifiedSubmission[] = []
  const pending: Submission[] = []
  let served = servedFrom(charter)
  let head = since.head
  for (;;) {
    const children = [...(seen.get(head) ?? [])].filter(
      ([, { submission }]) => checkSubmission(served, submission, verifier) === undefined,
    )
    const policy = policyNow(served)
    const firm = children.flatMap(([id, shown]) => {
      const certificate = policy && certificateOf(walking, policy, shown)
      return certificate ? [{ id, shown, certificate }] : []
    })
    const [next] = firm
    if (next && pending.length === 0) {
      const { submission } = next.shown
      const amended = amendedBy(walking, served, next)
      // A quorum has certified a change of terms that does not hold, so nobody decides what is behind it.
      if (!amended) break
      served = amended
      const after = policyNow(served)
      const accepted =
        after && after !== policy ? acceptanceOf(walking, policy, after, next.shown) : undefined
      certified.push({
        submission,
        certificate: next.certificate,
        accepted: accepted ?? new Uint8Array(0),
      })
      head = next.id
      continue
    }
    const [only] = children
    if (!only || children.length > 1) break
    pending.push(only[1].submission)
    head = only[0]
  }
  return { charter, served, certified, pending }
}

/** Who certifies the step behind the last known change; undefined where no operators do. */
const policyNow = ({ eras }: ServedMachine): DirectoryPolicy | undefined => {
  const policy = eras.at(-1)?.terms.policy
  if (policy?.kind !== DIRECTORY) return undefined
  const known = policies.get(policy)
  if (known) return known
  const read = directoryPolicy.decode(policy.params)
  policies.set(policy, read)
  return read
}

/** Read once for each set of terms, so that the same terms have the same policy. */
const policies = new WeakMap<Charter['terms']['policy'], DirectoryPolicy>()

/** The machine after a certified step; the same again for one that leaves the terms as they are, none where new ones do not hold. */
const amendedBy = (
  { verifier }: Walking,
  served: ServedMachine,
  {
    shown: { submission: step },
    certificate,
  }: { readonly shown: Shown; readonly certificate: Uint8Array },
): ServedMachine | undefined => {
  const { interaction, transition } = step
  const isChange = interaction.operations.some(
    (one) => one.logic === AMEND && one.machine === transition.machine,
  )
  if (!isChange) return served
  const options = { models: STANDARD_MODELS, verifier }
  const after = withAmendment(options, served, { step, certificate })
  return isFault(after) ? undefined : after
}

/**
 * What shows that a quorum of those who follow goes on from a step. Whoever stays in office has signed for it before, and its receipt
 * may name the place that it had then.
 */
const acceptanceOf = (
  walking: Walking,
  before: DirectoryPolicy | undefined,
  after: DirectoryPolicy,
  shown: Shown,
): Uint8Array | undefined => {
  const moved = (one: Receipt): readonly Receipt[] => {
    const key = before?.operators[one.operator]?.publicKey
    const operator = key ? after.operators.findIndex((by) => equalBytes(by.publicKey, key)) : -1
    return operator < 0 ? [one] : [one, { ...one, operator }]
  }
  const receipts = [...shown.receipts, ...shown.certificates.flatMap(receiptsIn)]
  return certificateOf(walking, after, {
    ...shown,
    receipts: receipts.flatMap(moved),
    certificates: [],
  })
}

/** A certificate that holds: one that was shown, or one made of all receipts that hold. */
const certificateOf = (
  walking: Walking,
  policy: DirectoryPolicy,
  shown: Shown,
): Uint8Array | undefined => {
  const all = [...shown.certificates.flatMap(receiptsIn), ...shown.receipts]
  const good = new Map<number, Receipt>()
  for (const one of all) {
    if (isEnough(policy, [...good.values()])) break
    if (!good.has(one.operator) && isSigned(walking, policy, shown.submission, one)) {
      good.set(one.operator, one)
    }
  }
  const receipts = [...good.values()]
  return isEnough(policy, receipts)
    ? directoryCertificate.encode(certificateFrom(receipts))
    : undefined
}

const receiptsIn = (certificate: Uint8Array): readonly Receipt[] => {
  const read = faultFrom(() => directoryCertificate.decode(certificate))
  return isFault(read) || read.is !== 'receipts' ? [] : read.receipts
}

const isSigned = (
  { charter, verifier }: Walking,
  policy: DirectoryPolicy,
  { transition }: Submission,
  receipt: Receipt,
): boolean => {
  const operator = policy.operators[receipt.operator]
  if (!operator) return false
  const digest = statementDigest(charter.terms.suite, receiptVote(transition, receipt.time))
  return verifier.verify(operator.scheme, operator.publicKey, digest, receipt.signature)
}
