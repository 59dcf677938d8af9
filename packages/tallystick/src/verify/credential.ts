/**
 * Credentials: a record that an issuer's machine keeps for a key, with attributes that are fields. The holder shows those he
 * chooses, to one audience, once.
 *
 * Promise. A presentation that checks was signed by the key for which the record was made, over the nonce and the audience that
 * the verifier named, and covers every byte of it. Each attribute is what the issuer committed to. A record that has ended in
 * a newer state of the issuer is refused. Everything is checked offline, from the files alone.
 *
 * Not promised. Freshness: a presentation shows the state it carries, and a status the state it carries; both say as of which
 * step. Unlinkability: record, issuer's signature and holder key are the same in every presentation, so verifiers who compare
 * notes recognise the holder. Ask for several credentials to be told apart less easily (`docs/spec/credential.md`).
 *
 * | file | what |
 * |---|---|
 * | credential | signed state, record 32, list of openings: the holder's, to be kept as a secret |
 * | presentation | signed state, record 32, list of openings, audience text, nonce text, signature |
 * | status | signed state, record 32 |
 */
import type { MachineId, SignerId } from '../base/brand.ts'
import { equalBytes } from '../base/bytes.ts'
import { bytes, type Codec, id, list, struct, text } from '../base/codec.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { hash } from '../base/hash.ts'
import {
  CHALLENGE_BYTES_MAX,
  FIELDS_MAX,
  NONCE_CHARACTERS_MIN,
  SIGNATURE_BYTES_MAX,
} from '../base/limits.ts'
import { TAGS } from '../base/tags.ts'
import { signerOf } from '../kernel/controller.ts'
import { pathKey } from '../kernel/execute.ts'
import { type Opening, opening, opens, type RecordId } from '../kernel/field.ts'
import type { Finality } from '../kernel/verdict.ts'
import type { Holder } from '../logic/record-operation.ts'
import { fieldPath, type KeptRecord, keptRecord, recordPathOf } from '../logic/record-state.ts'
import type { StateKey } from '../state/keys.ts'
import { read } from '../state/tree.ts'
import {
  narrowed,
  type ReadState,
  readState,
  type SignedState,
  signedState,
  type StateChecks,
} from './signed-state.ts'

export type Status = { readonly state: SignedState; readonly record: RecordId }

export type Credential = Status & { readonly openings: readonly Opening[] }

/** What a verifier asks the holder to sign over. */
export type Challenge = { readonly audience: string; readonly nonce: string }

export type Presentation = Credential & Challenge & { readonly signature: Uint8Array }

const openings = list(opening, FIELDS_MAX)
const challenge = text(CHALLENGE_BYTES_MAX)
const record = id<'record'>()

export const status: Codec<Status> = struct<Status>({ state: signedState, record })

export const credential: Codec<Credential> = struct<Credential>({
  state: signedState,
  record,
  openings,
})

type Unsigned = Omit<Presentation, 'signature'>

const unsigned: Codec<Unsigned> = struct<Unsigned>({
  state: signedState,
  record,
  openings,
  audience: challenge,
  nonce: challenge,
})

export const presentation: Codec<Presentation> = struct<Presentation>({
  state: signedState,
  record,
  openings,
  audience: challenge,
  nonce: challenge,
  signature: bytes(SIGNATURE_BYTES_MAX),
})

/** What somebody shows about a holder, once it was checked. */
export type Presented = {
  readonly issuer: MachineId
  /** What the issuer calls itself. */
  readonly maker: string
  readonly about: string
  readonly record: RecordId
  readonly holder: SignerId
  readonly attributes: readonly { readonly name: string; readonly value: string }[]
  /** The newest state in which the record is known to stand: a step of the issuer's machine, and who vouches for it. */
  readonly asOf: { readonly sequence: bigint; readonly finality: Finality }
}

/** The 32 bytes that a holder signs. Raises `credential/bad-nonce`. */
export const presentationDigest = (of: Unsigned): Uint8Array => {
  if (of.nonce.length < NONCE_CHARACTERS_MIN) {
    const says = `a nonce has at least ${NONCE_CHARACTERS_MIN} characters`
    throw new Fault('credential/bad-nonce', says)
  }
  return hash(of.state.charter.terms.suite, TAGS.presentation, unsigned.encode(of))
}

/**
 * A presentation to be signed: the state narrowed to the record and the attributes of the given names. Raises
 * `credential/no-attribute` and the faults of the witness.
 */
export const presentationOf = (
  of: Credential,
  names: readonly string[],
  to: Challenge,
): Unsigned => {
  const shown = names.map((name) => {
    const found = of.openings.find((one) => one.name === name)
    if (found) return found
    throw new Fault('credential/no-attribute', `the credential has no attribute "${name}"`)
  })
  const keys = keysOf(of.state, of.record, shown)
  return { state: narrowed(of.state, keys), record: of.record, openings: shown, ...to }
}

/** The keys of a state that show a record and some of its fields. */
export const keysOf = (
  { charter: { terms, logics }, step }: SignedState,
  of: RecordId,
  shown: readonly Pick<Opening, 'interaction' | 'name'>[],
): readonly StateKey[] => {
  const logic = logics.findIndex((one) => one.name === 'record/1')
  const prefix = { machine: step.transition.machine, logic }
  const key = (path: ReturnType<typeof recordPathOf>): StateKey =>
    pathKey(terms.suite, prefix, path)
  return [
    key(recordPathOf(of)),
    ...shown.map(({ interaction, name }) => key(fieldPath(of, interaction, name))),
  ]
}

type Known = { readonly state: ReadState; readonly kept: KeptRecord }

