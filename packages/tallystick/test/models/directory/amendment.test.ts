/** Change of terms, as an operator learns of it: `reliability.md` H10 among others. */
import { describe, expect, test } from 'vitest'
import { ERAS_MAX } from '../../../src/base/limits.ts'
import { CLOSED, terms, type Terms } from '../../../src/kernel/charter.ts'
import { type Consent, consentDigest } from '../../../src/kernel/consent.ts'
import { soleController } from '../../../src/kernel/controller.ts'
import { AMEND, interactionId } from '../../../src/kernel/interaction.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { childTransition, type Transition } from '../../../src/kernel/transition.ts'
import { bilateralCertificate } from '../../../src/models/bilateral/certificate.ts'
import { bilateralVote } from '../../../src/models/bilateral/evidence.ts'
import { BILATERAL_TERMS } from '../../../src/models/bilateral/policy.ts'
import {
  amendment,
  type Amendment,
  amendments,
  withAmendment,
} from '../../../src/models/directory/amendment.ts'
import { certificateFrom, directoryCertificate } from '../../../src/models/directory/certificate.ts'
import { receiptVote } from '../../../src/models/directory/evidence.ts'
import { ownerVote } from '../../../src/models/directory/owner.ts'
import { directoryTerms } from '../../../src/models/directory/policy.ts'
import {
  seatAt,
  seatOfSuccessor,
  servedFrom,
  type ServedMachine,
  termsAt,
} from '../../../src/models/directory/served.ts'
import { checkSubmission } from '../../../src/models/directory/submission.ts'
import { Fault } from '../../../src/base/fault.ts'
import { STANDARD_MODELS } from '../../../src/verify/standard.ts'
import {
  aCharter,
  alice,
  anId,
  aTerms,
  bob,
  engine,
  interactionOn,
  opened,
  type Person,
  person,
  sign,
  signerFrom,
} from '../../kernel/sample.ts'

const old = ['oda', 'ove', 'oki', 'oto'].map(person)
const fresh = ['una', 'ulf', 'uwe', 'udo'].map(person)
const underOf = (people: readonly Person[]): Terms['policy'] =>
  directoryTerms({ operators: people.map(signerFrom), threshold: 3, faulty: 1 })
const owned = aTerms({ turn: { is: 'owner', party: 0 }, policy: underOf(old) })
const next: Terms = { ...owned, policy: underOf(fresh) }
const charter = aCharter({ terms: owned })
const options = { models: STANDARD_MODELS, verifier: engine }

const receipted = (of: Transition, by: readonly Person[]): Uint8Array =>
  directoryCertificate.encode(
    certificateFrom(
      by.map((one) => {
        const operator = [...old, ...fresh].indexOf(one) % 4
        return { operator, time: 5n, signature: sign('classic', one, receiptVote(of, 5n)) }
      }),
    ),
  )

type Options = {
  readonly from?: Terms
  readonly consenting?: readonly Person[]
  readonly proposer?: Person
  readonly parent?: Transition
}

/** A step to other terms, certified by the first three of the old operators unless told otherwise. */
const amendTo = (
  to: Uint8Array,
  certify: (of: Transition) => Uint8Array = (of) => receipted(of, old.slice(0, 3)),
  { from = owned, consenting = [bob], proposer = alice, parent }: Options = {},
): Amendment => {
  const start = opened(aCharter({ terms: from }))
  const before = parent ?? start.head
  const interaction = interactionOn(start, [{ machine: start.id, logic: AMEND, argument: to }])
  const id = interactionId(interaction)
  const transition = childTransition('classic', before, id, anId('state'))
  const consents = consenting.map((one): Consent => {
    const digest = consentDigest('classic', id)
    const signature = engine.sign('ed25519', one.keys.secret, digest)
    return { machine: start.id, party: one === alice ? 0 : 1, key: 0, form: 'raw', signature }
  })
  const proposal = engine.sign(
    'ed25519',
    proposer.keys.secret,
    statementDigest('classic', ownerVote(transition)),
  )
  const step = { transition, parent: before, interaction, consents, proposal }
  return { step, certificate: certify(transition) }
}

