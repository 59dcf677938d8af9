/**
 * Locks: which interactions may be under way at the same time, and which are to follow each other.
 *
 * | under way, then asked for | mutate | read | none |
 * |---|---|---|---|
 * | mutate | waits | waits | waits |
 * | read | waits | goes | goes |
 * | none | goes | goes | goes |
 *
 * An interaction that declares an account without a lock reads only what never changes there (`run/layout.ts`), so another may write
 * beside it; the other way round it waits, since it is pinned at the head that the writer makes.
 *
 * Safety. `lanesOf` puts interactions of which one may wait for another into one lane, in their order. Those of different lanes
 * share no account that any of them holds for writing. So lanes may be executed at the same time, on whatever core, and the
 * result is that of executing all in their order: the same transitions, bit for bit.
 *
 * Liveness. Nothing waits within a batch. One hot account makes one lane; who does not touch it is not held up.
 */
import type { MoiId } from './identifier.ts'
import type { Lock } from './run/draft.ts'

/** Every account that an interaction names, with its lock: its participants', and those that it creates as mutate. */
export type Locks = ReadonlyMap<MoiId, Lock>

/** Whether an account under a lock lets another interaction begin that asks for it. */
export const admits = (active: Lock, asked: Lock): boolean => ADMITS[active].includes(asked)

const ADMITS: Readonly<Record<Lock, readonly Lock[]>> = {
  mutate: [],
  read: ['read', 'none'],
  none: ['mutate', 'read', 'none'],
}

/** Whether an interaction may begin while others are under way. */
export const mayBegin = (asked: Locks, active: Iterable<Locks>): boolean => {
  for (const one of active) {
    for (const [account, lock] of asked) {
      const held = one.get(account)
      if (held !== undefined && !admits(held, lock)) return false
    }
  }
  return true
}

/**
 * Splits a batch into lanes: lists of positions, each ascending, the lanes in the order of their first. Interactions of one lane
 * follow each other; lanes do not concern each other.
 */
export const lanesOf = (batch: readonly Locks[]): readonly (readonly number[])[] => {
  const written = new Set<MoiId>()
  for (const locks of batch) {
    for (const [account, lock] of locks) if (lock === 'mutate') written.add(account)
  }
  const before = Array.from(batch, (_, at) => at)
  const rootOf = (at: number): number => {
    let root = at
    for (let up = before[root] ?? root; up !== root; up = before[root] ?? root) root = up
    before[at] = root
    return root
  }
  const lastAt = new Map<MoiId, number>()
  for (const [at, locks] of batch.entries()) {
    for (const account of locks.keys()) {
      if (!written.has(account)) continue
      const last = lastAt.get(account)
      lastAt.set(account, at)
      if (last === undefined) continue
      const [one, other] = [rootOf(last), rootOf(at)]
      before[Math.max(one, other)] = Math.min(one, other)
    }
  }
  const lanes = new Map<number, number[]>()
  for (const at of batch.keys()) {
    const root = rootOf(at)
    const lane = lanes.get(root)
    if (lane) lane.push(at)
    else lanes.set(root, [at])
  }
  return [...lanes.values()]
}

/** Shares lanes out among so many workers, the longest first, each to the one that has least to do. */
export const shareOut = (
  lanes: readonly (readonly number[])[],
  workers: number,
): readonly (readonly (readonly number[])[])[] => {
  const shares: { readonly lanes: (readonly number[])[]; size: number }[] = []
  for (let at = 0; at < workers; at++) shares.push({ lanes: [], size: 0 })
  for (const lane of [...lanes].sort((a, b) => b.length - a.length)) {
    let least = shares[0]
    for (const one of shares) if (least && one.size < least.size) least = one
    least?.lanes.push(lane)
    if (least) least.size += lane.length
  }
  return shares.map((one) => one.lanes)
}
