/** One value chain for each device: two devices of one person have an account each, and money moves between them as between people. */
import { describe, expect, test } from 'vitest'
import { isFault } from '../src/base/fault.ts'
import { machineId } from '../src/kernel/charter.ts'
import { activeDevices, deviceId } from '../src/kernel/device-tree.ts'
import { isDeviceOf } from '../src/kernel/key-log.ts'
import { claimOf, type LedgerOperation } from '../src/logic/ledger-operation.ts'
import { type Out, recordsIn } from '../src/logic/ledger-record.ts'
import { createIdentities } from './kernel/identity-sample.ts'
import {
  ASSET,
  at,
  type Books,
  charterOf,
  codeOf,
  engine,
  machineIn,
  MINT,
  openBooks,
  pairOf,
  take,
  taken,
  X,
} from './logic/books.ts'
import { conserved, does, held, issueTo } from './logic/funded.ts'

// The keys of the accounts' owners are those of the devices that the key log lists.
const { after, changing, inception, stateOf } = createIdentities(engine)
const deviceCalled = (name: string) => ({
  name,
  group: '',
  key: { scheme: 'ed25519', publicKey: pairOf(name).publicKey } as const,
})
const ann = stateOf([inception('ann', deviceCalled('phone'), deviceCalled('desk'))])

const PHONE = charterOf(['phone'], [], 11)
const DESK = charterOf(['desk'], [], 12)
const [phone, desk] = [machineId(PHONE), machineId(DESK)]
const books = issueTo(openBooks([MINT, PHONE, DESK]), at(phone, 'phone'), 100n)

const paying = (amount: bigint, by: string): ReturnType<typeof take> => {
  const send: LedgerOperation = {
    is: 'send',
    from: at(phone, 'phone'),
    to: at(desk, 'desk'),
    amount,
    nonce: 0,
  }
  return take(books, { write: [phone], refer: [X], operations: does(send), by: [by] })
}

const outIn = (of: Books): Out => {
  const [out] = recordsIn(machineIn(of, phone), ASSET).filter((one) => one.is === 'out')
  if (!out) throw new Error('nothing was sent')
  return out
}

describe('two devices of one person', () => {
  test('own an account each, with the key that the key log lists', () => {
    for (const device of activeDevices(ann.devices)) {
      const [owner] = (device.name === 'phone' ? PHONE : DESK).terms.participants
      expect(owner?.controller.keys[0]?.publicKey).toEqual(device.key.publicKey)
    }
    expect(phone).not.toBe(desk)
  })

  test('move money between them by an ordinary send and claim', () => {
    const sent = paying(30n, 'phone')
    if (isFault(sent)) throw sent
    expect([held(sent, phone, 'phone'), held(sent, desk, 'desk')]).toEqual([70n, 0n])
    const { operation, premise } = claimOf({
      asset: ASSET,
      source: phone,
      suite: 'classic',
      transition: machineIn(sent, phone).headId,
      out: outIn(sent),
    })
    const step = { write: [desk], refer: [X], operations: [operation], premises: [premise] }
    const arrived = taken(sent, step)
    expect([held(arrived, phone, 'phone'), held(arrived, desk, 'desk')]).toEqual([70n, 30n])
    expect(conserved(arrived)).toBe(true)
    expect(codeOf(take(arrived, step))).not.toBe('done')
  })

  test('share no balance: one cannot spend what lies with the other', () => {
    expect(codeOf(paying(30n, 'phone'))).toBe('done')
    expect(codeOf(paying(30n, 'desk'))).toBe('ledger/no-consent')
    expect(codeOf(paying(101n, 'phone'))).not.toBe('done')
  })

  test('part when one is revoked: it acts for nobody, and its account is moved by its own key alone', () => {
    const revoked = after(
      ann,
      changing(ann, { revoke: [deviceId('classic', deviceCalled('phone'))] }, 'ann 1'),
    )
    expect(isDeviceOf(revoked, deviceId('classic', deviceCalled('phone')))).toBe(false)
    expect(isDeviceOf(revoked, deviceId('classic', deviceCalled('desk')))).toBe(true)
    // What docs/threats.md says: the machine's terms name the key, and know of no key log.
    expect(codeOf(paying(30n, 'phone'))).toBe('done')
  })
})
