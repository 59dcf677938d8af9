/**
 * POLO: messages written and read per second by our codec, beside the one library for it on npm, on the same values in the same
 * run. The library is a dependency of this repository's tests only; where it is not installed, the note says so.
 *
 * Both must write the same bytes and read what they wrote, or the group stops. Ours does more while it reads: it checks kinds,
 * bounds and identifiers, and hands identifiers out as text.
 */
import { equalBytes } from '../base/bytes.ts'
import { isFault } from '../base/fault.ts'
import { bytesFromMoiId, type MoiId, moiIdFrom } from '../dialects/moi/identifier.ts'
import {
  type MoiInteraction,
  readInteraction,
  writeInteraction,
} from '../dialects/moi/interaction.ts'
import { poloArray, poloMap, poloStruct } from '../dialects/moi/polo/container.ts'
import { poloBool, poloBytes, poloText, poloWhole } from '../dialects/moi/polo/scalar.ts'
import { decodePolo, encodePolo, type Polo } from '../dialects/moi/polo/schema.ts'
import { type Figure, figureFrom, rateFigure } from './figure.ts'
import { type Case, interleave, type Rounds, speedRatio } from './harness.ts'
import { samplesOf } from './t0.ts'

const PEER = 'js-polo'

/** A value in both codecs' form. `encode` and `decode` are ours; `schema` and `value` are the library's. */
type Sample = {
  readonly name: string
  readonly encode: () => Uint8Array
  readonly decode: (bytes: Uint8Array) => unknown
  readonly schema: object
  readonly value: object
}

export const benchPolo = async (rounds: Rounds): Promise<readonly Figure[]> => {
  const peer = await loadPeer()
  return SAMPLES.flatMap((sample) => benchSample(rounds, sample, peer))
}

/** Ours are run so many times more often: both take about as long. */
const COUNT = 100
const OURS = 20

const benchSample = (rounds: Rounds, sample: Sample, peer: Peer | undefined): readonly Figure[] => {
  const bytes = sample.encode()
  const cases = [
    caseOf('ours, write', OURS * COUNT, () => sample.encode()),
    caseOf('ours, read', OURS * COUNT, () => sample.decode(bytes)),
  ]
  if (peer !== undefined) {
    if (!equalBytes(peer.encode(sample), bytes))
      throw new Error(`${PEER} writes ${sample.name} otherwise`)
    cases.push(caseOf('theirs, write', COUNT, () => peer.encode(sample)))
    cases.push(caseOf('theirs, read', COUNT, () => peer.decode(sample, bytes)))
  }
  const all = interleave(cases, rounds)
  const { name } = sample
  const id = 'POLO'
  const note = peer ? undefined : `${PEER} is not installed, so there is nothing beside it`
  const [writes, reads] = [samplesOf(all, 'ours, write'), samplesOf(all, 'ours, read')]
  const figures = [
    rateFigure({ id, name: `writing ${name}`, ...(note && { note }) }, writes),
    rateFigure({ id, name: `reading ${name}` }, reads),
  ]
  if (peer === undefined) return figures
  const theirWrites = samplesOf(all, 'theirs, write')
  const theirReads = samplesOf(all, 'theirs, read')
  const times = { id, unit: 'ratio' as const }
  return [
    ...figures,
    rateFigure({ id, name: `writing ${name}, ${PEER}` }, theirWrites),
    rateFigure({ id, name: `reading ${name}, ${PEER}` }, theirReads),
    figureFrom(
      {
        ...times,
        goal: { is: 'at least', value: 30 },
        name: `as fast at writing ${name} as ${PEER}`,
      },
      speedRatio(writes, theirWrites),
    ),
    figureFrom(
      {
        ...times,
        goal: { is: 'at least', value: 10 },
        name: `as fast at reading ${name} as ${PEER}`,
      },
      speedRatio(reads, theirReads),
    ),
  ]
}

const caseOf = (name: string, count: number, act: () => unknown): Case => ({
  name,
  count,
  run: () => {
    for (let at = 0; at < count; at++) act()
  },
})

const idOf = (kind: 'participant' | 'asset', first: number): MoiId =>
  moiIdFrom({ kind, fingerprint: Uint8Array.from({ length: 24 }, (_, at) => first + at) })

const [alice, bob, token] = [
  idOf('participant', 1),
  idOf('participant', 60),
  idOf('asset', 120),
] as const

const INTERACTION: MoiInteraction = {
  sender: { id: alice, sequence: 41n, keyId: 0 },
  payer: undefined,
  fuelPrice: 1n,
  fuelLimit: 10_000n,
  funds: [],
  operations: [{ type: 5, payload: new Uint8Array(140).fill(7) }],
  participants: [
    { id: alice, lock: 'mutate', notary: false },
    { id: token, lock: 'none', notary: false },
    { id: bob, lock: 'mutate', notary: false },
  ],
  preferences: undefined,
  perception: undefined,
}

const integer = { kind: 'integer' }
const bytes = { kind: 'bytes' }
const text = { kind: 'string' }
const arrayOf = (values: object): object => ({ kind: 'array', fields: { values } })
const structOf = (fields: object): object => ({ kind: 'struct', fields })

