/** What can be taken away from a guardian and checked without it. */
import { describe, expect, test } from 'vitest'
import { isFault } from 'tallystick/base'
import { eraseModel } from 'tallystick/kernel'
import { createLogicRegistry } from 'tallystick/logic'
import {
  amountRecord,
  type CheckedState,
  checkNetworkState,
  KMOI_ASSET,
  krama,
  moiLogic,
  networkState,
} from 'tallystick/moi'
import { bodyFromFile, createModelRegistry, type Report, verify } from 'tallystick/verify'
import { METHODS } from '../../src/guardian/methods/table.ts'
import { turnP99During } from '../server/turns.ts'
import { at, listAt, textAt } from './look.ts'
import {
  bytesFrom,
  engine,
  hexId,
  LATEST,
  openGuardian,
  partyAt,
  payment,
  receiptAt,
  resultAt,
  send,
  settle,
  strangerAt,
} from './town.ts'

const [alice, bob] = [partyAt(0), partyAt(1)]
const START = 1_000_000_000_000n

const stateAt = async (url: string, more: object = {}): Promise<Uint8Array> =>
  bytesFrom(String(await resultAt(url, 'moi.NetworkState', { id: hexId(bob.id), ...more })))

const checked = (file: Uint8Array): CheckedState => {
  const found = checkNetworkState(networkState.decode(bodyFromFile('network-state', file)), engine)
  if (isFault(found)) throw found
  return found
}

const balanceIn = (of: CheckedState): bigint =>
  amountRecord.decode(of.values[0]?.value ?? new Uint8Array())

describe('A balance with its proof', () => {
  test('holds offline, at the newest tesseract as soon as there is one', async () => {
    const { url } = await openGuardian()
    const receipt = await settle(url, payment(alice, bob.id, 7n, 0n))
    const found = checked(await stateAt(url))
    expect(balanceIn(found)).toBe(START + 7n)
    expect(found).toMatchObject({ height: 1n, tesseract: textAt(receipt, 'ts_hash').slice(2) })
    expect(found.context.behaviour).toHaveLength(1)
  })

  test('is to be had of the past, with what was there then', async () => {
    const { url } = await openGuardian()
    for (const number of [0n, 1n]) await settle(url, payment(alice, bob.id, 7n, number))
    const then = checked(await stateAt(url, { options: { tesseract_number: 1 } }))
    expect(balanceIn(then)).toBe(START + 7n)
    const first = checked(await stateAt(url, { options: { tesseract_number: 0 } }))
    expect(balanceIn(first)).toBe(START)
  })

  test('does not hold once a byte of the value is another', async () => {
    const { url } = await openGuardian()
    const of = networkState.decode(bodyFromFile('network-state', await stateAt(url)))
    expect(isFault(checkNetworkState(of, engine))).toBe(false)
    const values = of.values.map((one, place) =>
      place === 1 ? { ...one, value: amountRecord.encode(START + 1n) } : one,
    )
    const refused = checkNetworkState({ ...of, values }, engine)
    expect(isFault(refused) && refused.code).toBe('proof/wrong-root')
  })
})

describe('A context', () => {
  test('stands beside a value, both as of one tesseract', async () => {
    const { url, context } = await openGuardian()
    const asked = { id: hexId(alice.id), asset_id: hexId(KMOI_ASSET), options: LATEST }
    const object = await resultAt(url, 'moi.ContextObject', asked)
    expect(object).toMatchObject({
      height: '0x0',
      path: ['balance', KMOI_ASSET, '0'],
      context: { behaviour_nodes: [context.kramaId] },
    })
    const state = await resultAt(url, 'moi.AccountState', asked)
    expect(at(object, 'context.hash')).toBe(at(state, 'context_hash'))
    const all = await resultAt(url, 'moi.SuperState', { id: hexId(alice.id) })
    expect(at(all, 'root')).toBe(at(state, 'state_root'))
    expect(listAt(all, 'assets')).toHaveLength(1)
    expect(listAt(all, 'keys')).toHaveLength(1)
    const nobody = resultAt(url, 'moi.SuperState', { id: hexId(strangerAt(5).id) })
    await expect(nobody).rejects.toThrow('account not found')
  })
})

describe('The past of an account', () => {
  test.each(['moi.NetworkState', 'moi.ContextObject', 'moi.SuperState'])(
    'costs as much as it has values, in %s, and its present nothing beside',
    async (name) => {
      const { url, context } = await openGuardian()
      for (let sequence = 0n; sequence < 2n; sequence++) {
        await settle(url, payment(alice, bob.id, 1n, sequence))
      }
      const owedAt = async (height: number): Promise<number> => {
        let owed = 0
        const params = [{ id: hexId(alice.id), options: { tesseract_number: height } }]
        await METHODS.find((one) => one.name === name)?.call(context, params, {
          connection: 'a',
          push: undefined,
          subscriptions: new Map(),
          owe: (units) => {
            owed += units
          },
        })
        return owed
      }
      expect(await owedAt(-1)).toBe(0)
      expect(await owedAt(2)).toBe(0)
      expect(await owedAt(1)).toBeGreaterThan(8)
    },
  )
})

describe('A history', () => {
  const MODELS = createModelRegistry(eraseModel(krama))
  const LOGICS = createLogicRegistry([moiLogic])
  const judged = (file: Uint8Array): Report =>
    verify(file, { verifier: engine, models: MODELS, logics: LOGICS })

  test('is run again from the genesis on, offline', async () => {
    const { url } = await openGuardian()
    await settle(url, payment(alice, bob.id, 7n, 0n))
    await settle(url, payment(bob, alice.id, 3n, 0n))
    const file = bytesFrom(String(await resultAt(url, 'moi.History', { id: hexId(alice.id) })))
    const report = judged(file)
    expect(report.faults).toEqual([])
    expect(report.outcome).toBe('valid')
    const steps = report.machines.flatMap((one) => one.steps)
    expect(steps.every((one) => one.standing === 'final')).toBe(true)
  })

  test('F7: is put together in parts, between which others have their turn', async () => {
    const { url } = await openGuardian()
    const count = 245
    const all = Array.from({ length: count }, (_, at) => payment(alice, bob.id, 1n, BigInt(at)))
    await Promise.all(all.map((one) => send(url, one)))
    await receiptAt(url, `0x${all.at(-1)?.hash ?? ''}`)
    const asked = { id: hexId(alice.id) }
    const file = resultAt(url, 'moi.History', asked)
    expect(await turnP99During(file)).toBeLessThanOrEqual(20)
    const report = judged(bytesFrom(String(await file)))
    expect(report.outcome).toBe('valid')
    // The genesis is a step too.
    const steps = report.machines.map((one) => one.steps.length)
    expect(Math.max(...steps)).toBe(count + 1)
  })

  test('is refused where it is longer than a guardian puts together', async () => {
    const { url } = await openGuardian({ limits: { historyEntries: 2 } })
    await settle(url, payment(alice, bob.id, 7n, 0n))
    const asked = { id: hexId(alice.id) }
    expect(String(await resultAt(url, 'moi.History', asked))).toMatch(/^0x/)
    await settle(url, payment(alice, bob.id, 7n, 1n))
    await expect(resultAt(url, 'moi.History', asked)).rejects.toThrow('more than 2 interactions')
  })
})
