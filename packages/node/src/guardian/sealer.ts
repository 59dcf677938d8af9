/**
 * The sealer: signs what was executed, one signature for a batch.
 *
 * Safety. It is handed transitions that are durable in the journal. A vow follows from each of them: for its machine and number,
 * this child of this parent. `sealBatch` refuses another. A seal is stored before anybody is shown it, with its time, so that times
 * never go back.
 *
 * Liveness. A process that was killed before it had signed a batch signs it at the next start: the journal says what is missing.
 */
import { isFault, type MachineId, type Signer, type SuiteId } from 'tallystick/base'
import type { Pledge } from 'tallystick/kernel'
import { sealBatch, sealed, sealedBy } from 'tallystick/moi'
import { setBounded } from '../server/bounded-map.ts'
import type { LatticeEntry } from './store/entry.ts'
import type { Lattice } from './store/lattice.ts'

export type Sealer = {
  /** Signs entries that follow each other from one on, after those of earlier calls. Nobody has to wait for it. */
  readonly seal: (from: bigint, entries: readonly LatticeEntry[]) => void
  /** Resolves when what was handed in is signed and stored. Raises what went wrong. */
  readonly settled: () => Promise<void>
  /** Signs what a process that was killed has left unsigned. */
  readonly catchUp: () => Promise<void>
}

export type SealerOptions = {
  readonly lattice: Lattice
  readonly signer: Signer
  readonly suite: SuiteId
  /** Entries under one seal. */
  readonly batchItems: number
  /** Milliseconds since 1970. */
  readonly clock: () => bigint
}

export const createSealer = async (options: SealerOptions): Promise<Sealer> => {
  const { lattice, signer, suite, clock } = options
  const pledges = new Map<MachineId, Pledge>()
  let line: Promise<void> = Promise.resolve()
  let sealedAt = await lastTime(lattice)
  const seal = async (from: bigint, entries: readonly LatticeEntry[]): Promise<void> => {
    if (entries.length === 0) return
    const batch = sealBatch({
      suite,
      tesseracts: entries.map((entry) => entry.steps.map((one) => one.transition)),
      now: clock(),
      sealedAt,
      // The journal that the transitions come from is the record of vows; this is what was signed lately, looked at once more.
      pledgeOf: (machine) => pledges.get(machine),
    })
    if (isFault(batch)) throw batch
    for (const [machine, pledge] of batch.pledges) {
      setBounded(pledges, machine, pledge, PLEDGES_MAX)
    }
    const signature = signer.sign(batch.digest)
    const last = from + BigInt(entries.length) - 1n
    await lattice.keepCertificate(from, last, sealed.encode(sealedBy(batch, signature)))
    sealedAt = batch.time
  }
  return {
    seal: (from, entries) => {
      line = line.then(() => seal(from, entries))
      // Whoever asks whether it is settled is told; until then nobody is missing it.
      line.catch(() => undefined)
    },
    settled: () => line,
    catchUp: async () => {
      for (let next = await lattice.certified(); next < lattice.size();) {
        const entries: LatticeEntry[] = []
        while (entries.length < options.batchItems) {
          const found = await lattice.entryAt(next + BigInt(entries.length))
          if (!found) break
          entries.push(found.entry)
        }
        await seal(next, entries)
        next += BigInt(entries.length)
      }
    },
  }
}

const PLEDGES_MAX = 65_536

const lastTime = async (lattice: Lattice): Promise<bigint> => {
  const size = await lattice.certified()
  const found = size === 0n ? undefined : await lattice.certificateOf(size - 1n)
  return found ? sealed.decode(found.certificate).time : 0n
}
