/** What methods work with: a guardian, assembled. No network here; `start-guardian.ts` puts one around it. */
import type { MoiNetwork, NetworkMachine } from 'tallystick/moi'
import type { At } from '../rpc/param.ts'
import type { GuardianLimits } from '../limits.ts'
import type { Hub } from '../hub.ts'
import type { Machines } from '../machines.ts'
import type { Pool } from '../pool.ts'
import type { Proofs } from '../proofs.ts'
import type { Questions } from '../questions.ts'
import type { Shapes } from '../shapes/tesseract.ts'
import type { MoiId } from '../store/entry.ts'
import type { Lattice } from '../store/lattice.ts'
import type { Submissions } from '../submissions.ts'
import type { View, Views } from '../views.ts'
import type { Waits } from '../waits.ts'

export type GuardianContext = {
  readonly lattice: Lattice
  readonly views: Views
  readonly shapes: Shapes
  readonly pool: Pool
  readonly hub: Hub
  readonly waits: Waits
  readonly submissions: Submissions
  readonly questions: Questions
  readonly proofs: Proofs
  readonly machines: Machines
  readonly networkMachine: NetworkMachine
  readonly network: MoiNetwork
  readonly kramaId: string
  /** Of the network's rules, as `net.Version` tells it. */
  readonly version: string
  readonly limits: GuardianLimits
  /** Milliseconds; only differences matter. */
  readonly clockMs: () => number
  /** Gives KMOI to somebody; undefined but for development. */
  readonly faucet: Faucet | undefined
}

export type Faucet = (to: FaucetAsk) => Promise<string>

export type FaucetAsk = {
  readonly id: MoiId | undefined
  /** Of a participant who is to be created. */
  readonly publicKey: Uint8Array | undefined
  readonly amount: bigint
}

/** An account at a tesseract. Raises `unknown-account` and `unknown-tesseract`. */
export const viewAt = (
  { views }: GuardianContext,
  { id, options }: { readonly id: MoiId; readonly options: At },
): Promise<View> => views.at(id, options)
