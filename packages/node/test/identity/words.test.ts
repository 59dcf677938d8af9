import { describe, expect, test } from 'vitest'
import { bytesFromHex, faultFrom, hexFromBytes, isFault } from 'tallystick/base'
import { named, readVectorJson, vectorsAreMissing } from '../../../tallystick/test/third-party.ts'
import { firstDifference, secretFromWords, wordsFrom } from '../../src/identity/words.ts'

const codeOf = (typed: string): string => {
  const read = faultFrom(() => secretFromWords(typed))
  return isFault(read) ? `${read.code} ${read.place.part ?? ''}`.trim() : 'read'
}

const secret = bytesFromHex('f585c11aec520db57dd353c69554b21a89b20fb0650966fa0a9d6f74fd989d8f')
const words =
  'void come effort suffer camp survey warrior heavy shoot primary clutch crush open amazing screen patrol group space point ten exist slush involve unfold'

describe('words', () => {
  test('give back the secret that they were made of, typed in any case and with any blanks', () => {
    expect(wordsFrom(secret).join(' ')).toBe(words)
    expect(secretFromWords(words)).toEqual(secret)
    expect(secretFromWords(`  ${words.toUpperCase().replaceAll(' ', '\n')} `)).toEqual(secret)
  })

  test('are refused with one changed, unknown, left out, doubled or moved, and none is shown', () => {
    expect(codeOf(words)).toBe('read')
    expect(codeOf(words.replace('effort', 'efort'))).toBe('words/unknown-word word 3')
    expect(codeOf(words.replace('effort', 'egg'))).toBe('words/wrong-check')
    expect(codeOf(words.replace('void come', 'come void'))).toBe('words/wrong-check')
    expect(codeOf(words.replace('void ', ''))).toBe('words/wrong-count')
    expect(codeOf(`${words} void`)).toBe('words/wrong-count')
    expect(codeOf('')).toBe('words/wrong-count')
    const refused = faultFrom(() => secretFromWords(words.replace('effort', 'secretly')))
    expect(String(isFault(refused) ? refused.message : '')).not.toMatch(/secretly|void|come/)
  })

  test('of half the bits are refused, good as they may be', () => {
    const short = 'legal winner thank year wave sausage worth useful legal winner thank yellow'
    expect(codeOf(short)).toBe('words/wrong-count')
  })

  test('typed again are compared word by word', () => {
    const shown = wordsFrom(secret)
    expect(firstDifference(shown, words.toUpperCase())).toBeUndefined()
    expect(firstDifference(shown, words.replace('camp', 'canal'))).toBe(5)
    expect(firstDifference(shown, words.replace(' unfold', ''))).toBe(24)
    expect(firstDifference(shown, `${words} void`)).toBe(25)
  })
})

describe.skipIf(vectorsAreMissing)(named('the published vectors of BIP-39'), () => {
  test('of 24 words give the same words and bits', () => {
    const { english } = readVectorJson<{ english: string[][] }>('bip39/vectors.json')
    const long = english.filter(([entropy = '']) => entropy.length === 64)
    expect(long.length).toBeGreaterThan(5)
    for (const [entropy = '', mnemonic = ''] of long) {
      expect(wordsFrom(bytesFromHex(entropy)).join(' ')).toBe(mnemonic)
      expect(hexFromBytes(secretFromWords(mnemonic))).toBe(entropy)
    }
  })
})
