/**
 * A sketch of the guardians' model, as far as the kernel has to carry it. Each written machine has in its state the
 * guardians its owner relies on; a certificate makes all written legs of an interaction final or none. It holds the
 * interaction, the sibling transitions (the bond), and guardians' votes for every one of them, and needs a quorum in
 * every machine's own set.
 */
import { bytes, type Codec, list, struct, text, u32, u8 } from '../../src/base/codec.ts'
import { Fault, isFault } from '../../src/base/fault.ts'
import { scheme } from '../../src/base/suite.ts'
import { pathKey } from '../../src/kernel/execute.ts'
import { type Interaction, interaction, interactionId } from '../../src/kernel/interaction.ts'
import type { Attestation, Judgement, Known, Model } from '../../src/kernel/model.ts'
import {
  missingFrom,
  type Quorum,
  type QuorumSet,
  type QuorumSigner,
  undoOf,
} from '../../src/kernel/quorum.ts'
import { statementDigest, type Vote } from '../../src/kernel/statement.ts'
import { type Transition, transition, transitionId } from '../../src/kernel/transition.ts'
import type { Wait } from '../../src/kernel/verdict.ts'
import type { MachineId } from '../../src/base/brand.ts'
import type { StateKey } from '../../src/state/keys.ts'

/** How many guardians of each set must sign, and how many of them may lie. */
export type GuardianPolicy = { readonly threshold: number; readonly faulty: number }

export type BondCertificate = {
  readonly interaction: Interaction
  /** All written legs, in the interaction's order. */
  readonly siblings: readonly Transition[]
  readonly round: number
  /** Guardians, each with a signature for every sibling. */
  readonly votes: readonly {
    readonly guardian: QuorumSigner
    readonly signatures: readonly Uint8Array[]
  }[]
}

type Nothing = Readonly<Record<never, never>>

const guardian: Codec<QuorumSigner> = struct<QuorumSigner>({
  name: text(64),
  scheme,
  publicKey: bytes(2048),
})
/** The guardians of a machine as they stand in its state. */
export const context: Codec<readonly QuorumSigner[]> = list(guardian, 64)

/** Where a machine's state has them: under the reserved logic position that the model would be given. */
export const contextKey = (suite: 'classic', machine: MachineId): StateKey =>
  pathKey(suite, { machine, logic: 0 }, ['context'])

export const bondVote = (of: Transition, round: number): Vote => ({
  is: 'vote',
  transition: of,
  round,
  phase: 'commit',
  cited: round + 1,
  time: 0n,
})

export const krama: Model<GuardianPolicy, BondCertificate, Nothing> = {
  kind: 'krama',
  promises: { covers: 'legs', clock: 'none', impliesConsentOf: 'none' },
  policy: struct<GuardianPolicy>({ threshold: u8, faulty: u8 }),
  certificate: struct<BondCertificate>({
    interaction,
    siblings: list(transition, 16),
    round: u32,
    votes: list(
      struct<BondCertificate['votes'][number]>({ guardian, signatures: list(bytes(17_088), 16) }),
      256,
    ),
  }),
  anchor: struct<Nothing>({}),
  admit: (_, { threshold }) =>
    threshold === 0 ? new Fault('test/no-quorum', 'nobody would decide') : undefined,
  begin: () => ({}),
  judge: (judged) => {
    const shape = checkBond(judged)
    if (shape) return { is: 'refused', fault: shape }
    const quorum = quorumFor(judged)
    if ('is' in quorum) return { is: 'pending', waitingFor: [quorum], anchor: {} }
    const signers = signersIn(judged, quorum)
    if (isFault(signers)) return { is: 'refused', fault: signers }
    const names = missingFrom(quorum, signers)
    if (names.length > 0) {
      return { is: 'pending', waitingFor: [{ is: 'signers', names }], anchor: {} }
    }
    return {
      is: 'final',
      anchor: {},
      finality: {
        grade: 'certified',
        reach: 'anyone',
        vouchers: signers.map((at) => quorum.signers[at]?.name ?? ''),
        undo: undoOf(quorum),
        since: undefined,
        clock: 'none',
      },
    }
  },
  attestations: (judged) => attestations(judged),
}

