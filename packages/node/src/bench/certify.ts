/**
 * Certified steps through four operators in processes of their own, durable, over HTTP on this machine; the clients share the
 * machine with them.
 */
import { availableParallelism } from 'node:os'
import { atLeast, atMost, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { type Fleet, startFleet } from './fleet.ts'
import { type Clients, startClients } from './clients.ts'
import { measureSyncs, type Syncs } from './disk.ts'
import { type Load, type LoadResult, openPayers, quantileOf, runLoad } from './load.ts'
import { createPayer, type Payer } from './payer.ts'
import { type Spent, spentBetween } from './processor.ts'
import {
  meanCost,
  type SignatureCost,
  signatureLimit,
  signaturesOfStep,
  startSigners,
} from './signers.ts'

/** Payers of the sustained load: enough to keep two cores busy, few enough that each waits a fraction of a second. */
const SUSTAINED_PAYERS = 96
const SUSTAINED_SECONDS = 60
/**
 * Until each payer has shown its operators once how far it has got: what that was never asked for before makes V8 compile much
 * anew, and a sustained load has that behind it.
 */
const WARM_UP_SECONDS = 20
const SHARE_MIN = 0.5
const RATE_MIN = 500
const P99_MS_MAX = 400
const RESIDENT_BYTES_MAX = 512 * 2 ** 20

/** As many seconds as the rounds allow: eleven rounds, the default, are a minute. */
const secondsFor = ({ rounds }: Rounds, most: number): number =>
  Math.max(2, Math.min(most, Math.round((most * rounds) / 10)))

const withFleet = async <Result>(use: (fleet: Fleet) => Promise<Result>): Promise<Result> => {
  const fleet = await startFleet()
  try {
    return await use(fleet)
  } finally {
    await fleet.close()
  }
}

const payersOf = async (fleet: Fleet, count: number): Promise<readonly Payer[]> => {
  const payers = Array.from({ length: count }, () => createPayer(fleet.policy))
  await openPayers(fleet.members, payers)
  return payers
}

const refusedNote = ({ refused }: LoadResult): string | undefined =>
  refused === 0 ? undefined : `${refused} steps got no certificate`

/** The sustained load, beside what signatures and syncs allow, what else takes the processors, and the memory it takes. */
export const benchSustained = (rounds: Rounds): Promise<readonly Figure[]> =>
  withFleet(async (fleet) => {
    const clients = await startClients(fleet, SUSTAINED_PAYERS)
    const signers = await startSigners()
    try {
      await clients.run(secondsFor(rounds, WARM_UP_SECONDS))
      const syncs = measureSyncs()
      const before = await signers.measure()
      const seconds = secondsFor(rounds, SUSTAINED_SECONDS)
      const load = await watched(fleet, clients, seconds)
      const after = await signers.measure()
      const { result } = load
      return [
        ...loadFigures(result),
        ...shareFigures({ ...load, fleet, before, after, syncs }),
        ...spentFigures({ ...load, fleet, cost: meanCost([...before, ...after]) }),
        figureFrom(
          {
            id: 'D1',
            name: 'largest operator in memory',
            unit: 'bytes',
            goal: atMost(RESIDENT_BYTES_MAX),
          },
          [Math.max(...fleet.members.map((one) => one.residentBytes()))],
        ),
      ]
    } finally {
      signers.close()
      clients.close()
    }
  })

type Watched = {
  readonly result: LoadResult
  /** All of them together. */
  readonly client: Spent
  readonly operators: Spent
  /** That all operators together have stored. */
  readonly batches: number
}

/** A load, and the processor time that it took at the clients and at the operators. */
const watched = async ({ members }: Fleet, clients: Clients, seconds: number): Promise<Watched> => {
  const look = (): Promise<readonly Spent[]> => Promise.all(members.map((one) => one.spent()))
  const batchesOf = (): number => members.reduce((sum, one) => sum + one.batches(), 0)
  const before = await look()
  const batchesBefore = batchesOf()
  const { result, spent: client } = await clients.run(seconds)
  const batches = batchesOf() - batchesBefore
  return { result, client, operators: spentBetween(before, await look()), batches }
}

const loadFigures = (result: LoadResult): readonly Figure[] => {
  const id = 'D1'
  const { perSecond, latenciesMs } = result
  const note =
    refusedNote(result) ??
    `${result.seconds} s, ${SUSTAINED_PAYERS} payers of ${availableParallelism()} clients`
  const goal = atMost(P99_MS_MAX)
  return [
    figureFrom({ id, name: 'certified sends', unit: '1/s', goal: atLeast(RATE_MIN), note }, [
      perSecond,
    ]),
    figureFrom({ id, name: 'wish to certificate, p50', unit: 'ms' }, [
      quantileOf(latenciesMs, 0.5),
    ]),
    figureFrom({ id, name: 'wish to certificate, p99', unit: 'ms', goal }, [
      quantileOf(latenciesMs, 0.99),
    ]),
  ]
}

type Sharing = Pick<Watched, 'result' | 'batches'> & {
  readonly fleet: Fleet
  /** Prices of signatures before the load and after it. */
  readonly before: readonly SignatureCost[]
  readonly after: readonly SignatureCost[]
  readonly syncs: Syncs
}

/** A batch of vows is synced in the database and in the guard. */
const SYNCS_EACH = 2

/**
 * What came of the load, beside what the processors could do if there were nothing but signatures, and nothing but signatures
 * and the syncs of the batches that came about. Of each sync the least is counted: what one of a few bytes takes at rest.
 */
const shareFigures = (of: Sharing): readonly Figure[] => {
  const { fleet, result, before, after, batches, syncs } = of
  const n = fleet.members.length
  const limitsWith = (moreSeconds: number): readonly number[] =>
    [before, after].map((costs) => signatureLimit(costs, n, fleet.policy.threshold, moreSeconds))
  const figure = (what: string, limits: readonly number[], more: string): Figure => {
    const [first = Number.NaN, last = Number.NaN] = limits
    const limit = (first + last) / 2
    const note =
      `of ${limit.toFixed(0)}/s, the mean of ${first.toFixed(0)} before and ${last.toFixed(0)} after with ` +
      `${before.length} cores at once${more}`
    const name = `share of what ${what} allow`
    return figureFrom({ id: 'D1', name, unit: 'ratio', goal: atLeast(SHARE_MIN), note }, [
      result.perSecond / limit,
    ])
  }
  const syncsOfStep = (SYNCS_EACH * batches) / result.certified
  const [low, high] = [0.5, 0.99].map((share) => quantileOf(syncs.latenciesMs, share).toFixed(2))
  return [
    figure('signatures', limitsWith(0), ''),
    figure(
      'signatures and syncs',
      limitsWith(syncsOfStep * syncs.seconds),
      `; ${syncsOfStep.toFixed(2)} syncs a step, of ${(syncs.seconds * 1000).toFixed(3)} ms of processor time and ` +
        `${low} ms by the clock, p99 ${high} ms`,
    ),
  ]
}

type Spending = Watched & { readonly fleet: Fleet; readonly cost: SignatureCost }

/** Milliseconds of processor time for each step. The signatures' part is their number by the price that was measured. */
const spentFigures = (of: Spending): readonly Figure[] => {
  const { fleet, result, client, operators } = of
  const n = fleet.members.length
  const signatures = signaturesOfStep(of.cost, n, fleet.policy.threshold)
  const each = (seconds: number): number => (seconds / result.certified) * 1000
  const figureOf = (name: string, spent: Spent, signing: number): Figure => {
    const parts: readonly (readonly [string, number])[] = [
      ['signatures', signing * 1000],
      ['else on the main thread', each(spent.main) - signing * 1000],
      ['other threads', each(spent.all - spent.main)],
    ]
    const note = parts.map(([what, ms]) => `${what} ${ms.toFixed(2)}`).join(', ')
    return figureFrom({ id: 'D1', name, unit: 'ms', note }, [each(spent.all)])
  }
  const cores = (client.all + operators.all) / result.seconds
  return [
    figureOf('processor time a step, clients', client, signatures.client),
    figureOf(`processor time a step, ${n} operators`, operators, signatures.operators),
    figureFrom(
      {
        id: 'D1',
        name: 'share of the processors in use',
        unit: 'ratio',
        note: 'by clients and operators',
      },
      [cores / availableParallelism()],
    ),
  ]
}

const IDLE_STEPS = 200

/** One payer, nothing else on the way. */
export const benchIdle = (rounds: Rounds): Promise<readonly Figure[]> =>
  withFleet(async (fleet) => {
    const payers = await payersOf(fleet, 1)
    const load: Load = { members: fleet.members, payers, seconds: 2 }
    await runLoad(load)
    const { latenciesMs } = await runLoad({ ...load, seconds: secondsFor(rounds, 10) })
    const some = latenciesMs.slice(-IDLE_STEPS)
    return [0.5, 0.99].map((share) =>
      figureFrom({ id: 'D2', name: `one certificate at idle, p${share * 100}`, unit: 'ms' }, [
        quantileOf(some, share),
      ]),
    )
  })

const OWNER_COUNTS = [1, 10, 100, 1000] as const
const HOT_SHARES = [0.01, 0.1] as const
const HOT_PAYERS = 100

/** More owners, and one that many wait for. */
export const benchOwners = (rounds: Rounds): Promise<readonly Figure[]> =>
  withFleet(async (fleet) => {
    const seconds = secondsFor(rounds, 10)
    const figures: Figure[] = []
    for (const count of OWNER_COUNTS) {
      const payers = await payersOf(fleet, count)
      const result = await runLoad({ members: fleet.members, payers, seconds })
      figures.push(ratesOf(`${count} owners`, result))
    }
    for (const share of HOT_SHARES) {
      const payers = await payersOf(fleet, HOT_PAYERS)
      let turn = 0
      // Every so many steps are the hot owner's, whichever place is free.
      const pick = (place: number): number =>
        ++turn % Math.round(1 / share) === 0 ? 0 : Math.max(1, place % HOT_PAYERS)
      const result = await runLoad({ members: fleet.members, payers, seconds, pick })
      figures.push(ratesOf(`${HOT_PAYERS} owners, ${share * 100} % of the steps on one`, result))
    }
    return figures
  })

const ratesOf = (name: string, result: LoadResult): Figure => {
  const p99 = quantileOf(result.latenciesMs, 0.99)
  const note = refusedNote(result) ?? `p99 ${p99.toFixed(0)} ms`
  return figureFrom({ id: 'D3', name, unit: '1/s', note }, [result.perSecond])
}
