import { describe, expect, test } from 'vitest'
import { faultFrom, isFault } from '../../../src/base/fault.ts'
import { hashId } from '../../../src/base/hash.ts'
import { TAGS } from '../../../src/base/tags.ts'
import {
  castOfReceipt,
  certificateFromReceipts,
  checkReceipt,
  keysFor,
  receiptDraft,
  receiptFrom,
} from '../../../src/dialects/nostr/receipt.ts'
import { type Interaction, interactionId } from '../../../src/kernel/interaction.ts'
import { checkRounds } from '../../../src/kernel/round-certificate.ts'
import { transition, transitionId } from '../../../src/kernel/transition.ts'
import { anId, aTransition } from '../../kernel/sample.ts'
import {
  alice,
  codeOf,
  custodian,
  CUSTODIANS,
  engine,
  holdsOf,
  INPUT_EVENT,
  NOW,
  quorum,
  receiptOf,
  signBy,
} from './sample.ts'

const step = aTransition({ sequence: 3n })
const receipts = [0, 1, 2, 3].map((seat) =>
  receiptOf(seat, step, 1_700_000_000_000n + BigInt(seat)),
)
const [first = receiptOf(0)] = receipts
const draft = receiptDraft(first, NOW)
const judgedBy = { quorum, verifier: engine }

describe('a receipt', () => {
  test('is read as it was written, with the commit that the custodian signed', () => {
    expect(receiptFrom(draft)).toEqual(first)
    expect(checkReceipt(receiptFrom(draft), quorum, engine)).toBeUndefined()
    expect(castOfReceipt(first).statement).toMatchObject({ phase: 'commit', cited: 1 })
  })

  test('A10: is about the same step under every tag that is put there, or is none', () => {
    expect(draft.tags.length).toBeGreaterThan(0)
    for (const at of draft.tags.keys()) {
      const tags = draft.tags.map((tag, which) =>
        which === at ? [tag[0] ?? '', 'ef'.repeat(32)] : tag,
      )
      const read = faultFrom(() => receiptFrom({ ...draft, tags }))
      if (!isFault(read)) expect(castOfReceipt(read)).toEqual(castOfReceipt(first))
    }
  })

  test('carries what was done, as long as it fits', () => {
    const interaction: Interaction = {
      suite: 'nostr',
      legs: [{ machine: anId('machine'), access: 'write', parent: anId('parent') }],
      operations: [{ machine: anId('machine'), logic: 0, argument: new Uint8Array(100) }],
      premises: [],
    }
    const done = aTransition({ interaction: interactionId(interaction) })
    const of = { ...receiptOf(0, done), interaction }
    expect(receiptFrom(receiptDraft(of, NOW)).interaction).toEqual(interaction)
    const [operation = { machine: anId<'machine'>('machine'), logic: 0 }] = interaction.operations
    const large = {
      ...interaction,
      operations: [{ ...operation, argument: new Uint8Array(60_000) }],
    }
    const without = receiptOf(0, aTransition({ interaction: interactionId(large) }))
    expect(
      receiptFrom(receiptDraft({ ...without, interaction: large }, NOW)).interaction,
    ).toBeUndefined()
    const other = { ...receiptOf(0, step), interaction }
    expect(codeOf(() => receiptFrom(receiptDraft(other, NOW)))).toBe('nostr-receipt/tags-disagree')
  })

  test.each(['height', 'header', 'prev', 'root', 'at', 'round', 'transition'])(
    'is refused where its tag %s says something else than the signed step',
    (name) => {
      const tags = draft.tags.map((tag) => (tag[0] === name ? [name, 'ee'.repeat(32)] : tag))
      expect(codeOf(() => receiptFrom({ ...draft, tags }))).toBe('nostr-receipt/tags-disagree')
    },
  )

  test.each<[what: string, code: string, changes: object]>([
    ['another kind', 'nostr-message/wrong-kind', { kind: 1 }],
    [
      'other words in its header',
      'nostr-receipt/tags-disagree',
      { content: draft.content.replace('"height":"3"', '"height":"4"') },
    ],
    [
      'a step that is cut off',
      'nostr-message/bad-content',
      { content: draft.content.replace(/"transition":"../, '"transition":"') },
    ],
    ['no machine', 'nostr-message/bad-tags', { tags: draft.tags.slice(2) }],
  ])('is refused with %s', (_, code, changes) => {
    expect(codeOf(() => receiptFrom({ ...draft, ...changes }))).toBe(code)
  })

  test('in which a custodian hands on another one’s commit is refused', () => {
    const stolen = { ...first, custodian: custodian(1).key }
    expect(checkReceipt(stolen, quorum, engine)?.code).toBe('nostr-receipt/other-signer')
    const forged = { ...first, commit: { ...first.commit, time: 5n } }
    expect(checkReceipt(forged, quorum, engine)?.code).toBe('cast/bad-signature')
  })
})

describe('receipts', () => {
  test('alone make the certificate that the kernel checks, in any order and with repeats', () => {
    const made = certificateFromReceipts([...receipts.slice(1), ...receipts], step, judgedBy)
    expect(made?.commits.map((one) => one.signer)).toEqual([0, 1, 2, 3])
    const place = {
      suite: 'nostr' as const,
      machine: step.machine,
      parent: step.parent,
      sequence: 3n,
    }
    expect(made && checkRounds({ ...judgedBy, place }, step, made)).toMatchObject({ missing: [] })
  })

  test('of too few custodians make none, whoever repeats himself or forges', () => {
    const [a = first, b = first] = receipts
    expect(certificateFromReceipts([a, b, a, b], step, judgedBy)).toBeUndefined()
    const forged = { ...b, custodian: custodian(3).key, commit: { ...b.commit, signer: 3 } }
    expect(certificateFromReceipts([a, b, forged], step, judgedBy)).toBeUndefined()
  })

  test('make one though a liar among them shows held quorums that are none', () => {
    const [a = first, b = first, c = first] = receipts
    const liar = { ...a, links: [holdsOf(step, [0])] }
    expect(certificateFromReceipts([liar, b, c], step, judgedBy)?.commits).toHaveLength(3)
    expect(certificateFromReceipts([liar, liar, b], step, judgedBy)).toBeUndefined()
  })

  test('are counted by whoever knows event signatures and the hash of a header, and nothing else', () => {
    const events = receipts.map((one, at) => signBy(custodian(at), receiptDraft(one, NOW)))
    const stranger = signBy(alice, { ...draft, pubkey: alice.key })
    const header = hashId('sha256', TAGS.transition, transition.encode(step))
    const keys = CUSTODIANS.map((one) => one.key)
    expect(header).toBe(transitionId('nostr', step))
    expect(keysFor([...events, ...events, stranger], header, keys)).toEqual(keys)
    expect(keysFor([...events.slice(2), stranger], header, keys)).toEqual(keys.slice(2))
    expect(keysFor(events, INPUT_EVENT, keys)).toEqual([])
  })
})
