/**
 * One guardian in a process of its own, for measurements: `bench-guardian.ts FOLDER PAYERS [THREADS]`. It is what `tally serve
 * guardian` runs, without a brake on its only client. Says where it listens, as a line of JSON, and to whoever asks over the
 * channel how much processor time it has taken.
 */
import { createHash } from 'node:crypto'
import { createNativeEngine } from 'tallystick/engine-native'
import { signerFrom } from '../guardian/dev-network.ts'
import { charterFrom, kramaIdOf } from '../guardian/genesis.ts'
import { type RunningGuardian, startGuardian } from '../guardian/start-guardian.ts'
import { INTERACTIONS } from '../guardian/store/lattice.ts'
import { openGuardedSqlite } from '../store/open.ts'
import { genesisOf } from './moi-payers.ts'
import { secondsOf } from './processor.ts'

const UNITS = 1_000_000_000

export type BenchGuardian = {
  readonly running: RunningGuardian
  readonly close: () => Promise<void>
}

/** In this process; with no threads, everything is done on its main one. */
export const openBenchGuardian = async (
  folder: string,
  payers: number,
  threads?: number,
): Promise<BenchGuardian> => {
  const store = await openGuardedSqlite(folder, INTERACTIONS)
  const seed = new Uint8Array(createHash('sha256').update('guardian').digest())
  const signer = signerFrom(createNativeEngine(), seed)
  const running = await startGuardian({
    name: 'guardian',
    store,
    charter: charterFrom(
      { name: 'bench', genesis: genesisOf(payers) },
      { name: 'guardian', ...signer },
    ),
    signer,
    kramaId: kramaIdOf(signer.publicKey),
    limits: { budget: UNITS, budgetPerSecond: UNITS },
    ...(threads === undefined ? {} : { threads }),
  })
  return {
    running,
    close: async () => {
      await running.close()
      await store.close()
    },
  }
}

const main = async ([folder, payers, threads]: readonly string[]): Promise<void> => {
  if (folder === undefined || payers === undefined)
    throw new Error('usage: FOLDER PAYERS [THREADS]')
  const many = threads === undefined ? undefined : Number(threads)
  const { running, close } = await openBenchGuardian(folder, Number(payers), many)
  process.on('message', () => process.send?.(secondsOf(process.cpuUsage())))
  process.stdout.write(`${JSON.stringify({ url: running.url })}\n`)
  process.once('SIGTERM', () => void close().then(() => process.exit(0)))
}

if (process.argv[1] === import.meta.filename) await main(process.argv.slice(2))
