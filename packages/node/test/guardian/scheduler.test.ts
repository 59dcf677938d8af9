import { afterAll, describe, expect, test } from 'vitest'
import { createNativeEngine } from 'tallystick/engine-native'
import { isFault } from 'tallystick/base'
import {
  keyOfPath,
  type MoiHead,
  type MoiId,
  PATH,
  prepare,
  readInteraction,
  readSignatures,
  type Refused,
} from 'tallystick/moi'
import { charter as charterCodec } from 'tallystick/kernel'
import { replace, rootOf } from 'tallystick/state'
import { type Executed, executedFrom } from '../../src/guardian/entries.ts'
import type { Result, ScheduledItem } from '../../src/guardian/execute-batch.ts'
import { createLaneKept } from '../../src/guardian/lane-kept.ts'
import { type LaneThread, startLaneThread } from '../../src/guardian/lane-thread.ts'
import { createScheduler } from '../../src/guardian/scheduler.ts'
import {
  createLatticeTown,
  type LatticeTown,
  type Sent,
} from '../../../tallystick/test/dialects/moi/lattice-town.ts'
import {
  action,
  ada,
  assetCreate,
  dan,
  genesis,
  keyOf,
  KMOI,
  type Person,
  personOf,
  transferOf,
  type Wish,
} from '../../../tallystick/test/dialects/moi/run/town.ts'

const people: readonly Person[] = Array.from({ length: 8 }, (_, at) => personOf(`person ${at}`))

const townOf = (): LatticeTown =>
  createLatticeTown({
    ...genesis,
    participants: people.map((one) => ({ id: one.id, keys: [keyOf(one)], balance: 1_000_000n })),
  })

const first = townOf()
const engine = createNativeEngine()
/** Whatever a batch burns, it is shared out. */
const heavyFuel = 1n
const threads = createScheduler({ network: first.network, verifier: engine, threads: 2, heavyFuel })
const none = createScheduler({ network: first.network, verifier: engine, threads: 0 })
afterAll(async () => {
  await threads.close()
  await none.close()
})

const random = (start: number): ((below: number) => number) => {
  let state = start >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return (state >>> 8) % below
  }
}

/** Something that somebody of the town may wish; not everything succeeds. */
const aWish = (next: (below: number) => number, sequences: Map<MoiId, bigint>): Wish => {
  const pick = (): Person => people[next(people.length)] ?? ada
  const [from, to] = [pick(), pick()]
  const sequence = sequences.get(from.id) ?? 0n
  sequences.set(from.id, sequence + 1n)
  const base = { from, sequence }
  switch (next(6)) {
    case 0:
      return { ...base, do: [assetCreate({ manager: from.id })] }
    case 1:
      // Fails where the account exists already.
      return {
        ...base,
        do: [
          {
            is: 'participant-create',
            id: dan.id,
            keys: [keyOf(dan)],
            value: action(KMOI, 'Transfer', { beneficiary: dan.id, amount: 7n }),
          },
        ],
        with: [[KMOI, 'none']],
      }
    case 2:
      // Fails: nobody mints KMOI.
      return {
        ...base,
        do: [action(KMOI, 'Mint', { beneficiary: to.id, amount: 1n })],
        with: [[KMOI, 'none'], ...(to === from ? [] : [[to.id, 'mutate'] as const])],
      }
    default:
      return {
        ...base,
        do: [transferOf(to, BigInt(next(1000)))],
        with: [[KMOI, 'none'], ...(to === from ? [] : [[to.id, 'mutate'] as const])],
      }
  }
}

const itemFrom = ({ args, signatures }: Sent): ScheduledItem => {
  const read = readInteraction(args)
  if (isFault(read)) throw read
  return { args, signatures, read, good: [] }
}

const serially = (
  of: LatticeTown,
  heads: Map<MoiId, MoiHead>,
  items: readonly ScheduledItem[],
): readonly (Executed | Refused)[] =>
  items.map(({ args, signatures }) => {
    const done = prepare({
      network: of.network,
      args,
      signatures,
      time: of.town.time,
      headOf: (account) => heads.get(account),
      verifier: engine,
    })
    if (done.is === 'refused') return done
    const executed = executedFrom(done)
    for (const [account, head] of executed.moved) heads.set(account, head)
    return executed
  })

