/**
 * Places for what participants have signed and what may come to nothing: each takes places of those who have signed it.
 *
 * Promise. What one party signs never takes the place of what another has signed. A value stays while one of its signers has a place for it,
 * and what is pinned at the head that was last asked about stays whatever comes.
 *
 * Not promised. That what one party has signed stays where it signs more than it has places for.
 */
import { CHANGES_PER_HEAD_MAX, CHANGES_PER_PARTY_MAX } from './limits.ts'

export type Places<Value> = {
  readonly get: (id: string) => Value | undefined
  /** Keeps a value that these parties have signed now, if one of them has a place or another had one for it. */
  readonly put: (of: {
    readonly id: string
    readonly parent: string
    readonly known: Value
    readonly parties: readonly number[]
  }) => boolean
  /** What is pinned at a head, which is the one that matters from now on. */
  readonly at: (head: string) => readonly Value[]
}

type Place<Value> = {
  readonly parent: string
  readonly known: Value
  /** Whose places it takes. */
  readonly parties: ReadonlySet<number>
}

export const createPlaces = <Value>(): Places<Value> => {
  const places = new Map<string, Place<Value>>()
  let head = ''
  /** Ids of what takes places of a party, the oldest first. */
  const heldBy = (party: number): readonly (readonly [string, Place<Value>])[] =>
    [...places].filter(([, one]) => one.parties.has(party))
  const hasPlace = (party: number, parent: string): boolean =>
    heldBy(party).filter(([, one]) => one.parent === parent).length < CHANGES_PER_HEAD_MAX
  const makeRoom = (party: number): void => {
    const held = heldBy(party)
    if (held.length <= CHANGES_PER_PARTY_MAX) return
    const oldest = held.find(([, one]) => one.parent !== head)
    if (!oldest) return
    const [id, place] = oldest
    const parties = new Set(place.parties)
    parties.delete(party)
    if (parties.size > 0) places.set(id, { ...place, parties })
    else places.delete(id)
  }
  return {
    get: (id) => places.get(id)?.known,
    put: ({ id, parent, known, parties }) => {
      const had = places.get(id)?.parties ?? []
      const now = new Set([...had, ...parties.filter((one) => hasPlace(one, parent))])
      if (now.size === 0) return false
      places.set(id, { parent, known, parties: now })
      for (const one of parties) makeRoom(one)
      return true
    },
    at: (asked) => {
      head = asked
      return [...places.values()].filter((one) => one.parent === asked).map((one) => one.known)
    },
  }
}
