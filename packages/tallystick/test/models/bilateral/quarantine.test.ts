/**
 * Losing one's memory and getting it back from the other party, in both suites and with controllers of several keys:
 * what an answer has to be, what of it is taken over, and what a guard file adds.
 */
import { describe, expect, test } from 'vitest'
import { concatBytes, hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { CATCHUP_STEPS_MAX } from '../../../src/base/limits.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { bilateralCertificate } from '../../../src/models/bilateral/certificate.ts'
import { bilateralVote } from '../../../src/models/bilateral/evidence.ts'
import type { Message, MessageBody, SharedStep } from '../../../src/models/bilateral/message.ts'
import { lastVowOf, stepsOf } from '../../../src/models/bilateral/state.ts'
import { anId, engine } from '../../kernel/sample.ts'
import {
  type Actor,
  agree,
  abortOf,
  createScene,
  endorse,
  give,
  hand,
  headOn,
  outcomeOf,
  putBack,
  type Scene,
  sealed,
  settle,
  spoken,
  SUITES,
  take,
  votesOf,
  wishOf,
} from './scene.ts'

type StepsBody = Extract<MessageBody, { is: 'steps' }>
type Steps = Message & { readonly body: StepsBody }

/** Alice is whole, Bob's store was put back to its beginning, and Alice's answer is on its way to him. */
const lostAndAnswered = (scene: Scene): Steps => {
  const { alice, bob } = scene
  putBack(bob, bob.party.begin())
  hand(alice, take(bob, 'catchup'))
  return take(alice, 'steps')
}

const codesOf = (actor: Actor): readonly string[] =>
  actor.state.talk.refusals.map((one) => one.code)

describe.each(SUITES)('a party that lost its memory (%s)', (suite) => {
  test('signs nothing, asks, and goes on where the other one is', () => {
    const scene = createScene({ suite })
    const { alice, bob } = scene
    agree(scene, 3)
    putBack(bob, bob.party.begin())
    expect(bob.party.outstanding(bob.state).map((one) => one.is)).toEqual(['send'])
    expect(bob.outbox.map((one) => one.body.is)).toEqual(['catchup'])
    settle(scene)
    expect(bob.state.machine.headId).toBe(alice.state.machine.headId)
    expect(stepsOf(bob.state).map((one) => one.id)).toEqual(
      stepsOf(alice.state).map((one) => one.id),
    )
    expect(bob.state.quarantine).toBeUndefined()
    give(bob, wishOf(bob))
    settle(scene)
    expect(bob.state.machine.head.sequence).toBe(4n)
    expect([...codesOf(alice), ...codesOf(bob)]).toEqual([])
  })

  test('believes only the answer to its own question, under the seal of the party', () => {
    const scene = createScene({ suite, keys: 2 })
    const { alice, bob } = scene
    agree(scene, 3)
    const good = lostAndAnswered(scene)
    const changed = (changes: Partial<StepsBody>): Message =>
      sealed(alice, { ...good, body: { ...good.body, ...changes } })
    const { seal } = good.body
    const unsealed = (given: StepsBody['seal']): Message => ({
      ...good,
      body: { ...good.body, seal: given },
    })
    const cases: readonly (readonly [string, Message])[] = [
      ['message/before-restore', changed({ challenge: undefined })],
      ['message/before-restore', changed({ challenge: new Uint8Array(32).fill(8) })],
      ['steps/not-sound', changed({ sound: false })],
      ['message/bad-seal', unsealed([])],
      ['message/bad-seal', unsealed(seal.slice(0, 1))],
      ['message/bad-seal', unsealed([...seal].reverse())],
      ['message/bad-seal', unsealed(seal.flatMap((one) => [one, one]))],
      ['message/bad-seal', unsealed(seal.map((one) => ({ ...one, party: 1 })))],
      ['message/bad-seal', unsealed(sealOf(sealed(bob, good)))],
      ['message/bad-seal', unsealed(sealOf(sealed(bob, good)).map((by) => ({ ...by, party: 0 })))],
      ['message/bad-seal', { ...good, round: 1 }],
      ['message/bad-seal', { ...good, body: { ...good.body, steps: good.body.steps.slice(0, 2) } }],
    ]
    for (const [code, heard] of cases) {
      const outcome = outcomeOf(bob, heard)
      expect([outcome.code, outcome.changed]).toEqual([code, false])
    }
    expect(outcomeOf(bob, good)).toMatchObject({ code: 'none', changed: true })
    expect(outcomeOf(bob, good).state.quarantine).toBeUndefined()
  })

  test('checks every step for itself, and takes none of an answer with one bad step', () => {
    const scene = createScene({ suite })
    const { alice, bob } = scene
    agree(scene, 3)
    const good = lostAndAnswered(scene)
    const [first, second, third] = good.body.steps
    if (!first || !second || !third) throw new Error('three steps expected')
    const answer = (steps: readonly SharedStep[], changes: Partial<Message> = {}): Message =>
      sealed(alice, { ...good, ...changes, body: { ...good.body, steps } })
    const certificate = bilateralCertificate.decode(third.certificate)
    const with3 = (changes: Partial<SharedStep>): Message =>
      answer([first, second, { ...third, ...changes }])
    const otherState = { ...third.transition, state: anId<'state-root'>('another state') }
    const cases: readonly (readonly [string, Message])[] = [
      ['steps/gap', answer([second, third])],
      ['steps/gap', answer([first, third, second])],
      ['codec/truncated', with3({ certificate: new Uint8Array(0) })],
      ['codec/extended', with3({ certificate: concatBytes(third.certificate, Uint8Array.of(0)) })],
      [
        'steps/not-final',
        with3({
          certificate: bilateralCertificate.encode({
            ...certificate,
            signatures: certificate.signatures.slice(0, 1),
          }),
        }),
      ],
      ['certificate/bad-signature', with3({ transition: otherState })],
      ['steps/other-result', with3({ interaction: { ...third.interaction, operations: [] } })],
      // Both signed a result that the rules do not give, which two who run this code never do.
      [
        'steps/other-result',
        with3({
          transition: otherState,
          certificate: bilateralCertificate.encode({
            round: 0,
            aborts: [],
            signatures: [...votesOf(alice, otherState), ...votesOf(bob, otherState)],
          }),
        }),
      ],
      ['proposal/wrong-legs', with3({ interaction: { ...third.interaction, legs: [] } })],
      ['message/other-history', answer([first, second, third], { head: anId('another head') })],
    ]
    for (const [code, heard] of cases) {
      const outcome = outcomeOf(bob, heard)
      expect([outcome.code, outcome.changed]).toEqual([code, false])
    }
    expect(outcomeOf(bob, answer([first, second, third])).code).toBe('none')
  })
})

const sealOf = ({ body }: Message): StepsBody['seal'] => ('seal' in body ? body.seal : [])

describe('a party in quarantine', () => {
  test('refuses all but questions and answers, however good the message was before', () => {
    const scene = createScene()
    const { alice, bob } = scene
    agree(scene, 2)
    give(alice, wishOf(alice))
    const offer = take(alice, 'offer')
    expect(outcomeOf(bob, offer).code).toBe('none')
    putBack(bob, bob.state)
    expect(outcomeOf(bob, offer)).toMatchObject({ code: 'party/quarantined', changed: false })
    const abort = spoken(alice, { is: 'abort', aborts: [abortOf(alice, 0)] })
    expect(outcomeOf(bob, abort)).toMatchObject({ code: 'party/quarantined', changed: false })
    settle(scene)
    expect(outcomeOf(bob, offer).code).toBe('none')
  })

  test('takes no answer to the question of an earlier restore', () => {
    const scene = createScene()
    const { alice, bob } = scene
    agree(scene, 2)
    const old = lostAndAnswered(scene)
    putBack(bob, bob.party.begin(), { random: 8 })
    expect(outcomeOf(bob, old)).toMatchObject({ code: 'message/before-restore', changed: false })
    hand(alice, take(bob, 'catchup'))
    hand(bob, take(alice, 'steps'))
    expect(bob.state.quarantine).toBeUndefined()
    // Nobody asked any more.
    expect(outcomeOf(bob, old)).toMatchObject({ code: 'message/before-restore', changed: false })
  })

  test('gets nothing from a party that is in quarantine too, and neither signs for finality', () => {
    const scene = createScene()
    const { alice, bob } = scene
    agree(scene, 2)
    for (const actor of [alice, bob]) putBack(actor, actor.state, { random: 3 + actor.position })
    settle(scene)
    for (const actor of [alice, bob]) {
      expect(actor.state.quarantine).toBeDefined()
      expect(codesOf(actor)).toContain('steps/not-sound')
      give(actor, wishOf(actor))
      expect(codesOf(actor).at(-1)).toBe('party/quarantined')
      expect(actor.party.outstanding(actor.state).filter((one) => one.is === 'sign')).toEqual([])
    }
  })
})

describe('own vows that the other one holds', () => {
  /** Bob has voted, Alice holds the vote and has not signed hers; then Bob's store goes back to before the offer. */
  const votedAndLost = () => {
    const scene = createScene()
    const { alice, bob } = scene
    const before = bob.state
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    const { id } = headOn(bob)
    alice.signs = false
    hand(alice, take(bob, 'accept'))
    expect(alice.state.pending?.stage).toBe('confirming')
    putBack(bob, before)
    hand(alice, take(bob, 'catchup'))
    alice.signs = true
    return { ...scene, id }
  }

  test('are taken over with the answer', () => {
    const { alice, bob, id } = votedAndLost()
    // Only the seal is signed: Alice's own vote is still wanting.
    const sealing = alice.party
      .outstanding(alice.state)
      .find((one) => one.is === 'sign' && one.what.is === 'seal')
    if (sealing?.is !== 'sign' || sealing.what.is !== 'seal') throw new Error('no seal wanted')
    const answer = sealed(alice, sealing.what.message) as Steps
    expect(answer.body.held).toHaveLength(1)
    const vow = { round: 0, phase: 'commit', child: id, cited: 0 }
    expect(bob.state.book.vows).toEqual([])
    expect(outcomeOf(bob, answer).state.book.vows).toEqual([vow])

    const holding = (held: StepsBody['held']): Message =>
      sealed(alice, { ...answer, body: { ...answer.body, held } })
    const [own] = answer.body.held
    if (own?.statement.is !== 'vote') throw new Error('a vote is held')
    const elsewhere = bilateralVote({ ...own.statement.transition, parent: anId('elsewhere') }, 0)
    for (const held of [
      { ...own, key: 1 },
      { ...own, signature: endorse(alice, own.statement).signature },
      { ...own, statement: { ...own.statement, round: 1 } },
      { ...own, statement: elsewhere, signature: endorse(bob, elsewhere).signature },
    ]) {
      const { state, code } = outcomeOf(bob, holding([held]))
      expect([code, state.book.vows, state.quarantine]).toEqual(['none', [], undefined])
    }
  })

  test('are for a step that it ends with after all', () => {
    const { charter, alice, bob, id } = votedAndLost()
    settle({ charter, alice, bob })
    expect([alice.state.machine.headId, bob.state.machine.headId]).toEqual([id, id])
    expect(bob.state.quarantine).toBeUndefined()
  })
})

describe('the guard', () => {
  const vowUnder = (actor: Actor, sequence: bigint, parent = actor.state.machine.headId) => ({
    parent,
    sequence,
    vow: { round: 0, phase: 'commit', child: anId<'transition'>('child'), cited: 0 } as const,
  })

  const restoredWith = (last: ReturnType<typeof vowUnder>) => {
    const scene = createScene()
    agree(scene, 2)
    const { bob } = scene
    putBack(bob, bob.party.begin(), { last })
    settle(scene)
    return bob
  }

  const twoSteps = (): Actor => {
    const scene = createScene()
    agree(scene, 2)
    return scene.bob
  }

  test('adds its vow to those taken at the head', () => {
    const at = twoSteps()
    const bob = restoredWith(vowUnder(at, 2n))
    expect(bob.state.quarantine).toBeUndefined()
    expect(bob.state.book.vows).toEqual([vowUnder(at, 2n).vow])
    give(bob, wishOf(bob))
    expect(codesOf(bob)).toEqual(['wish/busy'])
  })

  test('is done with when its head is past', () => {
    const bob = restoredWith(vowUnder(twoSteps(), 1n, anId('long ago')))
    expect(bob.state.quarantine).toBeUndefined()
    expect([bob.state.guarded, bob.state.book.vows]).toEqual([undefined, []])
  })

  test('keeps the quarantine where it knows of more steps than the other party', () => {
    const ahead = vowUnder(twoSteps(), 4n, anId('ahead'))
    const bob = restoredWith(ahead)
    expect(bob.state.quarantine).toBeDefined()
    expect(codesOf(bob).at(-1)).toBe('party/guard-ahead')
    const next = restoredWith(vowUnder(twoSteps(), 3n, anId('next')))
    expect(next.state.quarantine).toBeUndefined()
    expect(next.state.guarded?.sequence).toBe(3n)
  })
})

describe('steps of the past', () => {
  test('come in portions where they are many', () => {
    const scene = createScene({ turn: { is: 'leader', party: 0 } })
    const { alice, bob } = scene
    agree(scene, CATCHUP_STEPS_MAX + 2)
    const begin = bob.party.begin()
    const good = lostAndAnswered(scene)
    expect(good.body.steps).toHaveLength(CATCHUP_STEPS_MAX)
    hand(bob, good)
    expect(bob.state.machine.head.sequence).toBe(BigInt(CATCHUP_STEPS_MAX))
    expect(bob.state.quarantine).toBeDefined()
    putBack(bob, begin)
    settle(scene)
    expect(bob.state.machine.headId).toBe(alice.state.machine.headId)
    expect(bob.state.quarantine).toBeUndefined()
  })

  test('are refused where this side voted for another child in that round', () => {
    const scene = createScene()
    const { alice, bob } = scene
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    expect(bob.state.pending?.stage).toBe('accepted')
    // Alice is put back, and somebody who has both keys makes another child final with her.
    const other = createScene()
    give(other.alice, wishOf(other.alice, 5n))
    settle(other)
    const [step] = stepsOf(other.alice.state)
    if (!step) throw new Error('no step')
    const answer = stepsFrom(other.alice, [step])
    expect(outcomeOf(bob, answer)).toMatchObject({ code: 'steps/other-history', changed: false })
    expect(outcomeOf(createScene().bob, answer).code).toBe('none')
  })

  test('that another history holds convict who signed both', () => {
    const scene = createScene()
    const { alice, bob } = scene
    agree(scene, 1)
    const other = createScene()
    give(other.alice, wishOf(other.alice, 5n))
    settle(other)
    const [step] = stepsOf(other.alice.state)
    if (!step) throw new Error('no step')
    const answer = stepsFrom(other.bob, [step])
    const { code, state } = outcomeOf(alice, answer)
    expect(code).toBe('none')
    const kinds = state.evidence.map((one) => {
      const found = convict(one, engine)
      return isFault(found) ? found.code : `${found.kind} ${hexFromBytes(one.publicKey)}`
    })
    expect(kinds).toEqual([`fork ${hexFromBytes(bob.keys[0]?.publicKey ?? step.certificate)}`])

    const unsigned = { ...step, certificate: withoutSignatures(step.certificate) }
    expect(outcomeOf(alice, stepsFrom(other.bob, [unsigned]))).toMatchObject({
      code: 'steps/other-history',
      changed: false,
    })
  })
})

const stepsFrom = (from: Actor, steps: readonly SharedStep[]): Message =>
  spoken(from, {
    is: 'steps',
    steps,
    aborts: [],
    held: [],
    open: undefined,
    challenge: undefined,
    sound: true,
    seal: [],
  })

const withoutSignatures = (certificate: Uint8Array): Uint8Array =>
  bilateralCertificate.encode({ ...bilateralCertificate.decode(certificate), signatures: [] })

describe('a question what is missing', () => {
  test('is answered from the head it names, which must lie on our history', () => {
    const scene = createScene()
    const { alice, bob } = scene
    agree(scene, 3)
    const ask = (sequence: bigint, head = stepsOf(alice.state)[Number(sequence) - 1]?.id) =>
      spoken(
        bob,
        { is: 'catchup', challenge: undefined },
        {
          sequence,
          ...(head && { head }),
        },
      )
    const answer = outcomeOf(alice, ask(1n)).state
    expect(answer.talk.answer).toEqual({ is: 'steps', after: 1n, challenge: undefined, seal: [] })
    expect(outcomeOf(alice, ask(1n, anId('another head')))).toMatchObject({
      code: 'message/other-history',
      changed: false,
    })
  })

  test('of long ago does not make a party look behind that is level', () => {
    const scene = createScene()
    const { alice, bob } = scene
    agree(scene, 3)
    const [first] = stepsOf(alice.state)
    const { peer } = alice.state
    expect(peer?.sequence).toBe(3n)
    const question = { is: 'catchup', challenge: undefined } as const
    const old = spoken(bob, question, { sequence: 1n, ...(first && { head: first.id }) })
    expect(outcomeOf(alice, old)).toMatchObject({ code: 'none', changed: false })
    const now = spoken(bob, question, { round: 1 })
    expect(outcomeOf(alice, now).state.peer?.round).toBe(1)
  })
})

describe('an offer that the proposer lost', () => {
  const acceptedAndLost = () => {
    const scene = createScene()
    const { alice, bob } = scene
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    take(bob, 'accept')
    putBack(alice, alice.party.begin())
    hand(bob, take(alice, 'catchup'))
    return { scene, answer: take(bob, 'steps') }
  }

  test('is taken up only if our own consent shows that it was ours', () => {
    const { scene, answer } = acceptedAndLost()
    const { alice, bob } = scene
    const { open } = answer.body
    if (!open) throw new Error('nothing is open')
    const without = sealed(bob, {
      ...answer,
      body: { ...answer.body, open: { ...open, consents: [] } },
    })
    const { code, state } = outcomeOf(alice, without)
    expect([code, state.pending, state.quarantine]).toEqual(['none', undefined, undefined])
    expect(outcomeOf(alice, answer).state.pending?.stage).toBe('offered')
  })
})

describe('a party that has voted for a step it lost', () => {
  /** Bob has voted, Alice is put back to a state in between, and her guard remembers her own vote for the same step. */
  const votedBoth = () => {
    const scene = createScene()
    const { alice, bob } = scene
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    const { id } = headOn(bob)
    const { headId: parent } = alice.state.machine
    const vow = { round: 0, phase: 'commit', child: id, cited: 0 } as const
    return { scene, alice, bob, id, last: { parent, sequence: 0n, vow } }
  }

  test('asks for it even if the other one has no reason to look again', () => {
    const { scene, alice, bob, id, last } = votedBoth()
    const { alice: earlier } = createScene()
    earlier.signs = false
    give(earlier, wishOf(earlier))
    expect(earlier.state.pending?.stage).toBe('consenting')
    hand(alice, take(bob, 'accept'))
    const confirm = take(alice, 'confirm')
    alice.signs = false
    putBack(alice, earlier.state, { last })
    hand(bob, take(alice, 'catchup'))
    // Sent before the restore: Bob thinks that Alice is where it says.
    hand(bob, confirm)
    const answer = take(bob, 'steps')
    expect(answer.sequence).toBe(0n)
    hand(alice, answer)
    give(alice, { is: 'withdraw' })
    for (const actor of [alice, bob]) actor.outbox.length = 0
    alice.signs = true
    expect([alice.state.machine.head.sequence, alice.state.pending]).toEqual([0n, undefined])
    expect(bob.state).toMatchObject({ pending: undefined, peer: { sequence: 1n } })
    for (const actor of [alice, bob]) give(actor, { is: 'resend' })
    settle(scene)
    expect([alice.state.machine.headId, bob.state.machine.headId]).toEqual([id, id])
  })

  test('lets go of what it was about to propose instead', () => {
    const { scene, alice, bob, id, last } = votedBoth()
    const other = createScene().alice
    give(other, wishOf(other, 5n))
    expect(headOn(other).id).not.toBe(id)
    bob.outbox.length = 0
    putBack(alice, other.state, { last })
    hand(bob, take(alice, 'catchup'))
    hand(alice, take(bob, 'steps'))
    expect(alice.state.pending?.draft.next?.headId).not.toBe(headOn(other).id)
    for (const actor of [alice, bob]) give(actor, { is: 'resend' })
    settle(scene)
    expect([alice.state.machine.headId, bob.state.machine.headId]).toEqual([id, id])
  })

  test('goes on with it without asking its person once more', () => {
    const scene = createScene()
    const { alice, bob } = scene
    bob.agrees = false
    give(alice, wishOf(alice))
    hand(bob, take(alice, 'offer'))
    const asked = bob.state
    expect(asked.pending?.stage).toBe('asking')
    const { id } = headOn(bob)
    const interaction = asked.pending?.draft.id ?? anId('none')
    give(bob, { is: 'decide', interaction, yes: true })
    const last = lastVowOf(bob.state)
    expect(last?.vow.child).toBe(id)
    putBack(bob, asked, last ? { last } : {})
    hand(alice, take(bob, 'catchup'))
    hand(bob, take(alice, 'steps'))
    // A no would come too late: the vote may be out.
    expect(bob.state.pending?.stage).toBe('accepted')
    settle(scene)
    expect([alice.state.machine.headId, bob.state.machine.headId]).toEqual([id, id])
  })
})
