/**
 * A sketch of the custodians' model, as far as the kernel has to carry it: t of n named keys decide a machine in which
 * anyone may propose, by rounds; one certificate covers the step it signs and all its ancestors; time is the median.
 */
import { bytes, type Codec, list, struct, text, u8 } from '../../src/base/codec.ts'
import { Fault, isFault } from '../../src/base/fault.ts'
import { scheme } from '../../src/base/suite.ts'
import type { RoundPlace } from '../../src/kernel/cast.ts'
import { type Interaction, interaction, interactionId } from '../../src/kernel/interaction.ts'
import { signerOf } from '../../src/kernel/controller.ts'
import type { Judgement, Model } from '../../src/kernel/model.ts'
import {
  checkQuorum,
  evenQuorum,
  type Quorum,
  type QuorumSigner,
  undoOf,
} from '../../src/kernel/quorum.ts'
import {
  checkRounds,
  type RoundCertificate,
  roundCertificate,
} from '../../src/kernel/round-certificate.ts'
import { type Statement, statement, statementDigest } from '../../src/kernel/statement.ts'
import {
  checkLink,
  type Transition,
  transition,
  transitionId,
} from '../../src/kernel/transition.ts'

export type CustodianPolicy = {
  readonly custodians: readonly QuorumSigner[]
  readonly threshold: number
  readonly faulty: number
}

export type Snapshot = {
  /** Headers from the judged step's child up to the one that is signed; empty where that is the step itself. */
  readonly after: readonly Transition[]
  readonly rounds: RoundCertificate
}

type Nothing = Readonly<Record<never, never>>

export const custodianPolicy: Codec<CustodianPolicy> = struct<CustodianPolicy>({
  custodians: list(struct<QuorumSigner>({ name: text(64), scheme, publicKey: bytes(2048) }), 64),
  threshold: u8,
  faulty: u8,
})

/** What convicts a custodian of an invalid step, in bytes of the model's own. */
export type InvalidStep = {
  readonly publicKey: Uint8Array
  readonly statement: Statement
  readonly signature: Uint8Array
  readonly interaction: Interaction
}

export const invalidStep: Codec<InvalidStep> = struct<InvalidStep>({
  publicKey: bytes(2048),
  statement,
  signature: bytes(17_088),
  interaction,
})

export const quorumOf = (policy: CustodianPolicy): Quorum => evenQuorum(policy.custodians, policy)

export const custodians: Model<CustodianPolicy, Snapshot, Nothing> = {
  kind: 'custodians',
  promises: { covers: 'prefix', clock: 'attested', impliesConsentOf: 'none' },
  policy: custodianPolicy,
  certificate: struct<Snapshot>({ after: list(transition, 1024), rounds: roundCertificate }),
  anchor: struct<Nothing>({}),
  admit: (terms, policy, verifier) =>
    terms.turn.is === 'anyone'
      ? checkQuorum(terms.suite, quorumOf(policy), verifier)
      : new Fault('test/wrong-turn', 'a shared machine is open to anyone'),
  begin: () => ({}),
  judge: (judged) => {
    const checked = checkedRounds(judged)
    if (isFault(checked)) return { is: 'refused', fault: checked }
    if (checked.missing.length > 0) {
      const waitingFor = [{ is: 'signers', names: checked.missing } as const]
      return { is: 'pending', waitingFor, anchor: {} }
    }
    const commits = judged.certificate.rounds.commits
    const times = commits.map((one) => one.time).toSorted((a, b) => (a < b ? -1 : 1))
    return {
      is: 'final',
      anchor: {},
      finality: {
        grade: 'receipted',
        reach: 'anyone',
        vouchers: commits.map((one) => judged.policy.custodians[one.signer]?.name ?? ''),
        undo: undoOf(quorumOf(judged.policy)),
        since: times[(times.length - 1) >> 1],
        clock: 'attested',
      },
    }
  },
  attestations: (judged) => {
    const checked = checkedRounds(judged)
    return isFault(checked) ? [] : checked.attestations
  },
  // A certified step that breaks the rules: here, one whose interaction has no operation.
  convict: (proof, { terms, policy, verifier }) => {
    const shown = invalidStep.decode(proof)
    const of = shown.statement
    const accused = policy.custodians.find((one) => equal(one.publicKey, shown.publicKey))
    if (of.is !== 'vote' || !accused) return new Fault('test/no-vote', 'nobody is accused')
    const digest = statementDigest(terms.suite, of)
    const isTheirs = verifier.verify(accused.scheme, accused.publicKey, digest, shown.signature)
    const isMeant = of.transition.interaction === interactionId(shown.interaction)
    if (!isTheirs || !isMeant || shown.interaction.operations.length > 0) {
      return new Fault('test/no-lie', 'the vote is not for an invalid step')
    }
    return [
      {
        kind: 'custodians/invalid-step',
        signer: signerOf(terms.suite, accused),
        machine: of.transition.machine,
        sequence: of.transition.sequence,
        children: [transitionId(terms.suite, of.transition)],
      },
    ]
  },
}

const equal = (a: Uint8Array, b: Uint8Array): boolean => a.join() === b.join()

/** Links first, then the rounds of the step that is signed. */
const checkedRounds = (judged: Judgement<CustodianPolicy, Snapshot, Nothing>) => {
  const { suite } = judged.terms
  let head = judged.transition
  for (const next of judged.certificate.after) {
    const fault = checkLink(suite, head, next)
    if (fault) return fault
    head = next
  }
  const { machine, parent, sequence } = head
  const place: RoundPlace = { suite, machine, parent, sequence }
  const by = { place, quorum: quorumOf(judged.policy), verifier: judged.known.verifier }
  return checkRounds(by, head, judged.certificate.rounds)
}
