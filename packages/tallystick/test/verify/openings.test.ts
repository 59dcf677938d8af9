import { describe, expect, test } from 'vitest'
import { idFromHex } from '../../src/base/brand.ts'
import { BUNDLE_OPENINGS_MAX, BUNDLE_WITHHELD_MAX } from '../../src/base/limits.ts'
import { type Opening } from '../../src/kernel/field.ts'
import { jsonFromReport } from '../../src/verify/json.ts'
import { verify } from '../../src/verify/verify.ts'
import { linesFromReport } from '../../src/verify/words.ts'
import { parcelFile, parcelOptions, parcelReport, parcelStory, stepsIn } from './parcel.ts'
import { codesOf } from './world.ts'

const story = parcelStory()
const steps = story.map((one) => one.step)
const openings = story.flatMap((one) => one.openings)
const [origin, price, ...laterPrices] = openings
if (!origin || !price) throw new Error('the story has fields')

const codesWith = (shown: readonly Opening[]): readonly string[] =>
  codesOf(parcelReport({ steps, openings: shown }))

describe('openings', () => {
  test('show the values of fields, and leave the others withheld by name', () => {
    const report = parcelReport({ steps, openings: [origin, price] })
    expect(report.outcome).toBe('valid')
    expect(
      stepsIn(report).map((one) => one.fields.map(({ name, value }) => [name, value])),
    ).toEqual([
      [
        ['origin', 'Huelva'],
        ['price', '12.50 EUR'],
      ],
      [['price', undefined]],
      [['price', undefined]],
    ])
    const lines = linesFromReport(report).join('\n')
    expect(lines).toContain('origin Huelva')
    expect(lines).toContain('price withheld')
    expect(lines).toContain('withheld are the values of price (2)')
    expect(lines).toContain('is the word of who signed it, and not shown to be true')
  })

  test('that are left out leave nothing of the values in the file or the report', () => {
    const shown = openings.filter((one) => one.name !== 'price')
    const file = Buffer.from(parcelFile({ steps, openings: shown })).toString('latin1')
    const report = parcelReport({ steps, openings: shown })
    const said = linesFromReport(report).join('\n') + JSON.stringify(jsonFromReport(report))
    for (const text of [file, said]) {
      expect(text).not.toMatch(/12\.50|13\.75|14\.00|EUR/)
      expect(text).toContain('Huelva')
    }
    // The same search finds the prices where they are shown.
    expect(Buffer.from(parcelFile({ steps, openings })).toString('latin1')).toContain('13.75 EUR')
  })

  test('do not change what is signed: with and without them the steps are the same', () => {
    const ids = (shown: readonly Opening[]): readonly string[] =>
      stepsIn(parcelReport({ steps, openings: shown })).map((one) => one.id)
    expect(ids(openings)).toEqual(ids([]))
  })

  test.each<[string, string, readonly Opening[]]>([
    ['another value', 'opening/wrong-value', [{ ...origin, value: 'Sevilla' }]],
    ['another salt', 'opening/wrong-value', [{ ...origin, salt: price.salt }]],
    ['the name of another field', 'opening/wrong-value', [{ ...origin, name: 'price' }]],
    ['a name that the step has not', 'opening/no-field', [{ ...origin, name: 'weight' }]],
    ['another record', 'opening/no-field', [{ ...origin, record: idFromHex('7'.repeat(64)) }]],
    ['another machine', 'opening/no-step', [{ ...origin, machine: idFromHex('7'.repeat(64)) }]],
    [
      'no step of the file',
      'opening/no-step',
      [{ ...origin, interaction: idFromHex('7'.repeat(64)) }],
    ],
    ['a repeat', 'opening/twice', [origin, origin]],
    [
      'the value of another step',
      'opening/wrong-value',
      [{ ...price, interaction: laterPrices[0]?.interaction ?? price.interaction }],
    ],
  ])('with %s are refused with %s', (_, code, shown) => {
    const report = parcelReport({ steps, openings: shown })
    expect(codesOf(report)).toEqual([code])
    expect(report.outcome).toBe('invalid')
    expect(report.faults[0]?.place.part).toMatch(/^opening [12] of the file$/)
  })

  test('of one value in the place of another do not pass by swapping their salts', () => {
    const swapped = [
      { ...origin, salt: price.salt },
      { ...price, salt: origin.salt },
    ]
    expect(codesWith(swapped)).toEqual(['opening/wrong-value', 'opening/wrong-value'])
  })

  test('are so many at most in one file, and so are withheld steps', () => {
    const { length } = parcelFile({ steps: [] })
    const whole = parcelFile({ steps: [] })
    const withCounts = (withheld: number, shown: number): readonly string[] => {
      const file = new Uint8Array(length + 8)
      file.set(whole)
      const view = new DataView(file.buffer)
      view.setUint32(length, withheld, true)
      view.setUint32(length + 4, shown, true)
      return codesOf(verify(file, parcelOptions))
    }
    expect(withCounts(0, 0)).toEqual(['codec/not-canonical'])
    expect(withCounts(0, BUNDLE_OPENINGS_MAX)).toEqual(['codec/truncated'])
    expect(withCounts(0, BUNDLE_OPENINGS_MAX + 1)).toEqual(['codec/too-long'])
    expect(new Set(withCounts(BUNDLE_WITHHELD_MAX, 0))).toEqual(new Set(['codec/truncated']))
    expect(withCounts(BUNDLE_WITHHELD_MAX + 1, 0)).toEqual(['codec/too-long'])
  })

  test('are refused with the file when it is cut anywhere behind the steps', () => {
    const whole = parcelFile({ steps, openings })
    const plain = parcelFile({ steps })
    for (let size = plain.length + 1; size < whole.length; size++) {
      const report = verify(whole.subarray(0, size), parcelOptions)
      expect([size, report.outcome]).toEqual([size, 'invalid'])
    }
  })

  test('of a step that is not run are not blamed where the step is', () => {
    const cut = parcelReport({ steps: steps.slice(1), openings: [origin, ...laterPrices] })
    expect(codesOf(cut)).toEqual(['bundle/missing-step'])
    expect(cut.outcome).toBe('incomplete')
  })
})
