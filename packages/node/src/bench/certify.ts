/**
 * Certified steps through four operators in processes of their own, durable, over HTTP on this machine; the client shares the
 * machine with them.
 */
import { atLeast, atMost, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { type Fleet, startFleet } from './fleet.ts'
import { signatureCost, signatureLimit, syncLatenciesMs } from './limits.ts'
import { type Load, type LoadResult, openPayers, quantileOf, runLoad } from './load.ts'
import { createPayer, type Payer } from './payer.ts'

/** Payers of the sustained load: enough to keep two cores busy, few enough that each waits a fraction of a second. */
const SUSTAINED_PAYERS = 96
const SUSTAINED_SECONDS = 60
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

/** The sustained load, beside what signatures and syncs allow, and the memory it takes. */
export const benchSustained = (rounds: Rounds): Promise<readonly Figure[]> =>
  withFleet(async (fleet) => {
    const id = 'D1'
    const payers = await payersOf(fleet, SUSTAINED_PAYERS)
    const load = { members: fleet.members, payers }
    await runLoad({ ...load, seconds: 2 })
    const cost = signatureCost()
    const syncs = syncLatenciesMs()
    const seconds = secondsFor(rounds, SUSTAINED_SECONDS)
    const result = await runLoad({ ...load, seconds })
    const n = fleet.members.length
    const limit = signatureLimit(cost, n, fleet.policy.threshold)
    const resident = fleet.members.map((one) => one.residentBytes())
    const note = refusedNote(result) ?? `${seconds} s, ${SUSTAINED_PAYERS} payers`
    const p99 = quantileOf(result.latenciesMs, 0.99)
    const [low, high] = [0.5, 0.99].map((share) => quantileOf(syncs, share).toFixed(2))
    return [
      figureFrom({ id, name: 'certified sends', unit: '1/s', goal: atLeast(RATE_MIN), note }, [
        result.perSecond,
      ]),
      figureFrom({ id, name: 'wish to certificate, p50', unit: 'ms' }, [
        quantileOf(result.latenciesMs, 0.5),
      ]),
      figureFrom({ id, name: 'wish to certificate, p99', unit: 'ms', goal: atMost(P99_MS_MAX) }, [
        p99,
      ]),
      figureFrom(
        {
          id,
          name: 'share of what signatures allow',
          unit: 'ratio',
          goal: atLeast(SHARE_MIN),
          note: `${limit.toFixed(0)}/s on all cores; a sync takes ${low} ms, p99 ${high} ms`,
        },
        [result.perSecond / limit],
      ),
      figureFrom(
        { id, name: 'largest operator in memory', unit: 'bytes', goal: atMost(RESIDENT_BYTES_MAX) },
        [Math.max(...resident)],
      ),
    ]
  })

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
