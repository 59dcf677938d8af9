/**
 * Random numbers for simulations: named, counter-based streams from one seed.
 *
 * Promise. A draw depends on the seed, the stream's name and the position in that stream, and on nothing else. Taking a
 * fault out of a plan therefore does not shift the draws of the others, which is what lets a failing plan be shrunk.
 * Not for keys, nonces or anything that must be unpredictable.
 */

/** One stream. Every call moves it one position. */
export type Stream = {
  /** A whole number from 0 to `below` − 1. */
  readonly below: (below: number) => number
  /** True with a probability of `percent` in a hundred. */
  readonly chance: (percent: number) => boolean
  /** One item, or undefined of an empty list. */
  readonly pick: <Item>(items: readonly Item[]) => Item | undefined
  /** 32 bytes. */
  readonly bytes: () => Uint8Array
}

export type Streams = (name: string) => Stream

/** The streams of a seed; the same name gives the same stream object. */
export const createStreams = (seed: number): Streams => {
  const made = new Map<string, Stream>()
  return (name) => {
    const known = made.get(name)
    if (known) return known
    const fresh = createStream(mix(seed ^ hashText(name)))
    made.set(name, fresh)
    return fresh
  }
}

const createStream = (start: number): Stream => {
  let position = 0
  const next = (): number => {
    position += 1
    return mix(start + Math.imul(position, 0x9e37_79b9))
  }
  const below = (bound: number): number => Math.floor((next() / 2 ** 32) * bound)
  return {
    below,
    chance: (percent) => below(100) < percent,
    pick: (items) => items[below(items.length)],
    bytes: () => Uint8Array.from({ length: 32 }, () => below(256)),
  }
}

/** A 32-bit finaliser: every input bit changes about half of the output bits. */
const mix = (value: number): number => {
  let mixed = value >>> 0
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0_aaad)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a_2d97)
  return (mixed ^ (mixed >>> 15)) >>> 0
}

const hashText = (text: string): number => {
  let hash = 0x811c_9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x0100_0193)
  return hash >>> 0
}
