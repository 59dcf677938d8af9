/** Values and messages of POLO by chance, from a seed: what a decoder is fed with beside what people write. */
import { concatBytes } from '../../../../src/base/bytes.ts'
import type { PoloValue } from '../../../../src/dialects/moi/polo/value.ts'
import type { Stream } from '../../../../src/sim/random.ts'

export const noise = (random: Stream, sizeMax: number): Uint8Array =>
  Uint8Array.from({ length: random.below(sizeMax + 1) }, () => random.below(256))

/** Magnitudes of every length alike, so that small and large ones come up. */
export const randomInteger = (random: Stream): bigint => {
  const magnitude = noise(random, 32).reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  return random.chance(30) ? -magnitude : magnitude
}

const LETTERS = ['a', 'b', 'Z', '0', '_', ' ', 'é', '“', '😀', '～']

export const randomText = (random: Stream, sizeMax: number): string =>
  Array.from({ length: random.below(sizeMax + 1) }, () => random.pick(LETTERS) ?? '').join('')

export const randomValue = (random: Stream, levels: number): PoloValue => {
  const kind = random.below(levels > 0 ? 10 : 6)
  if (kind === 0) return { is: 'null' }
  if (kind === 1) return { is: 'boolean', value: random.chance(50) }
  if (kind === 2) return { is: 'integer', value: randomInteger(random) }
  if (kind === 3) return { is: 'float', value: (random.below(1_000_000) - 500_000) / 7 }
  if (kind === 4) return { is: 'word', value: noise(random, 80) }
  if (kind === 5) return { is: 'raw', value: concatBytes(Uint8Array.of(6), noise(random, 9)) }
  if (kind === 6) {
    const names = Array.from({ length: random.below(6) }, () => randomText(random, 5))
    const value = new Map(
      names.map((name) => [name, concatBytes(Uint8Array.of(3), noise(random, 9))]),
    )
    return { is: 'document', value: new Map([...value].toSorted(([a], [b]) => (a < b ? -1 : 1))) }
  }
  const count = levels === 1 && random.chance(3) ? 300 : random.below(6)
  return {
    is: 'pack',
    value: Array.from({ length: count }, () => randomValue(random, levels - 1)),
  }
}

/** One message with some of it changed: bits, bytes, cuts, repetitions, and numbers that lengths are made of. */
export const mutated = (random: Stream, message: Uint8Array): Uint8Array => {
  let bytes: Uint8Array = message.slice()
  for (let left = 1 + random.below(3); left > 0; left--) bytes = mutatedOnce(random, bytes)
  return bytes
}

const TELLING = [0x00, 0x01, 0x03, 0x0d, 0x0e, 0x0f, 0x1f, 0x2f, 0x7f, 0x80, 0x8f, 0xff]

const mutatedOnce = (random: Stream, bytes: Uint8Array): Uint8Array => {
  const at = random.below(bytes.length + 1)
  const rest = bytes.subarray(Math.min(bytes.length, at + 1 + random.below(4)))
  const way = random.below(7)
  if (way === 0) return bytes.slice(0, at)
  if (way === 1) return concatBytes(bytes.subarray(0, at), noise(random, 4), bytes.subarray(at))
  if (way === 2) return concatBytes(bytes.subarray(0, at), rest)
  if (way === 3) return concatBytes(bytes.subarray(0, at), bytes.subarray(at), bytes.subarray(at))
  const changed = bytes.slice()
  if (at === bytes.length) return changed
  if (way === 4) changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8))
  else if (way === 5) changed[at] = random.pick(TELLING) ?? 0
  else changed[at] = random.below(256)
  return changed
}
