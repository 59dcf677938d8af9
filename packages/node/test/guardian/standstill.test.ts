/** Interactions that somebody would send to make a guardian stand still: it executes them, and goes on. */
import { configure, type LogRecord, reset } from '@logtape/logtape'
import { afterEach, describe, expect, test } from 'vitest'
import { hexFromBytes } from 'tallystick/base'
import {
  encodePolo,
  keyOfPath,
  type MoiOperation,
  PATH,
  poloBytes,
  poloText,
  writeDocument,
  writeOperation,
} from 'tallystick/moi'
import { replace } from 'tallystick/state'
import { LOG_CATEGORY } from '../../src/server/log.ts'
import { at, textAt } from './look.ts'
import { invokeOf, logicOf } from './small-logic.ts'
import {
  bytesFrom,
  closeGuardian,
  idFrom,
  newFolder,
  openGuardian,
  partyAt,
  payment,
  receiptAt,
  send,
  settle,
  signed,
  strangerAt,
} from './town.ts'

const [alice, bob, carol, dora] = [partyAt(0), partyAt(1), partyAt(2), partyAt(3)]

describe('A guardian goes on after an interaction that', () => {
  test('emits an event on an account that nobody has registered', async () => {
    const { url, readiness } = await openGuardian()
    const deploy = logicOf(
      ['id identifier', 'text string'],
      ['OBTAIN $0 &0', 'OBTAIN $1 &1', 'EVENT $2 $1', 'EMIT $0 $2'],
    )
    const made = await settle(url, signed({ from: alice, sequence: 0n, does: [deploy] }))
    const logic = textAt(made, 'ix_operations.0.data.logic_id')
    const nobody = `00000000${'77'.repeat(24)}00000000`
    const calldata = writeDocument(new Map([['id', encodePolo(poloBytes(32), bytesFrom(nobody))]]))
    const told = await settle(
      url,
      signed({
        from: alice,
        sequence: 1n,
        does: [invokeOf(logic, calldata)],
        with: [{ id: idFrom(logic), lock: 'mutate', notary: false }],
      }),
    )
    expect(told).toMatchObject({ status: 1 })
    expect(at(await settle(url, payment(bob, alice.id, 1n, 0n)), 'status')).toBe(0)
    expect(readiness()).toBe('ready')
  })

  test('tells as much as a receipt holds, and hands the receipt out', async () => {
    const { url } = await openGuardian({ limits: { receiptWaitMs: 20_000 } })
    const doubled = Array.from({ length: 10 }, () => 'JOIN $1 $1 $1')
    const asm = ['OBTAIN $0 &0', 'OBTAIN $1 &1', ...doubled, 'EVENT $2 $1']
    const told = Array.from({ length: 15 }, () => 'EMIT $0 $2')
    const deploy = logicOf(['id identifier', 'text string'], [...asm, ...told])
    const made = await settle(url, signed({ from: alice, sequence: 0n, does: [deploy] }))
    const logic = textAt(made, 'ix_operations.0.data.logic_id')
    const calldata = writeDocument(
      new Map([
        ['id', encodePolo(poloBytes(32), bytesFrom(alice.id))],
        ['text', encodePolo(poloText(64), 'x'.repeat(64))],
      ]),
    )
    const largest = signed({
      from: alice,
      sequence: 1n,
      fuelLimit: 2_000_000n,
      does: Array.from({ length: 3 }, () => invokeOf(logic, calldata)),
      with: [{ id: idFrom(logic), lock: 'read', notary: false }],
    })
    expect(at(await settle(url, largest), 'status')).toBe(0)
  }, 60_000)

  test('would create an account that exists and is too large to be kept in memory', async () => {
    const folder = newFolder()
    const limits = { leavesHeld: 14 }
    const first = await openGuardian({ folder, limits })
    const keys = Array.from({ length: 12 }, (_, fill) => ({
      publicKey: strangerAt(fill + 1).signer.publicKey,
      weight: 1000n,
      signatureAlgorithm: 0,
    }))
    const large = strangerAt(1)
    const create: MoiOperation = { is: 'participant-create', id: large.id, keys, value: undefined }
    expect(
      at(await settle(first.url, signed({ from: alice, sequence: 0n, does: [create] })), 'status'),
    ).toBe(0)
    await closeGuardian(first)
    const { url, readiness } = await openGuardian({ folder, limits })
    const again = signed({ from: alice, sequence: 1n, does: [create] })
    await expect(settle(url, again)).rejects.toThrow('too large')
    expect(at(await settle(url, payment(bob, alice.id, 1n, 0n)), 'status')).toBe(0)
    expect(at(await settle(url, payment(alice, bob.id, 1n, 1n)), 'status')).toBe(0)
    expect(readiness()).toBe('ready')
  })
})

