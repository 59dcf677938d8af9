/**
 * Bundles: one file that holds what somebody needs to check machines offline.
 *
 * Promise. Reading is strict: what is read has one spelling. It is also cheap to refuse: the size is checked before
 * anything is read, and each part stands in a frame of its own, so a damaged part is named and the others can
 * still be read.
 *
 * Not promised. Anything about what the parts say: that is the walk's matter (`verify.ts`). The order of steps
 * carries no authority either; it only lets a reader go through the file once.
 *
 * Wire, after the header of `file.ts`: five, seven or eight lists, each a u32 count and as many frames; a frame is a u32 length and
 * the part's bytes.
 *
 * | list | parts |
 * |---|---|
 * | charters | one for each machine |
 * | steps | each after the steps that it builds on, reads or relies on |
 * | facts | values proven under a state root whose step the verifier remembers |
 * | evidence | two statements that convict a key |
 * | chains | flat histories of machines whose state is cells |
 * | withheld | steps of which only header and certificate are shown |
 * | openings | values of fields, each with its salt |
 * | lies | proofs against certifiers that a model judges, or a machine's rules |
 *
 * The last three stand in the file only if something in or behind them is there, so that a file has one spelling.
 *
 * A step's legs come first on the wire, so that a damaged step still says which machine and number it is.
 */
import type { MachineId, TransitionId } from '../base/brand.ts'
import {
  bytes,
  bytesWritten,
  choice,
  type Codec,
  codecFrom,
  createReader,
  id,
  list,
  literal,
  type Reader,
  struct,
  u32,
  u8,
  union,
} from '../base/codec.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import {
  BUNDLE_CHAINS_MAX,
  BUNDLE_CHARTERS_MAX,
  BUNDLE_EVIDENCE_MAX,
  BUNDLE_FACTS_MAX,
  BUNDLE_OPENINGS_MAX,
  BUNDLE_PART_BYTES_MAX,
  BUNDLE_STEPS_MAX,
  BUNDLE_WITHHELD_MAX,
  CERTIFICATE_BYTES_MAX,
  CONSENTS_MAX,
  KEYS_MAX,
  LEGS_MAX,
  SIGNATURE_BYTES_MAX,
} from '../base/limits.ts'
import { type Charter, charter } from '../kernel/charter.ts'
import { type Consent, consent } from '../kernel/consent.ts'
import { type Evidence, evidence } from '../kernel/evidence.ts'
import { type Opening, opening } from '../kernel/field.ts'
import { type Interaction, interaction } from '../kernel/interaction.ts'
import { type Transition, transition } from '../kernel/transition.ts'
import { type Fact, fact } from '../state/fact.ts'
import { bodyFromFile, fileFromBody } from './file.ts'

/** A signature by the key at a position of a party's controller. */
export type KeySignature = { readonly key: number; readonly signature: Uint8Array }

/** What became of a leg. One for each leg of the interaction, in its order. */
export type BundleLeg =
  | {
      readonly is: 'written'
      readonly transition: Transition
      /**
       * Signatures of the party whose turn it is over its `propose` vote of round 0 for this transition; empty
       * where the certificate says it all, or nobody proposed.
       */
      readonly proposal: readonly KeySignature[]
      /** In the codec of the model in force; empty if there is none yet. */
      readonly certificate: Uint8Array
      /** For a step that changes the terms: the certificate under the new terms; else empty. */
      readonly accepted: Uint8Array
    }
  | {
      /** A leg that is read or referred to, and the transition it was looked at. */
      readonly is: 'read'
      readonly at: TransitionId
    }

export type BundleStep = {
  readonly legs: readonly BundleLeg[]
  readonly interaction: Interaction
  readonly consents: readonly Consent[]
}

/** A step of one machine that is vouched for and not shown. */
export type WithheldStep = {
  readonly transition: Transition
  readonly proposal: readonly KeySignature[]
  readonly certificate: Uint8Array
  /** The part of the state after it that a later step needs (`state/witness.ts`); empty if none does. */
  readonly witness: Uint8Array
}

/** A proof against a certifier of a machine, in the bytes of the model that is or was in force there. */
export type BundleLie = {
  readonly machine: MachineId
  /** `model`: judged by the policy alone. `rules`: judged with the machine's logic as well. */
  readonly by: 'model' | 'rules'
  readonly proof: Uint8Array
}

