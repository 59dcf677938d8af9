/**
 * Lies of guardians. A seal is over many transitions at once, so what convicts is two transitions with their certificates.
 *
 * | kind | what the guardian signed |
 * |---|---|
 * | `krama/fork` | two children of one parent |
 * | `krama/regress` | children of two different parents at one number of one machine |
 * | `krama/decreasing-time` | two steps of one machine, the later of which is sealed at an earlier time |
 *
 * Safety. An honest guardian vows one child for each parent and one parent for each number, and never seals at an earlier time
 * than before (`guardian.ts`), so nothing convicts it. The same child under two seals is no lie: a guardian that was stopped
 * between its vow and its signature seals again.
 */
import { bytes, type Codec, struct } from '../../base/codec.ts'
import { Fault, isFault } from '../../base/fault.ts'
import { CERTIFICATE_BYTES_MAX } from '../../base/limits.ts'
import type { SuiteId } from '../../base/suite.ts'
import { signerOf } from '../../kernel/controller.ts'
import type { Conviction } from '../../kernel/evidence.ts'
import type { Accused } from '../../kernel/model.ts'
import { transition, type Transition, transitionId } from '../../kernel/transition.ts'
import { KRAMA, type KramaPolicy } from './policy.ts'
import { checkSeal, kramaCertificate } from './seal.ts'
import type { SealSignature } from './tesseract.ts'

/** A transition with the certificate of its own leg, in the bytes of `kramaCertificate`. */
export type CertifiedLeg = { readonly transition: Transition; readonly certificate: Uint8Array }

export type KramaEvidence = { readonly first: CertifiedLeg; readonly second: CertifiedLeg }

const certified = struct<CertifiedLeg>({ transition, certificate: bytes(CERTIFICATE_BYTES_MAX) })

export const kramaEvidence: Codec<KramaEvidence> = struct<KramaEvidence>({
  first: certified,
  second: certified,
})

export type KramaLie = 'fork' | 'regress' | 'decreasing-time'

/**
 * Judges evidence. Returns whom it convicts: every guardian that signed both; or `evidence/no-conflict`,
 * `evidence/bad-signature` where nobody signed both, or a fault of one of the certificates. Raises decoding faults.
 */
export const convictGuardian = (
  proof: Uint8Array,
  accused: Accused<KramaPolicy>,
): readonly Conviction[] | Fault => {
  const { first, second } = kramaEvidence.decode(proof)
  const { terms, policy } = accused
  const lie = lieIn(terms.suite, first, second)
  if (!lie) return new Fault('evidence/no-conflict', 'an honest guardian could have signed both')
  const signers: (readonly number[])[] = []
  for (const one of [first, second]) {
    const signed = sealOf(one, accused)
    if (isFault(signed)) return signed
    signers.push(signed.map(({ guardian }) => guardian))
  }
  const both = (signers[0] ?? []).filter((one) => signers[1]?.includes(one))
  if (both.length === 0) return new Fault('evidence/bad-signature', 'no guardian signed both')
  const { machine, sequence } = second.transition
  const children = [first, second].map((one) => transitionId(terms.suite, one.transition))
  return both.flatMap((guardian) => {
    const by = policy.guardians[guardian]
    return by
      ? [
          {
            kind: `${KRAMA}/${lie}`,
            signer: signerOf(terms.suite, by),
            machine,
            sequence,
            children,
          },
        ]
      : []
  })
}

/** Who signed for a leg, each signature checked, or why it proves nothing. Raises decoding faults. */
export const sealOf = (
  { transition: of, certificate }: CertifiedLeg,
  { terms, policy, verifier }: Accused<KramaPolicy>,
): readonly SealSignature[] | Fault =>
  checkSeal({
    terms,
    policy,
    transition: of,
    certificate: kramaCertificate.decode(certificate),
    verifier,
  })

/**
 * Lies among legs of one policy, in any order: for each number of a machine at most one pair that excludes each other, and at most
 * one later step with an earlier time. Each is evidence. Seals are to be checked before (`sealOf`): an unsigned leg in a pair would
 * hide the lie that a signed one shows. Takes as long as sorting.
 */
export const liesAmong = (
  suite: SuiteId,
  legs: readonly CertifiedLeg[],
): readonly KramaEvidence[] => {
  const byMachine = Map.groupBy(legs, (one) => one.transition.machine)
  return [...byMachine.values()].flatMap((some) => liesOn(suite, some))
}

/** Those of one machine. */
const liesOn = (suite: SuiteId, legs: readonly CertifiedLeg[]): readonly KramaEvidence[] => {
  const sorted = legs.map((leg) => ({ leg, time: timeOf(leg) })).sort(orderOf)
  const lies: KramaEvidence[] = []
  let [first, latest]: readonly (Dated | undefined)[] = []
  let forked: bigint | undefined
  for (const one of sorted) {
    const { sequence } = one.leg.transition
    const isFirst = first?.leg.transition.sequence !== sequence
    // The first of a number has its earliest time, and `latest` is then of smaller numbers alone.
    const against = isFirst ? latest : first
    const isLie = against && lieIn(suite, against.leg, one.leg) !== undefined
    if (isLie && (isFirst || forked !== sequence)) {
      lies.push({ first: against.leg, second: one.leg })
      if (!isFirst) forked = sequence
    }
    if (isFirst) first = one
    if (!latest || one.time > latest.time) latest = one
  }
  return lies
}

type Dated = { readonly leg: CertifiedLeg; readonly time: bigint }

/** By number, then by time. */
const orderOf = (a: Dated, b: Dated): number => {
  const [before, after] = [a.leg.transition.sequence, b.leg.transition.sequence]
  return before === after ? compare(a.time, b.time) : compare(before, after)
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : Number(a > b))

/** Why no honest guardian signs both, if that is so. Signatures are not looked at. */
export const lieIn = (suite: SuiteId, a: CertifiedLeg, b: CertifiedLeg): KramaLie | undefined => {
  const [first, second] = [a.transition, b.transition]
  if (first.machine !== second.machine) return undefined
  if (first.sequence === second.sequence) {
    if (transitionId(suite, first) === transitionId(suite, second)) return undefined
    return first.parent === second.parent ? 'fork' : 'regress'
  }
  const [earlier, later] = first.sequence < second.sequence ? [a, b] : [b, a]
  return timeOf(later) < timeOf(earlier) ? 'decreasing-time' : undefined
}

const timeOf = (of: CertifiedLeg): bigint => kramaCertificate.decode(of.certificate).time
