/**
 * What a party does not do, or does not do any more: once it has vowed, has proof against the other, lost its memory,
 * or was told something that does not hold.
 */
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { BILATERAL_ROUNDS_MAX } from '../../../src/base/limits.ts'
import { terms as termsCodec } from '../../../src/kernel/charter.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { AMEND, interactionId } from '../../../src/kernel/interaction.ts'
import { childTransition, type Transition } from '../../../src/kernel/transition.ts'
import { bilateralCertificate } from '../../../src/models/bilateral/certificate.ts'
import { outstandingOf, waitingFor } from '../../../src/models/bilateral/effects.ts'
import type { Message, MessageBody } from '../../../src/models/bilateral/message.ts'
import { accuseAtOldHead } from '../../../src/models/bilateral/notice.ts'
import { createParty } from '../../../src/models/bilateral/party.ts'
import type { PartyInput, PartyState } from '../../../src/models/bilateral/state.ts'
import { adding, anId, engine } from '../../kernel/sample.ts'
import {
  abortOf,
  type Actor,
  agree,
  createScene,
  feed,
  give,
  hand,
  headOn,
  outcomeOf,
  outcomeOfInput,
  putBack,
  type Scene,
  sealed,
  settle,
  spoken,
  take,
  votesOf,
  wishOf,
  work,
} from './scene.ts'

type Steps = Extract<MessageBody, { is: 'steps' }>

const steps = (from: Actor, changes: Partial<Steps>): Message =>
  spoken(from, {
    is: 'steps',
    steps: [],
    aborts: [],
    held: [],
    open: undefined,
    challenge: undefined,
    sound: true,
    seal: [],
    ...changes,
  })

const elsewhere = (of: Transition): Transition => ({
  ...of,
  state: anId<'state-root'>('another state'),
})

const kindsIn = ({ evidence }: PartyState): readonly string[] =>
  evidence.map((one) => {
    const found = convict(one, engine)
    return isFault(found) ? found.code : found.kind
  })

/** Alice has offered; Bob was asked, or has voted if he agrees. */
const offered = (agrees = true): Scene => {
  const scene = createScene()
  scene.bob.agrees = agrees
  give(scene.alice, wishOf(scene.alice))
  hand(scene.bob, take(scene.alice, 'offer'))
  return scene
}

