/**
 * Steps: what an operator does with a submission, from its bytes to the receipt.
 *
 * Safety. The vow is an entry of the journal `vows` under machine and sequence number. It is durable before anything is signed,
 * and what is signed is what the journal holds, with the journal's time. A step that lost to another is answered with the other
 * one. So this process, its twin over the same database and its next life sign one child of a parent.
 *
 * Liveness. A repeat gets the receipt of the vow that stands. Steps in one request do not wait for each other, and the disk's
 * sync is shared by all that are in work.
 *
 * The order is cheap before dear: size and form, a charter that is known, whether the key is frozen, the interaction and the
 * link, then the signature beside the main thread, then the disk, then our own signature.
 *
 * An owner that signs two children leaves evidence, which is kept and freezes the key (`evidence.ts`).
 */
import {
  createReader,
  equalBytes,
  Fault,
  faultFrom,
  isFault,
  SUBMISSIONS_MAX,
  type SignerId,
  type SuiteId,
  type Verifier,
} from 'tallystick/base'
import { freshDigest, TRANSITION_BYTES } from 'tallystick/kernel'
import {
  type Answer,
  checkSubmission,
  type Receipt,
  receiptVote,
  submission,
  type Submission,
  termsAt,
  vowKey,
} from 'tallystick/models'
import type { Entry, Store } from '../store/store.ts'
import type { Accusations } from './accusations.ts'
import type { Charters, Proposer, Served } from './charters.ts'
import type { Healing } from './healing.ts'
import type { Heads } from './heads.ts'
import type { ServerLimits } from './limits.ts'
import type { Metrics } from './metrics.ts'
import type { News } from './news.ts'
import type { OperatorKey } from './operator-key.ts'
import type { SignatureChecks } from './signature-checks.ts'
import { traced } from './trace.ts'

export const VOWS = 'vows'

export type Steps = {
  /** Answers for each submission of the list, in its order. Raises a codec's fault where the list cannot be read. */
  readonly submit: (peer: Submitter, body: Uint8Array) => Promise<readonly Answer[]>
  readonly receiptFor: (served: Served, entry: Entry, of: Submission) => Receipt
}

/** Who submits, as far as it matters here. */
export type Submitter = {
  readonly line: string
  /** Told of each bad signature. */
  readonly onBadSignature: () => void
}

export type StepsOptions = {
  readonly store: Store
  readonly charters: Charters
  readonly accusations: Accusations
  readonly heads: Heads
  readonly healing: Healing
  readonly checks: SignatureChecks
  readonly key: OperatorKey
  readonly news: News
  readonly limits: ServerLimits
  readonly metrics: Metrics
  /** Milliseconds since 1970. */
  readonly clock: () => bigint
}

export const createSteps = (options: StepsOptions): Steps => ({
  submit: (peer, body) => {
    const parts = partsOf(body)
    return Promise.all(parts.map((part) => answerTo(options, peer, part)))
  },
  receiptFor: (served, entry, of) => receiptFor(options, served, entry, of),
})

type Part = { readonly bytes: Uint8Array; readonly submission: Submission }

/** Reads the list and keeps the bytes of each part: they are what is stored. */
const partsOf = (body: Uint8Array): readonly Part[] => {
  const reader = createReader(body)
  const count = reader.u32()
  if (count > SUBMISSIONS_MAX) {
    throw new Fault('codec/too-long', `${count} items where at most ${SUBMISSIONS_MAX} are allowed`)
  }
  const parts: Part[] = []
  for (let at = 0; at < count; at++) {
    const start = body.length - reader.left()
    const read = submission.read(reader)
    parts.push({ bytes: body.subarray(start, body.length - reader.left()), submission: read })
  }
  reader.finish()
  return parts
}

const answerTo = async (options: StepsOptions, peer: Submitter, part: Part): Promise<Answer> => {
  const given = await takeVow(options, peer, part).catch((error: unknown): Answer => {
    if (!isFault(error)) throw error
    return { is: 'refused', code: error.code, text: error.message }
  })
  options.metrics.stepAnswered(given.is)
  return given
}

const takeVow = async (options: StepsOptions, peer: Submitter, part: Part): Promise<Answer> => {
  const of = part.submission
  const { machine, sequence } = of.transition
  const place = { machine, step: sequence }
  if (part.bytes.length > options.limits.interactionBytes) {
    throw new Fault('request/too-large', `a step of ${part.bytes.length} bytes`, place)
  }
  const served = options.charters.ready(machine) ?? (await options.charters.find(machine))
  if (!served) throw new Fault('operator/unknown-machine', 'its charter was not handed over', place)
  const owner = served.ownerAt(sequence)
  if (!owner || served.seatFor(of.transition) < 0) {
    throw new Fault('operator/not-served', 'this operator does not certify this step', place)
  }
  const { signer } = owner
  if (options.accusations.isKnownFrozen(signer)) return answerFrozen(options, served, part)
  const { healing } = options
  const fault = healing.isClear(of.transition)
    ? undefined
    : await healing.vowFault(served, of.transition)
  if (fault) {
    // What was vowed for is answered all the same.
    const entry = await options.store.find(VOWS, vowKey(of.transition))
    if (entry) return answerOfStanding(options, served, part, entry)
    throw fault
  }
  await checkPart({ options, peer, served, owner }, of)
  const outcome = await commitVow(options, served, signer, part)
  if (outcome === 'frozen') return answerFrozen(options, served, part)
  // Another process has learned of other terms; each further round means one more change of them.
  if (outcome === 'amended') return takeVow(options, peer, part)
  const { entry, isNew } = outcome
  if (isNew) {
    options.news.tell(machine)
    return { is: 'receipt', receipt: receiptFor(options, served, entry, of) }
  }
  return answerOfStanding(options, served, part, entry)
}

