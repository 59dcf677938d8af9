/**
 * T1: a step of a flat chain whose reference is the root of a state tree in which a value was replaced before. The cost
 * must depend neither on the history nor much on the size of the tree.
 */
import { type Blake3, defaultBlake3 } from '../base/blake3.ts'
import { u32 } from '../base/codec.ts'
import { hash } from '../base/hash.ts'
import { TAGS } from '../base/tags.ts'
import { type Chain, createChain } from '../kernel/chain.ts'
import { REFERENCE_BYTES } from '../kernel/chain-record.ts'
import { createTreeArena, type TreeArena } from '../state/arena.ts'
import { atLeast, atMost, type Figure, figureFrom, rateFigure } from './figure.ts'
import {
  type Case,
  interleave,
  perRound,
  type Rounds,
  type Samples,
  speedRatio,
} from './harness.ts'
import { rowLimit } from './limits.ts'
import { entryAt, sampleStart } from './sample.ts'
import { COMPRESSIONS_PER_STEP, samplesOf } from './t0.ts'

const STEPS = 16_384
const [SMALL_LEVELS, LARGE_LEVELS] = [16, 20] as const
/** A replace hashes the value and the leaf beside its levels. */
const COMPRESSIONS_PER_REPLACE = 2
/** Odd, so that every leaf has its turn, and large, so that no two neighbours follow each other. */
const STRIDE = 514_229
const HISTORIES = [1000, 100_000, 1_000_000] as const
const KEY_BYTES = 32

/** A tree in which every leaf has the same number of levels above it, and the order in which its keys come. */
type Tree = { readonly arena: TreeArena; readonly leaves: number; readonly keys: Uint8Array }

const createTree = (levels: number): Tree => {
  const leaves = 2 ** levels
  // One after the other, as requests arrive; looking them up is no part of the work.
  const keys = new Uint8Array(KEY_BYTES * leaves)
  for (let at = 0; at < leaves; at++) {
    keys.set(keyOf((at * STRIDE) % leaves, levels), KEY_BYTES * at)
  }
  const arena = createTreeArena('quantum')
  const entries = Array.from({ length: leaves }, (_, at) => {
    const key = keys.subarray(KEY_BYTES * at, KEY_BYTES * (at + 1))
    return [key, new Uint8Array(8)] as const
  })
  arena.load(entries)
  return { arena, leaves, keys }
}

/** A key whose first bits are a number, so that the tree is full, and whose others are noise. */
const keyOf = (leaf: number, levels: number): Uint8Array => {
  const key = hash('quantum', TAGS.stateKey, u32.encode(leaf))
  const view = new DataView(key.buffer)
  const noise = view.getUint32(0) >>> levels
  view.setUint32(0, ((leaf << (32 - levels)) | noise) >>> 0)
  return key
}

/** A chain and a tree that go on growing and changing from round to round. */
type Ledger = { readonly step: () => void }

const createLedger = ({ arena, leaves, keys }: Tree, chain: Chain): Ledger => {
  const key = new Uint8Array(KEY_BYTES)
  const value = new Uint8Array(8)
  const count = new Uint32Array(value.buffer)
  const reference = new Uint8Array(REFERENCE_BYTES)
  let at = 0
  return {
    step: () => {
      const from = KEY_BYTES * (at % leaves)
      for (let byte = 0; byte < KEY_BYTES; byte++) key[byte] = keys[from + byte] ?? 0
      count[0] = at + 1
      arena.set(key, value)
      arena.rootInto(reference, 0)
      const { from: payer, to, amount } = entryAt(at)
      chain.append({ is: 'move', from: payer, to, amount, reference })
      at += 1
    },
  }
}

const ledgerCase = (name: string, ledger: Ledger): Case => ({
  name,
  count: STEPS,
  run: () => {
    for (let at = 0; at < STEPS; at++) ledger.step()
  },
})

/** A ledger that has taken so many steps. */
const grownLedger = (
  blake3: Blake3,
  tree: Tree,
  { history, room }: { readonly history: number; readonly room: number },
): Ledger => {
  const chain = createChain({ start: sampleStart, blake3, room: history + room })
  const ledger = createLedger(tree, chain)
  for (let at = 0; at < history; at++) ledger.step()
  return ledger
}

export const benchT1 = (rounds: Rounds): readonly Figure[] => {
  const blake3 = defaultBlake3()
  const room = STEPS * (rounds.rounds + rounds.warmUp)
  const [small, large] = [createTree(SMALL_LEVELS), createTree(LARGE_LEVELS)]
  const after = (history: number): string => `after ${history}`
  const all = interleave(
    [
      rowLimit('row', blake3, STEPS * limitOf(SMALL_LEVELS)),
      ledgerCase('large', grownLedger(blake3, large, { history: 0, room })),
      ...HISTORIES.map((history) =>
        ledgerCase(after(history), grownLedger(blake3, small, { history, room })),
      ),
    ],
    rounds,
  )
  const of = (name: string): Samples => samplesOf(all, name)
  const first = of(after(HISTORIES[0]))
  const work = limitOf(LARGE_LEVELS) + COMPRESSIONS_PER_REPLACE
  const workFirst = limitOf(SMALL_LEVELS) + COMPRESSIONS_PER_REPLACE
  const id = 'T1'
  const share = (name: string, nanos: Samples, levels: number): Figure =>
    figureFrom(
      { id, name, unit: 'ratio', ...(levels === SMALL_LEVELS ? { goal: atLeast(0.65) } : {}) },
      perRound([nanos, of('row')], (step = 0, row = 0) => (limitOf(levels) * row) / step),
    )
  const growth = (name: string, values: Samples): Figure =>
    figureFrom({ id, name, unit: 'ratio', goal: atMost(1.1) }, values)
  return [
    rateFigure(
      { id, name: `steps with a replace over ${SMALL_LEVELS} levels`, goal: atLeast(300_000) },
      first,
    ),
    share(
      `of what the kernel allows (its row rate by ${limitOf(SMALL_LEVELS)})`,
      first,
      SMALL_LEVELS,
    ),
    rateFigure(
      { id, name: `the same over ${LARGE_LEVELS} levels, ${thousands(large.leaves)} leaves` },
      of('large'),
    ),
    share(
      `of what the kernel allows there (its row rate by ${limitOf(LARGE_LEVELS)})`,
      of('large'),
      LARGE_LEVELS,
    ),
    {
      ...growth(
        `cost of a compression among ${thousands(large.leaves)} leaves by that among ${thousands(small.leaves)}`,
        speedRatio(first, of('large')).map((ratio) => (ratio * workFirst) / work),
      ),
      note: `a step takes ${work} there and ${workFirst} here`,
    },
    figureFrom(
      { id, name: 'cost of a step there by that here', unit: 'ratio' },
      speedRatio(first, of('large')),
    ),
    ...HISTORIES.map((history) =>
      rateFigure(
        { id, name: `steps after ${thousands(history)} steps of history` },
        of(after(history)),
      ),
    ),
    growth(
      `cost after ${thousands(HISTORIES[2])} steps by that after ${thousands(HISTORIES[0])}`,
      speedRatio(first, of(after(HISTORIES[2]))),
    ),
  ]
}

/** Compressions that a step over so many levels cannot do without: its own, and one for each level. */
const limitOf = (levels: number): number => COMPRESSIONS_PER_STEP + levels

const thousands = (value: number): string => {
  const digits = String(value)
  return value < 1000 ? digits : `${thousands(Math.floor(value / 1000))},${digits.slice(-3)}`
}
