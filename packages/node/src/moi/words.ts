/**
 * Words as people type them, for keys of MOI.
 *
 * Promise. Words that do not belong together are refused, by the checksum of BIP-39, and so is a path that is none; no message holds a
 * word.
 */
import { validateMnemonic } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { usageError } from 'tallystick/command'
import { EXAMPLE_PATH, keyFromWords } from './hd-keys.ts'

const PATH = /^m(?:\/\d{1,10}'?){0,16}$/

/** The secret at a path. Raises a usage error for words or a path that are none. */
export const secretAt = (words: string, path: string): Uint8Array => {
  const plain = words.normalize('NFKD').toLowerCase().trim().split(/\s+/).join(' ')
  if (!validateMnemonic(plain, wordlist)) {
    throw usageError('these words do not belong together', 'check each of them and their order')
  }
  const numbers = path.match(/\d+/g) ?? []
  if (!PATH.test(path) || numbers.some((one) => Number(one) > NUMBER_MAX)) {
    throw usageError(`${path} is no path of keys`, `--path "${EXAMPLE_PATH}"`)
  }
  return keyFromWords(plain, path)
}

const NUMBER_MAX = 0x7fff_ffff

/** The path of another account in the same row. */
export const pathAt = (path: string, number: number): string =>
  path.replace(/\d+('?)$/, `${number}$1`)
