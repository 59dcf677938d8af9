import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import {
  type ApplicantInput,
  type ApplicantState,
  applicationAt,
  beginApplicant,
  createApplicant,
} from '../../../src/models/rounds/applicant.ts'
import { beginFollowing } from '../../../src/models/rounds/agreed-step.ts'
import { HOLDERS } from '../../../src/sim/shared-town.ts'
import { certified, consentBy, createNet, paying, town } from './purse.ts'

const { genesis } = town
const role = createApplicant(town.options)
const env = { now: 0n, random: new Uint8Array(32) }

const feed = (state: ApplicantState, input: ApplicantInput): ApplicantState => {
  let next = role.step(state, input, env)
  for (const effect of role.outstanding(next)) {
    if (effect.is !== 'sign') continue
    const signature = town.signFor(HOLDERS[next.party] ?? '', effect.digest)
    next = role.step(next, { is: 'signed', digest: hexFromBytes(effect.digest), signature }, env)
  }
  return next
}

const alice = (): ApplicantState => beginApplicant(beginFollowing(genesis), 0)
const wish = (amount = 1n): ApplicantInput => ({
  is: 'wish',
  wish: { operations: [town.payment(0, amount)], beside: [], consents: [] },
})

describe('an applicant', () => {
  test('applies for a step, asks what became of it, and has it once it is certified', () => {
    const state = feed(alice(), wish())
    const effects = role.outstanding(state)
    expect(effects).toEqual([
      { is: 'apply', candidate: paying(0) },
      { is: 'ask', from: 1n },
    ])
    expect(role.waitingFor(state)).toMatchObject([{ is: 'signers' }])
    const step = certified(paying(0))
    const done = feed(state, { is: 'certified', step })
    expect(done.done).toEqual(step)
    expect(done.followed.machine.head.sequence).toBe(1n)
    expect(role.outstanding(done)).toEqual([])
    expect(role.waitingFor(done)).toEqual([])
  })

  test('that was overtaken makes its wish again at the new head, which is done there', () => {
    const step = certified(paying(1))
    const state = feed(feed(alice(), wish()), { is: 'certified', step })
    expect(state.done).toBeUndefined()
    const apply = role.outstanding(state).find((one) => one.is === 'apply')
    const { machine } = state.followed
    expect(apply?.candidate).toEqual(paying(0, 1n, machine))
    const net = createNet()
    for (const seat of [0, 1, 2, 3]) net.feed(seat, { is: 'certified', step })
    if (apply) net.feed(2, { is: 'candidate', candidate: apply.candidate })
    net.settle()
    net.wait()
    const second = net.stored[0]?.[1]
    const done = second && feed(state, { is: 'certified', step: second })
    expect(done?.done).toEqual(second)
  })

  test('gives a wish back that others have consented to, as they have to consent anew', () => {
    const operations = [town.payment(0, 1n)]
    const interaction = applicationAt(genesis, { operations, beside: [] })
    const consents = [consentBy(genesis, interaction, 1)]
    const asked = feed(alice(), { is: 'wish', wish: { operations, beside: [], consents } })
    const state = feed(asked, { is: 'certified', step: certified(paying(1)) })
    expect(state.pending).toBeUndefined()
    expect(state.refusals.at(-1)?.code).toBe('applicant/overtaken')
  })

  test('has one wish at a time, and none that the rules refuse', () => {
    const busy = feed(feed(alice(), wish()), wish(2n))
    expect(busy.refusals.at(-1)?.code).toBe('applicant/busy')
    const greedy = feed(alice(), wish(100_000n))
    expect(greedy.pending).toBeUndefined()
    expect(greedy.refusals.at(-1)?.code).toMatch(/^ledger\//)
  })

  test('takes no consent that is not over this attempt', () => {
    const forged = { ...consentBy(genesis, paying(0).interaction, 1) }
    const wishing = { operations: [town.payment(0, 2n)], beside: [], consents: [forged] }
    const state = feed(alice(), { is: 'wish', wish: wishing })
    expect(state.refusals.at(-1)?.code).toBe('consent/bad-signature')
    expect(state.pending).toBeUndefined()
  })

  test('notices two certified children, and steps that it lacks', () => {
    const [one, other] = [certified(paying(0)), certified(paying(1))]
    const state = feed(feed(alice(), { is: 'certified', step: one }), {
      is: 'certified',
      step: other,
    })
    expect(state.refusals.at(-1)?.code).toBe('applicant/two-children')
    const ahead = { ...one, transition: { ...one.transition, sequence: 9n } }
    expect(role.outstanding(feed(alice(), { is: 'certified', step: ahead }))).toEqual([
      { is: 'ask', from: 1n },
    ])
  })

  test('does not count a step with a certificate of another for its own', () => {
    const state = feed(alice(), wish())
    const forged = { ...certified(paying(0)), certificate: certified(paying(1)).certificate }
    const next = feed(state, { is: 'certified', step: forged })
    expect(next.done).toBeUndefined()
    expect(next.pending).toEqual(state.pending)
  })
})
