/** The relationship that the payers pay in: a ledger of its own with a fixed total. */
import { isFault } from '../../../src/base/fault.ts'
import type { Engine, KeyPair } from '../../../src/base/verifier.ts'
import { createNativeEngine } from '../../../src/engine/native.ts'
import type { Charter } from '../../../src/kernel/charter.ts'
import { soleController } from '../../../src/kernel/controller.ts'
import { type Machine, openMachine } from '../../../src/kernel/execute.ts'
import { ledgerParams } from '../../../src/logic/ledger-params.ts'
import { balanceOf } from '../../../src/logic/ledger-record.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { BILATERAL_TERMS } from '../../../src/models/bilateral/policy.ts'

export const engine: Engine = createNativeEngine()
export const NAMES: readonly string[] = ['alice', 'bob']
export const TOTAL = 2_000_000n

export const keysOf = (position: number): KeyPair =>
  engine.fromSeed('ed25519', new Uint8Array(32).fill(position + 1))

export const charter: Charter = {
  network: 'test',
  nonce: new Uint8Array(32),
  terms: {
    suite: 'classic',
    participants: NAMES.map((name, at) => ({
      name,
      controller: soleController('ed25519', keysOf(at).publicKey),
    })),
    turn: { is: 'alternate' },
    policy: BILATERAL_TERMS,
  },
  logics: [
    {
      name: 'ledger/1',
      params: ledgerParams.encode({
        symbol: 'TICK',
        decimals: 0,
        cap: TOTAL,
        issuer: undefined,
        initial: NAMES.map((holder) => ({ holder, amount: TOTAL / 2n })),
      }),
    },
  ],
  state: { is: 'tree' },
}

export const machineOf = (): Machine => {
  const machine = openMachine(charter, STANDARD_LOGICS)
  if (isFault(machine)) throw machine
  return machine
}

export const balancesOf = (machine: Machine): readonly bigint[] =>
  NAMES.map((holder) => balanceOf(machine, { machine: machine.id, logic: 0 }, holder))
