import { describe, expect, test } from 'vitest'
import { pathKey } from '../../src/kernel/execute.ts'
import { ledgerRecord, recordPath } from '../../src/logic/ledger-record.ts'
import { outcome, outcomePath } from '../../src/logic/outcome.ts'
import { vaultIn, vaultPath, vaultsIn } from '../../src/logic/vault-record.ts'
import { vaultId, type VaultTerms, vaultTerms } from '../../src/logic/vault-terms.ts'
import { type Change, replace } from '../../src/state/tree.ts'
import { ASSET, machineIn, openBooks, PAIR, R } from './books.ts'

const LOGIC = { machine: R, logic: 0 }
const TERMS: VaultTerms = {
  nonce: new Uint8Array(32),
  machine: R,
  asset: ASSET,
  amount: 5n,
  payer: 'bob',
  payee: 'carol',
  release: { is: 'word', party: 'bob' },
  expiry: undefined,
  arbiter: undefined,
}
const id = vaultId('classic', TERMS)

const opened = machineIn(openBooks([PAIR]), R)
const machineWith = (...changes: readonly Change[]) => ({
  ...opened,
  state: replace(opened.state, changes),
})

const kept: Change = {
  key: pathKey('classic', LOGIC, vaultPath(id)),
  value: vaultTerms.encode(TERMS),
}
const decided = (toPayee: bigint): Change => ({
  key: pathKey('classic', LOGIC, outcomePath(id)),
  value: outcome.encode({ toPayee, toPayer: 5n - toPayee }),
})
const lock: Change = {
  key: pathKey('classic', ASSET, recordPath({ is: 'lock', id })),
  value: ledgerRecord.encode({
    is: 'lock',
    id,
    from: 'bob',
    to: 'carol',
    amount: 5n,
    unlocker: LOGIC,
  }),
}

describe('what a vault has come to', () => {
  test('is computed from its records', () => {
    expect(vaultIn(opened, LOGIC, id)).toBeUndefined()
    expect(vaultIn(machineWith(kept, lock), LOGIC, id)).toEqual({
      id,
      terms: TERMS,
      stands: 'locked',
      outcome: undefined,
      isPaid: false,
    })
    for (const [toPayee, stands] of [
      [5n, 'fulfilled'],
      [0n, 'refunded'],
      [2n, 'divided'],
    ] as const) {
      expect(vaultIn(machineWith(kept, decided(toPayee)), LOGIC, id)).toMatchObject({
        stands,
        isPaid: true,
      })
      expect(vaultIn(machineWith(kept, lock, decided(toPayee)), LOGIC, id)?.isPaid).toBe(false)
    }
  })

  test('is found without knowing the id, and only under the vault’s own key', () => {
    expect(vaultsIn(machineWith(kept, lock), LOGIC).map((one) => one.id)).toEqual([id])
    const stray = { ...kept, key: pathKey('classic', LOGIC, ['vault', new Uint8Array(32)]) }
    expect(vaultsIn(machineWith(stray), LOGIC)).toEqual([])
    expect(vaultsIn(machineWith(kept), { ...LOGIC, logic: 1 })).toEqual([])
  })
})
