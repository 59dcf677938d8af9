/** Keys out of words, against the published vectors and against what MOI's wallets make of the same words. */
import { describe, expect, test } from 'vitest'
import { hexFromBytes } from 'tallystick/base'
import { DEV_WORDS, keyFromWords } from '../../src/moi/hd-keys.ts'

const WORDS = `${'abandon '.repeat(11)}about`

describe('Words', () => {
  test('give the root key that the vectors of BIP-39 have', () => {
    // The extended key of the vector without a passphrase, its 32 bytes of key.
    expect(hexFromBytes(keyFromWords(WORDS, 'm'))).toBe(
      '1837c1be8e2995ec11cda2b066151be2cfb48adf9e47b151d46adab3a21cdf67',
    )
  })

  test('give a wallet of Ethereum the key that others derive', () => {
    expect(hexFromBytes(keyFromWords(DEV_WORDS, "m/44'/60'/0'/0/0"))).toBe(
      'ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80',
    )
  })

  test('give other keys for other words and other paths', () => {
    const keys = [
      keyFromWords(WORDS, "m/44'/6174'/7020'/0/0"),
      keyFromWords(WORDS, "m/44'/6174'/7020'/0/1"),
      keyFromWords(WORDS, "m/44'/6174'/0'/0/0"),
      keyFromWords(DEV_WORDS, "m/44'/6174'/7020'/0/0"),
    ].map(hexFromBytes)
    expect(new Set(keys).size).toBe(4)
    expect(hexFromBytes(keyFromWords(` ${WORDS}  `, "m/44'/6174'/0'/0/0"))).toBe(keys[2])
  })

  test('give nothing for what is no path', () => {
    for (const path of ['', "44'/0", 'm/x', 'm/-1', 'm/2147483648', "m/0''"]) {
      expect(() => keyFromWords(WORDS, path)).toThrow('is no path')
    }
  })
})
