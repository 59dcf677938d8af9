/**
 * What a guardian keeps of each interaction that it executed, as one entry of its journal.
 *
 * | field | what |
 * |---|---|
 * | kind | genesis, or an interaction |
 * | interaction | the kernel's interaction: arguments and signatures as they came, and the parents that were pinned |
 * | tesseract | the bond of the steps, which MOI calls the hash of the tesseract |
 * | time | seconds since 1970 at which it was executed, by this guardian's clock |
 * | receipt | what came of it |
 * | steps | for each account that moved, its transition |
 * | seen | accounts that it named and that did not move |
 * | told | accounts on which the receipt has logs |
 * | changes | for each value that changed, whose, where, and what it is now |
 *
 * Everything else in the store follows from these entries, so it can be made again.
 */
import {
  bytes,
  choice,
  type Codec,
  codecFrom,
  type Id,
  id,
  list,
  optional,
  struct,
  type TransitionId,
  u64,
} from 'tallystick/base'
import { type Path, type Transition, transition } from 'tallystick/kernel'
import { STORE_VALUE_BYTES_MAX } from '../../limits.ts'
import { setBounded } from '../../server/bounded-map.ts'

export type MoiId = Id<'moi'>
/** MOI's tesseract is our bond: the hash of all transitions of one interaction. */
export type TesseractId = Id<'tesseract'>

export type Step = {
  readonly account: MoiId
  /** The tesseract in which the account moved before; zeros for its first. */
  readonly link: TesseractId
  readonly transition: Transition
}

export type LeafChange = {
  readonly account: MoiId
  readonly path: Path
  readonly value: Uint8Array | undefined
}

/** An account that the interaction looked at, or only named, and where it stood. It did not move. */
export type Seen = {
  readonly account: MoiId
  /** Missing for one that does not exist. */
  readonly height: bigint | undefined
  readonly head: TransitionId
}

export type LatticeEntry = {
  readonly kind: 'genesis' | 'interaction'
  readonly interaction: Uint8Array
  readonly tesseract: TesseractId
  readonly time: bigint
  readonly receipt: Uint8Array
  readonly steps: readonly Step[]
  readonly seen: readonly Seen[]
  /** Accounts on which the receipt has logs. */
  readonly told: readonly MoiId[]
  readonly changes: readonly LeafChange[]
}

/** Accounts of one entry: a genesis has many. */
const STEPS_MAX = 1_048_576
const CHANGES_MAX = 4_194_304
const PART_BYTES_MAX = 65_536
const PARTS_MAX = 16

const partBytes = bytes(PART_BYTES_MAX)

/** A part of a path: 1 and a text, or 0 and bytes, as state keys have it. */
const part: Codec<string | Uint8Array> = codecFrom(
  (writer, value) => {
    writer.u8(typeof value === 'string' ? 1 : 0)
    partBytes.write(writer, typeof value === 'string' ? Buffer.from(value, 'utf8') : value)
  },
  (reader) => {
    const isText = reader.u8() === 1
    const read = partBytes.read(reader)
    return isText ? Buffer.from(read).toString('utf8') : read
  },
)

const written: Codec<Path> = list(part, PARTS_MAX)

/** A path in bytes. Most paths come again and again, and those are short and of texts. */
export const pathBytes = (of: Path): Uint8Array => {
  const name = nameOf(of)
  if (name === undefined) return written.encode(of)
  const known = paths.get(name)
  if (known) return known
  const encoded = written.encode(of)
  setBounded(paths, name, encoded, PATHS_KEPT)
  return encoded
}

const paths = new Map<string, Uint8Array>()
const PATHS_KEPT = 16_384

/** Lengths in front: no two paths have one name. Undefined where a part is bytes, which somebody chose and nobody repeats. */
const nameOf = (of: Path): string | undefined => {
  let name = ''
  for (const one of of) {
    if (typeof one !== 'string') return undefined
    name += `${one.length}:${one}`
  }
  return name
}

export const path: Codec<Path> = codecFrom(
  (writer, value) => writer.raw(pathBytes(value)),
  (reader) => written.read(reader),
)

const inBytes = new WeakMap<Transition, Uint8Array>()

/** A transition, which never changes, in bytes once. */
export const transitionOnce: Codec<Transition> = codecFrom(
  (writer, value) => {
    const encoded = inBytes.get(value) ?? transition.encode(value)
    inBytes.set(value, encoded)
    writer.raw(encoded)
  },
  (reader) => transition.read(reader),
)

export const leafValue: Codec<Uint8Array | undefined> = optional(bytes(STORE_VALUE_BYTES_MAX))

const account = id<'moi'>()

const change: Codec<LeafChange> = struct<LeafChange>({ account, path, value: leafValue })

const seen: Codec<Seen> = struct<Seen>({ account, height: optional(u64), head: id<'transition'>() })

const step: Codec<Step> = struct<Step>({
  account,
  link: id<'tesseract'>(),
  transition: transitionOnce,
})

export const latticeEntry: Codec<LatticeEntry> = struct<LatticeEntry>({
  kind: choice(['genesis', 'interaction']),
  interaction: bytes(STORE_VALUE_BYTES_MAX),
  tesseract: id<'tesseract'>(),
  time: u64,
  receipt: bytes(STORE_VALUE_BYTES_MAX),
  steps: list(step, STEPS_MAX),
  seen: list(seen, STEPS_MAX),
  told: list(account, STEPS_MAX),
  changes: list(change, CHANGES_MAX),
})
