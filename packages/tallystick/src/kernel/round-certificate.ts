/**
 * Certificates of rounds: what a run of rounds leaves behind for those who were not there.
 *
 * Promise. A certificate shows a quorum of commits and, under it, the held quorum of the same round and every held quorum
 * that this one cites, down to one that cites nothing. An abort certificate shows a quorum that ended a round without
 * committing: no child is final in that round, unless as many signers as two quorums share broke their vows
 * (`abort-broken`). It says nothing of other rounds.
 *
 * Safety. Of two certificates for different children, take the lower round r and, in the other's chain, the lowest link
 * above r, or the link at r. The signers that committed in r and held in that link are as many as two quorums share, and
 * each is convicted by the two statements: of a `fork` at r itself, else `lock-broken`, as the link cites nothing above r.
 *
 * | certificate | bytes | | |
 * |---|---|---|---|
 * | round | u32 | | |
 * | commits | list | signer u32, time u64, signature | ascending, each cites round + 1 |
 * | links | list | round u32, cited u32, list of signer u32 and signature | from the certificate's round down |
 *
 * Every list of signers ascends strictly, so that a certificate has one spelling and counts nobody twice.
 */
import { assert } from '../base/assert.ts'
import { bytes, type Codec, list, struct, u32, u64 } from '../base/codec.ts'
import { Fault, isFault } from '../base/fault.ts'
import { ROUNDS_MAX, SIGNATURE_BYTES_MAX, SIGNERS_MAX } from '../base/limits.ts'
import type { Verifier } from '../base/verifier.ts'
import { type Cast, castFrom, reaches, type RoundPlace } from './cast.ts'
import type { Attestation } from './model.ts'
import { missingFrom, type Quorum } from './quorum.ts'
import type { Decision } from './round-state.ts'
import type { Statement } from './statement.ts'
import type { Transition } from './transition.ts'
import type { Millis } from './verdict.ts'

export type Signed = { readonly signer: number; readonly signature: Uint8Array }

export type RoundCertificate = {
  readonly round: number
  readonly commits: readonly (Signed & { readonly time: Millis })[]
  readonly links: readonly HeldLink[]
}

export type HeldLink = {
  readonly round: number
  readonly cited: number
  readonly holds: readonly Signed[]
}

export type AbortCertificate = { readonly round: number; readonly aborts: readonly Signed[] }

/** What checking a certificate of rounds needs to know. */
export type RoundJudgement = {
  readonly place: RoundPlace
  readonly quorum: Quorum
  readonly verifier: Verifier
}