const told = (done: Result): unknown => {
  if (done.is !== 'executed') return done
  const moved = Array.from(done.moved, ([account, { machine, tesseract }]) => ({
    account,
    tesseract,
    headId: machine.headId,
    root: rootOf(machine.state),
    size: machine.state.size,
  }))
  return { ...done, moved }
}

describe('executing in threads', () => {
  test('comes to what executing one after the other comes to, whatever the interactions', async () => {
    const of = townOf()
    const next = random(20_261_129)
    const sequences = new Map<MoiId, bigint>()
    const [one, other] = [new Map(of.heads), new Map(of.heads)]
    for (let round = 0; round < 8; round++) {
      const items = Array.from({ length: 1 + next(14) }, () =>
        itemFrom(of.signed(aWish(next, sequences))),
      )
      const expected = serially(of, one, items)
      const done = await threads.execute(items, {
        headOf: (account) => other.get(account),
        time: of.town.time,
      })
      expect(done.map(told)).toEqual(expected.map(told))
      for (const result of done) {
        if (result.is !== 'executed') continue
        for (const [account, head] of result.moved) other.set(account, head)
      }
      expect([...other].map(([account, { machine }]) => [account, machine.headId])).toEqual(
        [...one].map(([account, { machine }]) => [account, machine.headId]),
      )
    }
  })

  test.each([
    ['two threads, and little to burn', 2, 1_000_000n, false],
    ['two threads, and as much as is heavy', 2, 20_000n, true],
    ['three threads', 3, 1_000_000n, true],
  ])('shares a batch out by what it is worth: %s', async (_, count, heavy, isShared) => {
    const of = townOf()
    let shared = 0
    const scheduler = createScheduler({
      network: of.network,
      verifier: engine,
      threads: count,
      heavyFuel: heavy,
      start: () => {
        const thread = startLaneThread({ charter: charterCodec.encode(of.network.charter) })
        return {
          ...thread,
          ask: (order) => {
            if (order.is === 'execute') shared += 1
            return thread.ask(order)
          },
        }
      },
    })
    const items = people
      .slice(0, 2)
      .map((from) => itemFrom(of.signed({ from, do: [assetCreate({ manager: from.id })] })))
    const done = await scheduler.execute(items, {
      headOf: (account) => of.heads.get(account),
      time: of.town.time,
    })
    expect(done.map(told)).toEqual(serially(of, new Map(of.heads), items).map(told))
    expect(shared > 0).toBe(isShared)
    await scheduler.close()
  })

  test.each([
    ['accounts', { keptMax: 1 }],
    ['bytes', { keptBytesMax: 1 }],
  ])('forgets %s beyond what a thread keeps, and hands them over again', async (_, bound) => {
    const scarce = createScheduler({
      network: first.network,
      verifier: engine,
      threads: 2,
      heavyFuel,
      ...bound,
    })
    const of = townOf()
    const heads = new Map(of.heads)
    const sequences = new Map<MoiId, bigint>()
    const next = random(5)
    for (let round = 0; round < 3; round++) {
      const items = Array.from({ length: 6 }, () => itemFrom(of.signed(aWish(next, sequences))))
      const mirror = new Map(heads)
      const expected = serially(of, mirror, items)
      const done = await scarce.execute(items, {
        headOf: (account) => heads.get(account),
        time: of.town.time,
      })
      expect(done.map(told)).toEqual(expected.map(told))
      for (const [account, head] of mirror) heads.set(account, head)
    }
    await scarce.close()
  })

  test('hands a single lane over as well where it may burn much, and comes to the same', async () => {
    const eager = createScheduler({
      network: first.network,
      verifier: engine,
      threads: 1,
      heavyFuel,
    })
    const of = townOf()
    const heads = new Map(of.heads)
    const items = [0n, 1n].map((sequence) =>
      itemFrom(of.signed({ ...aWish(() => 5, new Map()), sequence })),
    )
    const expected = serially(of, new Map(heads), items)
    const done = await eager.execute(items, {
      headOf: (account) => heads.get(account),
      time: of.town.time,
    })
    expect(done.map((one) => one.is)).toEqual(['executed', 'executed'])
    expect(done.map(told)).toEqual(expected.map(told))
    await eager.close()
  })

  test('keeps large accounts here', async () => {
    const small = createScheduler({
      network: first.network,
      verifier: engine,
      threads: 2,
      heavyFuel,
      valuesMax: 1,
    })
    const of = townOf()
    const [a, b] = people
    if (!a || !b) throw new Error('there are eight')
    const items = [a, b].map((from) =>
      itemFrom(of.signed({ from, do: [assetCreate({ manager: from.id })] })),
    )
    const expected = serially(of, new Map(of.heads), items)
    const done = await small.execute(items, {
      headOf: (account) => of.heads.get(account),
      time: of.town.time,
    })
    expect(done.map(told)).toEqual(expected.map(told))
    await small.close()
  })
})

