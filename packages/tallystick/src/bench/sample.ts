/** What the benchmarks work on: moves with amounts and references of their own, round and round between two cells. */
import { concatBytes } from '../base/bytes.ts'
import { hash, hashId } from '../base/hash.ts'
import { u32 } from '../base/codec.ts'
import { TAGS } from '../base/tags.ts'
import { type ChainHead, type Entry, entry, headFromTransition } from '../kernel/chain-record.ts'
import { genesisTransition } from '../kernel/transition.ts'
import { rootFromCells } from '../state/inline.ts'

export const ENTRY_COUNT = 1024

/** A genesis with balances that the sample entries never exhaust. */
export const sampleStart: ChainHead = headFromTransition(
  'quantum',
  genesisTransition(
    'quantum',
    hashId<'machine'>('quantum', TAGS.charter, Uint8Array.of(1)),
    rootFromCells([1n << 62n, 0n, 1n << 61n, 0n]),
  ),
)

export const sampleEntries: readonly Entry[] = Array.from({ length: ENTRY_COUNT }, (_, at) => ({
  is: 'move',
  from: at % 2 === 0 ? 0 : 2,
  to: at % 2 === 0 ? 2 : 0,
  amount: BigInt(1000 + (at >>> 1)) << BigInt((at >>> 1) % 30),
  reference: concatBytes(hash('quantum', TAGS.seed, u32.encode(at)), new Uint8Array(8)),
}))

export const samplePacked: Uint8Array = concatBytes(
  ...sampleEntries.map((one) => entry.encode(one)),
)

/** An entry for step `at` of a loop. */
export const entryAt = (at: number): Entry => sampleEntries[at % ENTRY_COUNT] ?? noEntry

const noEntry: Entry = { is: 'move', from: 0, to: 0, amount: 0n, reference: new Uint8Array(0) }
