import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { MOI } from '../../../src/base/moi-suite.ts'
import { checkCharter, machineId } from '../../../src/kernel/charter.ts'
import {
  accountCharter,
  accountIn,
  accountMachines,
  networkCharter,
  openNetwork,
} from '../../../src/dialects/moi/charters.ts'
import { moiGenesis } from '../../../src/dialects/moi/run/network.ts'
import { admitKrama, loneGuardian } from '../../../src/models/krama/policy.ts'
import { rootOf } from '../../../src/state/tree.ts'
import { guardian, LOGICS, networkFrom } from './lattice-town.ts'
import { ada, bob, engine, genesis, personOf } from './run/town.ts'

const policy = loneGuardian({
  name: 'guardian',
  scheme: 'secp256k1-ecdsa',
  publicKey: guardian.publicKey,
})

describe('the charters of a network', () => {
  test('follow from network and identifier, and can be used', () => {
    const network = networkFrom()
    const { id, terms } = network.machine
    const charter = accountCharter(id, terms, ada.id)
    expect(network.open(ada.id).id).toBe(machineId(charter))
    expect(network.machineOf(ada.id)).toBe(machineId(charter))
    expect(network.open(ada.id).charter).toEqual(charter)
    expect(accountIn(charter)).toBe(ada.id)
    expect(accountIn(network.charter)).toBeUndefined()
    for (const one of [network.charter, charter]) expect(checkCharter(one, engine)).toBeUndefined()
    expect(admitKrama(terms, policy, engine)).toBeUndefined()
    expect(terms.suite).toBe(MOI)
    expect(rootOf(network.open(ada.id).state)).toBe('0'.repeat(64))
  })

  test('of two networks have no machine in common, whatever it is that differs', () => {
    const [first] = genesis.participants
    if (!first) throw new Error('there are three')
    const richer = { ...genesis, participants: [{ ...first, balance: 7n }] }
    const { publicKey } = personOf('another guardian')
    const other = loneGuardian({ name: 'guardian', scheme: 'secp256k1-ecdsa', publicKey })
    const networks = [
      networkCharter({ name: 'a', policy, genesis }),
      networkCharter({ name: 'b', policy, genesis }),
      networkCharter({ name: 'a', policy, genesis: richer }),
      networkCharter({ name: 'a', policy: other, genesis }),
    ]
    const machines = networks.flatMap((one) => {
      const opened = openNetwork(one, LOGICS)
      if (isFault(opened)) throw opened
      return [opened.machine.id, opened.machineOf(ada.id), opened.machineOf(bob.id)]
    })
    expect(new Set(machines).size).toBe(machines.length)
  })

  test('are remembered for the last accounts, and the same after they were forgotten', () => {
    const { machine } = networkFrom()
    const machineOf = accountMachines(machine.id, machine.terms)
    const before = machineOf(ada.id)
    expect(machineOf(bob.id)).not.toBe(before)
    expect(machineOf(ada.id)).toBe(before)
  })

  test('are refused with a genesis whose books do not balance', () => {
    const [first] = genesis.participants
    if (!first) throw new Error('there are three')
    const twice = { ...genesis, participants: [first, first] }
    const opened = openNetwork(networkCharter({ name: 'a', policy, genesis: twice }), LOGICS)
    expect(opened).toMatchObject({ code: 'moi/genesis' })
  })

  test('hold the genesis as it was given', () => {
    const { charter, genesis: read } = networkFrom()
    expect(read).toEqual(genesis)
    expect(charter.logics).toEqual([{ name: 'moi/1', params: moiGenesis.encode(genesis) }])
  })
})
