/** Checks of POLO, and of what MOI's clients write in it. */
import { hexFromBytes } from '../../packages/tallystick/src/base/bytes.ts'
import { blake2b256 } from '../../packages/tallystick/src/base/blake2b.ts'
import {
  fingerprintOf,
  hasFlag,
  hexFromMoiId,
  kindOfMoiId,
  type MoiFlag,
  moiIdFromHex,
  standardOf,
  variantOf,
} from '../../packages/tallystick/src/dialects/moi/identifier.ts'
import {
  interactionHash,
  readInteraction,
  writeInteraction,
} from '../../packages/tallystick/src/dialects/moi/interaction.ts'
import {
  checkNetworkState,
  networkState,
} from '../../packages/tallystick/src/dialects/moi/network-state.ts'
import { readKramaId, writeKramaId } from '../../packages/tallystick/src/dialects/moi/krama-id.ts'
import {
  readOperation,
  writeOperation,
} from '../../packages/tallystick/src/dialects/moi/operation.ts'
import {
  poloArray,
  poloDocument,
  poloMap,
  poloStruct,
} from '../../packages/tallystick/src/dialects/moi/polo/container.ts'
import { poloEntries } from '../../packages/tallystick/src/dialects/moi/polo/document.ts'
import {
  poloBool,
  poloBytes,
  poloFloat,
  poloInteger,
  poloNatural,
  poloText,
  poloWhole,
} from '../../packages/tallystick/src/dialects/moi/polo/scalar.ts'
import {
  encodePolo,
  type Polo,
  readPolo,
} from '../../packages/tallystick/src/dialects/moi/polo/schema.ts'
import { poloValue } from '../../packages/tallystick/src/dialects/moi/polo/value.ts'
import {
  ecdsaFromMoi,
  moiFromEcdsa,
  readSignatures,
  verifiesMoi,
  writeSignatures,
} from '../../packages/tallystick/src/dialects/moi/signature.ts'
import { createPortableEngine } from '../../packages/tallystick/src/engine/portable.ts'
import { type Check, type Finding, type Json, unless } from './finding.ts'
import { bytesAt, numberAt, plain, textAt } from './read.ts'

const SIZE = 1024

type Inner = { readonly name: string; readonly age: number; readonly ok: boolean }
const members = { name: poloText(SIZE), age: poloWhole(255), ok: poloBool }
type Outer = { readonly a: Inner; readonly b: bigint }

const both = <T>(schema: Polo<T>): ((message: Uint8Array) => Finding) => {
  return (message) => {
    const value = readPolo(schema, message)
    const written = encodePolo(schema, value)
    return { expected: { value: shown(value), written: hexFromBytes(written) } }
  }
}

/** Maps as lists of pairs, which keep their order. */
const shown = (value: unknown): Json => {
  if (value instanceof Map) return [...value].map((pair: readonly unknown[]) => pair.map(shown))
  if (Array.isArray(value)) return value.map(shown)
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null)
    return plain(value)
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shown(part)]))
}

/** The schemas that cases of POLO name. */
const SCHEMAS: Readonly<Record<string, (message: Uint8Array) => Finding>> = {
  any: both(poloValue),
  boolean: both(poloBool),
  u8: both(poloWhole(255)),
  u64: both(poloNatural(64)),
  u256: both(poloNatural(256)),
  i64: both(poloInteger(64)),
  float: both(poloFloat),
  text: both(poloText(SIZE)),
  bytes: both(poloBytes(SIZE)),
  texts: both(poloArray(poloText(SIZE), SIZE)),
  integers: both(poloArray(poloInteger(64), SIZE)),
  lists: both(poloArray(poloArray(poloNatural(64), SIZE), SIZE)),
  'map from text': both(poloMap(poloText(SIZE), poloNatural(64), SIZE)),
  'map from numbers': both(poloMap(poloNatural(64), poloText(SIZE), SIZE)),
  struct: both(poloStruct<Inner>(members)),
  'struct in struct': both(
    poloStruct<Outer>({ a: poloStruct<Inner>(members), b: poloNatural(64) }),
  ),
  document: both(poloDocument<Inner>(members)),
  entries: both(poloEntries),
}

const FLAGS: readonly MoiFlag[] = [
  'systemic',
  'stateful',
  'logical',
  'intrinsic',
  'extrinsic',
  'auxiliary',
]

const engine = createPortableEngine()

export const moiChecks: Readonly<Record<string, Check>> = {
  polo: (input) => {
    const check = SCHEMAS[textAt(input, 'schema')]
    if (!check) throw new Error('there is no such schema')
    return check(bytesAt(input, 'message'))
  },
  blake2b: (input) => ({ expected: hexFromBytes(blake2b256(bytesAt(input, 'bytes'))) }),
  'moi-id': (input) => {
    const id = unless(moiIdFromHex(textAt(input, 'text')))
    return {
      expected: {
        id: hexFromMoiId(id),
        kind: kindOfMoiId(id),
        flags: FLAGS.filter((flag) => hasFlag(id, flag)),
        standard: standardOf(id),
        fingerprint: hexFromBytes(fingerprintOf(id)),
        variant: variantOf(id),
      },
    }
  },
  'krama-id': (input) => {
    const found = unless(readKramaId(textAt(input, 'text')))
    if (writeKramaId(found) !== textAt(input, 'text')) throw new Error('it is spelled otherwise')
    return { expected: { zone: found.zone, publicKey: hexFromBytes(found.publicKey) } }
  },
  'moi-interaction': (input) => {
    const message = bytesAt(input, 'message')
    const value = unless(readInteraction(message))
    return {
      expected: {
        hash: hexFromBytes(interactionHash(message)),
        value: shown(value),
        written: hexFromBytes(writeInteraction(value)),
      },
    }
  },
  'moi-operation': (input) => {
    const value = unless(readOperation(numberAt(input, 'type'), bytesAt(input, 'payload')))
    return { expected: { value: shown(value), written: shown(writeOperation(value)) } }
  },
  'moi-signatures': (input) => {
    const value = unless(readSignatures(bytesAt(input, 'message')))
    return { expected: { value: shown(value), written: hexFromBytes(writeSignatures(value)) } }
  },
  'moi-signature': (input) => {
    const signature = bytesAt(input, 'signature')
    const { compact, parity } = unless(ecdsaFromMoi(signature))
    if (hexFromBytes(moiFromEcdsa({ compact, parity })) !== hexFromBytes(signature))
      throw new Error('it is spelled otherwise')
    const verifies = verifiesMoi(
      engine,
      bytesAt(input, 'publicKey'),
      bytesAt(input, 'signed'),
      signature,
    )
    return { expected: { compact: hexFromBytes(compact), parity, verifies } }
  },
  'network-state': (input) => {
    const of = networkState.decode(bytesAt(input, 'bytes'))
    const found = unless(checkNetworkState(of, engine))
    return {
      expected: {
        account: hexFromMoiId(of.account),
        height: String(found.height),
        tesseract: found.tesseract,
        sealed: String(found.finality.since),
        context: hexFromBytes(found.context.hash),
        values: found.values.map(({ value }) => (value ? hexFromBytes(value) : null)),
      },
    }
  },
}
