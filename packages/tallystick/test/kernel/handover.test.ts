/** A live machine moves from two parties who sign everything to one owner under a directory, and back. */
import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { terms, type Terms } from '../../src/kernel/charter.ts'
import { type Consent, consentDigest } from '../../src/kernel/consent.ts'
import { execute, type Machine } from '../../src/kernel/execute.ts'
import { AMEND, interactionId, type Operation } from '../../src/kernel/interaction.ts'
import type { Statement } from '../../src/kernel/statement.ts'
import type { Transition } from '../../src/kernel/transition.ts'
import { bilateralCertificate } from '../../src/models/bilateral/certificate.ts'
import { bilateralVote } from '../../src/models/bilateral/evidence.ts'
import { BILATERAL_TERMS } from '../../src/models/bilateral/policy.ts'
import { certificateFrom, directoryCertificate } from '../../src/models/directory/certificate.ts'
import { receiptVote } from '../../src/models/directory/evidence.ts'
import { ownerVote } from '../../src/models/directory/owner.ts'
import { directoryTerms } from '../../src/models/directory/policy.ts'
import {
  type Bundle,
  type BundleLeg,
  type BundleStep,
  EMPTY_BUNDLE,
  fileFromBundle,
  type KeySignature,
} from '../../src/verify/bundle.ts'
import type { Report } from '../../src/verify/report.ts'
import { STANDARD_MODELS } from '../../src/verify/standard.ts'
import { verify } from '../../src/verify/verify.ts'
import {
  aCharter,
  adding,
  alice,
  aTerms,
  bob,
  engine,
  interactionOn,
  logics,
  opened,
  type Person,
  person,
  sign,
  signerFrom,
} from './sample.ts'

const pair = aTerms({ policy: BILATERAL_TERMS })
const operators = ['oda', 'ove', 'oki', 'oto'].map(person)
const policy = { operators: operators.map(signerFrom), threshold: 3, faulty: 1 }
const owned = aTerms({ turn: { is: 'owner', party: 0 }, policy: directoryTerms(policy) })

const cosigned = (of: Transition, by: readonly Person[] = [alice, bob]): Uint8Array =>
  bilateralCertificate.encode({
    round: 0,
    aborts: [],
    signatures: by.map((one) => ({
      party: one === alice ? 0 : 1,
      key: 0,
      signature: sign('classic', one, bilateralVote(of, 0)),
    })),
  })

const receipted = (of: Transition, count = 3): Uint8Array => {
  const receipts = operators.slice(0, count).map((one, operator) => {
    const time = 100n + BigInt(operator)
    return { operator, time, signature: sign('classic', one, receiptVote(of, time)) }
  })
  return directoryCertificate.encode(certificateFrom(receipts))
}

type Signed = Partial<Omit<Extract<BundleLeg, { is: 'written' }>, 'is' | 'transition'>>

/** A step and the machine after it. `signed` makes what is signed for the new transition. */
const stepOn = (
  machine: Machine,
  operation: Operation,
  signed: (of: Transition) => Signed,
  consenting: readonly Person[] = [],
): { readonly step: BundleStep; readonly after: Machine } => {
  const interaction = interactionOn(machine, [operation])
  const machines = new Map([[machine.id, machine]])
  const done = execute({
    interaction,
    machines,
    logics,
    consents: () => true,
    proven: [],
    verifier: engine,
  })
  if (isFault(done)) throw done
  const [after] = done.written
  if (!after) throw new Error('nothing was written')
  const digest = consentDigest('classic', interactionId(interaction))
  const consents = consenting.map((one): Consent => {
    const signature = engine.sign('ed25519', one.keys.secret, digest)
    return { machine: machine.id, party: one === alice ? 0 : 1, key: 0, form: 'raw', signature }
  })
  const nothing = new Uint8Array()
  const leg: BundleLeg = {
    is: 'written',
    transition: after.head,
    proposal: [],
    certificate: nothing,
    accepted: nothing,
    ...signed(after.head),
  }
  return { step: { legs: [leg], interaction, consents }, after }
}

const moving = (machine: Machine, to: Terms): Operation => ({
  machine: machine.id,
  logic: AMEND,
  argument: terms.encode(to),
})
const proposed = (of: Transition): readonly KeySignature[] => {
  const statement: Statement = ownerVote(of)
  return [{ key: 0, signature: sign('classic', alice, statement) }]
}

