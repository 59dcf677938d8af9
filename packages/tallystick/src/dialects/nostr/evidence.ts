/**
 * Evidence, kind 7505: that a custodian or a participant has signed what nobody honest signs. The events are inside, whole, so
 * that it survives their deletion.
 *
 * Promise. `proofOf` says what the evidence shows by itself. *proven*: two signatures of the accused contradict each other.
 * *to be run*: the accusation is precise and decided by running the machine. *hearsay*: nothing that is signed can show it; it
 * counts for nothing but reputation.
 *
 * | type | what is inside | |
 * |---|---|---|
 * | `EQUIVOCATION` | two receipts of the accused for two children that no honest custodian commits to both | proven |
 * | `DOUBLE_VOTE` | two signed statements of the accused, as the kernel's evidence in hexadecimal, `statements`; they travel in messages that relays do not keep | proven |
 * | `DOUBLE_INPUT` | two inputs of the accused on one parent; honest where the type commutes, or where the rules refused the first | to be run |
 * | `EARLY_TIMER` | receipts of two steps of the accused, the later one with an earlier time | proven |
 * | | or in `proof` two commits of that kind, or one before the time that its step claims | to be run |
 * | `FALSE_HEARTBEAT` | in `proof`, heartbeats that hide a commit or name two heads | to be run |
 * | `INVALID_TRANSITION` | a receipt for a state that the inputs do not lead to; or in `proof` a vote for a step that does not follow, or relies on what was never said, with all it takes to run it | to be run |
 * | `DIVERGENT_SNAPSHOT` | a snapshot that is not the state of the header that it names | to be run |
 * | `WITHHOLDING` | an input that others gave receipts for | hearsay |
 *
 * What is *to be run* in `proof` is judged by `lieIn`, with the machine's terms and rules.
 */
