/** Transitions and interactions: links, ids, shapes, consents. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { terms } from '../../packages/tallystick/src/kernel/charter.ts'
import { consent } from '../../packages/tallystick/src/kernel/consent.ts'
import {
  type Interaction,
  interaction,
  interactionId,
} from '../../packages/tallystick/src/kernel/interaction.ts'
import { type Transition, transition } from '../../packages/tallystick/src/kernel/transition.ts'
import { type Area, type Case, good, spoiled } from './case.ts'
import {
  after,
  charterOf,
  consentOf,
  interactionOf,
  only,
  opened,
  PAIR,
  pay,
  person,
  PURSE,
  SCHEME,
} from './world.ts'

const SUITES = ['quantum', 'classic', 'nostr', 'evm'] as const
const hexOf = (of: Transition): string => hexFromBytes(transition.encode(of))

const links = (): readonly Case[] =>
  SUITES.flatMap((suite) => {
    const parties = [person('alice', SCHEME[suite]), person('bob', SCHEME[suite])]
    const start = opened(charterOf({ suite, participants: parties }, { logics: PURSE.logics }))
    const first = only(after({ write: [start], operations: [pay(start, 'alice')] }))
    const second = only(after({ write: [first], operations: [pay(first, 'bob')] }))
    const whole = good({
      id: `transition/${suite}-link`,
      comment: 'a step and the one after it',
      check: 'link',
      input: { suite, parent: hexOf(first.head), child: hexOf(second.head) },
    })
    const broken = (fault: string, id: string, comment: string, more: Partial<Transition>): Case =>
      spoiled(whole, fault, {
        id: `transition/${suite}-${id}`,
        comment,
        input: { child: hexOf({ ...second.head, ...more }) },
      })
    return [
      good({
        id: `transition/${suite}-genesis-link`,
        comment: 'the first step after genesis',
        check: 'link',
        input: { suite, parent: hexOf(start.head), child: hexOf(first.head) },
      }),
      whole,
      broken('transition/wrong-machine', 'wrong-machine', 'the child of another machine', {
        machine: opened(PAIR).id,
      }),
      broken('transition/wrong-sequence', 'gap', 'a number left out', { sequence: 3n }),
      broken('transition/wrong-sequence', 'same-number', 'the parent’s number again', {
        sequence: 1n,
      }),
      broken('transition/wrong-parent', 'wrong-parent', 'the grandparent for the parent', {
        parent: first.head.parent,
      }),
      broken('transition/wrong-entropy', 'wrong-entropy', 'the entropy of the step before', {
        entropy: first.head.entropy,
      }),
      broken(
        'transition/wrong-entropy',
        'wrong-interaction',
        'another deed: the entropy is no longer its own',
        {
          interaction: first.head.interaction,
        },
      ),
    ]
  })

const shapes = (): readonly Case[] => {
  const purse = opened(PURSE)
  const of = interactionOf({ write: [purse], operations: [pay(purse, 'alice')] })
  const hexOfDeed = (one: Interaction): string => hexFromBytes(interaction.encode(one))
  const whole = good({
    id: 'interaction/payment',
    comment: 'one written leg, pinned, and an operation on it',
    check: 'interaction',
    input: { interaction: hexOfDeed(of) },
  })
  const broken = (fault: string, id: string, comment: string, more: Partial<Interaction>): Case =>
    spoiled(whole, fault, {
      id: `interaction/${id}`,
      comment,
      input: { interaction: hexOfDeed({ ...of, ...more }) },
    })
  const [leg] = of.legs
  if (!leg) throw new Error('there is a leg')
  return [
    whole,
    broken('interaction/duplicate-leg', 'duplicate-leg', 'one machine in two legs', {
      legs: [leg, { ...leg, access: 'read' }],
    }),
    broken('interaction/nothing-written', 'nothing-written', 'a leg that is only read', {
      legs: [{ ...leg, access: 'read' }],
    }),
    broken('interaction/not-pinned', 'not-pinned', 'no leg says what it builds on', {
      legs: [{ ...leg, parent: undefined }],
    }),
    broken('interaction/unknown-leg', 'unknown-leg', 'an operation on a machine that is no leg', {
      operations: of.operations.map((one) => ({ ...one, machine: opened(PAIR).id })),
    }),
    spoiled(whole, 'suite/unknown', {
      id: 'interaction/unknown-suite',
      comment: 'a suite code that nobody has',
      input: { interaction: `09${hexOfDeed(of).slice(2)}` },
    }),
  ]
}

const consents = (): readonly Case[] => {
  const purse = opened(PURSE)
  const deed = { write: [purse], operations: [pay(purse, 'alice')] }
  const other = { write: [purse], operations: [pay(purse, 'alice', 2n)] }
  const given = consentOf(purse, 'alice', deed)
  const hexOfConsent = (more: object): string => hexFromBytes(consent.encode({ ...given, ...more }))
  const whole = good({
    id: 'consent/of-alice',
    comment: 'a signature over the tagged id of the interaction',
    check: 'consent',
    input: {
      terms: hexFromBytes(terms.encode(purse.terms)),
      interaction: interactionId(interactionOf(deed)),
      consent: hexOfConsent({}),
    },
  })
  const broken = (
    fault: string,
    id: string,
    comment: string,
    input: Record<string, string>,
  ): Case => spoiled(whole, fault, { id: `consent/${id}`, comment, input })
  return [
    whole,
    broken('consent/bad-signature', 'other-deed', 'the consent to another payment', {
      interaction: interactionId(interactionOf(other)),
    }),
    broken('consent/bad-signature', 'other-party', 'Alice’s signature in Bob’s name', {
      consent: hexOfConsent({ party: 1 }),
    }),
    broken(
      'consent/bad-signature',
      'wrong-domain',
      'a signature over the bare id, without its tag',
      {
        consent: hexOfConsent({ signature: consentOf(opened(PAIR), 'alice', other).signature }),
      },
    ),
    broken('consent/unknown-key', 'unknown-party', 'party 2 of two', {
      consent: hexOfConsent({ party: 2 }),
    }),
    broken('consent/unknown-key', 'unknown-key', 'key 1 of one', {
      consent: hexOfConsent({ key: 1 }),
    }),
  ]
}

export const transitionArea = (): Area => ({
  area: 'transition',
  about: 'Headers and their links, interactions and their shape, consents.',
  cases: [...links(), ...shapes(), ...consents()],
})