const codeOf = (given: Amendment, served: ServedMachine = servedFrom(charter)): string => {
  const after = withAmendment(options, served, given)
  return after instanceof Fault ? after.code : 'in force'
}
const amended = (served: ServedMachine, given: Amendment): ServedMachine => {
  const after = withAmendment(options, served, given)
  if (after instanceof Fault) throw after
  return after
}

const good = amendTo(terms.encode(next))

test('what an operator is told of changed terms reads back', () => {
  const told = { charter, changes: [amendTo(terms.encode(next))] }
  expect(amendments.decode(amendments.encode(told))).toEqual(told)
})

describe('a change of terms', () => {
  test('comes into force with the consent of all and a quorum of those before', () => {
    const after = amended(servedFrom(charter), good)
    expect(termsAt(after, 1n)).toEqual(owned)
    expect(termsAt(after, 2n)).toEqual(next)
    expect(amended(after, good)).toBe(after)
    expect(amendment.decode(amendment.encode(good))).toEqual(good)
  })

  test('is refused by a minority of the old operators, and by any number of others (H10)', () => {
    const by = (people: readonly Person[]) =>
      codeOf(amendTo(terms.encode(next), (of) => receipted(of, people)))
    expect(by(old.slice(0, 2))).toBe('terms/not-certified')
    expect(by(fresh)).toBe('receipt/bad-signature')
    expect(by(old.slice(1))).toBe('in force')
  })

  test('is refused without every participant, of whom the owner has proposed', () => {
    const without = (changes: Options) => codeOf(amendTo(terms.encode(next), undefined, changes))
    expect(without({ consenting: [] })).toBe('amend/no-consent')
    expect(without({ proposer: bob })).toBe('amend/no-consent')
    expect(without({ proposer: bob, consenting: [alice, bob] })).toBe('in force')
    const [forged] = good.step.consents
    if (!forged) throw new Error('bob consented')
    const step = { ...good.step, consents: [{ ...forged, party: 0 }] }
    expect(codeOf({ ...good, step })).toBe('consent/bad-signature')
  })

  test('is refused to terms that cannot be admitted', () => {
    const to = (of: Terms) => codeOf(amendTo(terms.encode(of)))
    const weak = directoryTerms({
      operators: fresh.map(signerFrom),
      threshold: 2,
      faulty: 1,
    })
    expect(to({ ...next, policy: weak })).toBe('quorum/too-weak')
    expect(to({ ...next, participants: [] })).toBe('charter/no-participants')
    const nostr = engine.fromSeed('bip340', new Uint8Array(32))
    const ned = { name: 'ned', controller: soleController('bip340', nostr.publicKey) }
    expect(to({ ...next, suite: 'nostr', participants: [ned] })).toBe('amend/other-hash')
    expect(to({ ...next, policy: { kind: 'kings', params: new Uint8Array() } })).toBe(
      'terms/unknown-model',
    )
    expect(codeOf(amendTo(new Uint8Array(3)))).toBe('suite/unknown')
  })

  test('is refused where the step is another one than it says, or changes nothing', () => {
    const other = { ...good.step, interaction: interactionOn(opened(charter), []) }
    expect(codeOf({ ...good, step: other })).toBe('operator/other-interaction')
    const start = opened(charter)
    const interaction = interactionOn(start, [])
    const transition = childTransition(
      'classic',
      start.head,
      interactionId(interaction),
      anId('state'),
    )
    const step = { ...good.step, interaction, transition }
    expect(codeOf({ ...good, step })).toBe('terms/not-changed')
  })

  test('follows the newest one known: a rival of it is refused, whoever certifies that', () => {
    const after = amended(servedFrom(charter), good)
    const rival = amendTo(terms.encode({ ...next, turn: { is: 'anyone' } }))
    expect(codeOf(rival, after)).toBe('terms/out-of-order')
    const late = amendTo(
      terms.encode({ ...owned, turn: { is: 'anyone' } }),
      (of) => receipted(of, fresh.slice(0, 3)),
      { parent: good.step.transition },
    )
    expect(codeOf(late, after)).toBe('in force')
    expect(codeOf(late)).toBe('receipt/bad-signature')
  })

  test('from two parties needs no consent beside the certificate, which both have signed', () => {
    const pair = aTerms({ policy: BILATERAL_TERMS })
    const cosigned = (of: Transition, by: readonly Person[]): Uint8Array =>
      bilateralCertificate.encode({
        round: 0,
        aborts: [],
        signatures: by.map((one) => ({
          party: one === alice ? 0 : 1,
          key: 0,
          signature: sign('classic', one, bilateralVote(of, 0)),
        })),
      })
    const served = servedFrom(aCharter({ terms: pair }))
    const move = (by: readonly Person[]) =>
      amendTo(terms.encode(next), (of) => cosigned(of, by), { from: pair, consenting: [] })
    expect(codeOf(move([alice, bob]), served)).toBe('in force')
    expect(codeOf(move([alice]), served)).toBe('terms/not-certified')
  })

  test('may close a machine, which takes no further step then', () => {
    const closing: Terms = { ...owned, policy: { kind: CLOSED, params: new Uint8Array() } }
    const after = amended(servedFrom(charter), amendTo(terms.encode(closing)))
    const later = amendTo(terms.encode(next), undefined, { parent: good.step.transition })
    expect(checkSubmission(after, later.step, engine)?.code).toBe('machine/closed')
    expect(codeOf(later, after)).toBe('machine/closed')
  })

  test('is kept for the newest of very many, and the others are served no more', () => {
    const filled: ServedMachine = {
      charter,
      eras: Array.from({ length: ERAS_MAX }, () => ({ from: 1n, terms: owned, by: undefined })),
    }
    const after = amended(filled, good)
    expect(after.eras.length).toBe(ERAS_MAX)
    expect(after.eras.at(-1)?.terms).toEqual(next)
  })
})