describe('An interaction with which execution breaks', () => {
  const of = townOf()
  const [a, b, c, d, e] = people
  if (!a || !b || !c || !d || !e) throw new Error('there are eight')
  const pays = (from: Person, to: Person, sequence: bigint): ScheduledItem =>
    itemFrom(
      of.signed({
        from,
        sequence,
        do: [transferOf(to, 5n)],
        with: [
          [KMOI, 'none'],
          [to.id, 'mutate'],
        ],
      }),
    )
  // In one lane with the one that breaks: before it, after it, and after it by whoever sent it.
  const items = [pays(b, c, 0n), pays(a, b, 0n), pays(b, c, 1n), pays(d, e, 0n)]
  const others = items.filter((_, at) => at !== 1)

  /** What only execution reads of who pays for fuel, in bytes that say nothing. */
  const planted = (): Map<MoiId, MoiHead> => {
    const heads = new Map(of.heads)
    const head = heads.get(a.id)
    if (!head) throw new Error('they have accounts')
    const key = keyOfPath(of.network, PATH.fuel)
    const state = replace(head.machine.state, [{ key, value: new Uint8Array([1, 2, 3]) }])
    heads.set(a.id, { ...head, machine: { ...head.machine, state } })
    return heads
  }

  test.each([
    ['in threads', threads],
    ['here', none],
  ])('is told as that, %s, and all others are executed as without it', async (_, scheduler) => {
    const heads = planted()
    const expected = serially(of, new Map(heads), others)
    expect(expected.map((one) => one.is)).toEqual(['executed', 'executed', 'executed'])
    const done = await scheduler.execute(items, {
      headOf: (account) => heads.get(account),
      time: of.town.time,
    })
    expect(done[1]?.is).toBe('broken')
    expect(done.filter((__, at) => at !== 1).map(told)).toEqual(expected.map(told))
  })

  test('also where it takes its thread with it, which is replaced', async () => {
    const charter = charterCodec.encode(of.network.charter)
    const lost: string[] = []
    const digest = Buffer.from(items[1]?.args ?? []).toString('hex')
    const scheduler = createScheduler({
      network: of.network,
      verifier: engine,
      threads: 1,
      heavyFuel,
      start: () => {
        const thread = startLaneThread({ charter })
        return {
          ...thread,
          ask: async (order) => {
            const isDeadly =
              order.is === 'execute' && Buffer.from(order.lanes).toString('hex').includes(digest)
            if (isDeadly) await thread.close()
            return thread.ask(order)
          },
        }
      },
      onLost: (why) => lost.push(why),
    })
    const expected = serially(of, new Map(of.heads), others)
    for (let round = 1; round <= 2; round++) {
      const done = await scheduler.execute(items, {
        headOf: (account) => of.heads.get(account),
        time: of.town.time,
      })
      expect(done[1]?.is).toBe('broken')
      expect(done.filter((_, at) => at !== 1).map(told)).toEqual(expected.map(told))
      // Once with the others, once alone.
      expect(lost.length).toBe(2 * round)
    }
    await scheduler.close()
  })

  test('is not what is executed where no thread can be started: that is done here', async () => {
    const dead: LaneThread = {
      kept: createLaneKept(),
      ask: () => Promise.resolve({ is: 'failed', message: 'no room for threads' }),
      close: () => Promise.resolve(),
    }
    const scheduler = createScheduler({
      network: of.network,
      verifier: engine,
      threads: 1,
      heavyFuel,
      start: () => dead,
    })
    const [first] = items
    if (!first) throw new Error('there are four')
    const read = readSignatures(first.signatures)
    if (isFault(read)) throw read
    const admitted = await scheduler.admit({
      args: first.read,
      bytes: first.args,
      signatures: read,
      read: of.town.read,
      network: of.network.network,
      at: 'pool',
    })
    expect(admitted.refusal).toBeUndefined()
    const expected = serially(of, new Map(of.heads), items)
    const done = await scheduler.execute(items, {
      headOf: (account) => of.heads.get(account),
      time: of.town.time,
    })
    expect(done.map(told)).toEqual(expected.map(told))
    await scheduler.close()
  })
})

