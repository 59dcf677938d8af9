/** Custodians: their policy, their certificates, files under them, and the lies that only this model recognises. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import type { Charter, Terms } from '../../packages/tallystick/src/kernel/charter.ts'
import type { RoundCertificate } from '../../packages/tallystick/src/kernel/round-certificate.ts'
import type { Statement, Vote } from '../../packages/tallystick/src/kernel/statement.ts'
import { type Transition, transition } from '../../packages/tallystick/src/kernel/transition.ts'
import {
  custodianAcceptance,
  custodianCertificate,
} from '../../packages/tallystick/src/models/custodians/certificate.ts'
import {
  custodianEvidence,
  type CustodianLie,
} from '../../packages/tallystick/src/models/custodians/evidence.ts'
import {
  type Heartbeat,
  heartbeatDigest,
} from '../../packages/tallystick/src/models/custodians/heartbeat.ts'
import {
  type CustodianPolicy,
  custodianTerms,
  policyOf,
} from '../../packages/tallystick/src/models/custodians/policy.ts'
import { acceptanceVote } from '../../packages/tallystick/src/models/rounds/acceptance.ts'
import type { BundleStep } from '../../packages/tallystick/src/verify/bundle.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import { fails, holds } from './files.ts'
import type { JsonObject } from './finding.ts'
import {
  after,
  consentOf,
  type Deed,
  hexOfCharter,
  interactionOf,
  only,
  opened,
  OPERATORS,
  pairOf,
  pay,
  PURSE,
  sign,
  signStatement,
  writtenLeg,
} from './world.ts'

/** The same four keys as elsewhere, in another office. */
const KEEPERS = OPERATORS
const signers = KEEPERS.map((name) => ({
  name,
  scheme: 'ed25519' as const,
  publicKey: pairOf(name).publicKey,
}))
const termsOf = (policy: CustodianPolicy, more: Partial<Terms> = {}): Terms => ({
  ...PURSE.terms,
  turn: { is: 'anyone' },
  policy: custodianTerms(policy),
  ...more,
})
/** None of the four lies; so many of them are enough with both who stand in. */
const helped = (custodians: number): CustodianPolicy => ({
  ...policyOf(signers),
  faulty: 0,
  escalation: {
    after: 86_400_000n,
    standIns: ['sue', 'sam'].map((name) => ({
      name,
      scheme: 'ed25519' as const,
      publicKey: pairOf(name).publicKey,
    })),
    threshold: 2,
    faulty: 1,
    custodians,
  },
})
const KEPT: Charter = { ...PURSE, terms: termsOf(policyOf(signers)) }

const voteFor = (of: Transition, more: Partial<Vote>): Statement => ({
  is: 'vote',
  transition: of,
  round: 0,
  phase: 'hold',
  cited: 0,
  time: 0n,
  ...more,
})

/** One round that three hold in, and these commit in, each a millisecond later than the one before. */
const roundsOn = (of: Transition, by: readonly string[]): RoundCertificate => ({
  round: 0,
  commits: by.map((name) => {
    const signer = KEEPERS.indexOf(name)
    const time = 1000n + BigInt(signer)
    const statement = voteFor(of, { phase: 'commit', cited: 1, time })
    return { signer, time, signature: signStatement(name, statement) }
  }),
  links: [
    {
      round: 0,
      cited: 0,
      holds: KEEPERS.slice(0, 3).map((name, signer) => ({
        signer,
        signature: signStatement(name, voteFor(of, {})),
      })),
    },
  ],
})
const agreed = (of: Transition, by: readonly string[] = KEEPERS.slice(1)): Uint8Array =>
  custodianCertificate.encode({ is: 'rounds', rounds: roundsOn(of, by) })

const takenOver = (of: Transition, seats: readonly number[] = [0, 1, 2]): Uint8Array =>
  custodianCertificate.encode(
    custodianAcceptance(
      seats.map((signer) => {
        const place = { round: signer, cited: signer, time: 2000n }
        const signature = signStatement(KEEPERS[signer] ?? '', acceptanceVote(of, place))
        return { ...place, signer, signature }
      }),
    ),
  )