/** A frozen key gets no new vow; what was vowed for stays, and a repeat is answered as before. */
const answerFrozen = async (options: StepsOptions, served: Served, part: Part): Promise<Answer> => {
  const { machine, sequence } = part.submission.transition
  const entry = await options.store.find(VOWS, vowKey({ machine, sequence }))
  if (entry) return answerOfStanding(options, served, part, entry)
  throw new Fault('operator/frozen', 'this key has signed two children of one parent', {
    machine,
    step: sequence,
  })
}

/** The suite of the terms that decide a step. */
export const suiteAt = (served: Served, sequence: bigint): SuiteId =>
  termsAt(served.terms, sequence)?.suite ?? served.charter.terms.suite

type Checking = {
  readonly options: StepsOptions
  readonly peer: Submitter
  readonly served: Served
  readonly owner: Proposer
}

/** Everything that the submission alone shows, its signature last. */
const checkPart = async (
  { options: { checks }, peer, served, owner }: Checking,
  of: Submission,
): Promise<void> => {
  let asked: { readonly digest: Uint8Array; readonly signature: Uint8Array } | undefined
  // Says yes for now, and notes what it was asked: the one check that `checkSubmission` makes, and makes last.
  const noting: Verifier = {
    acceptsKey: () => true,
    verify: (scheme, publicKey, digest, signature) => {
      const isOwner = scheme === owner.scheme && equalBytes(publicKey, owner.publicKey)
      asked = { digest, signature }
      return isOwner
    },
  }
  const fault = faultFrom(() => checkSubmission(served.terms, of, noting))
  if (fault) throw fault
  const { machine, sequence } = of.transition
  const place = { machine, step: sequence }
  if (!asked) throw new Fault('operator/not-the-owner', 'nobody has signed this step', place)
  switch (await checks.check(peer.line, owner, asked.digest, asked.signature)) {
    case 'good':
      return
    case 'bad':
      peer.onBadSignature()
      throw new Fault('operator/not-the-owner', 'the owner has not signed this step', place)
    case 'busy':
      throw new Fault('request/overloaded', 'too many signatures wait to be checked', place)
  }
}

type Standing = { readonly entry: Entry; readonly isNew: boolean }

/** Takes the vow, or finds the one that stands. */
const commitVow = async (
  options: StepsOptions,
  served: Served,
  signer: SignerId,
  part: Part,
): Promise<Standing | 'frozen' | 'amended'> => {
  const { transition } = part.submission
  const append = {
    journal: VOWS,
    key: vowKey(transition),
    value: part.bytes,
    time: options.clock(),
  }
  for (;;) {
    const head = await options.heads.putFor(served.machine, transition.sequence)
    const notFrozen = options.accusations.unlessFrozen(signer)
    const conditions = [notFrozen, ...(served.unlessAmended ? [served.unlessAmended] : [])]
    const puts = head ? [...conditions, head] : conditions
    const startedMs = performance.now()
    const outcome = await traced('vow', {}, () => options.store.commit({ appends: [append], puts }))
    options.metrics.committed((performance.now() - startedMs) / 1000)
    switch (outcome.is) {
      case 'taken':
        if (head) options.heads.forget(served.machine)
        return { entry: outcome.entry, isNew: false }
      case 'stored': {
        const [entry] = outcome.entries
        if (!entry) throw new Error('a stored unit has the entry that was appended')
        options.heads.raise(served.machine, transition.sequence)
        return { entry, isNew: true }
      }
      case 'stale':
        options.heads.forget(served.machine)
        if (outcome.put === 0) {
          options.accusations.learnFrozen(signer)
          return 'frozen'
        }
        if (outcome.put < conditions.length) {
          options.charters.forget(served.machine)
          return 'amended'
        }
      // Otherwise another process has moved the machine's head; look again.
    }
  }
}

/** What is answered where a vow stood before: the same receipt again, or the step that was first. */
const answerOfStanding = async (
  options: StepsOptions,
  served: Served,
  part: Part,
  entry: Entry,
): Promise<Answer> => {
  const isSame = equalBytes(
    entry.value.subarray(0, TRANSITION_BYTES),
    part.bytes.subarray(0, TRANSITION_BYTES),
  )
  if (isSame) {
    return { is: 'receipt', receipt: receiptFor(options, served, entry, part.submission) }
  }
  const by = submission.decode(entry.value)
  await options.accusations.accuseOwner(served, by, part.submission)
  return { is: 'taken', by, receipt: receiptFor(options, served, entry, by) }
}

/** The signature over what the journal holds. */
const receiptFor = (
  { key }: StepsOptions,
  served: Served,
  entry: Entry,
  of: Submission,
): Receipt => {
  const vote = receiptVote(of.transition, entry.time)
  const signature = key.sign(freshDigest(suiteAt(served, of.transition.sequence), vote))
  return { operator: served.seatFor(of.transition), time: entry.time, signature }
}
