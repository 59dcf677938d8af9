/** What the parties of a machine hold, asset by asset, as its state says. */
import type { Machine } from '../kernel/execute.ts'
import type { Prefix } from '../kernel/logic.ts'
import { textFromAmount } from '../logic/amount.ts'
import type { Asset } from '../logic/ledger-asset.ts'
import { balanceOf, recordsIn } from '../logic/ledger-record.ts'
import { conditionText } from '../logic/vault-condition.ts'
import { vaultsIn } from '../logic/vault-record.ts'
import { vault } from '../logic/vault.ts'

export type Holding = {
  readonly symbol: string
  readonly holder: string
  /** With the asset's decimals. */
  readonly free: string
  /** Set aside in locks and bonds; empty if nothing is. */
  readonly locked: string
}

/** Money that waits for something. */
export type Waiting = {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly amount: string
  readonly release: string
}

/** What each party holds of each asset; an asset of elsewhere is listed only if somebody has some. */
export const holdingsIn = (machine: Machine, assets: readonly Asset[]): readonly Holding[] =>
  assets.flatMap(({ prefix, params }) => {
    const records = recordsIn(machine, prefix)
    if (records.length === 0 && prefix.machine !== machine.id) return []
    return machine.terms.participants.map(({ name }) => {
      let locked = 0n
      for (const one of records) {
        if (one.is === 'lock' && one.from === name) locked += one.amount
        if (one.is === 'bond' && one.owner.holder === name) locked += one.amount
      }
      return {
        symbol: params.symbol,
        holder: name,
        free: textFromAmount(balanceOf(machine, prefix, name), params.decimals),
        locked: locked === 0n ? '' : textFromAmount(locked, params.decimals),
      }
    })
  })

/** Vaults of a machine that are not decided yet. */
export const openVaultsIn = (machine: Machine, assets: readonly Asset[]): readonly Waiting[] =>
  machine.charter.logics.flatMap((use, logic) => {
    if (use.name !== vault.name) return []
    return vaultsIn(machine, { machine: machine.id, logic })
      .filter((one) => one.stands === 'locked')
      .map(({ id, terms }) => ({
        id,
        from: terms.payer,
        to: terms.payee,
        amount: moneyOf(terms.asset, terms.amount, assets),
        release: conditionText(terms.release),
      }))
  })

const moneyOf = (asset: Prefix, amount: bigint, assets: readonly Asset[]): string => {
  const params = assets.find(
    (one) => one.prefix.machine === asset.machine && one.prefix.logic === asset.logic,
  )?.params
  return params ? `${textFromAmount(amount, params.decimals)} ${params.symbol}` : `${amount} units`
}