const start = opened(KEPT)
const paid = (from = 'alice', on = start): Deed => ({ write: [on], operations: [pay(on, from)] })
const first = only(after(paid()))
const child = first.head
const rival = only(after(paid('bob'))).head
const second = only(after(paid('bob', first))).head

const charters = (): readonly Case[] => {
  const input = (terms: Terms): JsonObject => ({
    charter: hexOfCharter({ ...KEPT, terms }),
  })
  const whole = good({
    id: 'custodians/three-of-four',
    comment: 'the default: one may lie, one may be silent',
    check: 'charter',
    input: input(KEPT.terms),
  })
  const refused = (fault: string, id: string, comment: string, terms: Terms): Case =>
    spoiled(whole, fault, { id: `custodians/${id}`, comment, input: input(terms) })
  return [
    whole,
    good({
      id: 'custodians/two-of-three',
      comment: 'admitted, where one liar is enough to fork',
      check: 'charter',
      input: input(termsOf(policyOf(signers.slice(0, 3)))),
    }),
    refused(
      'custodians/wrong-turn',
      'owned',
      'a machine that one party owns',
      termsOf(policyOf(signers), { turn: { is: 'owner', party: 0 } }),
    ),
    good({
      id: 'custodians/stand-ins',
      comment: 'three of four who trust that none of them lies, or two with two who stand in',
      check: 'charter',
      input: input(termsOf(helped(2))),
    }),
    refused(
      'quorum/too-weak',
      'stand-ins-alone',
      'one custodian beside the stand-ins, while the three others may agree on something else',
      termsOf(helped(1)),
    ),
    refused(
      'custodians/idle-stand-ins',
      'idle-stand-ins',
      'stand-ins that are never needed',
      termsOf(helped(3)),
    ),
    refused(
      'quorum/too-weak',
      'two-of-four',
      'two quorums may have nobody in common',
      termsOf(policyOf(signers, 2)),
    ),
  ]
}

const certificates = (): readonly Case[] => {
  const input = (certificate: Uint8Array, more: JsonObject = {}): JsonObject => ({
    charter: hexOfCharter(KEPT),
    transition: hexFromBytes(transition.encode(child)),
    certificate: hexFromBytes(certificate),
    ...more,
  })
  const whole = good({
    id: 'custodians/three-commits',
    comment: 'final, at the median of the times of the commits',
    check: 'certificate',
    input: input(agreed(child)),
  })
  const accepting = good({
    id: 'custodians/taken-over',
    comment: 'three that go on from here, each in a round and with a citation of its own',
    check: 'certificate',
    input: input(takenOver(child), { isAcceptance: true }),
  })
  const failing = (fault: string, id: string, comment: string, of: JsonObject): Case =>
    spoiled(whole, fault, { id: `custodians/${id}`, comment, input: of })
  return [
    whole,
    good({
      id: 'custodians/two-commits',
      comment: 'pending, for one of the two others',
      check: 'certificate',
      input: input(agreed(child, KEEPERS.slice(2))),
    }),
    accepting,
    failing('cast/bad-signature', 'other-child', 'rounds over another child', input(agreed(rival))),
    failing(
      'custodians/other-form',
      'no-takeover',
      'acceptances where nobody takes over',
      input(takenOver(child)),
    ),
    spoiled(accepting, 'custodians/other-form', {
      id: 'custodians/rounds-no-takeover',
      comment: 'rounds, by which nobody takes over',
      input: input(agreed(child), { isAcceptance: true }),
    }),
  ]
}

