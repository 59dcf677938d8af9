/**
 * One guardian in a process of its own, for measurements: `bench-guardian.ts FOLDER PAYERS [THREADS]`. Says where it listens, as a
 * line of JSON, and to whoever asks over the channel how much processor time it has taken.
 */
import { openBenchGuardian } from './open-guardian.ts'
import { secondsOf } from './processor.ts'

const main = async ([folder, payers, threads]: readonly string[]): Promise<void> => {
  if (folder === undefined || payers === undefined)
    throw new Error('usage: FOLDER PAYERS [THREADS]')
  const many = threads === undefined ? undefined : Number(threads)
  const { running, close } = await openBenchGuardian(folder, Number(payers), many)
  process.on('message', () => process.send?.(secondsOf(process.cpuUsage())))
  process.stdout.write(`${JSON.stringify({ url: running.url })}\n`)
  process.once('SIGTERM', () => void close().then(() => process.exit(0)))
}

await main(process.argv.slice(2))