describe('a party that has vowed', () => {
  /** Alice's guard remembers her vote for a step that nobody else knows of. */
  const guarded = (): Scene => {
    const scene = createScene()
    const { alice } = scene
    const { headId: parent } = alice.state.machine
    const child = anId<'transition'>('child')
    const vow = { round: 0, phase: 'commit', child, cited: 0 } as const
    putBack(alice, alice.state, { last: { parent, sequence: 0n, vow } })
    settle(scene)
    expect([alice.state.quarantine, alice.state.book.vows]).toEqual([undefined, [vow]])
    return scene
  }

  test('to commit cannot be asked out of the round', () => {
    const { alice, bob } = guarded()
    const other = createScene()
    give(other.alice, wishOf(other.alice))
    const { next } = headOn(other.alice)
    const ask = { is: 'cancel-ask', transition: next, signatures: votesOf(bob, next) } as const
    const { state } = outcomeOf(alice, spoken(bob, ask))
    expect([state.book.leaving, state.book.vows]).toEqual([undefined, alice.state.book.vows])
    // A party that has not voted leaves at once.
    const free = outcomeOf(createScene().alice, spoken(bob, ask)).state
    expect([free.book.leaving, free.book.vows]).toMatchObject([[], [{ phase: 'abort' }]])
  })

  test('to commit is asked about no other offer, and turns it down under seal', () => {
    const scene = createScene({ turn: { is: 'leader', party: 1 } })
    const { alice, bob } = scene
    const { headId: parent } = alice.state.machine
    const child = anId<'transition'>('child')
    const vow = { round: 0, phase: 'commit', child, cited: 0 } as const
    putBack(alice, alice.state, { last: { parent, sequence: 0n, vow } })
    settle(scene)
    give(bob, wishOf(bob))
    hand(alice, take(bob, 'offer'))
    expect([alice.asked, alice.state.pending]).toEqual([[], undefined])
    expect(take(alice, 'decline').body.seal).toHaveLength(1)
  })

  test('between being asked and answering does not vote against the vow', () => {
    const { alice, bob } = offered(false)
    const { state } = bob
    const { pending } = state
    if (!pending) throw new Error('Bob was not asked')
    const child = anId<'transition'>('child')
    const vows = [{ round: 0, phase: 'commit', child, cited: 0 } as const]
    const decide: PartyInput = { is: 'decide', interaction: pending.draft.id, yes: true }
    const { code, state: after } = outcomeOfInput(
      { ...bob, state: { ...state, book: { ...state.book, vows } } },
      decide,
    )
    expect([code, after.pending, after.book.vows]).toEqual(['vote/not-permitted', undefined, vows])
    expect(outcomeOfInput(bob, decide).state.pending?.stage).toBe('accepting')
    expect(alice.state.pending?.stage).toBe('offered')
  })

  test('for another child does not confirm its own offer', () => {
    const { alice, bob } = offered()
    const accept = take(bob, 'accept')
    const child = anId<'transition'>('child')
    const vows = [{ round: 0, phase: 'commit', child, cited: 0 } as const]
    const book = { ...alice.state.book, vows }
    const outcome = outcomeOf({ ...alice, state: { ...alice.state, book } }, accept)
    expect([outcome.code, outcome.changed]).toEqual(['vote/not-permitted', false])
    expect(outcomeOf(alice, accept).state.pending?.stage).toBe('confirming')
  })

  test('to leave makes no other wish until it has left, and leaves once', () => {
    const { alice, bob } = offered()
    alice.signs = false
    feed(alice, { is: 'withdraw' })
    expect(waitingFor(alice.state)).toEqual([{ is: 'signers', names: ['alice'] }])
    expect(outcomeOfInput(alice, wishOf(alice))).toMatchObject({
      code: 'wish/busy',
      changed: false,
    })
    const { next } = headOn(bob)
    const ask = { is: 'cancel-ask', transition: next, signatures: votesOf(bob, next) } as const
    hand(alice, spoken(bob, ask))
    expect(outcomeOf(alice, spoken(bob, ask))).toMatchObject({ code: 'none', changed: false })
    alice.signs = true
    work(alice)
    expect(alice.state.book.round).toBe(1)
    expect(outcomeOfInput(alice, wishOf(alice)).code).toBe('none')
  })
})

describe('a party that lost its memory', () => {
  test('neither decides, nor withdraws, nor hears of proofs', () => {
    const { bob } = offered(false)
    const { pending } = bob.state
    if (!pending) throw new Error('Bob was not asked')
    const { id: interaction } = pending.draft
    const inputs: readonly PartyInput[] = [
      { is: 'decide', interaction, yes: true },
      { is: 'decide', interaction, yes: false },
      { is: 'withdraw' },
      { is: 'proven', interaction, proven: [], grade: 'proven' },
    ]
    for (const input of inputs.slice(0, 3)) expect(outcomeOfInput(bob, input).code).toBe('none')
    putBack(bob, bob.state)
    for (const input of inputs) {
      const { code, changed } = outcomeOfInput(bob, input)
      expect([code, changed]).toEqual(['party/quarantined', false])
    }
  })

  test('refuses an answer whose aborts do not hold, and an open step that is not what it says', () => {
    const scene = offered()
    const { alice, bob } = scene
    putBack(alice, alice.party.begin())
    hand(bob, take(alice, 'catchup'))
    const answer = take(bob, 'steps')
    const { open } = answer.body
    if (!open) throw new Error('nothing is open')
    const changed = (changes: Partial<Steps>): Message =>
      sealed(bob, { ...answer, body: { ...answer.body, ...changes } })
    const badAbort = { ...abortOf(bob, 0), signature: abortOf(bob, 1).signature }
    expect(outcomeOf(alice, changed({ aborts: [badAbort] }))).toMatchObject({
      code: 'certificate/bad-signature',
      changed: false,
    })
    const consents = open.consents.map((one) => ({ ...one, signature: new Uint8Array(64) }))
    const forged = outcomeOf(alice, changed({ open: { ...open, consents } }))
    expect([forged.code, forged.state.pending]).toEqual(['consent/bad-signature', undefined])
    expect(outcomeOf(alice, answer).state.pending?.stage).toBe('offered')
  })
})

