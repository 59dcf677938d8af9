/**
 * Reading vaults out of a machine's state. What a vault has come to is computed from two records and never stored.
 *
 * | record | path | value |
 * |---|---|---|
 * | vault | 'vault', id | its terms |
 * | outcome | 'outcome', id | two u128: to the payee, to the payer |
 * | notice | 'notice', party, subject 32 | up to 256 bytes |
 *
 * All three stay for good, so nothing is decided or said twice.
 */
import { bytesFromId } from '../base/brand.ts'
import { faultFrom, isFault } from '../base/fault.ts'
import { type Machine, pathKey } from '../kernel/execute.ts'
import type { Path, Prefix } from '../kernel/logic.ts'
import { entriesOf, read } from '../state/tree.ts'
import { type LockId, recordPath } from './ledger-record.ts'
import { outcome, type Outcome, outcomePath } from './outcome.ts'
import { vaultId, type VaultTerms, vaultTerms } from './vault-terms.ts'

export type KeptVault = {
  readonly id: LockId
  readonly terms: VaultTerms
  readonly stands: 'locked' | 'fulfilled' | 'refunded' | 'divided'
  readonly outcome: Outcome | undefined
  /** Whether the ledger has paid out what was decided. */
  readonly isPaid: boolean
}

export const vaultPath = (of: LockId): Path => ['vault', bytesFromId(of)]

/** Every vault that one logic keeps in one machine, in the order of keys. */
export const vaultsIn = (machine: Machine, logic: Prefix): readonly KeptVault[] => {
  const found: KeptVault[] = []
  for (const [key, value] of entriesOf(machine.state)) {
    const terms = faultFrom(() => vaultTerms.decode(value))
    if (isFault(terms)) continue
    const id = vaultId(machine.terms.suite, terms)
    if (pathKey(machine.terms.suite, logic, vaultPath(id)) !== key) continue
    found.push(keptVault(machine, logic, { id, terms }))
  }
  return found
}

/** One vault by its id; `undefined` if there is none. */
export const vaultIn = (machine: Machine, logic: Prefix, id: LockId): KeptVault | undefined => {
  const value = read(machine.state, pathKey(machine.terms.suite, logic, vaultPath(id)))
  return value && keptVault(machine, logic, { id, terms: vaultTerms.decode(value) })
}

const keptVault = (
  machine: Machine,
  logic: Prefix,
  { id, terms }: Pick<KeptVault, 'id' | 'terms'>,
): KeptVault => {
  const { suite } = machine.terms
  const word = read(machine.state, pathKey(suite, logic, outcomePath(id)))
  const decided = word && outcome.decode(word)
  const lock = read(machine.state, pathKey(suite, terms.asset, recordPath({ is: 'lock', id })))
  return { id, terms, outcome: decided, stands: standsAs(decided), isPaid: lock === undefined }
}

const standsAs = (decided: Outcome | undefined): KeptVault['stands'] => {
  if (!decided) return 'locked'
  if (decided.toPayer === 0n) return 'fulfilled'
  return decided.toPayee === 0n ? 'refunded' : 'divided'
}