type Judged = Judgement<GuardianPolicy, BondCertificate, Nothing>

/** The siblings are all written legs of the interaction that the judged step names, and it is one of them. */
const checkBond = ({ certificate, transition: of }: Judged): Fault | undefined => {
  const written = certificate.interaction.legs.filter((leg) => leg.access === 'write')
  const machines = certificate.siblings.map((one) => one.machine)
  if (interactionId(certificate.interaction) !== of.interaction) {
    return new Fault('test/other-interaction', 'the certificate is about another interaction')
  }
  const isWhole =
    written.length === machines.length && written.every((leg, at) => leg.machine === machines[at])
  const own = certificate.siblings.find((one) => one.machine === of.machine)
  const isOwn = own !== undefined && transitionId('classic', own) === transitionId('classic', of)
  const isOne = certificate.siblings.every((one) => one.interaction === of.interaction)
  return isWhole && isOwn && isOne ? undefined : new Fault('test/broken-bond', 'legs are missing')
}

/** The sets in force at each sibling's parent, or what has to be shown first. */
const quorumFor = ({ certificate, policy, known }: Judged): Quorum | Wait => {
  const signers: QuorumSigner[] = []
  const sets: QuorumSet[] = []
  for (const sibling of certificate.siblings) {
    const guardians = guardiansAt(known, sibling)
    if (!guardians) return { is: 'fact', about: `the guardians of ${sibling.machine}` }
    const seats = guardians.map((one) => {
      const at = signers.findIndex((other) => other.name === one.name)
      return { signer: at < 0 ? signers.push(one) - 1 : at, weight: 1 }
    })
    sets.push({ seats, ...policy })
  }
  return { signers, sets }
}

const guardiansAt = (known: Known, of: Transition): readonly QuorumSigner[] | undefined => {
  const found = known.read(of.machine, of.parent, contextKey('classic', of.machine))
  return found.is === 'value' ? context.decode(found.value) : undefined
}

/** Positions of those who signed every sibling. */
const signersIn = (judged: Judged, quorum: Quorum): readonly number[] | Fault => {
  const found: number[] = []
  for (const { guardian: by, signatures } of judged.certificate.votes) {
    const at = quorum.signers.findIndex((one) => one.publicKey.join() === by.publicKey.join())
    const isWhole = judged.certificate.siblings.every((sibling, leg) =>
      isSigned(judged, { by, of: sibling, signature: signatures[leg] ?? new Uint8Array() }),
    )
    if (at < 0 || !isWhole) return new Fault('test/bad-vote', `a vote of ${by.name} does not hold`)
    found.push(at)
  }
  return found
}

type Signature = {
  readonly by: QuorumSigner
  readonly of: Transition
  readonly signature: Uint8Array
}

const isSigned = (judged: Judged, { by, of, signature }: Signature): boolean => {
  const digest = statementDigest(judged.terms.suite, bondVote(of, judged.certificate.round))
  return judged.known.verifier.verify(by.scheme, by.publicKey, digest, signature)
}

/** For the judged leg alone: each leg is compared with what else was signed at its own position. */
const attestations = (judged: Judged): readonly Attestation[] => {
  const leg = judged.certificate.siblings.findIndex(
    (one) => one.machine === judged.transition.machine,
  )
  return judged.certificate.votes.flatMap(({ guardian: by, signatures }) => {
    const signature = signatures[leg]
    if (!signature || !isSigned(judged, { by, of: judged.transition, signature })) return []
    const statement = bondVote(judged.transition, judged.certificate.round)
    return [{ ...by, statement, signature }]
  })
}