describe('a party that has proof', () => {
  test('of two votes in one round takes no vow on the second', () => {
    const { alice, bob } = offered()
    const accept = take(bob, 'accept')
    const { next } = headOn(alice)
    const other = elsewhere(next)
    alice.signs = false
    hand(alice, spoken(bob, { is: 'accept', transition: other, signatures: votesOf(bob, other) }))
    const { vows } = alice.state.book
    const { state } = outcomeOf(alice, accept)
    expect([kindsIn(state), state.book.vows]).toEqual([['fork'], vows])
  })

  test('of a vote and an abort stays in the round', () => {
    const { alice, bob } = offered()
    alice.signs = false
    hand(alice, take(bob, 'accept'))
    const { state } = outcomeOf(alice, spoken(bob, { is: 'abort', aborts: [abortOf(bob, 0)] }))
    expect([kindsIn(state), state.book.round]).toEqual([['abort-broken'], 0])
    expect(alice.party.outstanding(state)).toEqual([])
  })

  test('in a confirmation does not take the step', () => {
    const { alice, bob } = offered()
    const other = elsewhere(headOn(bob).next)
    hand(bob, spoken(alice, { is: 'accept', transition: other, signatures: votesOf(alice, other) }))
    expect(bob.state.evidence).toEqual([])
    hand(alice, take(bob, 'accept'))
    const { state } = outcomeOf(bob, take(alice, 'confirm'))
    expect([kindsIn(state), state.machine.head.sequence]).toEqual([['fork'], 0n])
  })

  test('in a step of the past does not take the step', () => {
    const { alice, bob } = offered(false)
    hand(bob, spoken(alice, { is: 'abort', aborts: [abortOf(alice, 0)] }))
    expect(bob.state.book.round).toBe(1)
    const other = createScene()
    agree(other, 1)
    const step = other.alice.state.history?.step
    if (!step) throw new Error('no step')
    const { state } = outcomeOf(bob, steps(other.alice, { steps: [step] }))
    expect([kindsIn(state), state.machine.head.sequence]).toEqual([['abort-broken'], 0n])
    const fresh = outcomeOf(createScene().bob, steps(other.alice, { steps: [step] })).state
    expect([kindsIn(fresh), fresh.machine.head.sequence]).toEqual([[], 1n])
  })

  test('finds none in what is older than the history it keeps', () => {
    const scene = createScene()
    const { alice, bob } = scene
    const aborts = [abortOf(bob, 0)]
    const old = spoken(bob, { is: 'abort', aborts })
    agree(scene, 2)
    expect(accuseAtOldHead(alice.config, alice.state, old)).toHaveLength(1)
    const state = { ...alice.state, history: undefined }
    expect(accuseAtOldHead(alice.config, state, old)).toEqual([])
  })
})

