/** A change of custodians: decided by the old ones, accepted by the new ones, and by a minority of neither. */
import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { terms as termsCodec } from '../../../src/kernel/charter.ts'
import { type Consent, consentDigest } from '../../../src/kernel/consent.ts'
import { AMEND, interactionId } from '../../../src/kernel/interaction.ts'
import {
  custodianAcceptance,
  custodianCertificate,
} from '../../../src/models/custodians/certificate.ts'
import { createCustodian, CUSTODIAN_ROUNDS } from '../../../src/models/custodians/custodian.ts'
import { beginIncoming } from '../../../src/models/custodians/custodian-state.ts'
import { custodianTerms, policyOf } from '../../../src/models/custodians/policy.ts'
import type { Acceptance } from '../../../src/models/rounds/acceptance.ts'
import { applicationAt } from '../../../src/models/rounds/applicant.ts'
import type { Candidate } from '../../../src/models/rounds/candidate.ts'
import { VOTERS } from '../../../src/sim/custodians-town.ts'
import { bundleStepFrom } from '../../../src/verify/assemble.ts'
import { EMPTY_BUNDLE } from '../../../src/verify/bundle.ts'
import { reportOn } from '../../../src/sim/verdict.ts'
import { createNet, engine, headsOf, town } from './net.ts'

const { genesis, policy } = town
const uma = engine.fromSeed('ed25519', new Uint8Array(32).fill(88))
/** Kai leaves, Uma comes. */
const [, kim, kit, kaz] = policy.custodians
if (!kim || !kit || !kaz) throw new Error('there are four')
const next = policyOf([kim, kit, kaz, { name: 'uma', scheme: 'ed25519', publicKey: uma.publicKey }])

const change = (parties: readonly number[] = [0, 1, 2]): Candidate => {
  const argument = termsCodec.encode({ ...genesis.terms, policy: custodianTerms(next) })
  const operations = [{ machine: genesis.id, logic: AMEND, argument }]
  const interaction = applicationAt(genesis, { operations, beside: [] })
  const digest = consentDigest('classic', interactionId(interaction))
  const consents = parties.map((party): Consent => ({
    machine: genesis.id,
    party,
    key: 0,
    form: 'raw',
    signature: town.signFor(VOTERS[party] ?? '', digest),
  }))
  return { interaction, consents, beside: [], attachments: [] }
}

const changed = (silent: readonly number[] = []) => {
  const net = createNet()
  for (const one of silent) net.down.add(one)
  net.feed(3, { is: 'candidate', candidate: change() })
  net.settle()
  for (let at = 0; at < 8; at++) net.wait()
  return net
}
const acceptancesIn = (net: ReturnType<typeof createNet>): readonly Acceptance[] =>
  [...net.states.keys()].flatMap((seat) =>
    net.effects(seat).flatMap((one) => (one.is === 'accept' ? [one.acceptance] : [])),
  )

const verdictOn = (
  net: ReturnType<typeof createNet>,
  of: { readonly accepted: readonly Acceptance[]; readonly commits?: number },
): string => {
  const step = net.stored[3]?.[0]
  if (!step) throw new Error('the change was certified')
  const shown = custodianCertificate.decode(step.certificate)
  if (shown.is !== 'rounds') throw new Error('by rounds')
  const commits = shown.rounds.commits.slice(0, of.commits ?? 4)
  const bundled = bundleStepFrom(
    {
      interaction: step.candidate.interaction,
      transition: step.transition,
      consents: step.candidate.consents,
      certificate: custodianCertificate.encode({
        is: 'rounds',
        rounds: { ...shown.rounds, commits },
      }),
      accepted: custodianCertificate.encode(custodianAcceptance(of.accepted)),
    },
    () => undefined,
  )
  const report = reportOn(
    { ...EMPTY_BUNDLE, charters: [town.charter], steps: [bundled] },
    { logics: town.options.logics, verifier: engine },
  )
  return report.machines[0]?.steps.at(-1)?.standing ?? report.outcome
}

describe('a change of custodians', () => {
  const net = changed()
  const accepted = acceptancesIn(net)

  test('is decided by the old ones, and accepted by those of them who stay', () => {
    expect(headsOf(net)).toEqual([1n, 1n, 1n, 1n])
    expect(new Set(accepted.map((one) => one.signer))).toEqual(new Set([0, 1, 2]))
    expect(verdictOn(net, { accepted })).toBe('final')
  })

  test('is not in force by a minority of the old ones, nor by one of the new ones (H10)', () => {
    expect(verdictOn(net, { accepted, commits: 2 })).toBe('pending')
    expect(verdictOn(net, { accepted: accepted.slice(0, 2) })).toBe('pending')
    expect(verdictOn(net, { accepted: accepted.slice(0, 1) })).toBe('pending')
  })

  test('needs the consent of every participant, whatever custodians would sign', () => {
    const alone = createNet()
    alone.feed(0, { is: 'candidate', candidate: change([0, 1]) })
    const { member } = alone.states[0] ?? {}
    expect(member?.refusals.at(-1)?.code).toBe('amend/no-consent')
    expect(member?.run.candidates).toEqual([])
  })

  test('ends the office of who leaves, and lets who comes accept by a first vote', () => {
    const seat = net.states[0]?.member
    expect(seat?.takeover).toBeUndefined()
    const { followed } = net.states[3]?.member ?? {}
    if (!followed) throw new Error('there are four')
    const options = { ...town.custodianOptions(0), publicKey: uma.publicKey, heartbeat: 0n }
    const begun = beginIncoming({ ...options, rounds: [CUSTODIAN_ROUNDS] }, followed, 1n)
    if (!begun) throw new Error('the terms name her')
    const role = createCustodian(options)
    const wanted = role.outstanding(begun).find((one) => one.is === 'sign')
    if (!wanted) throw new Error('she has to sign')
    const signature = engine.sign('ed25519', uma.secret, wanted.digest)
    const digest = hexFromBytes(wanted.digest)
    const env = { now: 1n, random: new Uint8Array(32) }
    const signed = role.step(begun, { is: 'signed', digest, signature }, env)
    const told = role.outstanding(signed).find((one) => one.is === 'accept')
    if (!told) throw new Error('she accepts')
    const comes = told.acceptance
    // Her clock is far behind; what she signs is not earlier than what the others have attested.
    expect(comes).toMatchObject({ signer: 3, round: 0, cited: 0 })
    expect(comes.time).toBeGreaterThan(1n)
    expect(signed.member.attested).toBe(comes.time)
    const stranger = { publicKey: new Uint8Array(32), rounds: [CUSTODIAN_ROUNDS] }
    expect(beginIncoming(stranger, followed, 1n)).toBeUndefined()
    expect(verdictOn(net, { accepted: [...accepted.slice(0, 2), comes] })).toBe('final')
  })
})