/** The client's schema of an interaction, as far as this one fills it. */
const INTERACTION_SCHEMA = structOf({
  sender: structOf({ id: bytes, sequence: integer, key_id: integer }),
  payer: bytes,
  fuel_price: integer,
  fuel_limit: integer,
  funds: arrayOf(structOf({ asset_id: bytes, amount: integer })),
  ix_operations: arrayOf(structOf({ type: integer, payload: bytes })),
  participants: arrayOf(structOf({ id: bytes, lock_type: integer, notary: { kind: 'bool' } })),
  preferences: structOf({}),
  perception: bytes,
})

const interactionSample: Sample = {
  name: 'an interaction',
  encode: () => writeInteraction(INTERACTION),
  decode: (message) => expectValue(readInteraction(message)),
  schema: INTERACTION_SCHEMA,
  value: {
    sender: { id: bytesFromMoiId(alice), sequence: 41, key_id: 0 },
    payer: new Uint8Array(32),
    fuel_price: 1,
    fuel_limit: 10_000,
    ix_operations: [{ type: 5, payload: new Uint8Array(140).fill(7) }],
    participants: [
      { id: bytesFromMoiId(alice), lock_type: 0, notary: false },
      { id: bytesFromMoiId(token), lock_type: 2, notary: false },
      { id: bytesFromMoiId(bob), lock_type: 0, notary: false },
    ],
  },
}

const sampleOf = <T extends object>(
  name: string,
  ours: Polo<T>,
  schema: object,
  value: T,
): Sample => ({
  name,
  encode: () => encodePolo(ours, value),
  decode: (message) => expectValue(decodePolo(ours, message)),
  schema,
  value,
})

type Fruit = {
  readonly name: string
  readonly cost: number
  readonly fresh: boolean
  readonly picked: Uint8Array
  readonly alias: readonly string[]
}

const fruit = {
  name: poloText(64),
  cost: poloWhole(1_000_000),
  fresh: poloBool,
  picked: poloBytes(64),
  alias: poloArray(poloText(64), 16),
}

const FRUIT: Fruit = {
  name: 'orange',
  cost: 300,
  fresh: true,
  picked: new Uint8Array(32).fill(9),
  alias: ['tangerine', 'mandarin', 'clementine'],
}

const FRUIT_SCHEMA = structOf({
  name: text,
  cost: integer,
  fresh: { kind: 'bool' },
  picked: bytes,
  alias: arrayOf(text),
})

type Numbers = { readonly numbers: readonly number[] }
const NUMBERS: Numbers = { numbers: Array.from({ length: 100 }, (_, at) => at * at * at) }

type Scores = { readonly scores: ReadonlyMap<string, number> }
const SCORES: Scores = {
  scores: new Map(Array.from({ length: 20 }, (_, at) => [`player ${at + 10}`, at * 1000])),
}

const SAMPLES: readonly Sample[] = [
  interactionSample,
  sampleOf('a struct', poloStruct<Fruit>(fruit), FRUIT_SCHEMA, FRUIT),
  sampleOf(
    'a hundred numbers',
    poloStruct<Numbers>({ numbers: poloArray(poloWhole(1_000_000), 100) }),
    structOf({ numbers: arrayOf(integer) }),
    NUMBERS,
  ),
  sampleOf(
    'a map of twenty',
    poloStruct<Scores>({ scores: poloMap(poloText(64), poloWhole(1_000_000), 32) }),
    structOf({ scores: { kind: 'map', fields: { keys: text, values: integer } } }),
    SCORES,
  ),
]

/** A wrong answer is no answer, however fast. */
const expectValue = (value: unknown): unknown => {
  if (isFault(value)) throw value
  return value
}

type Peer = {
  readonly encode: (of: Sample) => Uint8Array
  readonly decode: (of: Sample, bytes: Uint8Array) => unknown
}

const loadPeer = async (): Promise<Peer | undefined> => {
  // A name that is put together keeps it out of what this package depends on.
  const loaded: unknown = await import(PEER).catch(() => undefined)
  if (typeof loaded !== 'object' || loaded === null) return undefined
  if (!('Polorizer' in loaded) || !('Depolorizer' in loaded)) return undefined
  const { Polorizer, Depolorizer } = loaded
  if (!isWriter(Polorizer) || !isReader(Depolorizer)) return undefined
  return {
    encode: ({ schema, value }) => {
      const writer = new Polorizer()
      writer.polorize(value, schema)
      return writer.bytes()
    },
    decode: ({ schema }, message) => new Depolorizer(message).depolorize(schema),
  }
}

type Writer = new () => {
  readonly polorize: (value: object, schema: object) => void
  readonly bytes: () => Uint8Array
}
type Reader = new (message: Uint8Array) => { readonly depolorize: (schema: object) => unknown }

const isWriter = (value: unknown): value is Writer => typeof value === 'function'
const isReader = (value: unknown): value is Reader => typeof value === 'function'