export type Bundle = {
  readonly charters: readonly Charter[]
  readonly steps: readonly BundleStep[]
  readonly facts: readonly Fact[]
  readonly evidence: readonly Evidence[]
  /** Flat chains in their own encoding. */
  readonly chains: readonly Uint8Array[]
  readonly withheld: readonly WithheldStep[]
  readonly openings: readonly Opening[]
  readonly lies: readonly BundleLie[]
}

/** The frames of a bundle, unread. */
export type BundleParts = {
  readonly charters: readonly Uint8Array[]
  readonly steps: readonly Uint8Array[]
  readonly facts: readonly Uint8Array[]
  readonly evidence: readonly Uint8Array[]
  readonly chains: readonly Uint8Array[]
  readonly withheld: readonly Uint8Array[]
  readonly openings: readonly Uint8Array[]
  readonly lies: readonly Uint8Array[]
}

export const EMPTY_BUNDLE: Bundle = {
  charters: [],
  steps: [],
  facts: [],
  evidence: [],
  chains: [],
  withheld: [],
  openings: [],
  lies: [],
}

const proposal: Codec<readonly KeySignature[]> = list(
  struct<KeySignature>({ key: u8, signature: bytes(SIGNATURE_BYTES_MAX) }),
  KEYS_MAX,
)

const legsWith = (header: Codec<Transition>): Codec<readonly BundleLeg[]> =>
  list(
    union<BundleLeg>({
      written: struct({
        is: literal('written'),
        transition: header,
        proposal,
        certificate: bytes(CERTIFICATE_BYTES_MAX),
        accepted: bytes(CERTIFICATE_BYTES_MAX),
      }),
      read: struct({ is: literal('read'), at: id<'transition'>() }),
    }),
    LEGS_MAX,
  )

/** A step as the bytes of its frame. */
export const bundleStep: Codec<BundleStep> = struct<BundleStep>({
  legs: legsWith(transition),
  interaction,
  consents: list(consent, CONSENTS_MAX),
})

/** A withheld step as the bytes of its frame. */
export const withheldStep: Codec<WithheldStep> = struct<WithheldStep>({
  transition,
  proposal,
  certificate: bytes(CERTIFICATE_BYTES_MAX),
  witness: bytes(BUNDLE_PART_BYTES_MAX),
})

/** A proof against a certifier as the bytes of its frame. */
export const bundleLie: Codec<BundleLie> = struct<BundleLie>({
  machine: id<'machine'>(),
  by: choice<BundleLie['by']>(['model', 'rules']),
  proof: bytes(BUNDLE_PART_BYTES_MAX),
})

const frame = bytes(BUNDLE_PART_BYTES_MAX)

/** A bundle as a file. Raises `file/too-large` and what the codecs raise. */
export const fileFromBundle = (of: Bundle): Uint8Array => {
  const framed: BundleParts = {
    charters: of.charters.map((one) => charter.encode(one)),
    steps: of.steps.map((one) => bundleStep.encode(one)),
    facts: of.facts.map((one) => fact.encode(one)),
    evidence: of.evidence.map((one) => evidence.encode(one)),
    chains: of.chains,
    withheld: of.withheld.map((one) => withheldStep.encode(one)),
    openings: of.openings.map((one) => opening.encode(one)),
    lies: of.lies.map((one) => bundleLie.encode(one)),
  }
  const lists = LISTS.slice(0, listsOf(framed))
  const body = bytesWritten((writer) => {
    for (const [name, , countMax] of lists) list(frame, countMax).write(writer, framed[name])
  })
  return fileFromBody('bundle', body)
}

/** The frames of a bundle file. Raises the faults of `bodyFromFile` and of `codec.ts`, with the part named. */
export const partsFromFile = (file: Uint8Array): BundleParts => {
  const { parts: whole, damage } = openBundle(file)
  if (damage) throw damage.fault
  return whole
}

/** The frames in front of the first damage to the framing, and what is known about that damage. */
export type OpenedBundle = {
  readonly parts: BundleParts
  readonly damage:
    | {
        readonly fault: Fault
        /** Where the damage hit a step: its headers, as far as they can still be read. */
        readonly headers: readonly Transition[]
      }
    | undefined
}

