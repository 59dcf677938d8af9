import { describe, expect, test } from 'vitest'
import { CHANGES_PER_HEAD_MAX, CHANGES_PER_PARTY_MAX } from '../../src/relay/limits.ts'
import { createPlaces, type Places } from '../../src/relay/places.ts'

const ALICE = 0
const BOB = 1

const fill = (places: Places<string>, party: number, of: { head: string; count: number }): number =>
  Array.from({ length: of.count }, (_, n) => {
    const id = `${of.head} ${party} ${n}`
    return places.put({ id, parent: of.head, known: id, parties: [party] })
  }).filter((one) => one).length

const heads = Array.from(
  { length: CHANGES_PER_PARTY_MAX / CHANGES_PER_HEAD_MAX + 2 },
  (_, at) => `head ${at}`,
)
const fillAll = (places: Places<string>, party: number): void => {
  for (const head of heads) fill(places, party, { head, count: CHANGES_PER_HEAD_MAX })
}

describe('places', () => {
  test('at one head are so many for each party, whatever another has signed', () => {
    const places = createPlaces<string>()
    const many = { head: 'now', count: 4 * CHANGES_PER_HEAD_MAX }
    expect(fill(places, BOB, many)).toBe(CHANGES_PER_HEAD_MAX)
    expect(fill(places, ALICE, { head: 'now', count: 1 })).toBe(1)
    expect(places.at('now')).toHaveLength(CHANGES_PER_HEAD_MAX + 1)
  })

  test('of heads that were passed make room for newer ones, without end', () => {
    const places = createPlaces<string>()
    for (let step = 0; step < 3 * CHANGES_PER_PARTY_MAX; step++) {
      expect(fill(places, ALICE, { head: `step ${step}`, count: 1 })).toBe(1)
    }
    expect(places.get('step 0 0 0')).toBeUndefined()
    expect(places.at(`step ${3 * CHANGES_PER_PARTY_MAX - 1}`)).toHaveLength(1)
  })

  test('of one party are not taken by what another signs for other heads', () => {
    const places = createPlaces<string>()
    fill(places, ALICE, { head: 'old', count: 1 })
    fillAll(places, BOB)
    expect(places.get('old 0 0')).toBe('old 0 0')
    expect(places.get('head 0 1 0')).toBeUndefined()
  })

  test('at the head that was asked about last stay, also when old words are said again', () => {
    const places = createPlaces<string>()
    fill(places, ALICE, { head: 'now', count: 1 })
    places.at('now')
    fillAll(places, ALICE)
    expect(places.at('now')).toEqual(['now 0 0'])
    expect(places.at(heads[0] ?? '')).toEqual([])
  })

  test('hold what several have signed as long as one of them has room', () => {
    const places = createPlaces<string>()
    const both = { id: 'both', parent: 'old', known: 'both', parties: [ALICE, BOB] }
    places.put(both)
    fillAll(places, BOB)
    expect(places.get('both')).toBe('both')
    fillAll(places, ALICE)
    expect(places.get('both')).toBeUndefined()
    fill(places, BOB, { head: 'old', count: CHANGES_PER_HEAD_MAX })
    expect(places.put({ ...both, parties: [BOB] })).toBe(false)
    expect(places.put({ ...both, parties: [ALICE] })).toBe(true)
    expect(places.put({ ...both, parties: [BOB] })).toBe(true)
  })
})
