/** What people are called here: custodians as the definition has them, oneself, and everybody else by key. */
import { type NostrDefinition } from 'tallystick/nostr'
import { NAME_CHARACTERS_MAX } from './limits.ts'

export type Names = (key: string) => string

/**
 * The name of a custodian stands behind the first colon of the place of its snapshots, on the word of whoever wrote the definition; its
 * key is what counts.
 */
export const placeNameOf = (machine: string, custodian: string): string => `${machine}:${custodian}`

export const namesIn = (
  { states, escalation }: Pick<NostrDefinition, 'states' | 'escalation'>,
  own: string,
): Names => {
  const said = new Map([
    ...states.map((one): [string, string | undefined] => [one.custodian, nameIn(one.name)]),
    ...(escalation?.standIns ?? []).map((one): [string, string | undefined] => [
      one.key,
      shortName(one.name),
    ]),
  ])
  const counts = new Map<string, number>()
  for (const name of said.values()) {
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return (key) => {
    const name = said.get(key)
    // Two of one name would be taken for one.
    const isClear = name !== undefined && counts.get(name) === 1
    if (isClear) return key === own ? `${name} (you)` : name
    return key === own ? 'you' : key.slice(0, 8)
  }
}

const nameIn = (place: string): string | undefined => {
  const at = place.indexOf(':')
  return at < 0 ? undefined : shortName(place.slice(at + 1))
}

const shortName = (name: string): string | undefined =>
  name !== '' && name.length <= NAME_CHARACTERS_MAX ? name : undefined

/** "a, b and c". */
export const listText = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`