/** The record that a signed state shows. Returns `credential/no-record`, `credential/revoked` and what `readState` does. */
const recordIn = (of: Status, checks: StateChecks): Known | Fault => {
  const state = readState(of.state, checks)
  if (isFault(state)) return state
  const place = { machine: state.machine, step: state.sequence, part: of.record }
  const { suite } = state.charter.terms
  const value = read(state.tree, pathKey(suite, state.records, recordPathOf(of.record)))
  if (!value) return new Fault('credential/no-record', 'the issuer keeps no such record', place)
  const kept = keptRecord.decode(value)
  if (kept.ended) return new Fault('credential/revoked', 'the issuer has ended it', place)
  return { state, kept }
}

/** The attributes that openings show. Returns `opening/no-field`, `opening/wrong-value` or `opening/twice`. */
const attributesOf = (
  { state, kept }: Known,
  of: Credential,
): readonly { readonly name: string; readonly value: string }[] | Fault => {
  const { suite } = state.charter.terms
  const seen = new Set<string>()
  for (const one of of.openings) {
    const { interaction, name } = one
    const place = { machine: state.machine, part: name }
    const says = `of the record that ${kept.maker} keeps`
    if (one.machine !== state.machine || one.record !== of.record) {
      return new Fault('opening/no-field', `"${name}" is no field ${says}`, place)
    }
    if (seen.has(name)) return new Fault('opening/twice', `"${name}" is opened twice`, place)
    seen.add(name)
    const path = fieldPath(of.record, interaction, name)
    const commitment = read(state.tree, pathKey(suite, state.records, path))
    if (!commitment) return new Fault('opening/no-field', `"${name}" is no field ${says}`, place)
    if (!opens(suite, one, { name, commitment })) {
      return new Fault('opening/wrong-value', `"${name}" was another value or salt`, place)
    }
  }
  return of.openings.map(({ name, value }) => ({ name, value }))
}

/** Checks a credential as its holder gets it. Returns `credential/no-holder` and what checking a record does. */
export const checkCredential = (of: Credential, checks: StateChecks): Presented | Fault =>
  faultFrom(() => {
    const known = recordIn(of, checks)
    if (isFault(known)) return known
    const attributes = attributesOf(known, of)
    if (isFault(attributes)) return attributes
    const holder = keyOf(known.kept.holder)
    if (isFault(holder)) return holder
    return presented(of.record, known, { attributes, holder })
  })

export type PresentationChecks = StateChecks & {
  /** What the verifier asked for. */
  readonly challenge: Challenge
  /** Newer states of the issuer that the verifier has from elsewhere. */
  readonly statuses: readonly Status[]
}

/**
 * Checks a presentation. Returns `credential/other-audience`, `credential/other-nonce`, `credential/bad-signature`,
 * `credential/other-status`, `credential/two-states` and what `checkCredential` returns.
 */
export const checkPresentation = (
  of: Presentation,
  { challenge: asked, statuses, ...checks }: PresentationChecks,
): Presented | Fault =>
  faultFrom(() => {
    if (of.audience !== asked.audience) {
      return new Fault('credential/other-audience', `it was made for "${of.audience}"`)
    }
    if (of.nonce !== asked.nonce) {
      return new Fault('credential/other-nonce', 'it was made for another nonce')
    }
    const known = recordIn(of, checks)
    if (isFault(known)) return known
    const holder = keyOf(known.kept.holder)
    if (isFault(holder)) return holder
    const digest = presentationDigest(of)
    if (!checks.verifier.verify(holder.scheme, holder.publicKey, digest, of.signature)) {
      return new Fault('credential/bad-signature', 'it is not signed by the key it was made for')
    }
    const attributes = attributesOf(known, of)
    if (isFault(attributes)) return attributes
    const newest = newestOf({ of, known }, statuses, checks)
    if (isFault(newest)) return newest
    return presented(of.record, newest, { attributes, holder })
  })

type Key = Extract<Holder, { is: 'key' }>

const keyOf = (holder: Holder): Key | Fault =>
  holder.is === 'key'
    ? holder
    : new Fault('credential/no-holder', 'the record is not for a key, so nobody can present it')

/** The newest of the states in which the record stands; a status that says otherwise is returned as its fault. */
const newestOf = (
  first: { readonly of: Status; readonly known: Known },
  statuses: readonly Status[],
  checks: StateChecks,
): Known | Fault => {
  let newest = first.known
  for (const one of statuses) {
    const transition = one.state.step.transition
    const isSame =
      one.record === first.of.record && transition.machine === first.known.state.machine
    if (!isSame) {
      return new Fault('credential/other-status', 'a status of another record or issuer')
    }
    const known = recordIn(one, checks)
    if (isFault(known)) return known
    const other = first.of.state.step.transition
    if (transition.sequence === other.sequence && transition.state !== other.state) {
      const place = { machine: transition.machine, step: transition.sequence }
      const says = 'the issuer signed two different states at one number; keep both files'
      return new Fault('credential/two-states', says, place)
    }
    if (known.state.sequence > newest.state.sequence) newest = known
  }
  // What the record says must be what it said when it was presented: nobody else may hold it since.
  const isKept = equalBytes(keptRecord.encode(newest.kept), keptRecord.encode(first.known.kept))
  return isKept
    ? newest
    : new Fault('credential/other-status', 'the record says something else in a newer state')
}

const presented = (
  of: RecordId,
  { state, kept }: Known,
  more: { readonly attributes: Presented['attributes']; readonly holder: Key },
): Presented => ({
  issuer: state.machine,
  maker: kept.maker,
  about: kept.about,
  record: of,
  holder: signerOf(state.charter.terms.suite, more.holder),
  attributes: more.attributes,
  asOf: { sequence: state.sequence, finality: state.finality },
})
