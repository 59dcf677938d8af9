import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import {
  checkInput,
  checkInputText,
  forksOf,
  type InputBounds,
  inputTree,
  legacyOrder,
  type SignedInput,
} from '../../../src/dialects/nostr/input.ts'
import { rejectionOf } from '../../../src/dialects/nostr/rejection-code.ts'
import {
  type NostrDraft,
  type NostrEvent,
  textFromNostrEvent,
} from '../../../src/forms/nostr-event.ts'
import { inputDraft } from '../../../src/forms/nostr-input.ts'
import { alice, bob, engine, type Keyholder, MACHINE_EVENT, NOW, signBy } from './sample.ts'

const bounds: InputBounds = {
  machine: MACHINE_EVENT,
  since: NOW - 1000,
  now: NOW,
  aheadMax: 60,
  verifier: engine,
}
const draftOf = (parent?: string, type = 'LOAD'): NostrDraft =>
  inputDraft({
    input: { machine: MACHINE_EVENT, type, parent },
    data: '',
    pubkey: alice.key,
    created_at: NOW,
  })
const inputBy = (by: Keyholder, parent?: string, type?: string): SignedInput => {
  const found = checkInput(signBy(by, draftOf(parent, type)), bounds)
  if (isFault(found)) throw found
  return found
}
const codeOf = (event: NostrEvent): string => {
  const found = checkInputText(textFromNostrEvent(event), bounds)
  return isFault(found) ? rejectionOf(found) : 'accepted'
}

describe('an input from a relay', () => {
  test('is accepted where it has form, time and signature', () => {
    expect(codeOf(signBy(alice, draftOf()))).toBe('accepted')
    expect(codeOf(signBy(alice, { ...draftOf(), created_at: NOW + 60 }))).toBe('accepted')
    expect(codeOf(signBy(alice, { ...draftOf(), created_at: NOW - 1000 }))).toBe('accepted')
  })

  const event = signBy(alice, draftOf())
  const more = (...tag: readonly string[]): Partial<NostrDraft> => ({ tags: [...event.tags, tag] })
  test.each<[what: string, code: string, changes: Partial<NostrDraft>]>([
    ['from the future', 'TIME_SKEW', { created_at: NOW + 61 }],
    ['older than its machine', 'TIME_SKEW', { created_at: NOW - 1001 }],
    [
      'for another machine',
      'WRONG_MACHINE',
      {
        tags: [
          ['e', 'ef'.repeat(32)],
          ['t', 'LOAD'],
        ],
      },
    ],
    ['for no machine', 'BAD_EVENT', { tags: [['t', 'LOAD']] }],
    ['for several machines', 'BAD_EVENT', more('e', 'ef'.repeat(32))],
    ['of several types', 'BAD_EVENT', more('t', 'CANCEL')],
    ['that expires', 'BAD_EVENT', more('expiration', '1')],
    ['that is protected', 'BAD_EVENT', more('-')],
    ['that sets its sender', 'BAD_PAYLOAD', { content: '{"sender":"bob"}' }],
    ['that sets the time', 'BAD_PAYLOAD', { content: '{"now":1}' }],
    ['that sets its type', 'BAD_PAYLOAD', { content: '{"type":"RULE"}' }],
    ['that is oversized', 'LIMIT', { content: `{"a":"${'x'.repeat(16_384)}"}` }],
  ])('has one code where it is one %s', (_, code, changes) => {
    expect(codeOf(signBy(alice, { ...event, ...changes }))).toBe(code)
  })

  test('A10: is none of another machine, under whichever tag and at whichever relay it comes', () => {
    const other = 'ef'.repeat(32)
    const codeAt = (machine: string, of: NostrEvent): string => {
      const found = checkInputText(textFromNostrEvent(of), { ...bounds, machine })
      return isFault(found) ? rejectionOf(found) : 'accepted'
    }
    expect(codeAt(MACHINE_EVENT, event)).toBe('accepted')
    expect(codeAt(other, event)).toBe('WRONG_MACHINE')
    const tags = event.tags.map((tag) => (tag[0] === 'e' ? ['e', other] : tag))
    expect(codeAt(other, { ...event, tags })).toBe('BAD_SIGNATURE')
    expect(codeAt(other, signBy(alice, { ...event, tags }))).toBe('accepted')
  })

  test('has one code where somebody else made it up or changed it', () => {
    expect(codeOf({ ...event, sig: signBy(bob, event).sig })).toBe('BAD_SIGNATURE')
    expect(codeOf({ ...event, content: '{"a":1}' })).toBe('BAD_SIGNATURE')
    const text = textFromNostrEvent(event).replace('LOAD', 'LO\\u0001AD')
    const found = checkInputText(text, bounds)
    expect(isFault(found) && rejectionOf(found)).toBe('BAD_EVENT')
  })

  test('with two faults is refused for the cheaper one', () => {
    const forged = { ...signBy(alice, { ...event, created_at: NOW + 61 }), sig: event.sig }
    expect(codeOf(forged)).toBe('TIME_SKEW')
  })
})

describe('the inputs of a machine', () => {
  const first = inputBy(alice)
  const second = inputBy(alice, first.event.id, 'A')
  const rival = inputBy(bob, first.event.id, 'B')
  const late = inputBy(bob, second.event.id, 'C')

  test('make one tree in every order, with repeats', () => {
    const tree = inputTree([first, second, rival, late])
    expect(inputTree([late, rival, rival, second, first, late])).toEqual(tree)
    expect(tree.missing).toEqual([])
    expect(tree.children.get('')).toEqual([first])
    expect(forksOf(tree)).toEqual([first.event.id])
    expect(tree.children.get(first.event.id)).toHaveLength(2)
  })

  test('name what is missing between them', () => {
    expect(inputTree([first, late]).missing).toEqual([second.event.id])
  })

  test('without links are put in the order that they claim, which is never final', () => {
    const [a, b] = [inputBy(alice, undefined, 'A'), inputBy(alice, undefined, 'B')]
    const ordered = legacyOrder([b, a, a])
    expect(ordered.isFinal).toBe(false)
    expect(ordered.inputs.map((one) => one.event.id)).toEqual([a.event.id, b.event.id].sort())
  })
})
