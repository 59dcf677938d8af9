/**
 * Accounts of one's own: where a victim can be paid without the culprit.
 *
 * A payment in a relationship was to go to a machine in which the payer has to sign as well, and a payer who has just been
 * convicted will not. If the files hold the charter of an account that the same keys own alone, it is paid there.
 */
import { equalBytes } from '../base/bytes.ts'
import type { MachineId } from '../base/brand.ts'
import { type Charter, machineId } from '../kernel/charter.ts'
import { controller } from '../kernel/controller.ts'
import type { Instead } from '../logic/ledger-operation.ts'
import type { Account } from '../logic/ledger-record.ts'

/** The two charters, where the addressee does not own the machine alone and an account of the same keys is there. */
export const insteadOf = (charters: readonly Charter[], to: Account): Instead | undefined => {
  const promised = charters.find((one) => machineId(one) === to.machine)
  const named = promised?.terms.participants.find((one) => one.name === to.holder)
  if (!promised || !named || ownerOf(promised) === named) return undefined
  const keys = controller.encode(named.controller)
  const own = charters
    .filter((one) => {
      const owner = ownerOf(one)
      return owner !== undefined && equalBytes(controller.encode(owner.controller), keys)
    })
    .toSorted((a, b) => (machineId(a) < machineId(b) ? -1 : 1))
  const [account] = own
  return account && { promised, account }
}

const ownerOf = ({ terms }: Charter): Charter['terms']['participants'][number] | undefined =>
  terms.turn.is === 'owner' ? terms.participants[terms.turn.party] : undefined

/** The machines whose charters a claim has to bring, so that its addressee can be paid in an account of its own. */
export const machinesFor = (of: Instead): readonly MachineId[] => [
  machineId(of.promised),
  machineId(of.account),
]
