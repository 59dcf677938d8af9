import { expect, test } from 'vitest'
import { createWasmKernel, IV_AT, KERNEL_BYTES } from '../../../src/base/blake2b/wasm-kernel.ts'
import { hexFromBytes } from '../../../src/base/bytes.ts'

/** The example of RFC 7693, appendix A: BLAKE2b with 64 bytes of output over "abc". */
const abc = (length: number): string => {
  const kernel = createWasmKernel()
  kernel.bytes.copyWithin(64, IV_AT, IV_AT + 64)
  for (const [at, value] of [64, 0, 1, 1].entries()) {
    kernel.bytes[64 + at] = (kernel.bytes[64 + at] ?? 0) ^ value
  }
  kernel.bytes.set([0x61, 0x62, 0x63], 128)
  expect(kernel.compress(64, 64, 128, length)).toBe(0)
  return hexFromBytes(kernel.bytes.subarray(64, 128))
}

const ABC =
  'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1' +
  '7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923'

test('compresses the example of the RFC', () => {
  expect(abc(7)).toBe(ABC)
})

test('takes the length and the mark of the last block into account', () => {
  expect(abc(9)).not.toBe(ABC)
  expect(abc(6)).not.toBe(ABC)
})

test('has one page of memory', () => {
  expect(createWasmKernel().bytes.length).toBe(KERNEL_BYTES)
})
