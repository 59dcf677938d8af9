import type { Machine } from 'tallystick/kernel'
import { type AgreedStep, directoryTerms } from 'tallystick/models'
import {
  certifiedStepDraft,
  certifiedStepFrom,
  type NostrEvent,
  receiptFrom,
  signNostrEvent,
} from 'tallystick/nostr'
import { describe, expect, test } from 'vitest'
import { createHanded, nameOf } from '../../src/relay/handed.ts'
import { HANDED_PER_AUTHOR_MAX } from '../../src/relay/limits.ts'
import {
  certifiedStepBy,
  engine,
  type Keyholder,
  keyholder,
  KEYHOLDERS,
  receiptsFor,
  seatOf,
  stepByOperators,
} from '../relayed/custodians.ts'
import { add, alice, defined, definition, NOW } from '../relayed/sample.ts'

const { genesis } = defined
const input = add(undefined)
const at = { definition: definition.id, seats: [0, 1, 2], time: NOW * 1000 }
const [receipt] = receiptsFor(genesis, input, at).receipts
const { transition, interaction } = receiptFrom(receipt as NostrEvent)
const bob = keyholder('bob')
const said = (machine: string, fill: number, by: Keyholder = alice): NostrEvent => {
  if (!interaction) throw new Error('receipts show what was done')
  const certificate = new Uint8Array(8).fill(fill)
  const of = { machine, author: by.key, transition, interaction, consents: [], certificate }
  return signNostrEvent(certifiedStepDraft({ ...of, accepted: new Uint8Array(0) }, NOW), by)
}
const bound = { definition: definition.id, machine: genesis.id, verifier: engine }
const create = () => createHanded(bound)

const signature = new Uint8Array(64)
const { scheme, publicKey } = bob
const operators = [{ name: 'north', scheme, publicKey }]
const policy = directoryTerms({ operators, threshold: 1, faulty: 0 })
const directory = { ...genesis.terms, policy }
const stepIn = (event: NostrEvent): AgreedStep => {
  const { transition: of, interaction: done, certificate, accepted } = certifiedStepFrom(event)
  const candidate = { interaction: done, consents: [], beside: [], attachments: [] }
  return { transition: of, candidate, certificate, accepted }
}

/** The machine where four operators certify, three of whom are enough. */
const held: Machine = {
  ...genesis,
  terms: {
    ...genesis.terms,
    policy: directoryTerms({ operators: KEYHOLDERS.map(seatOf), threshold: 3, faulty: 1 }),
  },
}

const second = add(input.id)

/** A step that holds; with other signers it is the same one in other words. */
const certified = (
  machine: Machine,
  seats: readonly number[] = [0, 1, 2],
): AgreedStep & { readonly after: Machine } => {
  const taken = machine === held ? input : second
  const made = receiptsFor(machine, taken, { ...at, seats })
  return { ...stepByOperators(made.receipts), after: made.after }
}

/** What one of them takes of its author's room, more or less. */
const size = nameOf(certified(held)).length / 2

const shownBy = (step: AgreedStep, by: Keyholder): NostrEvent =>
  certifiedStepBy(step, by, { definition: definition.id, now: NOW })

