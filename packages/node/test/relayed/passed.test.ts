/** Second children of heads that a history has gone past, where the terms have changed since. */
import { isFault } from 'tallystick/base'
import {
  AMEND,
  consentDigest,
  interactionId,
  type Machine,
  terms as termsCodec,
  type Terms,
} from 'tallystick/kernel'
import {
  type AgreedStep,
  applicationAt,
  custodianTerms,
  directoryTerms,
  policyOf,
} from 'tallystick/models'
import type { NostrEvent } from 'tallystick/nostr'
import { describe, expect, test } from 'vitest'
import { createHanded } from '../../src/relay/handed.ts'
import {
  agreedFrom,
  createLedger,
  type Ledger,
  type LedgerOptions,
} from '../../src/relayed/history.ts'
import { definedBy } from '../../src/relayed/office.ts'
import { tryStep } from '../../src/relayed/step.ts'
import {
  engine,
  certifiedStepBy,
  keyholder,
  KEYHOLDERS,
  receiptsFor,
  receiptsOf,
  seatOf,
  stepByOperators,
} from './custodians.ts'
import { add as addTo, alice, NOW, owned as definition } from './sample.ts'

const { genesis } = definedBy(definition, engine)
const add = (parent: string | undefined): NostrEvent => addTo(parent, definition.id)
const at = (seconds: number, seats: readonly number[] = [0, 1, 2]) => ({
  definition: definition.id,
  seats,
  time: (NOW + seconds) * 1000,
})

const operators = KEYHOLDERS.map(seatOf)
const others: Terms = {
  ...genesis.terms,
  policy: custodianTerms(
    policyOf(['eve', 'fay', 'gus', 'hal'].map((name) => keyholder(name)).map(seatOf), 3),
  ),
}
const directory: Terms = {
  ...genesis.terms,
  policy: directoryTerms({ operators, threshold: 3, faulty: 1 }),
}

/** The step that brings these terms, as it is kept once it was checked. */
const amended = (
  machine: Machine,
  to: Terms,
): { readonly step: AgreedStep; readonly after: Machine } => {
  const argument = termsCodec.encode(to)
  const operations = [{ machine: machine.id, logic: AMEND, argument }]
  const interaction = applicationAt(machine, { operations, beside: [] })
  const signature = alice.sign(consentDigest('nostr', interactionId(interaction)))
  const consent = { machine: machine.id, party: 0, key: 0, form: 'raw', signature } as const
  const tried = { interaction, consents: [consent], attachments: [] }
  const after = tryStep(machine, tried, engine)
  if (isFault(after)) throw after
  const candidate = { ...tried, beside: [] }
  const none = new Uint8Array(0)
  return { step: { transition: after.head, candidate, certificate: none, accepted: none }, after }
}

const one = add(undefined)
const first = receiptsFor(genesis, one, at(1))
const rival = receiptsFor(genesis, one, at(9, [1, 2, 3]))
const heightOf = (of: Ledger): bigint => of.now().machine.head.sequence

/** A step as operators certify it, here those who are custodians too, and as a participant publishes it. */
const handedStep = (
  machine: Machine,
  input: NostrEvent,
  seconds: number,
  seats: readonly number[],
): {
  readonly after: Machine
  readonly step: AgreedStep
  readonly event: NostrEvent
  readonly input: NostrEvent
} => {
  const made = receiptsFor(machine, input, at(seconds, seats))
  const step = stepByOperators(made.receipts)
  const event = certifiedStepBy(step, alice, { definition: definition.id, now: NOW })
  return { after: made.after, input, step, event }
}

/** The first step, as it is kept once it was checked. */
const kept = (): AgreedStep => {
  const ledger = createLedger({ definition: definition.id, genesis, verifier: engine })
  ledger.take(first.receipts)
  const [step] = ledger.now().steps
  if (!step) throw new Error('one step is certified')
  return agreedFrom(step)
}

