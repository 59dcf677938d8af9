/**
 * Signed transfers through one guardian in this process, on one core and on all, and with one account that everybody pays.
 */
import { availableParallelism } from 'node:os'
import { atLeast, type Figure, figureFrom, type Rounds } from 'tallystick/command'
import { carryInProcess, planOf, runMoiLoad } from './moi-load.ts'
import { type Measured, measureMoi, PAIRS, WARM_UP, withFolder } from './moi-measure.ts'
import { onOneCore } from './one-core.ts'
import { openBenchGuardian } from './open-guardian.ts'
import { secondsOf } from './processor.ts'

const CORES_MIN = 1.7

/** No network and one process: what a guardian itself does, on one core and on all. */
export const benchMoiInProcess = async (rounds: Rounds): Promise<readonly Figure[]> => {
  const cores = availableParallelism()
  let isHeld = false
  const one = await onOneCore((held) => {
    isHeld = held
    return inProcess(rounds, { what: held ? 'one core' : 'one thread', threads: 0 })
  })
  const all = await inProcess(rounds, { what: `${cores} cores` })
  return [
    ...one.figures,
    ...all.figures,
    figureFrom(
      {
        id: 'M2',
        name: `times as many on ${cores} cores as on one, by the clock`,
        unit: 'ratio',
        ...(isHeld
          ? {}
          : {
              note: 'one thread and the store’s: taskset, which holds a process to a core, is not here',
            }),
        ...(cores > 1 ? { goal: atLeast(CORES_MIN) } : {}),
      },
      [all.perSecond / one.perSecond],
    ),
  ]
}

type Way = { readonly what: string; readonly threads?: number }

const inProcess = (rounds: Rounds, { what, threads }: Way): Promise<Measured> =>
  withFolder(async (folder) => {
    const { running, close } = await openBenchGuardian(folder, 2 * PAIRS, threads)
    const isOne = threads === 0
    try {
      return await measureMoi({
        id: 'M2',
        what: `in process, ${what}`,
        rounds,
        carry: carryInProcess(running.context),
        spent: () => Promise.resolve(secondsOf(process.cpuUsage())),
        busy: isOne ? 1 : availableParallelism(),
        isApart: false,
        ...(isOne ? { isGoal: true } : {}),
      })
    } finally {
      await close()
    }
  })

const HOT_MAX = 24

/** Everybody pays one account, which can take one step at a time. */
export const benchMoiHot = (rounds: Rounds): Promise<readonly Figure[]> =>
  withFolder(async (folder) => {
    const each = Math.max(2, Math.min(HOT_MAX, 2 * rounds.rounds))
    const plan = planOf({ pairs: PAIRS, each, from: WARM_UP, isHot: true })
    const { running, close } = await openBenchGuardian(folder, 2 * PAIRS)
    try {
      const carry = carryInProcess(running.context)
      await runMoiLoad(planOf({ pairs: PAIRS, each: WARM_UP, from: 0, isHot: true }), carry)
      const result = await runMoiLoad(plan, carry)
      const note = `${PAIRS} payers, in process`
      return [
        figureFrom({ id: 'M3', name: 'transfers to one hot account', unit: '1/s', note }, [
          result.perSecond,
        ]),
      ]
    } finally {
      await close()
    }
  })