const files = (): readonly Case[] => {
  const stepOf = (deed: Deed, certificate: (of: Transition) => Uint8Array): BundleStep => {
    const { head } = only(after(deed))
    const consents = ['alice', 'bob'].map((name) => consentOf(deed.write[0] ?? start, name, deed))
    const legs = [writtenLeg(head, { certificate: certificate(head) })]
    return { interaction: interactionOf(deed), consents, legs }
  }
  const none = (): Uint8Array => new Uint8Array(0)
  const whole = holds('covered', 'two payments, the second of which is certified and covers both', {
    charters: [KEPT],
    steps: [stepOf(paid(), none), stepOf(paid('bob', first), (of) => agreed(of))],
  })
  return [
    whole,
    fails(whole, 'cast/bad-signature', 'covered-by-another', 'a certificate for another payment', {
      charters: [KEPT],
      steps: [stepOf(paid(), none), stepOf(paid('bob', first), () => agreed(child))],
    }),
  ]
}

const lies = (): readonly Case[] => {
  const commit = (of: Transition, time: bigint, by = 'oda') => {
    const statement = voteFor(of, { phase: 'commit', cited: 1, time })
    return { statement, signature: signStatement(by, statement) }
  }
  const input = (lie: CustodianLie, by = 'oda'): JsonObject => ({
    charter: hexOfCharter(KEPT),
    proof: hexFromBytes(
      custodianEvidence.encode({ scheme: 'ed25519', publicKey: pairOf(by).publicKey, lie }),
    ),
  })
  const lie = { is: 'decreasing-time', first: commit(child, 2000n), second: commit(second, 1999n) }
  const whole = good({
    id: 'custodians/time-ran-backwards',
    comment: 'a later step that is said to be earlier',
    check: 'conviction',
    input: input({ ...lie, is: 'decreasing-time' }),
  })
  const failing = (fault: string, id: string, comment: string, of: JsonObject): Case =>
    spoiled(whole, fault, { id: `custodians/${id}`, comment, input: of })
  const beaten = (beat: Heartbeat, by = 'oda') => ({
    beat,
    signature: sign(by, heartbeatDigest('classic', beat)),
  })
  const behind: Heartbeat = {
    machine: start.id,
    head: start.headId,
    sequence: 0n,
    time: 2001n,
  }
  const stale = { is: 'stale-heartbeat', commit: commit(child, 2000n) } as const
  const hidden = good({
    id: 'custodians/heartbeat-hides-a-commit',
    comment: 'who has committed to step 1 says later that step 0 is the newest',
    check: 'conviction',
    input: input({ ...stale, beat: beaten(behind) }),
  })
  return [
    whole,
    hidden,
    spoiled(hidden, 'evidence/no-conflict', {
      id: 'custodians/heartbeat-before-commit',
      comment: 'the heartbeat is no later than the commit',
      input: input({ ...stale, beat: beaten({ ...behind, time: 2000n }) }),
    }),
    good({
      id: 'custodians/two-heads',
      comment: 'two steps of one number, each said to be the newest',
      check: 'conviction',
      input: input({
        is: 'two-heads',
        first: beaten({ ...behind, head: first.headId, sequence: 1n }),
        second: beaten({ ...behind, head: only(after(paid('bob'))).headId, sequence: 1n }),
      }),
    }),
    failing('evidence/no-conflict', 'time-stood-still', 'the same time for a later step', {
      ...input({ ...lie, is: 'decreasing-time', second: commit(second, 2000n) }),
    }),
    failing('evidence/bad-signature', 'time-of-another', 'a commit that somebody else signed', {
      ...input({ ...lie, is: 'decreasing-time', second: commit(second, 1999n, 'ove') }),
    }),
    failing(
      'evidence/unknown-custodian',
      'unknown-accused',
      'somebody whom the policy does not name',
      input({ ...lie, is: 'decreasing-time' }, 'mallory'),
    ),
  ]
}

export const custodiansArea = (): Area => ({
  area: 'custodians',
  about: 'Machines that anyone may move, under custodians who agree in rounds.',
  cases: [...charters(), ...certificates(), ...files(), ...lies()],
})
