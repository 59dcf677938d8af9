/**
 * A guardian for measurements, in this process: what `tally serve guardian` runs, without a brake on its only client. Its key is
 * nobody's, from a word.
 */
import { createHash } from 'node:crypto'
import { createNativeEngine } from 'tallystick/engine-native'
import { signerFrom } from '../guardian/dev-network.ts'
import { charterFrom, kramaIdOf } from '../guardian/genesis.ts'
import { type RunningGuardian, startGuardian } from '../guardian/start-guardian.ts'
import { INTERACTIONS } from '../guardian/store/lattice.ts'
import { openGuardedSqlite } from '../store/open.ts'
import { genesisOf } from './moi-payers.ts'

const UNITS = 1_000_000_000

export type BenchGuardian = {
  readonly running: RunningGuardian
  readonly close: () => Promise<void>
}

/** With no threads, everything is done on the main one. */
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
