/**
 * What a thread of ours does in the turns of its event loop, in processor time of that thread alone: so that other load on the machine
 * changes nothing. The system tells that time in steps of some milliseconds.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Calls after each turn of the loop, with the milliseconds that the thread itself took in it, until the work is done. */
export const eachTurnDuring = async (
  work: Promise<unknown>,
  act: (ownMs: number) => void,
): Promise<void> => {
  let isOver = false
  const end = (): void => {
    isOver = true
  }
  work.then(end, end)
  while (!isOver) {
    const before = process.threadCpuUsage()
    await nextTurn()
    const { user, system } = process.threadCpuUsage(before)
    act((user + system) / 1000)
  }
  await work
}

/** Idle turns do not count: as many of them as somebody waits for would hide the others. */
export const turnP99During = async (work: Promise<unknown>): Promise<number> => {
  const tookMs: number[] = []
  await eachTurnDuring(work, (ownMs) => {
    if (ownMs > IDLE_MS) tookMs.push(ownMs)
  })
  tookMs.sort((a, b) => a - b)
  const p99 = tookMs[Math.ceil(tookMs.length * 0.99) - 1]
  if (p99 === undefined) throw new Error('no turn of the loop was busy, so that nothing was seen')
  return p99
}

const IDLE_MS = 0.5
