import { describe, expect, it } from 'vitest'
import { createDraft, type DraftOptions } from '../../../../src/dialects/moi/run/draft.ts'
import { isSettled } from '../../../../src/dialects/moi/run/layout.ts'
import { ada, bob, cyd, dan } from './town.ts'

const one = Uint8Array.of(1)
const two = Uint8Array.of(2)

const draftOf = (of: Partial<DraftOptions> = {}) =>
  createDraft({
    read: (_, path) => (path[0] === 'there' || path[0] === 'account' ? one : undefined),
    locks: new Map([
      [ada.id, 'mutate'],
      [bob.id, 'read'],
      [cyd.id, 'none'],
    ]),
    isQuestion: false,
    ...of,
  })

describe('a draft', () => {
  it('reads what it wrote, and what was there before', () => {
    const draft = draftOf()
    expect(draft.read(ada.id, ['there'])).toEqual(one)
    draft.write(ada.id, ['there'], two)
    expect(draft.read(ada.id, ['there'])).toEqual(two)
    draft.write(ada.id, ['there'], undefined)
    expect(draft.read(ada.id, ['there'])).toBeUndefined()
    expect(draft.changes()).toEqual([{ account: ada.id, path: ['there'], value: undefined }])
  })

  it('names no change that changes nothing', () => {
    const draft = draftOf()
    draft.write(ada.id, ['there'], one)
    draft.write(ada.id, ['gone'], undefined)
    expect(draft.changes()).toEqual([])
  })

  it('tells a text from bytes and two parts from one', () => {
    const draft = draftOf()
    draft.write(ada.id, ['a', 'b'], one)
    for (const path of [['a b'], ['a', Uint8Array.of(98)], ['a'], ['a', 'b', '']])
      expect(draft.read(ada.id, path)).toBeUndefined()
  })

  it('writes to accounts held for writing, and to those it creates', () => {
    const draft = draftOf()
    for (const { id } of [bob, cyd, dan])
      expect(() => draft.write(id, ['x'], one)).toThrow('mutate lock')
    draft.create(dan.id)
    draft.write(dan.id, ['x'], one)
    expect(draft.created()).toEqual([dan.id])
  })

  it('reads settled values alone without a lock, and nothing of whom it does not know', () => {
    const draft = draftOf()
    expect(draft.read(bob.id, ['there'])).toEqual(one)
    expect(() => draft.read(cyd.id, ['there'])).toThrow('without a lock')
    expect(draft.exists(cyd.id)).toBe(true)
    expect(() => draft.exists(dan.id)).toThrow('no participant')
  })

  it('reads anything for a question, and writes no more than else', () => {
    const draft = draftOf({ isQuestion: true })
    expect(draft.read(dan.id, ['there'])).toEqual(one)
    expect(() => draft.write(dan.id, ['there'], two)).toThrow('mutate lock')
  })

  it('keeps a draft on top of it whole or not at all', () => {
    const draft = draftOf()
    const dropped = draft.fork()
    dropped.draft.write(ada.id, ['x'], one)
    dropped.draft.create(dan.id)
    expect(draft.read(ada.id, ['x'])).toBeUndefined()
    expect(draft.created()).toEqual([])
    const kept = draft.fork()
    kept.draft.write(ada.id, ['x'], two)
    kept.draft.create(dan.id)
    kept.keep()
    expect(draft.read(ada.id, ['x'])).toEqual(two)
    expect(draft.created()).toEqual([dan.id])
  })

  it('changes 240 places of an account on top of what happens either way', () => {
    const draft = draftOf()
    draft.write(ada.id, ['a'], one)
    const { draft: top, keep } = draft.fork()
    for (let at = 0; at < 240; at++) top.write(ada.id, [String(at)], one)
    top.write(ada.id, ['7'], two)
    expect(() => top.write(ada.id, ['240'], one)).toThrow('241 places')
    keep()
    expect(draft.changes()).toHaveLength(241)
  })

  it('counts what drafts on top of one another change together', () => {
    const { draft } = draftOf().fork()
    for (let at = 0; at < 239; at++) draft.write(ada.id, [String(at)], one)
    const first = draft.fork()
    first.draft.write(ada.id, ['a'], one)
    first.draft.write(ada.id, ['b'], one)
    expect(first.keep).toThrow('241 places')
  })

  it('keeps 4096 bytes in a value and no more', () => {
    const draft = draftOf()
    draft.write(ada.id, ['x'], new Uint8Array(4096))
    expect(() => draft.write(ada.id, ['x'], new Uint8Array(4097))).toThrow('4097 bytes')
  })
})

it('what may be read without a lock is what is never written again', () => {
  expect([['account'], ['asset'], ['logic'], ['manifest', '0']].every(isSettled)).toBe(true)
  expect([['supply'], ['balance', 'x', '0'], ['key', '0'], [one]].some(isSettled)).toBe(false)
})
