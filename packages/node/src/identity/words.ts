/**
 * Recovery words: 256 random bits as 24 words of BIP-39, to be written on paper.
 *
 * Promise. A word that is none, a missing one and a wrong order are found, the first two with the place where they stand. What is read
 * are the bits themselves; BIP-39's slow derivation and its passphrase are not used (`kernel/recovery-seed.ts` says why).
 *
 * Not promised. Shorter phrases are refused: 12 words have half the bits, and nobody can see from a phrase whether somebody
 * thought it up.
 */
import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39'
import { wordlist } from '@scure/bip39/wordlists/english.js'
import { Fault } from 'tallystick/base'
import { RECOVERY_SECRET_BYTES } from 'tallystick/kernel'

export const WORDS_COUNT = 24

/** The words of a secret. */
export const wordsFrom = (secret: Uint8Array): readonly string[] => {
  if (secret.length !== RECOVERY_SECRET_BYTES) {
    throw new Error(`${secret.length} bytes of secret where ${RECOVERY_SECRET_BYTES} belong`)
  }
  return entropyToMnemonic(secret, wordlist).split(' ')
}

/**
 * The secret of words as somebody typed them, in any case and with any blanks. Raises `words/wrong-count`, `words/unknown-word` or
 * `words/wrong-check`. No message holds a word.
 */
export const secretFromWords = (typed: string): Uint8Array => {
  const words = typed.normalize('NFKD').toLowerCase().trim().split(/\s+/)
  if (words.length !== WORDS_COUNT) {
    const count = typed.trim() === '' ? 0 : words.length
    throw new Fault('words/wrong-count', `${count} words where ${WORDS_COUNT} belong`)
  }
  const unknown = words.findIndex((one) => !wordlist.includes(one))
  if (unknown >= 0) {
    throw new Fault('words/unknown-word', `word ${unknown + 1} is not in the list of words`, {
      part: `word ${unknown + 1}`,
    })
  }
  try {
    return Uint8Array.from(mnemonicToEntropy(words.join(' '), wordlist))
  } catch {
    throw new Fault(
      'words/wrong-check',
      'the words do not belong together: one is another, or moved',
    )
  }
}

/** Whether somebody typed again what was shown; else the first word that differs, from 1 on. */
export const firstDifference = (shown: readonly string[], typed: string): number | undefined => {
  const words = typed.normalize('NFKD').toLowerCase().trim().split(/\s+/)
  const count = Math.max(shown.length, words.length)
  for (let at = 0; at < count; at++) if (shown[at] !== words[at]) return at + 1
  return undefined
}
