import { describe, expect, test } from 'vitest'
import { transitionId, machineId } from 'tallystick/kernel'
import { claimOf, recordsIn, STANDARD_LOGICS } from 'tallystick/logic'
import type { OwnerState } from 'tallystick/models'
import { fileFromBundle, verify } from 'tallystick/verify'
import { STANDARD_MODELS } from 'tallystick'
import { certify } from '../../src/client/certify.ts'
import { createDirectoryClient, type DirectoryClient } from '../../src/client/directory.ts'
import { gatherBundle } from '../../src/client/gather.ts'
import { fetchHistory } from '../../src/client/history.ts'
import {
  accountCharter,
  begin,
  createNet,
  engine,
  type FakeNet,
  mintCharter,
  person,
  sent,
  submissionsOf,
  wished,
} from './town.ts'

const [mint, alice] = [person('mint'), person('alice')]
const mintTerms = mintCharter(mint)
const account = begin(accountCharter(alice))

/** The mint pays alice a TICK, and she claims it. */
const paid = sent(begin(mintTerms), mint, account.machine.id)
const claimed = ((): OwnerState => {
  const asset = { machine: paid.machine.id, logic: 0 }
  const out = recordsIn(paid.machine, asset).find((one) => one.is === 'out')
  if (out?.is !== 'out') throw new Error('something was sent')
  const { operation, premise } = claimOf({
    asset,
    source: paid.machine.id,
    suite: 'classic',
    transition: paid.machine.headId,
    out,
  })
  return wished(account, alice, {
    operations: [operation],
    premises: [premise],
    proven: [premise],
    beside: [begin(mintTerms).machine],
  })
})()

const clientOf = (net: FakeNet): DirectoryClient =>
  createDirectoryClient(net.addresses, { surroundings: net.surroundings, verifier: engine })

const certified = async (net: FakeNet, states: readonly OwnerState[]): Promise<void> => {
  for (const state of states) {
    const outcome = await certify(clientOf(net), {
      charter: state.machine.charter,
      steps: submissionsOf(state),
      store: () => undefined,
      waitMs: 40_000,
    })
    expect(outcome.is).toBe('certified')
  }
}

const checks = { models: STANDARD_MODELS, logics: STANDARD_LOGICS, verifier: engine }

describe('a gathered bundle', () => {
  test('goes back to everything that its machine rests on, and verifies', async () => {
    const net = createNet()
    await certified(net, [paid, claimed])
    const { bundle, missing } = await gatherBundle(clientOf(net), [account.machine.id])
    expect(missing).toEqual([])
    const report = verify(fileFromBundle(bundle), checks)
    expect(report.outcome).toBe('valid')
    expect(report.machines).toHaveLength(2)
  })

  test('is whole with one operator gone and another that lost its certificates', async () => {
    const net = createNet()
    await certified(net, [paid, claimed])
    const [north, east] = net.operators
    if (!north || !east) throw new Error('four operators')
    north.isUp = false
    for (const [name, kept] of east.vows) {
      east.vows.set(name, { ...kept, certificate: new Uint8Array(0) })
    }
    const { bundle } = await gatherBundle(clientOf(net), [account.machine.id])
    expect(verify(fileFromBundle(bundle), checks).outcome).toBe('valid')
  })

  test('names what nobody shows', async () => {
    const net = createNet()
    expect((await gatherBundle(clientOf(net), [account.machine.id])).missing).toEqual([
      account.machine.id,
    ])
  })
})

describe('a history', () => {
  test('is made of receipts where nobody has the certificate', async () => {
    const net = createNet()
    await certified(net, [paid])
    for (const { vows } of net.operators) {
      for (const [name, kept] of vows) vows.set(name, { ...kept, certificate: new Uint8Array(0) })
    }
    const { certified: steps } = await fetchHistory(clientOf(net), mintTerms)
    expect(steps.map((one) => one.submission.transition.sequence)).toEqual([1n])
  })

  test('leaves a step that too few have vowed for apart', async () => {
    const net = createNet()
    await certified(net, [paid])
    for (const { vows } of net.operators.slice(0, 2)) vows.clear()
    for (const { vows } of net.operators) {
      for (const [name, kept] of vows) vows.set(name, { ...kept, certificate: new Uint8Array(0) })
    }
    const history = await fetchHistory(clientOf(net), mintTerms)
    expect(history.certified).toEqual([])
    expect(history.pending.map((one) => one.transition.sequence)).toEqual([1n])
  })

  test('has nothing of a liar who shows a step that the owner has not signed', async () => {
    const net = createNet()
    await certified(net, [paid])
    const [north] = net.operators
    if (!north) throw new Error('four operators')
    for (const [name, kept] of north.vows) {
      const transition = { ...kept.submission.transition, state: kept.submission.parent.state }
      north.vows.set(name, { ...kept, submission: { ...kept.submission, transition } })
    }
    const { certified: steps } = await fetchHistory(clientOf(net), mintTerms)
    expect(steps.map((one) => transitionId('classic', one.submission.transition))).toEqual([
      paid.machine.headId,
    ])
    expect(machineId(mintTerms)).toBe(paid.machine.id)
  })
})
