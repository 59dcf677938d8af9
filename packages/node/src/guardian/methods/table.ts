/** The table of methods: what is here is served, and described in `docs/spec/moi-rpc.md`. */
import type { Method } from '../rpc/method.ts'
import { ACCOUNT_METHODS } from './accounts.ts'
import type { GuardianContext } from './context.ts'
import { HOLDING_METHODS } from './holdings.ts'
import { INTERACTION_METHODS } from './interactions.ts'
import { LOGIC_METHODS } from './logics.ts'
import { NET_METHODS } from './net.ts'
import { POOL_METHODS } from './pool.ts'
import { PROOF_METHODS } from './proofs.ts'
import { TESSERACT_METHODS } from './tesseracts.ts'

export const METHODS: readonly Method<GuardianContext>[] = [
  ...INTERACTION_METHODS,
  ...ACCOUNT_METHODS,
  ...HOLDING_METHODS,
  ...LOGIC_METHODS,
  ...TESSERACT_METHODS,
  ...PROOF_METHODS,
  ...POOL_METHODS,
  ...NET_METHODS,
]
