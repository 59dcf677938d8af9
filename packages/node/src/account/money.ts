/** Money in an account: which assets it knows, what it holds, and the operations that people ask for in words. */
import { isFault, type MachineId } from 'tallystick/base'
import { usageError } from 'tallystick/shell'
import { type Charter, type Machine, type Operation, openMachine } from 'tallystick/kernel'
import { amountFromText, type Asset, operationOnLedger, STANDARD_LOGICS } from 'tallystick/logic'
import type { OwnerState } from 'tallystick/models'

export type Spending = {
  readonly state: OwnerState
  readonly assets: readonly Asset[]
  /** The owner's name. */
  readonly own: string
}

/** The asset that is meant. Raises a usage error. */
export const assetNamed = (
  { assets }: Pick<Spending, 'assets'>,
  symbol: string | undefined,
): Asset => {
  const named = assets.filter((one) => symbol === undefined || one.params.symbol === symbol)
  const [only] = named
  if (only && named.length === 1) return only
  const known = assets.map((one) => one.params.symbol).join(', ')
  throw known === ''
    ? usageError('this account holds no money yet', 'tally accept takes in what was sent to you')
    : usageError(`which asset? the account knows ${known}`, 'say it behind the amount')
}

export type Sending = {
  readonly to: { readonly machine: MachineId; readonly holder: string }
  /** As it was typed. */
  readonly amount: string
  readonly symbol: string | undefined
}

export const sendOperation = (of: Spending, { to, amount, symbol }: Sending): Operation => {
  const asset = assetNamed(of, symbol)
  return operationOnLedger(asset.prefix, {
    is: 'send',
    from: { machine: of.state.machine.id, holder: of.own },
    to,
    amount: amountFromText(amount, asset.params.decimals, { party: of.own }),
    nonce: 0,
  })
}

/** The machines, as they began, whose rules operations call. */
export const machinesBeside = (
  operations: readonly Operation[],
  own: MachineId,
  charters: ReadonlyMap<MachineId, Charter>,
): readonly Machine[] => {
  const ids = new Set(operations.map((one) => one.machine).filter((one) => one !== own))
  return [...ids].flatMap((id): readonly Machine[] => {
    const charter = charters.get(id)
    const machine = charter && openMachine(charter, STANDARD_LOGICS)
    return machine && !isFault(machine) ? [machine] : []
  })
}