describe('a party that is told something', () => {
  test('that no rule allows refuses it, though both have signed it', () => {
    const { alice, bob } = createScene()
    const { machine } = bob.state
    const interaction = {
      suite: 'classic',
      legs: [{ machine: machine.id, access: 'write', parent: machine.headId }],
      operations: [adding(machine, 1001n)],
      premises: [],
    } as const
    const transition = childTransition(
      'classic',
      machine.head,
      interactionId(interaction),
      anId('full'),
    )
    const signatures = [...votesOf(alice, transition), ...votesOf(bob, transition)]
    const certificate = bilateralCertificate.encode({ round: 0, aborts: [], signatures })
    const step = { interaction, consents: [], attachments: [], transition, certificate }
    const heard = { ...steps(alice, { steps: [step] }), sequence: 1n }
    expect(outcomeOf(bob, heard)).toMatchObject({ code: 'counter/full', changed: false })
  })

  test('of an abort that was not signed stays in the round', () => {
    const { alice, bob } = offered(false)
    const forged = { ...abortOf(alice, 0), signature: abortOf(bob, 0).signature }
    const abort = (by: typeof forged): Message => spoken(alice, { is: 'abort', aborts: [by] })
    expect(outcomeOf(bob, abort(forged))).toMatchObject({
      code: 'certificate/bad-signature',
      changed: false,
    })
    expect(outcomeOf(bob, abort(abortOf(alice, 0))).state.book.round).toBe(1)
  })

  test('of a vote in a later round asks how it came to that', () => {
    const { alice, bob } = offered()
    const { next } = headOn(bob)
    const signatures = votesOf(bob, next, 1)
    hand(alice, spoken(bob, { is: 'accept', transition: next, signatures }, { round: 1 }))
    expect([alice.state.pending?.stage, alice.state.book.seen]).toEqual(['offered', []])
    expect(alice.outbox.at(-1)?.body.is).toBe('catchup')
  })

  test('of a vote for what it did not offer leaves the round, and may propose again', () => {
    const scene = createScene()
    const { alice, bob } = scene
    give(alice, wishOf(alice))
    const other = elsewhere(headOn(alice).next)
    hand(alice, spoken(bob, { is: 'accept', transition: other, signatures: votesOf(bob, other) }))
    expect([alice.state.book.round, alice.state.pending]).toEqual([1, undefined])
    expect(outcomeOfInput(alice, wishOf(alice)).code).toBe('none')
  })

  test('of the same vote again while its own is being signed changes nothing', () => {
    const { alice, bob } = offered()
    const accept = take(bob, 'accept')
    alice.signs = false
    hand(alice, accept)
    expect(alice.state.pending?.stage).toBe('confirming')
    expect(outcomeOf(alice, accept)).toMatchObject({ code: 'none', changed: false })
  })

  test('of a machine that does not open knows no more than before', () => {
    const { charter, alice } = createScene()
    const nonce = new Uint8Array(32).fill(1)
    const learning = (logics: typeof charter.logics): PartyInput => ({
      is: 'learn',
      charter: { ...charter, nonce, logics },
    })
    for (const [code, logics] of [
      ['logic/unknown', [{ name: 'nothing', params: new Uint8Array(0) }]],
      ['counter/bad-params', [{ name: 'counter', params: new Uint8Array(1) }]],
    ] as const) {
      expect(outcomeOfInput(alice, learning(logics))).toMatchObject({ code, changed: false })
    }
    expect(outcomeOfInput(alice, learning(charter.logics)).state.known.size).toBe(1)
  })

  test('that its premises do not hold drops its own wish, and nobody hears of it', () => {
    const { alice } = createScene()
    alice.proves = false
    const [machine, transition] = [anId<'machine'>('m'), anId<'transition'>('t')]
    const premises = [{ is: 'time', machine, transition, atLeast: 1n }] as const
    give(alice, wishOf(alice, 1n, { premises }))
    const interaction = alice.state.pending?.draft.id
    if (!interaction) throw new Error('nothing is to be proven')
    const fault = createParty({ ...alice.config, keys: [] })
    if (!isFault(fault)) throw new Error('no fault')
    give(alice, { is: 'unproven', interaction, fault })
    const { pending, ended, book, talk } = alice.state
    expect([pending, ended, book.round, talk.answer]).toEqual([undefined, undefined, 0, undefined])
    expect(alice.party.outstanding(alice.state)).toEqual([])
  })

  test('that the round is over keeps a wish of its own that has not left yet', () => {
    const scene = createScene()
    const { alice, bob } = scene
    alice.signs = false
    give(alice, wishOf(alice))
    hand(alice, spoken(bob, { is: 'abort', aborts: [abortOf(bob, 0)] }))
    expect(alice.state.pending).toMatchObject({ stage: 'consenting', round: 1 })
    alice.signs = true
    settle(scene)
    expect(bob.state.machine.head.sequence).toBe(1n)
    const certificate = alice.state.history?.step.certificate ?? new Uint8Array(0)
    expect(bilateralCertificate.decode(certificate).round).toBe(1)
  })
})

