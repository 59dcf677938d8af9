/**
 * The bilateral certificate and its judge.
 *
 * Safety. A transition is final when every participant's controller has signed a commit vote for it in one round, and
 * each earlier round is shown to be dead: somebody whose signature that round needed has signed its abort. Take two
 * certificates for two children of one parent. In one round, each party signed both: `fork`. In rounds r < s, the
 * later one carries an abort of r by a party, and the earlier one a commit in r by the same party, with a key in common:
 * `abort-broken`. So one party at least is convicted, and a party that keeps its vows never is.
 *
 * Wire. Aborts come strictly ascending by round, party and key, and so do signatures by party and key: one set of
 * signatures has one spelling, and no signature can be listed twice.
 *
 * | field | what |
 * |---|---|
 * | round | u32 |
 * | aborts | list of round u32, party u8, key u8, signature |
 * | signatures | list of party u8, key u8, signature |
 */
import { type Codec, list, struct, u32 } from '../../base/codec.ts'
import { Fault } from '../../base/fault.ts'
import { ABORTS_MAX, BILATERAL_ROUNDS_MAX, ENDORSEMENTS_MAX } from '../../base/limits.ts'
import type { Verifier } from '../../base/verifier.ts'
import type { Terms } from '../../kernel/charter.ts'
import { type Controller, reachesThreshold } from '../../kernel/controller.ts'
import type { Attestation, Judgement, Model } from '../../kernel/model.ts'
import { type Statement, statementDigest } from '../../kernel/statement.ts'
import type { Transition } from '../../kernel/transition.ts'
import type { Verdict } from '../../kernel/verdict.ts'
import {
  attestationOf,
  bilateralVote,
  type Endorsement,
  endorsement,
  type RoundAbort,
  roundAbort,
  roundAbortStatement,
} from './evidence.ts'
import { admitBilateral, BILATERAL, type BilateralPolicy, bilateralPolicy } from './policy.ts'

export type BilateralCertificate = {
  readonly round: number
  readonly aborts: readonly RoundAbort[]
  readonly signatures: readonly Endorsement[]
}

export const bilateralCertificate: Codec<BilateralCertificate> = struct<BilateralCertificate>({
  round: u32,
  aborts: list(roundAbort, ABORTS_MAX),
  signatures: list(endorsement, ENDORSEMENTS_MAX),
})

/** Nothing is remembered between steps. */
export type BilateralAnchor = Readonly<Record<never, never>>

const anchor: Codec<BilateralAnchor> = struct<BilateralAnchor>({})

type BilateralJudgement = Judgement<BilateralPolicy, BilateralCertificate, BilateralAnchor>

export const bilateral: Model<BilateralPolicy, BilateralCertificate, BilateralAnchor> = {
  kind: BILATERAL,
  promises: { covers: 'position', clock: 'none', impliesConsentOf: 'all' },
  policy: bilateralPolicy,
  certificate: bilateralCertificate,
  anchor,
  admit: (terms) => admitBilateral(terms),
  begin: () => ({}),
  judge: (judged) => judge(judged),
  attestations: (judged) => attestations(judged),
}

/**
 * Checks a certificate by itself: order, keys, rounds, signatures, cheap before dear. Whether enough have signed is
 * `missingFrom`'s matter. Returns `certificate/too-many-rounds`, `certificate/signed-twice`,
 * `certificate/unknown-key`, `certificate/stray-abort`, `certificate/round-open` or `certificate/bad-signature`.
 */
export const checkCertificate = (
  terms: Terms,
  of: Transition,
  certificate: BilateralCertificate,
  verifier: Verifier,
): Fault | undefined =>
  checkShape(terms, certificate) ?? checkSignatures(terms, statementsIn(of, certificate), verifier)

/** Checks the aborts of rounds `from` to `to` − 1 under the parent of `child`, as `checkCertificate` does. */
export const checkAborts = (
  terms: Terms,
  child: Pick<Transition, 'machine' | 'parent' | 'sequence'>,
  aborts: readonly RoundAbort[],
  verifier: Verifier,
): Fault | undefined => {
  const of = aborts.map((by) => ({ statement: roundAbortStatement(child, by.round), by }))
  return checkOrder(aborts) ?? checkKeys(terms, aborts) ?? checkSignatures(terms, of, verifier)
}

/** Names of the parties whose signatures are missing. */
export const missingFrom = (terms: Terms, signatures: readonly Endorsement[]): readonly string[] =>
  terms.participants
    .filter(
      ({ controller }, party) =>
        !reachesThreshold(
          controller,
          signatures.filter((one) => one.party === party).map((one) => one.key),
        ),
    )
    .map(({ name }) => name)

/** Whether these aborts end the round: some party cannot reach its threshold in it without breaking one of them. */
export const endsRound = (terms: Terms, round: number, aborts: readonly RoundAbort[]): boolean =>
  terms.participants.some(({ controller }, party) =>
    blocks(
      controller,
      aborts.filter((one) => one.round === round && one.party === party).map((one) => one.key),
    ),
  )