describe('steps that others than custodians have certified', () => {
  test('are taken once, and of this machine alone', () => {
    const handed = create()
    expect(handed.take(said(definition.id, 1))).toBe(true)
    expect(handed.take(said(definition.id, 1))).toBe(false)
    expect(handed.take(said('ab'.repeat(32), 2))).toBe(false)
    expect(handed.take(input)).toBe(false)
  })

  test('take places of their author alone at one head', () => {
    const handed = create()
    const more = Array.from({ length: HANDED_PER_AUTHOR_MAX + 3 }, (_, n) =>
      said(definition.id, n, bob),
    )
    expect(more.filter((one) => handed.take(one))).toHaveLength(HANDED_PER_AUTHOR_MAX)
    expect(handed.take(said(definition.id, 200))).toBe(true)
  })

  test('take no place where they were judged before', () => {
    const handed = create()
    for (let n = 0; n < HANDED_PER_AUTHOR_MAX; n++) handed.take(said(definition.id, n))
    expect(handed.add(stepIn(said(definition.id, 200)))).toBe(true)
    expect(handed.add(stepIn(said(definition.id, 200)))).toBe(false)
    for (let n = 0; n < HANDED_PER_AUTHOR_MAX; n++) handed.add(stepIn(said(definition.id, 30 + n)))
    expect(handed.take(said(definition.id, 99, bob))).toBe(true)
  })

  test('F13: of heads that nobody knows take so much room of their author, and none of others', () => {
    const roomBytes = 1_000_000
    const handed = createHanded({ ...bound, roomBytes })
    const large = (n: number, by: Keyholder): NostrEvent => {
      if (!interaction) throw new Error('receipts show what was done')
      const parent = n.toString(16).padStart(64, '0') as typeof transition.parent
      const shown = { transition: { ...transition, parent }, interaction, consents: [] }
      const certificate = new Uint8Array(16_000)
      const of = { machine: definition.id, author: by.key, ...shown, certificate }
      return {
        ...certifiedStepDraft({ ...of, accepted: new Uint8Array(0) }, NOW),
        id: '',
        pubkey: by.key,
        sig: '',
      }
    }
    const fits = Math.floor(roomBytes / 16_000)
    let count = 0
    for (let n = 0; n < fits + 100; n++) if (handed.take(large(n, bob))) count += 1
    expect(count).toBeLessThanOrEqual(fits)
    expect(count).toBeGreaterThan(fits * 0.8)
    expect([handed.has(large(0, bob)), handed.has(large(fits + 99, bob))]).toEqual([true, false])
    // What was taken is not taken again, and somebody else shows what the author has no room for.
    expect(handed.take(large(0, bob))).toBe(false)
    expect(handed.take(large(fits + 99, alice))).toBe(true)
    expect(handed.has(large(fits + 99, bob))).toBe(true)
    // What was archived in an earlier life takes no room, and is known.
    expect(handed.recall(large(fits + 98, bob))).toBe(true)
    expect(handed.recall(large(fits + 98, bob))).toBe(false)
    expect(handed.take(large(fits + 98, bob))).toBe(false)
  })

  test('are another step where consents are left out or added', () => {
    const handed = create()
    const whole = stepIn(said(definition.id, 1))
    const consent = { machine: genesis.id, party: 0, key: 0, form: 'raw', signature } as const
    expect(handed.take(said(definition.id, 1, bob))).toBe(true)
    const candidate = { ...whole.candidate, consents: [consent] }
    expect(handed.add({ ...whole, candidate })).toBe(true)
  })

  test('give their place back once they were judged at their head and hold for nothing', () => {
    const handed = create()
    for (let n = 0; n < HANDED_PER_AUTHOR_MAX; n++) handed.take(said(definition.id, n))
    expect(handed.take(said(definition.id, 200))).toBe(false)
    const elsewhere = { ...genesis, headId: transition.interaction as never, terms: directory }
    expect(handed.after(elsewhere, () => [])).toEqual([])
    expect(handed.take(said(definition.id, 200))).toBe(false)
    expect(handed.after({ ...genesis, terms: directory }, () => [])).toEqual([])
    expect(handed.take(said(definition.id, 200))).toBe(true)
  })

  test('that hold are charged to nobody, so that operators can certify as many as they like', () => {
    const good = certified(held)
    const other = certified(held, [1, 2, 3])
    const handed = createHanded({ ...bound, roomBytes: 1.5 * size })
    const next = certified(good.after)
    expect(handed.take(shownBy(good, alice))).toBe(true)
    expect(handed.take(shownBy(next, alice))).toBe(false)
    expect(handed.after(held, () => []).map(({ after }) => after.headId)).toEqual([
      good.after.headId,
    ])
    expect(handed.take(shownBy(next, alice))).toBe(true)
    // Judged again it gives nothing back for a second time.
    handed.after(held, () => [])
    expect(handed.take(shownBy(other, alice))).toBe(false)
    // It is known all the same, and stands for the head.
    expect(handed.has(shownBy(good, bob))).toBe(true)
    expect(handed.take(shownBy(good, bob))).toBe(false)
    expect(handed.after(held, () => [])).toHaveLength(1)
  })

  test('of which one holds keep the other spellings charged, until the machine has passed them', () => {
    const spellings = [certified(held), certified(held, [1, 2, 3])]
    const [first, other] = spellings
    if (!first || !other) throw new Error('there are two')
    const handed = createHanded({ ...bound, roomBytes: 2.5 * size })
    for (const one of spellings) handed.take(shownBy(one, alice))
    expect(handed.after(held, () => [])).toHaveLength(1)
    const more = [certified(first.after), certified(first.after, [1, 2, 3])].map((one) =>
      shownBy(one, alice),
    )
    expect(more.map((one) => handed.take(one))).toEqual([true, false])
    handed.passed(1n)
    expect(more.map((one) => handed.take(one))).toEqual([false, true])
    // What held is kept, as it is handed out to others.
    expect([first, other].map((one) => handed.has(shownBy(one, bob)))).toEqual([true, false])
  })

  test('behind the head take no room of their author, whether they came before the machine went on or after', () => {
    const handed = create()
    for (let n = 0; n < HANDED_PER_AUTHOR_MAX; n++) handed.take(said(definition.id, n))
    const ahead = certified(certified(held).after)
    handed.take(shownBy(ahead, alice))
    expect(handed.take(said(definition.id, 200))).toBe(false)
    handed.passed(1n)
    expect(handed.has(said(definition.id, 0))).toBe(false)
    expect(handed.take(said(definition.id, 200))).toBe(false)
    expect(handed.has(shownBy(ahead, alice))).toBe(true)
    // What was archived in an earlier life is known, wherever the machine is.
    expect(handed.recall(said(definition.id, 200))).toBe(true)
  })

  test('count for nothing while custodians hold the machine, and are no acceptance by themselves', () => {
    const handed = create()
    handed.take(said(definition.id, 1))
    expect(handed.after(genesis, () => [])).toEqual([])
    expect(handed.acceptedFor(transition, genesis.terms)).toHaveLength(0)
  })
})