describe('admission with signatures checked in threads', () => {
  const of = townOf()
  const [from, to] = people
  if (!from || !to) throw new Error('there are eight')
  const wish: Wish = {
    from,
    do: [transferOf(to, 5n)],
    with: [
      [KMOI, 'none'],
      [to.id, 'mutate'],
    ],
  }
  const sent = of.signed(wish)
  const asked = (signatures: Uint8Array) => {
    const read = readSignatures(signatures)
    if (isFault(read)) throw read
    return {
      args: itemFrom(sent).read,
      bytes: sent.args,
      signatures: read,
      read: of.town.read,
      network: of.network.network,
      at: 'pool' as const,
    }
  }

  test.each([
    ['in threads', threads],
    ['here', none],
  ])('says yes %s, and what need not be checked again', async (_, scheduler) => {
    const { refusal, good } = await scheduler.admit(asked(sent.signatures))
    expect(refusal).toBeUndefined()
    expect(good.length).toBe(1)
    const lies = { acceptsKey: () => true, verify: () => false }
    const trusting = createScheduler({ network: of.network, verifier: lies, threads: 0 })
    const headOf = (account: MoiId) => of.heads.get(account)
    const items = [{ ...itemFrom(sent), good }]
    const [done] = await trusting.execute(items, { headOf, time: of.town.time })
    expect(done?.is).toBe('executed')
    const [refused] = await trusting.execute([itemFrom(sent)], { headOf, time: of.town.time })
    expect(refused).toMatchObject({ is: 'refused', refusal: { code: 'signatures' } })
  })

  test('says no to a signature of somebody else, in the same words as anywhere', async () => {
    const other = of.signed({ ...wish, do: [transferOf(to, 6n)] })
    const found = await threads.admit(asked(other.signatures))
    expect(found).toEqual(await none.admit(asked(other.signatures)))
    expect(found.refusal?.code).toBe('signatures')
    expect(found.good).toEqual([])
  })

  test('says that a signature is wrong before it says what is looked up after signatures', async () => {
    const lost = personOf('nobody knows')
    const strange = of.signed({ ...wish, with: [...(wish.with ?? []), [lost.id, 'read']] })
    const ask = (signatures: Uint8Array) => ({
      ...asked(signatures),
      args: itemFrom(strange).read,
      bytes: strange.args,
    })
    const known = await threads.admit(ask(strange.signatures))
    expect(known.refusal?.code).toBe('participants')
    const forged = await threads.admit(ask(sent.signatures))
    expect(forged.refusal?.code).toBe('signatures')
    expect(forged).toEqual(await none.admit(ask(sent.signatures)))
  })

  test('says no for another reason without asking a thread', async () => {
    const { refusal } = await threads.admit({
      ...asked(sent.signatures),
      args: { ...itemFrom(sent).read, fuelPrice: 2n },
    })
    expect(refusal?.code).toBe('fuel-price')
  })
})