/** As `partsFromFile`, but keeps what stands in front of the damage. Raises the faults of `bodyFromFile` only. */
export const openBundle = (file: Uint8Array): OpenedBundle => {
  const body = bodyFromFile('bundle', file)
  const reader = createReader(body)
  const found: Record<keyof BundleParts, Uint8Array[]> = {
    charters: [],
    steps: [],
    facts: [],
    evidence: [],
    chains: [],
    withheld: [],
    openings: [],
    lies: [],
  }
  let count = 0
  for (const [at, [name, called, countMax]] of LISTS.entries()) {
    // Two counts are eight bytes, and one is four: less than that is no list, but something that does not belong there.
    if (at === WHOLE_LISTS && reader.left() < 8) break
    if (at === OPEN_LISTS && reader.left() < 4) break
    count += 1
    const fault = faultFrom(() => readFrames(reader, found[name], countMax))
    if (!isFault(fault)) continue
    const part = `${called} ${found[name].length + 1} of the file`
    const left = body.subarray(body.length - reader.left())
    const headers = name === 'steps' ? headersOf(left) : []
    return { parts: found, damage: { fault: fault.at({ part }), headers } }
  }
  const extended = faultFrom(() => {
    reader.finish()
    if (count > listsOf(found)) {
      throw new Fault('codec/not-canonical', 'empty lists at the end, which belong left out')
    }
  })
  if (!isFault(extended)) return { parts: found, damage: undefined }
  const part = 'end of the file'
  return { parts: found, damage: { fault: extended.at({ part }), headers: [] } }
}

/** Lists of a file in which nothing is withheld and nothing opened. */
const WHOLE_LISTS = 5

/** Lists of a file in which nobody is accused of a lie. */
const OPEN_LISTS = 7

/** Of how many lists a file consists. */
const listsOf = (of: BundleParts): number => {
  if (of.lies.length > 0) return LISTS.length
  return of.withheld.length + of.openings.length > 0 ? OPEN_LISTS : WHOLE_LISTS
}

/** In the order of the wire. */
const LISTS: readonly (readonly [name: keyof BundleParts, called: string, countMax: number])[] = [
  ['charters', 'charter', BUNDLE_CHARTERS_MAX],
  ['steps', 'step', BUNDLE_STEPS_MAX],
  ['facts', 'fact', BUNDLE_FACTS_MAX],
  ['evidence', 'evidence', BUNDLE_EVIDENCE_MAX],
  ['chains', 'chain', BUNDLE_CHAINS_MAX],
  ['withheld', 'withheld step', BUNDLE_WITHHELD_MAX],
  ['openings', 'opening', BUNDLE_OPENINGS_MAX],
  ['lies', 'lie', BUNDLE_EVIDENCE_MAX],
]

const readFrames = (reader: Reader, into: Uint8Array[], countMax: number): void => {
  const count = u32.read(reader)
  if (count > countMax) {
    throw new Fault('codec/too-long', `${count} parts where at most ${countMax} are allowed`)
  }
  for (let at = 0; at < count; at++) into.push(frame.read(reader))
}

/** Reads a whole bundle; the first part that does not decode is raised, with the place filled in. */
export const bundleFromFile = (file: Uint8Array): Bundle => {
  const framed = partsFromFile(file)
  return {
    charters: framed.charters.map((one, at) =>
      valueOf(readPart(charter, one, `charter ${at + 1}`)),
    ),
    steps: framed.steps.map((one, at) => valueOf(readPart(bundleStep, one, `step ${at + 1}`))),
    facts: framed.facts.map((one, at) => valueOf(readPart(fact, one, `fact ${at + 1}`))),
    evidence: framed.evidence.map((one, at) =>
      valueOf(readPart(evidence, one, `evidence ${at + 1}`)),
    ),
    chains: framed.chains,
    withheld: framed.withheld.map((one, at) =>
      valueOf(readPart(withheldStep, one, `withheld step ${at + 1}`)),
    ),
    openings: framed.openings.map((one, at) =>
      valueOf(readPart(opening, one, `opening ${at + 1}`)),
    ),
    lies: framed.lies.map((one, at) => valueOf(readPart(bundleLie, one, `lie ${at + 1}`))),
  }
}

/** Reads one frame. The fault names the part as it is counted in the file, from 1. */
export const readPart = <T>(codec: Codec<T>, framed: Uint8Array, part: string): T | Fault => {
  const value = faultFrom(() => codec.decode(framed))
  return isFault(value) ? value.at({ part: `${part} of the file` }) : value
}

/** The headers of a step whose frame does not decode, as far as they can still be read. */
export const headersOf = (framed: Uint8Array): readonly Transition[] => {
  const headers: Transition[] = []
  const noting = codecFrom(transition.write, (reader) => {
    const header = transition.read(reader)
    headers.push(header)
    return header
  })
  faultFrom(() => legsWith(noting).decode(framed))
  return headers
}

const valueOf = <T>(read: T | Fault): T => {
  if (isFault(read)) throw read
  return read
}
