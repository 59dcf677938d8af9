import { certifiedStepDraft, type NostrEvent, receiptFrom, signNostrEvent } from 'tallystick/nostr'
import { describe, expect, test } from 'vitest'
import { createHanded } from '../../src/relay/handed.ts'
import { HANDED_PER_HEAD_MAX } from '../../src/relay/limits.ts'
import { engine, receiptsFor } from '../relayed/custodians.ts'
import { add, alice, defined, definition, NOW } from '../relayed/sample.ts'

const { genesis } = defined
const input = add(undefined)
const at = { definition: definition.id, seats: [0, 1, 2], time: NOW * 1000 }
const [receipt] = receiptsFor(genesis, input, at).receipts
const { transition, interaction } = receiptFrom(receipt as NostrEvent)
const said = (machine: string, fill: number): NostrEvent => {
  if (!interaction) throw new Error('receipts show what was done')
  const certificate = new Uint8Array(8).fill(fill)
  const of = { machine, author: alice.key, transition, interaction, consents: [], certificate }
  return signNostrEvent(certifiedStepDraft({ ...of, accepted: new Uint8Array(0) }, NOW), alice)
}
const create = () =>
  createHanded({ definition: definition.id, machine: genesis.id, verifier: engine })

describe('steps that others than custodians have certified', () => {
  test('are taken once, of this machine alone, and only so many for one head', () => {
    const handed = create()
    expect(handed.take(said(definition.id, 1))).toBe(true)
    expect(handed.take(said(definition.id, 1))).toBe(false)
    expect(handed.take(said('ab'.repeat(32), 2))).toBe(false)
    expect(handed.take(input)).toBe(false)
    const more = Array.from({ length: HANDED_PER_HEAD_MAX }, (_, n) => said(definition.id, n + 2))
    expect(more.filter((one) => handed.take(one))).toHaveLength(HANDED_PER_HEAD_MAX - 1)
  })

  test('count for nothing while custodians hold the machine, and are no acceptance by themselves', () => {
    const handed = create()
    handed.take(said(definition.id, 1))
    expect(handed.after(genesis, () => [])).toEqual([])
    expect(handed.acceptedFor(transition, genesis.terms)).toHaveLength(0)
  })
})
