/**
 * Conditions: what must be shown before a vault pays.
 *
 * Promise. Whether a condition holds is a function of what one interaction shows: its proven premises, its consents and the
 * secrets in it. More shown never turns a condition that holds into one that does not, so nobody gains by showing less.
 *
 * Wire. A u8 tag and the fields. At most 8 levels and 64 nodes.
 *
 * | tag | condition | fields | holds when |
 * |---|---|---|---|
 * | 0 | secret | digest 32 | 32 bytes with this digest are shown |
 * | 1 | fact | machine 32, key 32, value bytes ≤ 256 | a premise proves that the key had this value |
 * | 2 | word | party text | the participant has consented to the interaction |
 * | 3 | some | at least u8, list of conditions | that many of the list hold |
 *
 * The digest of a secret is the tagged SHA-256, whatever the machine's suite: one secret opens vaults on machines of
 * different suites, and it has 32 bytes everywhere.
 */
import type { MachineId } from '../base/brand.ts'
import { equalBytes, hexFromBytes, utf8FromBytes } from '../base/bytes.ts'
import {
  bytes,
  type Codec,
  codecFrom,
  fixedBytes,
  id,
  list,
  literal,
  struct,
  text,
  u8,
  union,
} from '../base/codec.ts'
import { Fault, faultFrom, isFault } from '../base/fault.ts'
import { hash } from '../base/hash.ts'
import {
  CONDITION_DEPTH_MAX,
  CONDITION_NODES_MAX,
  NAME_BYTES_MAX,
  NOTICE_BYTES_MAX,
} from '../base/limits.ts'
import { TAGS } from '../base/tags.ts'
import { jsonFromText } from '../forms/strict-json.ts'
import type { ProvenPremise } from '../kernel/logic.ts'
import type { StateKey } from '../state/keys.ts'
import { keyText } from './key-text.ts'
import { short } from './ledger-describe.ts'

export type Condition =
  | { readonly is: 'secret'; readonly digest: Uint8Array }
  | {
      readonly is: 'fact'
      readonly machine: MachineId
      readonly key: StateKey
      readonly value: Uint8Array
    }
  | { readonly is: 'word'; readonly party: string }
  | { readonly is: 'some'; readonly atLeast: number; readonly of: readonly Condition[] }

export type Some = Extract<Condition, { is: 'some' }>

/** What an interaction shows. */
export type Showing = {
  readonly premises: readonly ProvenPremise[]
  /** Whether the participant of this name, of the vault's machine, has consented. */
  readonly consents: (party: string) => boolean
  readonly secrets: readonly Uint8Array[]
}

export const SECRET_BYTES = 32

export const allOf = (of: readonly Condition[]): Some => ({ is: 'some', atLeast: of.length, of })

export const anyOf = (of: readonly Condition[]): Some => ({ is: 'some', atLeast: 1, of })

/** The digest that a vault asks for. Raises `vault/wrong-secret` unless the secret has 32 bytes. */
export const digestOfSecret = (secret: Uint8Array): Uint8Array => {
  if (secret.length !== SECRET_BYTES) {
    throw new Fault(
      'vault/wrong-secret',
      `a secret has ${SECRET_BYTES} bytes, not ${secret.length}`,
    )
  }
  return hash('sha256', TAGS.secret, secret)
}

const tooDeep = (): never => {
  throw new Fault('vault/too-deep', `a condition has at most ${CONDITION_DEPTH_MAX} levels`)
}

/** A condition of at most so many levels. The depth is part of the codec, so that no input can exhaust the stack. */
const conditionOf = (levels: number): Codec<Condition> =>
  union<Condition>({
    secret: struct({ is: literal('secret'), digest: fixedBytes(32) }),
    fact: struct({
      is: literal('fact'),
      machine: id<'machine'>(),
      key: id<'state-key'>(),
      value: bytes(NOTICE_BYTES_MAX),
    }),
    word: struct({ is: literal('word'), party: text(NAME_BYTES_MAX) }),
    some:
      levels > 1
        ? struct<Some>({
            is: literal('some'),
            atLeast: u8,
            of: list(conditionOf(levels - 1), CONDITION_NODES_MAX),
          })
        : codecFrom<Some>(tooDeep, tooDeep),
  })

/** Raises `vault/too-deep` beside the faults of the codec. */
export const condition: Codec<Condition> = conditionOf(CONDITION_DEPTH_MAX)

/** Every node of a condition, itself first. */
export const nodesOf = (of: Condition): readonly Condition[] =>
  of.is === 'some' ? [of, ...of.of.flatMap(nodesOf)] : [of]

/** Raises `vault/too-many-nodes` or, where a count can never or always be reached, `vault/bad-count`. */
export const checkCondition = (of: Condition): void => {
  const nodes = nodesOf(of)
  if (nodes.length > CONDITION_NODES_MAX) {
    throw new Fault('vault/too-many-nodes', `${nodes.length} nodes, at most ${CONDITION_NODES_MAX}`)
  }
  for (const one of nodes) {
    if (one.is !== 'some') continue
    if (one.atLeast < 1 || one.atLeast > one.of.length) {
      throw new Fault('vault/bad-count', `${one.atLeast} of ${one.of.length} conditions`)
    }
  }
}

export const conditionHolds = (of: Condition, showing: Showing): boolean => {
  switch (of.is) {
    case 'secret':
      return showing.secrets.some((secret) => equalBytes(digestOfSecret(secret), of.digest))
    case 'fact':
      return showsFact(of, showing.premises)
    case 'word':
      return showing.consents(of.party)
    case 'some':
      return of.of.filter((one) => conditionHolds(one, showing)).length >= of.atLeast
  }
}

/** Whether a premise proves that a key of a machine had a value. */
export const showsFact = (
  fact: { readonly machine: MachineId; readonly key: StateKey; readonly value: Uint8Array },
  premises: readonly ProvenPremise[],
): boolean =>
  premises.some(
    (one) =>
      one.is === 'fact' &&
      one.machine === fact.machine &&
      one.key === fact.key &&
      one.value !== undefined &&
      equalBytes(one.value, fact.value),
  )

/** 'on carol’s word', '2 of (…; …)'. The value comes last: its letters are somebody’s choice and could imitate what follows. */
export const conditionText = (of: Condition): string => {
  switch (of.is) {
    case 'secret':
      return `for the secret of digest ${short(hexFromBytes(of.digest))}`
    case 'fact':
      return `on machine ${short(of.machine)}, ${keyText(of)}, showing ${valueText(of.value)}`
    case 'word':
      return `on ${of.party}’s word`
    case 'some':
      return `${of.atLeast} of (${of.of.map(conditionText).join('; ')})`
  }
}

/**
 * A value as people can read it: JSON as it is, as a statechart's values are; other plain letters as a text in quotes, so that none of them
 * reads as a word of the line around it; anything else by its bytes.
 */
export const valueText = (value: Uint8Array): string => {
  const isPlain = value.length > 0 && value.every((one) => one >= 0x20 && one < 0x7f)
  if (!isPlain) return value.length === 0 ? 'nothing' : short(hexFromBytes(value))
  const plain = utf8FromBytes(value)
  const isJson = !isFault(faultFrom(() => jsonFromText(plain)))
  const text = isJson ? plain : JSON.stringify(plain)
  return text.length <= VALUE_TEXT_MAX ? text : `${text.slice(0, VALUE_TEXT_MAX)}…`
}

/** A public key in JSON is whole. */
const VALUE_TEXT_MAX = 68