const signed: Codec<Signed> = struct<Signed>({
  signer: u32,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

export const roundCertificate: Codec<RoundCertificate> = struct<RoundCertificate>({
  round: u32,
  commits: list(
    struct<RoundCertificate['commits'][number]>({
      signer: u32,
      time: u64,
      signature: bytes(SIGNATURE_BYTES_MAX),
    }),
    SIGNERS_MAX,
  ),
  links: list(
    struct<HeldLink>({ round: u32, cited: u32, holds: list(signed, SIGNERS_MAX) }),
    ROUNDS_MAX,
  ),
})

export const abortCertificate: Codec<AbortCertificate> = struct<AbortCertificate>({
  round: u32,
  aborts: list(signed, SIGNERS_MAX),
})

/**
 * Who signed what for a transition, all signatures checked, and who is still missing for it to be final. Returns
 * `round/broken-chain`, `round/unordered`, `round/no-quorum` or the fault of a signature (`castFrom`).
 */
export const checkRounds = (
  by: RoundJudgement,
  transition: Transition,
  certificate: RoundCertificate,
):
  | { readonly attestations: readonly Attestation[]; readonly missing: readonly string[] }
  | Fault => {
  const shape = checkShape(certificate)
  if (shape) return shape
  const { round } = certificate
  const commits = certificate.commits.map((one) => ({
    ...one,
    statement: voteFor(transition, { round, cited: round + 1, time: one.time }),
  }))
  const holds = certificate.links.map((link) =>
    link.holds.map((one) => ({
      ...one,
      statement: voteFor(transition, { round: link.round, cited: link.cited, time: undefined }),
    })),
  )
  const casts: Cast[] = []
  for (const offered of [...commits, ...holds.flat()]) {
    const cast = castFrom(by.place, by.quorum, offered, by.verifier)
    if (isFault(cast)) return cast
    casts.push(cast)
  }
  const weak = holds.find((link) => missingSigners(by.quorum, link).length > 0)
  if (weak) {
    return new Fault('round/no-quorum', 'a held quorum lacks signers', {
      machine: transition.machine,
      step: transition.sequence,
    })
  }
  return {
    attestations: casts.map((one) => attestationFrom(by.quorum, one)),
    missing: missingSigners(by.quorum, commits),
  }
}

/** As `checkRounds`, for the end of a round without a child. Returns `round/no-quorum` where some are missing. */
export const checkAbort = (
  by: RoundJudgement,
  certificate: AbortCertificate,
): readonly Attestation[] | Fault => {
  const disorder = checkOrder(certificate.aborts)
  if (disorder) return disorder
  const { machine, parent, sequence } = by.place
  const { round } = certificate
  const attestations: Attestation[] = []
  for (const one of certificate.aborts) {
    const statement: Statement = { is: 'abort', machine, parent, sequence, round }
    const cast = castFrom(by.place, by.quorum, { ...one, statement }, by.verifier)
    if (isFault(cast)) return cast
    attestations.push(attestationFrom(by.quorum, cast))
  }
  if (missingSigners(by.quorum, certificate.aborts).length === 0) return attestations
  return new Fault('round/no-quorum', `${attestations.length} aborts are no quorum`, {
    machine,
    step: sequence,
  })
}

/** The certificate of a decision; the role's `decisionOf` gives one. */
export const certificateFrom = (decision: Decision): RoundCertificate => ({
  round: decision.round,
  commits: inOrder(decision.casts).map((one) => ({
    signer: one.signer,
    time: one.statement.is === 'vote' ? one.statement.time : 0n,
    signature: one.signature,
  })),
  links: decision.chain.map(({ round, cited, casts }) => ({ round, cited, holds: plain(casts) })),
})

/** A certificate that a round has ended without a child, once a quorum has said so. */
export const abortCertificateFrom = (
  quorum: Quorum,
  casts: readonly Cast[],
  round: number,
): AbortCertificate | undefined => {
  const aborts = casts.filter(
    (one) => one.statement.is === 'abort' && one.statement.round === round,
  )
  return reaches(quorum, aborts) ? { round, aborts: plain(aborts) } : undefined
}

const checkShape = (of: RoundCertificate): Fault | undefined => {
  let expected = of.round
  for (const [at, link] of of.links.entries()) {
    const isLast = at === of.links.length - 1
    if (link.round !== expected || link.cited > link.round || isLast !== (link.cited === 0)) {
      return new Fault('round/broken-chain', `link ${at} is of round ${link.round}`)
    }
    expected = link.cited - 1
  }
  if (of.links.length === 0) return new Fault('round/broken-chain', 'no held quorum is shown')
  for (const signers of [of.commits, ...of.links.map((link) => link.holds)]) {
    const disorder = checkOrder(signers)
    if (disorder) return disorder
  }
  return undefined
}

const checkOrder = (signers: readonly { readonly signer: number }[]): Fault | undefined => {
  let last = -1
  for (const { signer } of signers) {
    if (signer <= last) return new Fault('round/unordered', `signer ${signer} after ${last}`)
    last = signer
  }
  return undefined
}

const voteFor = (
  transition: Transition,
  vote: { readonly round: number; readonly cited: number; readonly time: Millis | undefined },
): Statement => ({
  is: 'vote',
  transition,
  round: vote.round,
  phase: vote.time === undefined ? 'hold' : 'commit',
  cited: vote.cited,
  time: vote.time ?? 0n,
})

const missingSigners = (
  quorum: Quorum,
  signers: readonly { readonly signer: number }[],
): readonly string[] =>
  missingFrom(
    quorum,
    signers.map((one) => one.signer),
  )

const attestationFrom = (quorum: Quorum, cast: Cast): Attestation => {
  const signer = quorum.signers[cast.signer]
  assert(signer !== undefined, 'a checked cast names a signer of the quorum')
  const { name, scheme, publicKey } = signer
  return { statement: cast.statement, signature: cast.signature, scheme, publicKey, name }
}

const inOrder = (casts: readonly Cast[]): readonly Cast[] =>
  casts.toSorted((a, b) => a.signer - b.signer)

const plain = (casts: readonly Cast[]): readonly Signed[] =>
  inOrder(casts).map(({ signer, signature }) => ({ signer, signature }))