describe('an operator that knows of a change of operators', () => {
  const after = amended(servedFrom(charter), good)
  const [oda, una] = [old[0], fresh[0]]
  const child = amendTo(terms.encode(next), undefined, { parent: good.step.transition })

  test('has its seat where it had one, until the change', () => {
    expect(oda && seatAt(after, 1n, oda.keys.publicKey)).toBe(0)
    expect(oda && seatAt(after, 2n, oda.keys.publicKey)).toBe(-1)
  })

  test('has one from the change on where it follows, and accepts that very step', () => {
    expect(una && seatAt(after, 1n, una.keys.publicKey)).toBe(-1)
    expect(una && seatAt(after, 2n, una.keys.publicKey)).toBe(0)
    expect(una && seatOfSuccessor(after, good.step.transition, una.keys.publicKey)).toBe(0)
    expect(una && seatOfSuccessor(after, child.step.transition, una.keys.publicKey)).toBe(-1)
  })

  test('judges a later step by the new terms, whoever owned the machine before', () => {
    expect(checkSubmission(after, child.step, engine)).toBeUndefined()
    const toBob: Terms = { ...next, turn: { is: 'owner', party: 1 } }
    const sold = amendTo(terms.encode(toBob))
    const afterSale = amended(servedFrom(charter), sold)
    const by = (proposer: Person) =>
      checkSubmission(
        afterSale,
        amendTo(terms.encode(next), undefined, { proposer, parent: sold.step.transition }).step,
        engine,
      )?.code
    expect(by(alice)).toBe('operator/not-the-owner')
    expect(by(bob)).toBeUndefined()
  })
})
