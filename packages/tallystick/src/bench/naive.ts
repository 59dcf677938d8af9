/**
 * The same step as a flat chain takes, written as one would write it first: plain objects, big integers, joined byte
 * strings and the noble library. It does the same work and finds the same ids; it is what T0 is compared with.
 */
import { blake3 } from '@noble/hashes/blake3.js'
import { bytesFromId } from '../base/brand.ts'
import { bytesFromUtf8, concatBytes } from '../base/bytes.ts'
import { u64, U64_MAX } from '../base/codec.ts'
import { TAGS } from '../base/tags.ts'
import type { ChainHead, Entry } from '../kernel/chain-record.ts'
import { cells, cellsFromRoot } from '../state/inline.ts'

export type NaiveStep = {
  readonly sequence: bigint
  readonly balances: readonly bigint[]
  readonly entropy: Uint8Array
  readonly id: Uint8Array
  readonly record: Uint8Array
}

/** Keeps the steps in a list. Throws for a move that the balances do not allow. */
export type NaiveChain = {
  readonly append: (entry: Entry) => NaiveStep
}

/** The context is worked out once: the comparison is of ways to take steps, not of a library's weak spot. */
const prepared = (tag: string): ((bytes: Uint8Array) => Uint8Array) => {
  const start = blake3.create({ context: bytesFromUtf8(tag) })
  return (bytes) => start.clone().update(bytes).digest()
}

const entryHash = prepared(TAGS.entry)
const entropyHash = prepared(TAGS.entropy)
const transitionHash = prepared(TAGS.transition)

export const createNaiveChain = (start: ChainHead): NaiveChain => {
  const machine = bytesFromId(start.machine)
  const steps: NaiveStep[] = []
  let head: Omit<NaiveStep, 'record'> = {
    sequence: start.sequence,
    balances: cellsFromRoot(start.state),
    entropy: bytesFromId(start.entropy),
    id: bytesFromId(start.id),
  }
  const append = (entry: Entry): NaiveStep => {
    const balances = moved(head.balances, entry)
    const { from, to, amount, reference } = entry
    const verb = Uint8Array.of(1, from, to, 0, 0, 0, 0, 0)
    const entryBytes = concatBytes(verb, u64.encode(amount), reference)
    const interaction = entryHash(entryBytes)
    const sequence = head.sequence + 1n
    const number = u64.encode(sequence)
    const entropy = entropyHash(concatBytes(machine, interaction, number, head.entropy))
    const [a = 0n, b = 0n, c = 0n, d = 0n] = balances
    const state = cells.encode([a, b, c, d])
    const header = concatBytes(machine, interaction, state, entropy, number, head.id)
    const id = transitionHash(header)
    const step = { sequence, balances, entropy, id, record: concatBytes(header, entryBytes, id) }
    steps.push(step)
    head = step
    return step
  }
  return { append }
}

const moved = (balances: readonly bigint[], { from, to, amount }: Entry): readonly bigint[] => {
  const left = (balances[from] ?? 0n) - amount
  const sum = (balances[to] ?? 0n) + amount
  if (from === to || amount <= 0n || left < 0n || sum > U64_MAX) throw new Error('no such move')
  return balances.map((balance, at) => (at === from ? left : at === to ? sum : balance))
}
