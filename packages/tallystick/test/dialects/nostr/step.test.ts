import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { charterFrom } from '../../../src/dialects/nostr/charter.ts'
import { definitionFrom } from '../../../src/dialects/nostr/definition.ts'
import {
  certificateFromReceipts,
  receiptDraft,
  receiptFrom,
} from '../../../src/dialects/nostr/receipt.ts'
import { snapshotDraft, snapshotFrom } from '../../../src/dialects/nostr/snapshot.ts'
import {
  inputOfInteraction,
  interactionForInput,
  receiptOfStep,
  shownFrom,
} from '../../../src/dialects/nostr/step.ts'
import type { NostrEvent } from '../../../src/forms/nostr-event.ts'
import { inputDraft } from '../../../src/forms/nostr-input.ts'
import { execute, type Machine, openMachine, pathKey } from '../../../src/kernel/execute.ts'
import { type Interaction, interactionId } from '../../../src/kernel/interaction.ts'
import type { Path } from '../../../src/kernel/logic.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { read } from '../../../src/state/tree.ts'
import {
  alice,
  bob,
  custodian,
  definitionOf,
  engine,
  holdsOf,
  type Keyholder,
  NOW,
  quorum,
  receiptOf,
  signBy,
} from './sample.ts'

const text = JSON.stringify({
  id: 'bet',
  initial: 'open',
  context: { loaded: 0 },
  states: {
    open: {
      on: {
        LOAD: {
          target: 'loaded',
          guard: { type: 'expr', params: { cel: 'event.sender in machine.roles.player' } },
          actions: { type: 'assign', params: { set: { loaded: 'event.data.amount' } } },
        },
      },
    },
    loaded: { type: 'final' },
  },
})
const definition = definitionOf({ text })
const begin = (): Machine => {
  const charter = charterFrom(definitionFrom(definition))
  const machine = isFault(charter) ? charter : openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return machine
}
const inputBy = (by: Keyholder, type = 'LOAD'): NostrEvent =>
  signBy(
    by,
    inputDraft({
      input: { machine: definition.id, type, parent: undefined },
      data: '{"amount":5}',
      pubkey: by.key,
      created_at: NOW + 1,
    }),
  )
const AT = BigInt(NOW + 2) * 1000n
const taking = (machine: Machine, event: NostrEvent): Interaction =>
  interactionForInput({ machine: machine.id, head: machine.headId, event, at: AT })
const run = (machine: Machine, interaction: Interaction): Machine | string => {
  const done = execute({
    interaction,
    machines: new Map([[machine.id, machine]]),
    logics: STANDARD_LOGICS,
    consents: () => false,
    proven: [],
    verifier: engine,
  })
  if (isFault(done)) return done.code
  const [after] = done.written
  return after ?? 'nothing was written'
}
const leafIn =
  (machine: Machine) =>
  (path: Path): Uint8Array | undefined =>
    read(machine.state, pathKey('nostr', { machine: machine.id, logic: 0 }, path))

describe('a machine that an event defines', () => {
  const machine = begin()
  const event = inputBy(bob)
  const interaction = taking(machine, event)
  const after = run(machine, interaction)
  if (typeof after === 'string') throw new Error(after)

  test('takes an input that a participant signed with any client', () => {
    expect(shownFrom(leafIn(machine))).toMatchObject({ status: 'active', value: 'open' })
    expect(shownFrom(leafIn(after))).toMatchObject({ status: 'done', value: 'loaded' })
    expect({ ...shownFrom(leafIn(after)).context }).toEqual({ loaded: 5 })
  })

  test('takes none of others, none that was forged, and none twice', () => {
    expect(run(machine, taking(machine, inputBy(custodian(1))))).toBe('statechart/guard-failed')
    expect(run(machine, taking(machine, inputBy(bob, 'SHOUT')))).toBe('statechart/no-transition')
    const forged = { ...event, sig: inputBy(alice).sig }
    expect(run(machine, taking(machine, forged))).toBe('nostr-event/bad-signature')
    expect(run(after, taking(after, event))).toBe('statechart/taken-before')
  })

  test('makes of an input at a head one interaction, which gives it back', () => {
    expect(interactionId(taking(begin(), event))).toBe(interactionId(interaction))
    expect(inputOfInteraction(interaction)).toEqual(event)
    expect(inputOfInteraction({ ...interaction, operations: [] })).toBeUndefined()
  })

  test('leaves receipts that make its certificate, and a snapshot that shows its state', () => {
    const step = after.head
    const links = [holdsOf(step, [0, 1, 2])]
    const commits = [0, 1, 2].map((seat) => receiptOf(seat, step).commit)
    const certificate = { round: 0, commits, links }
    const receipts = [0, 1, 2].flatMap((seat) => {
      const of = { definition: definition.id, transition: step, interaction, certificate, quorum }
      const receipt = receiptOfStep({ ...of, custodian: custodian(seat).key })
      return receipt ? [receiptFrom(receiptDraft(receipt, NOW))] : []
    })
    expect(receipts.map((one) => one.input)).toEqual([event.id, event.id, event.id])
    expect(receipts[0]?.interaction).toEqual(interaction)
    expect(certificateFromReceipts(receipts, step, { quorum, verifier: engine })).toEqual(
      certificate,
    )
    const none = receiptOfStep({
      definition: definition.id,
      custodian: custodian(3).key,
      transition: step,
      interaction,
      certificate,
      quorum,
    })
    expect(none).toBeUndefined()
    const draft = snapshotDraft(
      {
        machine: definition.id,
        custodian: custodian(0).key,
        name: 'bet:1',
        head: event.id,
        height: 1,
        header: after.headId,
        certificate: [],
        shown: shownFrom(leafIn(after)),
      },
      { now: NOW, last: undefined },
    )
    expect(snapshotFrom(draft).shown).toMatchObject({ status: 'done', value: 'loaded' })
  })
})
