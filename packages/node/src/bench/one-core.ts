/** Holds a process to one core, for what is meant for one: a store's thread and a collector's would else run beside it. */
import { spawnSync } from 'node:child_process'

/**
 * Runs with all threads of this process, and those it starts meanwhile, on its first core. `isHeld` tells whether that could be done: the
 * system has to have `taskset`, as Linux with util-linux does.
 */
export const onOneCore = async <Result>(
  use: (isHeld: boolean) => Promise<Result>,
): Promise<Result> => {
  const before = coresOfProcess()
  const isHeld = before !== undefined && holdTo(before & -before)
  // Some of the threads may be held all the same: one that ended meanwhile could not be.
  if (before !== undefined && !isHeld) holdTo(before)
  try {
    return await use(isHeld)
  } finally {
    if (isHeld) holdTo(before)
  }
}

const PID = String(process.pid)

/** A bit for each core. */
const coresOfProcess = (): bigint | undefined => {
  const { status, stdout } = spawnSync('taskset', ['-p', PID], { encoding: 'utf8' })
  const [mask] = /[0-9a-f]+\s*$/.exec(status === 0 ? stdout : '') ?? []
  return mask === undefined ? undefined : BigInt(`0x${mask.trim()}`)
}

/** Of all threads, and again where one of them has ended in between: then the program says that it could not, and leaves others out. */
const holdTo = (cores: bigint): boolean => {
  for (let tries = 0; tries < TRIES_MAX; tries += 1)
    if (spawnSync('taskset', ['-a', '-p', cores.toString(16), PID]).status === 0) return true
  return false
}

const TRIES_MAX = 5
