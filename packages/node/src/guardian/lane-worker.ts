/**
 * A lane thread of a guardian: checks signatures, and executes interactions of lanes that concern no other thread.
 *
 * It keeps the machines that it has worked on; the main thread says when they are of no use any more, and hands over those that
 * others have moved meanwhile.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { isFault } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import { charter as charterCodec, transitionId } from 'tallystick/kernel'
import {
  MOI,
  MOI_LOGIC,
  type MoiHead,
  type MoiId,
  moiLogic,
  type NetworkMachine,
  openNetwork,
  prepare,
} from 'tallystick/moi'
import { treeFrom } from 'tallystick/state'
import { executedFrom } from './entries.ts'
import { knowing } from './good-signatures.ts'
import {
  brokenBy,
  CHECK_BYTES,
  DIGEST_BYTES,
  type LaneDone,
  type LaneHead,
  type LaneOrder,
  laneOrders,
  laneResults,
  PUBLIC_KEY_BYTES,
  type ThreadAnswer,
  type ThreadOrder,
  type ThreadStart,
} from './lane-order.ts'

const engine = createNativeEngine()

const main = (of: unknown): void => {
  const port = parentPort
  if (port === null || !isStart(of)) throw new Error('started as no lane thread')
  const network = openNetwork(charterCodec.decode(of.charter), new Map([[MOI_LOGIC, moiLogic]]))
  if (isFault(network)) throw network
  const heads = new Map<MoiId, MoiHead>()
  port.on('message', (order: ThreadOrder) => {
    port.postMessage(answerTo(network, heads, order))
  })
}

const isStart = (of: unknown): of is ThreadStart =>
  typeof of === 'object' && of !== null && 'charter' in of && of.charter instanceof Uint8Array

const answerTo = (
  network: NetworkMachine,
  heads: Map<MoiId, MoiHead>,
  order: ThreadOrder,
): ThreadAnswer => {
  try {
    switch (order.is) {
      case 'check':
        return { is: 'checked', good: checkAll(order.checks) }
      case 'execute': {
        for (const account of order.forget) heads.delete(account)
        const lanes = laneOrders
          .decode(order.lanes)
          .map((lane) => executeLane(network, heads, lane, order.time))
        return { is: 'executed', lanes: laneResults.encode(lanes) }
      }
    }
  } catch (error) {
    return { is: 'failed', message: error instanceof Error ? error.message : String(error) }
  }
}

const checkAll = (checks: Uint8Array): Uint8Array => {
  const good = new Uint8Array(checks.length / CHECK_BYTES)
  for (const at of good.keys()) {
    const check = checks.subarray(at * CHECK_BYTES, (at + 1) * CHECK_BYTES)
    const digestAt = PUBLIC_KEY_BYTES
    const signatureAt = digestAt + DIGEST_BYTES
    const isGood = engine.verify(
      'secp256k1-ecdsa',
      check.subarray(0, digestAt),
      check.subarray(digestAt, signatureAt),
      check.subarray(signatureAt),
    )
    good[at] = isGood ? 1 : 0
  }
  return good
}

const executeLane = (
  network: NetworkMachine,
  heads: Map<MoiId, MoiHead>,
  lane: LaneOrder,
  time: bigint,
): readonly LaneDone[] => {
  for (const head of lane.heads) takeOver(network, heads, head)
  // What this lane may ask about; whatever else the thread keeps may be old.
  const mine = new Set(lane.heads.map((one) => one.account))
  return lane.items.map(({ args, signatures, good }): LaneDone => {
    try {
      const done = prepare({
        network,
        args,
        signatures,
        time,
        headOf: (account) => (mine.has(account) ? heads.get(account) : undefined),
        verifier: knowing(engine, good),
      })
      if (done.is === 'refused') return done
      const { hash, status, operations, bytes, moved } = executedFrom(done)
      for (const [account, head] of moved) {
        heads.set(account, head)
        mine.add(account)
      }
      return { is: 'executed', hash, status, operations, entry: bytes }
    } catch (error) {
      // Nothing of it was kept; the next is executed as if it had not been.
      return brokenBy(error)
    }
  })
}

const takeOver = (network: NetworkMachine, heads: Map<MoiId, MoiHead>, head: LaneHead): void => {
  if (head.values === undefined) return
  const opened = network.open(head.account)
  const machine = {
    ...opened,
    head: head.transition,
    headId: transitionId(MOI, head.transition),
    state: treeFrom(MOI, head.values),
  }
  heads.set(head.account, { machine, tesseract: head.tesseract })
}

main(workerData)