/** The aborts of one party that end the round, no more than it takes; undefined if they do not. */
export const abortsEnding = (
  terms: Terms,
  round: number,
  aborts: readonly RoundAbort[],
): readonly RoundAbort[] | undefined => {
  for (const [party, { controller }] of terms.participants.entries()) {
    const own = aborts.filter((one) => one.round === round && one.party === party)
    for (let count = 1; count <= own.length; count++) {
      const taken = own.slice(0, count)
      if (
        blocks(
          controller,
          taken.map((one) => one.key),
        )
      )
        return taken
    }
  }
  return undefined
}

const blocks = (of: Controller, keyPositions: readonly number[]): boolean => {
  const gone = new Set(keyPositions)
  const left = of.keys.filter((_, at) => !gone.has(at))
  return left.reduce((sum, key) => sum + key.weight, 0) < of.threshold
}

const judge = (judged: BilateralJudgement): Verdict<BilateralAnchor> => {
  const { terms, transition, certificate, known } = judged
  const fault = checkCertificate(terms, transition, certificate, known.verifier)
  if (fault) {
    const place = { machine: transition.machine, step: transition.sequence }
    return { is: 'refused', fault: fault.at(place) }
  }
  const missing = missingFrom(terms, certificate.signatures)
  if (missing.length > 0) {
    return { is: 'pending', waitingFor: [{ is: 'signers', names: missing }], anchor: judged.anchor }
  }
  const names = terms.participants.map((one) => one.name)
  return {
    is: 'final',
    finality: {
      grade: 'cosigned',
      reach: 'parties',
      vouchers: names,
      // One party can sign a child, abort the round and sign another: the others then followed the rules.
      undo: { atLeast: 1, of: names },
      since: undefined,
      clock: 'none',
    },
    anchor: judged.anchor,
  }
}

const attestations = (judged: BilateralJudgement): readonly Attestation[] => {
  const { terms, transition, certificate, known } = judged
  if (checkShape(terms, certificate)) return []
  return statementsIn(transition, certificate)
    .map(({ statement, by }) => attestationOf(terms, statement, by, known.verifier))
    .filter((one) => one !== undefined)
}

type Signed = { readonly statement: Statement; readonly by: Endorsement }

const statementsIn = (of: Transition, certificate: BilateralCertificate): readonly Signed[] => {
  const vote = bilateralVote(of, certificate.round)
  return [
    ...certificate.signatures.map((by) => ({ statement: vote, by })),
    ...certificate.aborts.map((by) => ({ statement: roundAbortStatement(of, by.round), by })),
  ]
}

const checkShape = (terms: Terms, certificate: BilateralCertificate): Fault | undefined => {
  const { round, aborts, signatures } = certificate
  if (round >= BILATERAL_ROUNDS_MAX) {
    return new Fault(
      'certificate/too-many-rounds',
      `round ${round} of at most ${BILATERAL_ROUNDS_MAX}`,
    )
  }
  const fault =
    checkOrder(aborts) ?? checkOrder(signatures) ?? checkKeys(terms, [...aborts, ...signatures])
  if (fault) return fault
  const stray = aborts.find((one) => one.round >= round)
  if (stray) {
    return new Fault(
      'certificate/stray-abort',
      `abort of round ${stray.round} in a certificate of ${round}`,
    )
  }
  for (let earlier = 0; earlier < round; earlier++) {
    if (!endsRound(terms, earlier, aborts)) {
      return new Fault('certificate/round-open', `round ${earlier} has not been aborted`)
    }
  }
  return undefined
}

/** Whether signatures come strictly ascending, each once. Returns `certificate/signed-twice`. */
export const checkOrder = (
  given: readonly (Endorsement & { readonly round?: number })[],
): Fault | undefined => {
  for (const [at, one] of given.entries()) {
    const before = given[at - 1]
    if (!before || placeOf(before) < placeOf(one)) continue
    const says = `key ${one.key} of party ${one.party} is listed twice or out of order`
    return new Fault('certificate/signed-twice', says)
  }
  return undefined
}

const placeOf = (of: Endorsement & { readonly round?: number }): number =>
  ((of.round ?? 0) * 256 + of.party) * 256 + of.key

const checkKeys = (terms: Terms, given: readonly Endorsement[]): Fault | undefined => {
  const unknown = given.find((one) => !terms.participants[one.party]?.controller.keys[one.key])
  return unknown
    ? new Fault('certificate/unknown-key', `no key ${unknown.key} of party ${unknown.party}`)
    : undefined
}

const checkSignatures = (
  terms: Terms,
  signed: readonly Signed[],
  verifier: Verifier,
): Fault | undefined => {
  const digests = new Map<Statement, Uint8Array>()
  for (const { statement, by } of signed) {
    const participant = terms.participants[by.party]
    const key = participant?.controller.keys[by.key]
    const digest = digests.get(statement) ?? statementDigest(terms.suite, statement)
    digests.set(statement, digest)
    if (!key || !verifier.verify(key.scheme, key.publicKey, digest, by.signature)) {
      return new Fault('certificate/bad-signature', `${statement.is} not signed by the named key`, {
        party: participant?.name ?? `${by.party}`,
      })
    }
  }
  return undefined
}
