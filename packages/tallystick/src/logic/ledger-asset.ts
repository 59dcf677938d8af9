/** Assets by where their rules stand: the machine whose charter has the ledger, and its position among the logics there. */
import type { MachineId } from '../base/brand.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import type { Charter } from '../kernel/charter.ts'
import type { Prefix } from '../kernel/logic.ts'
import { type LedgerParams, ledgerParams } from './ledger-params.ts'
import { ledger } from './ledger.ts'

export type Asset = { readonly prefix: Prefix; readonly params: LedgerParams }

/** The assets whose rules stand in one of these machines. Parameters that do not decode belong to none. */
export const assetsIn = (charters: Iterable<readonly [MachineId, Charter]>): readonly Asset[] =>
  [...charters].flatMap(([machine, { logics }]) =>
    logics.flatMap((use, logic): readonly Asset[] => {
      const params = use.name === ledger.name && faultFrom(() => ledgerParams.decode(use.params))
      return !params || isFault(params) ? [] : [{ prefix: { machine, logic }, params }]
    }),
  )