/** A history of the first step and what came after it, out of a folder that has checked both. */
const begun = (checked: readonly AgreedStep[], handed?: LedgerOptions['handed']): Ledger =>
  createLedger({
    definition: definition.id,
    genesis,
    verifier: engine,
    checked: [kept(), ...checked],
    ...(handed && { handed }),
  })

describe('a second child of a head that custodians decided', () => {
  test.each([
    ['was handed to a directory', directory],
    ['has other custodians', others],
  ])('is found although the machine %s since', (_, to) => {
    const { step, after } = amended(first.after, to)
    const ledger = begun([step])
    ledger.take(first.receipts)
    expect([heightOf(ledger), ledger.now().machine.headId]).toEqual([2n, after.headId])
    ledger.take(rival.receipts.slice(0, 1))
    expect([heightOf(ledger), ledger.now().twoFaced]).toMatchObject([
      2n,
      [{ custodian: KEYHOLDERS[1]?.key, step: 1n }],
    ])
    ledger.take(rival.receipts)
    expect([heightOf(ledger), ledger.now().stopped?.code]).toEqual([0n, 'shared/other-child'])
    expect(ledger.now().twoFaced.map((of) => of.custodian)).toEqual(
      [1, 2].map((seat) => KEYHOLDERS[seat]?.key),
    )
  })
})

test('a step beside the one that changed the terms is judged by those before it', () => {
  const { step, after } = amended(first.after, directory)
  const ledger = begun([step])
  ledger.take(first.receipts)
  ledger.take(receiptsOf(after, step.candidate, at(3)))
  expect(heightOf(ledger)).toBe(2n)
  ledger.take(receiptsFor(first.after, add(one.id), at(4, [1, 2, 3])).receipts)
  expect([heightOf(ledger), ledger.now().stopped?.code]).toEqual([1n, 'shared/other-child'])
})

describe('a second child of a head that operators decided', () => {
  const { step: handover, after: there } = amended(first.after, directory)
  const two = handedStep(there, add(one.id), 20, [0, 1, 2])
  const three = handedStep(two.after, add(two.input.id), 21, [0, 1, 2])
  const another = (seats: readonly number[]) => handedStep(there, two.input, 29, seats)
  const begin = (more: readonly AgreedStep[] = []): Ledger => {
    const of = { definition: definition.id, machine: genesis.id, verifier: engine }
    return begun([handover, ...more], createHanded(of))
  }
  const ended = (of: Ledger) => [heightOf(of), of.now().machine.headId, of.now().stopped?.code]

  test('ends the history there, whichever was seen first, also where the step was kept from before', () => {
    const fresh = begin()
    fresh.take([two.event, three.event])
    expect(ended(fresh)).toEqual([4n, three.after.headId, undefined])
    fresh.take([another([1, 2, 3]).event])
    expect(ended(fresh)).toEqual([2n, there.headId, 'shared/other-child'])
    const reversed = begin()
    reversed.take([another([1, 2, 3]).event])
    expect(heightOf(reversed)).toBe(3n)
    reversed.take([two.event, three.event])
    expect(ended(reversed)).toEqual([2n, there.headId, 'shared/other-child'])
    const again = begin([two.step, three.step])
    expect(heightOf(again)).toBe(4n)
    again.take([another([1, 2, 3]).event])
    expect(ended(again)).toEqual([2n, there.headId, 'shared/other-child'])
  })

  test('counts only with enough operators, and a certificate of the same child again changes nothing', () => {
    const ledger = begin()
    ledger.take([two.event, three.event])
    expect(heightOf(ledger)).toBe(4n)
    ledger.take([another([1, 2]).event, handedStep(there, two.input, 20, [0, 2, 3]).event])
    expect(ended(ledger)).toEqual([4n, three.after.headId, undefined])
  })

  test('is no matter of the custodians before them: their receipts decide nothing there', () => {
    const ledger = begin()
    ledger.take([two.event, three.event])
    ledger.take(receiptsFor(there, two.input, at(29)).receipts)
    expect(ended(ledger)).toEqual([4n, three.after.headId, undefined])
  })
})
