import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { PARTICIPANTS_MAX, REQUIREMENT_CHARACTERS_MAX } from '../../src/base/limits.ts'
import { createStreams } from '../../src/sim/random.ts'
import { REQUIREMENT_FORMS, requirementFrom, requirementText } from '../../src/verify/require.ts'

const read = (text: string): unknown => {
  const found = requirementFrom(text)
  return isFault(found) ? found.code : found
}

describe('requirements', () => {
  test.each([
    ['every step: final', { is: 'steps', shownOnly: false, atLeast: undefined }],
    ['every shown step: final', { is: 'steps', shownOnly: true, atLeast: undefined }],
    ['every step: at least receipted', { is: 'steps', shownOnly: false, atLeast: 'receipted' }],
    ['every custody change: 2 parties', { is: 'custody', shownOnly: false, parties: 2 }],
    ['every shown custody change: 1 party', { is: 'custody', shownOnly: true, parties: 1 }],
    ['release: 2 of 3', { is: 'release', atLeast: 2, of: 3 }],
    ['field origin: shown', { is: 'field', name: 'origin', how: 'shown' }],
    ['field unit-price: withheld', { is: 'field', name: 'unit-price', how: 'withheld' }],
    ['no field price', { is: 'field', name: 'price', how: 'absent' }],
  ])('reads "%s", and writes it so again', (text, requirement) => {
    expect(read(text)).toEqual(requirement)
    const found = requirementFrom(text)
    expect(isFault(found) ? found : requirementText(found)).toBe(text)
  })

  test('do not mind blanks', () => {
    expect(read('  release :2   of 3 ')).toEqual(read('release: 2 of 3'))
  })

  test.each([
    '',
    ':',
    'every step',
    'every step: Final',
    'every step: final and more',
    'every step: at least firm',
    'every step:: final',
    'all steps: final',
    'every custody change: 0 parties',
    'every custody change: two parties',
    'every custody change: 65 parties',
    'every custody change: 100 parties',
    'release: 3 of 2',
    'release: 0 of 2',
    'release: 1 of 65',
    'field Price: shown',
    'field price: hidden',
    'no field',
    'no field price: shown',
    'no field pri\u0007ce',
    'every step\u00a0: final',
    'field constructor',
  ])('refuse "%s" as a whole', (text) => expect(read(text)).toBe('require/unknown-words'))

  test('go up to the number of participants, and to so many characters', () => {
    expect(read(`every custody change: ${PARTICIPANTS_MAX} parties`)).toMatchObject({
      parties: PARTICIPANTS_MAX,
    })
    const long = (size: number): string => 'every step: final'.padEnd(size, ' ')
    expect(read(long(REQUIREMENT_CHARACTERS_MAX))).toMatchObject({ is: 'steps' })
    expect(read(long(REQUIREMENT_CHARACTERS_MAX + 1))).toBe('require/unknown-words')
  })

  test('answer noise with a fault, and quickly', () => {
    const random = createStreams(7)('words')
    const words = [
      'every',
      'shown',
      'step',
      ':',
      'final',
      '2',
      'of',
      '3',
      'field',
      'price',
      'no',
      'at',
      'least',
    ]
    const start = performance.now()
    for (let at = 0; at < 5000; at++) {
      const said = Array.from({ length: random.below(9) }, () => words[random.below(words.length)])
      const found = requirementFrom(said.join(' '))
      if (!isFault(found)) expect(read(requirementText(found))).toEqual(found)
    }
    expect(performance.now() - start).toBeLessThan(2000)
  })

  test('are listed for whoever types something else', () => {
    for (const form of ['every step: final', 'field NAME: shown', 'release: K of N']) {
      expect(REQUIREMENT_FORMS).toContain(form)
    }
  })
})
