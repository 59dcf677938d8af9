/** Keys from words: those that MOI's own wallet has. */
import { hexFromBytes } from 'tallystick/base'
import { describe, expect, test } from 'vitest'
import { DEV_WORDS, EXAMPLE_PATH as MOI_PATH } from '../../src/moi/hd-keys.ts'
import { pathAt, secretAt } from '../../src/moi/words.ts'
import { loadSdk } from '../moi-sdk/sdk.ts'

const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow'

describe('a key from words', () => {
  test.each([
    [DEV_WORDS, MOI_PATH],
    [DEV_WORDS, "m/44'/6174'/0'/0/0"],
    [WORDS, "m/0'/1/2147483647'/2147483647"],
  ])('is the one of MOI’s wallet: %s at %s', async (words, path) => {
    const wallet = await loadSdk().Wallet.fromMnemonic(words, path)
    const expected = wallet.privateKey.padStart(64, '0')
    expect(hexFromBytes(secretAt(words, path))).toBe(expected)
  })

  test('does not depend on how the words are typed', () => {
    const typed = ` ${DEV_WORDS.toUpperCase().replaceAll(' ', '\n ')} `
    expect(secretAt(typed, MOI_PATH)).toEqual(secretAt(DEV_WORDS, MOI_PATH))
  })

  test('is refused where the words do not belong together, without a word of them', () => {
    const wrong = DEV_WORDS.replace('junk', 'test')
    expect(() => secretAt(wrong, MOI_PATH)).toThrow('do not belong together')
    expect(() => secretAt(wrong, MOI_PATH)).not.toThrow('junk')
  })

  test.each(['', 'x/0', 'm/2147483648', 'm/-1', 'm/1x', "m/0''", `m${'/0'.repeat(17)}`])(
    'is refused at the path %s',
    (path) => expect(() => secretAt(DEV_WORDS, path)).toThrow('no path'),
  )

  test('is counted on by the last number of its path', () => {
    expect(pathAt(MOI_PATH, 7)).toBe("m/44'/6174'/7020'/0/7")
    expect(pathAt("m/0/3'", 4)).toBe("m/0/4'")
  })
})
