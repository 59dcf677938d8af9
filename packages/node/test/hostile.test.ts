/** F13: what a process keeps of others, each filled by many more than it has room for. A million of each in slow runs. */
import { afterAll, describe, expect, test } from 'vitest'
import type { MoiInteraction } from 'tallystick/moi'
import { createHub } from '../src/guardian/hub.ts'
import { GUARDIAN_LIMITS } from '../src/guardian/limits.ts'
import { createPool } from '../src/guardian/pool.ts'
import { createWaits } from '../src/guardian/waits.ts'
import { CHANGES_PER_PARTY_MAX } from '../src/relay/limits.ts'
import { createPlaces } from '../src/relay/places.ts'
import { setBounded } from '../src/server/bounded-map.ts'
import { createBudget } from '../src/server/budget.ts'
import { createFairQueue } from '../src/server/fair-queue.ts'
import { DEFAULT_LIMITS } from '../src/server/limits.ts'
import { createSignatureChecks } from '../src/server/signature-checks.ts'
import { partyAt } from './guardian/town.ts'

const COUNT = process.env['TALLYSTICK_SLOW'] === '1' ? 1_000_000 : 4000
const CAP = 100

type Kept = {
  /** Takes one more, as somebody who means harm would bring it; what it throws is a refusal. */
  readonly add: (at: number) => unknown
  readonly size: () => number
  readonly cap: number
  /** So many times as dear as the others to add one. */
  readonly dear?: number
  /** What was kept for longest gives way; else newcomers are refused. */
  readonly givesWay: boolean
}

const ends: (() => void)[] = []
afterAll(() => {
  for (const end of ends) end()
})

const digits = (at: number): string => at.toString(16).padStart(64, '0')
const limits = { ...GUARDIAN_LIMITS, filters: CAP, poolItems: CAP, poolBytes: 5000, poolEach: 30 }

const pool = (): Kept => {
  const all = createPool(limits)
  const senders = Array.from({ length: 10 }, (_, at) => partyAt(at).id)
  return {
    add: (at) => {
      const id = senders[at % senders.length]
      // Far ahead of its turn, so that nothing of it ever leaves by being executed.
      const sender = { id, sequence: BigInt(1 + (at % 4000)), keyId: at % 3 }
      const read = { sender, fuelLimit: 10n } as MoiInteraction
      const [args, signatures] = [new Uint8Array(at % 90), new Uint8Array(10)]
      all.add({ hash: digits(at), args, signatures, read, good: [], sinceMs: 0 }, 0n)
    },
    size: () => {
      const { pending, queued, bytes } = all.counts()
      expect(bytes).toBeLessThanOrEqual(limits.poolBytes)
      return pending + queued
    },
    cap: CAP,
    givesWay: false,
  }
}

const filters = (): Kept => {
  const hub = createHub(limits, () => 0)
  ends.push(hub.close)
  const add = (): unknown => hub.addFilter({ is: 'pending' })
  return { add, size: () => hub.counts().filters, cap: CAP, givesWay: false }
}

const waits = (): Kept => {
  const all = createWaits({ waitMs: 3_600_000, sizeMax: CAP })
  ends.push(() => {
    for (let at = 0; at < COUNT; at++) all.settle(digits(at))
  })
  return {
    add: (at) => all.wait(digits(at)),
    size: () => all.count(),
    cap: CAP,
    givesWay: false,
  }
}

const purses = (): Kept => {
  const all = createBudget({ units: 10, perSecond: 1, sizeMax: CAP, clock: () => 0 })
  return {
    add: (at) => all.take(`address ${at}`, 1),
    size: all.size,
    cap: CAP,
    givesWay: true,
  }
}

const known = (): Kept => {
  const all = new Map<string, number>()
  return {
    add: (at) => setBounded(all, digits(at), at, CAP),
    size: () => all.size,
    cap: CAP,
    givesWay: true,
  }
}

const failures = (): Kept => {
  const checks = createSignatureChecks({ ...DEFAULT_LIMITS, failuresKept: CAP })
  const key = {
    scheme: 'ed25519' as const,
    publicKey: new Uint8Array(32),
    verify: () => Promise.resolve(false),
  }
  return {
    add: (at) => checks.check('somebody', key, Buffer.from(digits(at), 'hex'), new Uint8Array(64)),
    size: () => checks.failures(),
    cap: CAP,
    givesWay: true,
  }
}

const queue = (): Kept => {
  const all = createFairQueue({ running: 1, waiting: CAP, waitingEach: 7 })
  const never = new Promise<void>(() => undefined)
  return {
    add: (at) => all.run(`line ${at % 1000}`, () => never),
    size: all.waiting,
    cap: CAP,
    givesWay: false,
  }
}

const places = (): Kept => {
  const all = createPlaces<number>()
  const ids: string[] = []
  return {
    add: (at) => {
      const id = digits(at)
      // Only the last ones can still be there: whoever looks would notice an older one by the number.
      ids[at % (4 * CHANGES_PER_PARTY_MAX)] = id
      all.put({ id, parent: `head ${at}`, known: at, parties: [at % 2] })
    },
    size: () => ids.filter((id) => all.get(id) !== undefined).length,
    cap: 2 * CHANGES_PER_PARTY_MAX,
    // Each is looked for among all of its party, and costs a signature check before.
    dear: 4,
    givesWay: true,
  }
}

const all: Readonly<Record<string, () => Kept>> = {
  'interactions in a pool': pool,
  'filters of a guardian': filters,
  'questions that wait': waits,
  'purses of addresses': purses,
  'heads and names that are known': known,
  'signatures that failed': failures,
  'checks that wait': queue,
  'changes of parties': places,
}

describe('F13: of what others bring', () => {
  test.each(Object.keys(all))(
    `after ${COUNT} there are no more %s than there is room for`,
    async (name) => {
      const kept = all[name]?.()
      if (!kept) throw new Error('it is in the table')
      let most = 0
      let refused = 0
      for (let at = 0; at < COUNT / (kept.dear ?? 1); at++) {
        try {
          const result = kept.add(at)
          // Some finish later; what never does is not waited for.
          if (name === 'signatures that failed' && at % 64 === 0) await result
        } catch {
          refused += 1
        }
        if (at % 97 === 0) most = Math.max(most, kept.size())
      }
      expect(most).toBeLessThanOrEqual(kept.cap)
      expect(kept.size()).toBeLessThanOrEqual(kept.cap)
      expect(most).toBeGreaterThan(kept.cap / 3)
      if (kept.givesWay) expect(refused).toBe(0)
    },
  )
})