const check = (charterTerms: Terms, steps: readonly BundleStep[]): Report => {
  const bundle: Bundle = {
    ...EMPTY_BUNDLE,
    charters: [aCharter({ terms: charterTerms })],
    steps,
  }
  return verify(fileFromBundle(bundle), { models: STANDARD_MODELS, logics, verifier: engine })
}
const standings = (report: Report): readonly string[] =>
  report.machines.flatMap((machine) => machine.steps.map((one) => `${one.standing} ${one.grade}`))
const codes = (report: Report): readonly string[] => report.faults.map((one) => one.code)

const start = opened(aCharter({ terms: pair }))
const first = stepOn(start, adding(start, 1n), (of) => ({ certificate: cosigned(of) }))
const move = stepOn(first.after, moving(start, owned), (of) => ({
  certificate: cosigned(of),
  accepted: receipted(of),
}))
const under = (of: Transition): Signed => ({ certificate: receipted(of), proposal: proposed(of) })
const next = stepOn(move.after, adding(start, 2n), under)

describe('from two parties to a directory', () => {
  test('the old terms certify the move, the new ones accept it, and the directory goes on', () => {
    const report = check(pair, [first.step, move.step, next.step])
    expect(codes(report)).toEqual([])
    expect(report.outcome).toBe('valid')
    expect(standings(report)).toEqual(['final cosigned', 'final cosigned', 'final cosigned'])
    expect(report.machines[0]?.steps[2]?.finality).toMatchObject({
      grade: 'receipted',
      reach: 'anyone',
      since: 101n,
    })
  })

  test('a further step under the old terms is refused', () => {
    const old = stepOn(move.after, adding(start, 2n), (of) => ({ certificate: cosigned(of) }))
    const report = check(pair, [first.step, move.step, old.step])
    expect(report.outcome).toBe('invalid')
    expect(standings(report)[2]).toMatch(/^refused/)
  })

  test('a step under the new terms before the move is refused', () => {
    const early = stepOn(first.after, adding(start, 2n), under)
    const report = check(pair, [first.step, early.step])
    expect(report.outcome).toBe('invalid')
    expect(standings(report)[1]).toMatch(/^refused/)
  })

  test('without the acceptance, or with too few receipts in it, the move is not final', () => {
    const [bare, weak] = [0, 2].map((count) =>
      stepOn(first.after, moving(start, owned), (of) => ({
        certificate: cosigned(of),
        ...(count > 0 ? { accepted: receipted(of, count) } : {}),
      })),
    )
    for (const one of [bare, weak]) {
      const report = check(pair, one ? [first.step, one.step] : [])
      expect(report.outcome).toBe('incomplete')
      expect(standings(report)[1]).toMatch(/^pending/)
    }
  })

  test('accepted by the new ones alone it is not final either', () => {
    const alone = stepOn(first.after, moving(start, owned), (of) => ({ accepted: receipted(of) }))
    const report = check(pair, [first.step, alone.step])
    expect(report.outcome).not.toBe('valid')
    const half = stepOn(first.after, moving(start, owned), (of) => ({
      certificate: cosigned(of, [alice]),
      accepted: receipted(of),
    }))
    expect(check(pair, [first.step, half.step]).outcome).not.toBe('valid')
  })

  test('to terms that the new model does not admit it is refused', () => {
    const weak = { ...owned, policy: directoryTerms({ ...policy, threshold: 2 }) }
    const bad = stepOn(first.after, moving(start, weak), (of) => ({
      certificate: cosigned(of),
      accepted: receipted(of),
    }))
    expect(codes(check(pair, [first.step, bad.step]))).toEqual(['quorum/too-weak'])
  })
})

describe('from a directory to two parties', () => {
  const begun = opened(aCharter({ terms: owned }))
  const back = (consenting: readonly Person[]): BundleStep =>
    stepOn(
      begun,
      moving(begun, pair),
      (of) => ({ ...under(of), accepted: cosigned(of) }),
      consenting,
    ).step

  test('needs the consent of every participant, as operators do not sign for them', () => {
    expect(check(owned, [back([bob])]).outcome).toBe('valid')
    expect(codes(check(owned, [back([])]))).toEqual(['amend/no-consent'])
  })
})