import { bytesFromHex, hexFromBytes } from '../../base/bytes.ts'
import { Fault, faultFrom, isFault } from '../../base/fault.ts'
import { EVIDENCE_EVENTS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import {
  checkNostrEvent,
  type NostrDraft,
  type NostrEvent,
  nostrEventFromJson,
} from '../../forms/nostr-event.ts'
import { INPUT_KIND, nostrInputFrom } from '../../forms/nostr-input.ts'
import { isJsonList, type Json, type JsonObject } from '../../forms/strict-json.ts'
import type { Terms } from '../../kernel/charter.ts'
import { signerOf } from '../../kernel/controller.ts'
import {
  conflictBetween,
  convict,
  type Conviction,
  evidence,
  type Evidence,
} from '../../kernel/evidence.ts'
import type { LogicRegistry } from '../../kernel/logic.ts'
import { statementDigest } from '../../kernel/statement.ts'
import { convictCustodian } from '../../models/custodians/evidence.ts'
import { CUSTODIANS, policyIn } from '../../models/custodians/policy.ts'
import { convictByRules } from '../../models/custodians/rule-evidence.ts'
import {
  asId,
  badContent,
  badTags,
  contentFrom,
  expectKind,
  KINDS,
  objectIn,
  onlyTag,
  textAt,
} from './message.ts'
import { castOfReceipt, type NostrReceipt, receiptFrom, SUITE } from './receipt.ts'

export type EvidenceType = (typeof EVIDENCE_TYPES)[number]

export const EVIDENCE_TYPES = [
  'EQUIVOCATION',
  'DOUBLE_VOTE',
  'DOUBLE_INPUT',
  'EARLY_TIMER',
  'FALSE_HEARTBEAT',
  'INVALID_TRANSITION',
  'DIVERGENT_SNAPSHOT',
  'WITHHOLDING',
] as const

export type NostrEvidence = {
  readonly machine: string
  readonly accused: string
  readonly type: EvidenceType
  readonly events: readonly NostrEvent[]
  /** Of a `DOUBLE_VOTE`: what the accused has signed, with the kernel's own id of the machine inside. */
  readonly statements?: Evidence
  /** What takes the machine's policy or rules to judge, in the bytes of the custodians' model. */
  readonly proof?: LieProof
}

export type LieProof = { readonly by: 'model' | 'rules'; readonly bytes: Uint8Array }

export type Proof = 'proven' | 'to be run' | 'hearsay'

/** Raises `nostr-message/too-large` where the events do not fit. */
export const evidenceDraft = (
  of: NostrEvidence,
  by: { readonly pubkey: string; readonly now: number },
): NostrDraft => ({
  pubkey: by.pubkey,
  created_at: by.now,
  kind: KINDS.evidence,
  tags: [
    ['e', of.machine],
    ['p', of.accused],
    ['type', of.type],
  ],
  content: contentFrom(
    {
      v: 1,
      events: of.events.map(jsonFromEvent),
      ...(of.statements && { statements: hexFromBytes(evidence.encode(of.statements)) }),
      ...(of.proof && { by: of.proof.by, proof: hexFromBytes(of.proof.bytes) }),
    },
    EVENTS_BYTES_MAX,
  ),
})

/** Reads evidence and checks every signature inside. Raises faults of `nostr-message/…` and of the events inside. */
export const evidenceFrom = (event: NostrDraft, verifier: Verifier): NostrEvidence => {
  expectKind(event, KINDS.evidence)
  const [type] = onlyTag(event, 'type')
  const known = EVIDENCE_TYPES.find((one) => one === type)
  if (!known) throw badTags(`"${type ?? ''}" is no type of evidence`)
  const content = objectIn(event.content, EVENTS_BYTES_MAX)
  const list = content['events']
  if (!isJsonList(list) || list.length > EVIDENCE_EVENTS_MAX) throw badContent('no list of events')
  const events = list.map((one) => {
    const inner = nostrEventFromJson(one)
    const fault = checkNostrEvent(inner, verifier)
    if (fault) throw fault
    return inner
  })
  return {
    machine: asId(onlyTag(event, 'e')[0], 'the machine'),
    accused: asId(onlyTag(event, 'p')[0], 'the accused'),
    type: known,
    events,
    ...(content['statements'] !== undefined && {
      statements: statementsFrom(textAt(content, 'statements')),
    }),
    ...(content['proof'] !== undefined && { proof: proofFrom(content) }),
  }
}

const proofFrom = (content: JsonObject): LieProof => {
  const by = textAt(content, 'by')
  const read = faultFrom(() => bytesFromHex(textAt(content, 'proof')))
  if (isFault(read)) throw badContent(read.message)
  if (by === 'model' || by === 'rules') return { by, bytes: read }
  throw badContent(`nobody judges by "${by}"`)
}

const statementsFrom = (hex: string): Evidence => {
  const read = faultFrom(() => evidence.decode(bytesFromHex(hex)))
  if (isFault(read)) throw badContent(`${read.code}: ${read.message}`)
  return read
}

/**
 * What evidence shows, for signatures that `evidenceFrom` has checked. Returns `nostr-evidence/no-conflict` where an honest
 * signer could have signed all of it, or where it is about somebody else.
 */
export const proofOf = (of: NostrEvidence, verifier: Verifier): Proof | Fault => {
  if (of.proof) return 'to be run'
  switch (of.type) {
    case 'EQUIVOCATION':
      return receiptsConflict(of, verifier)
    case 'DOUBLE_VOTE':
      return statementsConflict(of, verifier)
    case 'EARLY_TIMER':
      return timesGoBack(of, verifier)
    case 'DOUBLE_INPUT':
      return inputsConflict(of)
    case 'FALSE_HEARTBEAT':
      return noConflict('it holds no heartbeats')
    case 'INVALID_TRANSITION':
    case 'DIVERGENT_SNAPSHOT':
      return of.events.some((one) => one.pubkey === of.accused)
        ? 'to be run'
        : noConflict('nothing in it is by the accused')
    case 'WITHHOLDING':
      return 'hearsay'
  }
}

/** What evidence with a `proof` is judged by: terms that the machine has or had, and its rules. */
export type Judges = {
  readonly terms: readonly Terms[]
  readonly logics: LogicRegistry
  readonly verifier: Verifier
}

/**
 * Runs what is *to be run* in a `proof`: whom it convicts, under the first of the terms that bear it. Returns a fault of the evidence,
 * or `nostr-evidence/no-conflict` where it convicts somebody else or is of another type than it says.
 */
export const lieIn = (of: NostrEvidence, by: Judges): readonly Conviction[] | Fault => {
  const { proof } = of
  if (!proof) return noConflict('it holds no proof to run')
  let last = noConflict('the machine has had no custodians')
  for (const terms of by.terms) {
    if (terms.policy.kind !== CUSTODIANS) continue
    const accused = { terms, policy: policyIn(terms), verifier: by.verifier, logics: by.logics }
    const judge = proof.by === 'rules' ? convictByRules : convictCustodian
    const found = faultFrom(() => judge(proof.bytes, accused))
    if (isFault(found)) last = found
    else
      return isAbout(of, found, terms)
        ? found
        : noConflict('it is about somebody or something else')
  }
  return last
}

const isAbout = (of: NostrEvidence, found: readonly Conviction[], { suite }: Terms): boolean => {
  const key = { scheme: 'bip340', publicKey: bytesFromHex(of.accused) } as const
  return found.every(
    ({ signer, kind }) => signer === signerOf(suite, key) && lieTypeOf(kind) === of.type,
  )
}

/** The type under which a model's conviction is published. */
export const lieTypeOf = (kind: Conviction['kind']): EvidenceType =>
  LIE_TYPES.get(kind) ?? 'WITHHOLDING'

const LIE_TYPES: ReadonlyMap<string, EvidenceType> = new Map([
  [`${CUSTODIANS}/decreasing-time`, 'EARLY_TIMER'],
  [`${CUSTODIANS}/early-step`, 'EARLY_TIMER'],
  [`${CUSTODIANS}/stale-heartbeat`, 'FALSE_HEARTBEAT'],
  [`${CUSTODIANS}/two-heads`, 'FALSE_HEARTBEAT'],
  [`${CUSTODIANS}/invalid-step`, 'INVALID_TRANSITION'],
  [`${CUSTODIANS}/false-premise`, 'INVALID_TRANSITION'],
])

/** A definition's or a receipt's largest content, twice, and room for their tags. */
const EVENTS_BYTES_MAX = 120_000

const jsonFromEvent = (of: NostrEvent): Json => ({ ...of })

/** The first two receipts by the accused, with commits that are by the same key. */
const twoReceipts = (
  of: NostrEvidence,
  verifier: Verifier,
): readonly [NostrReceipt, NostrReceipt] | undefined => {
  const own = of.events
    .filter((one) => one.kind === KINDS.receipt && one.pubkey === of.accused)
    .map(receiptFrom)
    .filter((one) => one.definition === of.machine && isByAccused(one, verifier))
  const [first, second] = own
  return first && second ? [first, second] : undefined
}

const isByAccused = (of: NostrReceipt, verifier: Verifier): boolean => {
  const cast = castOfReceipt(of)
  const key = bytesFromHex(of.custodian)
  return verifier.verify('bip340', key, statementDigest(SUITE, cast.statement), cast.signature)
}

const receiptsConflict = (of: NostrEvidence, verifier: Verifier): Proof | Fault => {
  const two = twoReceipts(of, verifier)
  if (!two) return noConflict('it holds no two receipts by the accused')
  const [first, second] = two.map((one) => castOfReceipt(one).statement)
  if (first && second && conflictBetween(SUITE, first, second)) return 'proven'
  return noConflict('an honest custodian could have given both receipts')
}

const statementsConflict = (
  { statements, accused }: NostrEvidence,
  verifier: Verifier,
): Proof | Fault => {
  if (!statements || hexFromBytes(statements.publicKey) !== accused) {
    return noConflict('it holds no statements by the accused')
  }
  const found = convict(statements, verifier)
  return isFault(found) ? found : 'proven'
}

const timesGoBack = (of: NostrEvidence, verifier: Verifier): Proof | Fault => {
  const two = twoReceipts(of, verifier)
  if (!two) return noConflict('it holds no two receipts by the accused')
  const [a, b] = two
  const [earlier, later] = a.transition.sequence < b.transition.sequence ? [a, b] : [b, a]
  const isOneMachine = a.transition.machine === b.transition.machine
  if (isOneMachine && earlier.transition.sequence < later.transition.sequence) {
    if (later.commit.time < earlier.commit.time) return 'proven'
  }
  return noConflict('the times do not go back')
}

const inputsConflict = (of: NostrEvidence): Proof | Fault => {
  const own = of.events.filter((one) => one.kind === INPUT_KIND && one.pubkey === of.accused)
  const [first, second] = own
  if (!first || !second || first.id === second.id) {
    return noConflict('it holds no two inputs by the accused')
  }
  const [a, b] = [first, second].map((one) => nostrInputFrom(one, of.machine))
  // Whoever was refused may try again at the same head, so two signatures convict nobody by themselves.
  if (a && b && a.parent === b.parent) return 'to be run'
  return noConflict('the inputs build on different ones')
}

const noConflict = (why: string): Fault => new Fault('nostr-evidence/no-conflict', why)
