import { describe, expect, test } from 'vitest'
import { signerId } from '../../../src/base/signer.ts'
import {
  checkInboxCursor,
  inboxCursor,
  type InboxCursor,
  inboxCursorDigest,
  inboxItemKey,
  inboxItems,
} from '../../../src/models/directory/inbox.ts'
import { engine, operators, owner, stranger } from './town.ts'

const keyOf = (of: { readonly publicKey: Uint8Array } | undefined) => ({
  scheme: 'ed25519' as const,
  publicKey: of?.publicKey ?? new Uint8Array(32),
})
const idOf = (of: { readonly publicKey: Uint8Array } | undefined) =>
  signerId('classic', 'ed25519', of?.publicKey ?? new Uint8Array(32))

const unsigned = {
  suite: 'classic' as const,
  device: keyOf(owner),
  operator: keyOf(operators[0]),
  next: 3n,
}
const signed = (by = owner, of: Omit<InboxCursor, 'signature'> = unsigned): InboxCursor => ({
  ...of,
  signature: engine.sign('ed25519', by.secret, inboxCursorDigest(of)),
})
const codeOf = (of: InboxCursor, inbox = idOf(owner), operator = idOf(operators[0])) =>
  checkInboxCursor(inbox, operator, of, engine)?.code

describe('a cursor', () => {
  test('that its device has signed for this operator is accepted, and reads back', () => {
    expect(codeOf(signed())).toBeUndefined()
    expect(inboxCursor.decode(inboxCursor.encode(signed()))).toEqual(signed())
  })

  test('is refused at the inbox of another device', () => {
    expect(codeOf(signed(), idOf(stranger))).toBe('inbox/other-device')
  })

  test('is refused at another operator', () => {
    expect(codeOf(signed(), idOf(owner), idOf(operators[1]))).toBe('inbox/other-operator')
  })

  test('is refused when another number is written into it, or another key has signed it', () => {
    expect(codeOf({ ...signed(), next: 4n })).toBe('inbox/bad-signature')
    expect(codeOf(signed(stranger))).toBe('inbox/bad-signature')
  })
})

test('items are named by what they hold', () => {
  const [one, two] = [new Uint8Array([1]), new Uint8Array([2])]
  expect(inboxItemKey(one)).toEqual(inboxItemKey(one.slice()))
  expect(inboxItemKey(one)).not.toEqual(inboxItemKey(two))
  const items = [{ index: 0n, time: 9n, item: one }]
  expect(inboxItems.decode(inboxItems.encode(items))).toEqual(items)
})
