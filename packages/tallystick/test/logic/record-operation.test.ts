import { expect, test } from 'vitest'
import {
  agreed,
  agreedPath,
  operationOnRecord,
  recordOperation,
} from '../../src/logic/record-operation.ts'
import { AGREE, BEGIN, END, ENTRUST, G, HOLD, ID, LOT, RELEASE, SETTLE, TO_BOB } from './goods.ts'

test.each([BEGIN, TO_BOB, HOLD, RELEASE, ENTRUST, AGREE, SETTLE, END])(
  '$is comes back from its bytes, and no other length does',
  (operation) => {
    const bytes = recordOperation.encode(operation)
    expect(recordOperation.decode(bytes)).toEqual(operation)
    for (let size = 0; size < bytes.length; size++) {
      expect(() => recordOperation.decode(bytes.subarray(0, size))).toThrow(/./)
    }
    expect(() => recordOperation.decode(Uint8Array.of(...bytes, 0))).toThrow(/after the end/)
    expect(operationOnRecord(LOT, operation)).toEqual({ ...LOT, argument: bytes })
  },
)

test('what was agreed stands under the machine and the record it is about', () => {
  expect(agreedPath(G, ID)).toEqual(['agreed', expect.any(Uint8Array), expect.any(Uint8Array)])
  expect(agreed.decode(agreed.encode({ from: 'alice', to: 'bob' }))).toEqual({
    from: 'alice',
    to: 'bob',
  })
})