describe('An interaction with which execution breaks, by a mistake of ours,', () => {
  afterEach(reset)

  test.each([0, 2])(
    'is dropped alone, logged by its hash and not paid for, with %i threads',
    async (threads) => {
      const lines: LogRecord[] = []
      await configure({
        sinks: { lines: (record: LogRecord) => lines.push(record) },
        loggers: [
          { category: [...LOG_CATEGORY], sinks: ['lines'] },
          { category: ['logtape', 'meta'], sinks: [] },
        ],
        reset: true,
      })
      const { url, context, readiness } = await openGuardian({ threads })
      const { machines, networkMachine } = context
      const head = await machines.load(alice.id)
      if (!head) throw new Error('she has an account')
      // What only execution reads, in bytes that say nothing.
      const key = keyOfPath(networkMachine, PATH.fuel)
      const state = replace(head.machine.state, [{ key, value: new Uint8Array([1, 2, 3]) }])
      machines.set(alice.id, { ...head, machine: { ...head.machine, state } })
      const [one, next] = [payment(alice, carol.id, 1n, 0n), payment(alice, carol.id, 2n, 1n)]
      await send(url, next)
      const told = settle(url, one)
      const fine = settle(url, payment(bob, dora.id, 1n, 0n))
      await expect(told).rejects.toThrow('interaction dropped: the guardian failed to execute it')
      expect(at(await fine, 'status')).toBe(0)
      const line = lines.find(({ rawMessage }) => rawMessage === 'an interaction broke execution')
      expect(line?.properties['hash']).toBe(one.hash)
      expect(readiness()).toBe('ready')
      machines.set(alice.id, head)
      // Its number is free, and who waits behind it still waits.
      expect(at(await settle(url, one), 'status')).toBe(0)
      expect(at(await receiptAt(url, `0x${next.hash}`), 'status')).toBe(0)
    },
  )
})

describe('Calls that burn much', () => {
  test('are refused once they took their share, however many come at once', async () => {
    const limits = { calls: 1000, callsPerSecond: 1, callFuel: 2_000_000 }
    const { url, context } = await openGuardian({ limits })
    const deploy = logicOf([], ['DEST', 'LDPTR1 $0 0x0', 'JUMP $0'])
    const made = await settle(url, signed({ from: alice, sequence: 0n, does: [deploy] }))
    const logic = textAt(made, 'ix_operations.0.data.logic_id')
    const { payload } = writeOperation(invokeOf(logic, new Uint8Array(0)))
    const asked = {
      sender: { id: `0x${alice.id}`, sequence: 1, key_id: 0 },
      fuel_price: '0x1',
      fuel_limit: '0x2710',
      ix_operations: [{ type: 12, payload: `0x${hexFromBytes(payload)}` }],
      participants: [{ id: logic, lock_type: 0 }],
    }
    // As the frames of a socket come that were sent together.
    const replies = await Promise.allSettled(
      Array.from({ length: 12 }, (_, at) => context.questions.call(asked, undefined, `${at}`)),
    )
    const answered = replies.flatMap((one) =>
      one.status === 'fulfilled' ? [one.value.status] : [],
    )
    expect(answered).toEqual(['insufficient-fuel'])
    const refused = replies.flatMap((one) =>
      one.status === 'rejected' ? [String(one.reason)] : [],
    )
    expect(new Set(refused)).toEqual(
      new Set(['RpcError: too many calls are made of this guardian']),
    )
  })
})
