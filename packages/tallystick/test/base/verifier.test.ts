import { expect, test } from 'vitest'
import { bytesFromUtf8 } from '../../src/base/bytes.ts'
import { SIGNATURE_CONTEXT } from '../../src/base/verifier.ts'

test('the signature context never changes and fits the 255 bytes of FIPS 204 and 205', () => {
  expect(SIGNATURE_CONTEXT).toBe('tallystick/1')
  expect(bytesFromUtf8(SIGNATURE_CONTEXT).length).toBeLessThan(256)
})