describe('a question to a person', () => {
  const described = (bob: Actor, state = bob.state): readonly string[] => {
    const [ask] = outstandingOf(bob.config, state).filter((one) => one.is === 'ask')
    return ask?.is === 'ask' ? ask.described : []
  }

  test('calls a change of terms by its name, and says where it has no words', () => {
    const scene = createScene()
    const { alice, bob } = scene
    bob.agrees = false
    const { id: machine, terms } = alice.state.machine
    const argument = termsCodec.encode({ ...terms, turn: { is: 'leader', party: 0 } })
    const operations = [{ machine, logic: AMEND, argument }]
    give(alice, wishOf(alice, 0n, { operations }))
    settle(scene)
    expect(described(bob)).toEqual(['change the terms'])
    const { pending } = bob.state
    if (!pending) throw new Error('Bob was not asked')
    const saying = (logic: number, words: Uint8Array): readonly string[] => {
      const strange = [{ machine, logic, argument: words }]
      const interaction = { ...pending.draft.interaction, operations: strange }
      const draft = { ...pending.draft, interaction }
      return described(bob, { ...bob.state, pending: { ...pending, draft } })
    }
    expect(saying(7, argument)).toEqual(['unknown logic 7'])
    expect(saying(0, new Uint8Array(8))).toEqual(['count 0'])
    expect(saying(0, new Uint8Array(7))).toEqual([expect.stringMatching(/^counter: /)])
  })
})

describe('a party is made', () => {
  const made = (changes: Partial<Scene['charter']['terms']>): string => {
    const { alice, charter } = createScene()
    const terms = { ...charter.terms, ...changes }
    const party = createParty({ ...alice.config, charter: { ...charter, terms } })
    return isFault(party) ? party.code : 'none'
  }

  test('for two parties under the plain bilateral policy and no others', () => {
    const { participants } = createScene().charter.terms
    const third = createScene({ keys: 2 }).charter.terms.participants[0]
    if (!third) throw new Error('no participant')
    expect(made({})).toBe('none')
    expect(made({ policy: { kind: 'directory', params: new Uint8Array(0) } })).toBe(
      'party/wrong-policy',
    )
    expect(made({ policy: { kind: 'bilateral', params: new Uint8Array(1) } })).toBe(
      'party/wrong-policy',
    )
    expect(made({ participants: [...participants, { ...third, name: 'carol' }] })).toBe(
      'party/not-two',
    )
    expect(made({ participants: participants.slice(0, 1) })).toBe('party/not-two')
    expect(made({ turn: { is: 'anyone' } })).toBe('bilateral/wrong-turn')
  })
})

describe('a proposal', () => {
  test('is not taken up on a machine that was handed over', () => {
    const { alice, bob } = createScene()
    give(bob, wishOf(bob))
    const request = take(bob, 'request')
    give(alice, wishOf(alice))
    const offer = take(alice, 'offer')
    for (const [actor, heard] of [
      [bob, offer],
      [createScene().alice, request],
    ] as const) {
      const closed = { ...actor, state: { ...actor.state, closed: true } }
      expect(outcomeOf(closed, heard)).toMatchObject({ code: 'party/closed', changed: false })
      expect(outcomeOf(actor, heard).code).toBe('none')
    }
  })

  test('is not taken up once the rounds under a head are used up', () => {
    const { alice, bob } = createScene()
    give(alice, wishOf(alice))
    const offer = take(alice, 'offer')
    const inRound = (round: number): string => {
      const book = { ...bob.state.book, round }
      return outcomeOf({ ...bob, state: { ...bob.state, book } }, { ...offer, round }).code
    }
    expect(inRound(BILATERAL_ROUNDS_MAX - 1)).toBe('none')
    expect(inRound(BILATERAL_ROUNDS_MAX)).toBe('round/too-many')
  })

  test('that is requested twice is looked at once, and in a later round not before that is reached', () => {
    const { alice, bob } = createScene()
    alice.agrees = false
    give(bob, wishOf(bob))
    const request = take(bob, 'request')
    const early = outcomeOf(alice, { ...request, round: 1 })
    expect([early.code, early.state.pending, early.state.peer?.round]).toEqual([
      'none',
      undefined,
      1,
    ])
    hand(alice, request)
    expect(alice.state.pending?.stage).toBe('asking')
    expect(outcomeOf(alice, request)).toMatchObject({ code: 'none', changed: false })
    give(bob, { is: 'withdraw' })
    give(bob, wishOf(bob, 2n))
    expect(outcomeOf(alice, take(bob, 'request')).code).toBe('request/busy')
  })

  test('that was voted for is not dropped because the proposer says that it declines it', () => {
    const { alice, bob } = offered()
    const interaction = bob.state.pending?.draft.id
    if (!interaction) throw new Error('nothing is on its way')
    const { state } = outcomeOf(bob, spoken(alice, { is: 'decline', interaction, seal: [] }))
    expect(state.pending).toBe(bob.state.pending)
  })
})
