import { describe, expect, test } from 'vitest'
import { isFault } from '../../src/base/fault.ts'
import { fieldsFrom } from '../../src/kernel/field.ts'
import { type Answer, answerTo } from '../../src/verify/answer.ts'
import type { Bundle, BundleStep, WithheldStep } from '../../src/verify/bundle.ts'
import type { DeedReport, Report, StepReport } from '../../src/verify/report.ts'
import { requirementFrom } from '../../src/verify/require.ts'
import {
  handing,
  ID,
  on,
  opening,
  parcel,
  parcelReport,
  parcelStory,
  place,
  salted,
  stepOn,
} from './parcel.ts'

const ask = (report: Report, text: string): Answer => {
  const read = requirementFrom(text)
  if (isFault(read)) throw read
  return answerTo(report, read)
}
const answers = (bundle: Partial<Bundle>, text: string): string => {
  const { is, at } = ask(parcelReport(bundle), text)
  return at ? `${is} at ${at.sequence}` : is
}

const story = parcelStory()
const steps = story.map((one) => one.step)
const openings = story.flatMap((one) => one.openings)
const whole = { steps, openings }
const [begun, there] = story
if (!begun || !there) throw new Error('the story has three steps')

const withhold = ({ legs }: BundleStep): WithheldStep => {
  const [leg] = legs
  if (leg?.is !== 'written') throw new Error('the step writes')
  const { transition, proposal, certificate } = leg
  return { transition, proposal, certificate, witness: new Uint8Array(0) }
}
const lastWithheld = {
  steps: steps.slice(0, 2),
  withheld: steps.slice(2).map(withhold),
  openings: openings.slice(0, 3),
}
const unsigned = stepOn(there.after, [on(handing('bob', 'alice'))], { by: ['alice'] })
const pending = { steps: [...steps.slice(0, 2), unsigned.step] }

describe('every step: final', () => {
  test.each<[string, Partial<Bundle>, string]>([
    ['yes where it is so', whole, 'yes'],
    ['no, at the step that is not', pending, 'no at 3'],
    ['open, at the step that is vouched for', lastWithheld, 'open at 3'],
    ['no of a file without steps', {}, 'no'],
  ])('is answered %s', (_, bundle, answer) => {
    expect(answers(bundle, 'every step: final')).toBe(answer)
  })

  test('may leave out what is not shown', () => {
    expect(answers(lastWithheld, 'every shown step: final')).toBe('yes')
    expect(answers(pending, 'every shown step: final')).toBe('no at 3')
  })
})

describe('every step: at least a grade', () => {
  test.each([
    ['cosigned', 'yes'],
    ['provisional', 'yes'],
    ['receipted', 'no at 1'],
    ['proven', 'no at 1'],
  ])('of co-signed steps, %s: %s', (grade, answer) => {
    expect(answers(whole, `every step: at least ${grade}`)).toBe(answer)
  })
})

/** The report with the voices of the deeds in one step changed. */
const withVoices = (
  report: Report,
  sequence: bigint,
  change: (deed: DeedReport) => DeedReport,
): Report => ({
  ...report,
  machines: report.machines.map((machine) => ({
    ...machine,
    steps: machine.steps.map((step): StepReport =>
      step.sequence === sequence ? { ...step, deeds: step.deeds.map(change) } : step,
    ),
  })),
})

describe('every custody change: 2 parties', () => {
  const DEMAND = 'every custody change: 2 parties'

  test('is answered yes where giver and taker signed', () => {
    expect(ask(parcelReport(whole), DEMAND)).toEqual({
      is: 'yes',
      says: '2 custody changes',
      at: undefined,
    })
    expect(answers(whole, 'every custody change: 1 party')).toBe('yes')
    expect(answers(whole, 'every custody change: 3 parties')).toBe('no at 2')
  })

  test('is answered no at the step that one alone signed', () => {
    expect(answers(pending, DEMAND)).toBe('no at 3')
  })

  test('is not met by two names of one key', () => {
    const twins = withVoices(parcelReport(whole), 3n, (deed) => {
      const [first] = deed.agreed
      return {
        ...deed,
        agreed: deed.agreed.map((one) => ({ ...one, signers: first?.signers ?? [] })),
      }
    })
    expect(ask(twins, DEMAND)).toMatchObject({ is: 'no', at: { sequence: 3n } })
    expect(ask(twins, 'every custody change: 1 party').is).toBe('yes')
  })

  test('is not met by a stranger in the place of the taker', () => {
    const report = withVoices(parcelReport(whole), 2n, (deed) => ({
      ...deed,
      agreed: deed.agreed.map((one) => (one.name === 'bob' ? { ...one, name: 'zoe' } : one)),
    }))
    expect(ask(report, DEMAND)).toMatchObject({ is: 'no', at: { sequence: 2n } })
  })

  test('is open where a step is withheld, unless only what is shown is asked for', () => {
    expect(answers(lastWithheld, DEMAND)).toBe('open at 3')
    expect(answers(lastWithheld, 'every shown custody change: 2 parties')).toBe('yes')
  })

  test('is no of a file without any', () => {
    expect(answers({ steps: steps.slice(0, 1) }, DEMAND)).toBe('no')
  })

  test('follows what is published to where it was signed, and to nowhere else', () => {
    const report = parcelReport(whole)
    const [machine] = report.machines
    if (!machine) throw new Error('there is a machine')
    const id = 'f'.repeat(64) as typeof machine.id
    const told = withVoices(report, 3n, (one) => ({
      ...one,
      deed: { is: 'custody', from: 'bob', to: 'alice', via: id },
      agreed: [],
    }))
    const away = { ...machine, id, steps: machine.steps.slice(2) }
    const joined = { ...told, machines: [...told.machines, away] }
    expect(ask(joined, DEMAND).is).toBe('yes')
    expect(ask(told, DEMAND)).toMatchObject({ is: 'open', at: { sequence: 3n } })
    const silent = { ...told, machines: [...told.machines, { ...away, steps: [] }] }
    expect(ask(silent, DEMAND)).toMatchObject({ is: 'no', at: { sequence: 3n } })
  })
})

describe('release: 2 of 3', () => {
  const report = parcelReport(whole)
  const withRelease = (deed: Partial<DeedReport['deed']>, agreed?: DeedReport['agreed']): Report =>
    withVoices(report, 3n, (one) => ({
      ...one,
      deed: {
        is: 'release',
        atLeast: 2,
        of: ['alice', 'bob', 'carol'],
        ...deed,
      } as DeedReport['deed'],
      agreed: agreed ?? one.agreed,
    }))

  test.each<[string, Report, string]>([
    ['yes by two of the three', withRelease({}), 'yes'],
    ['no by another number of names', withRelease({ of: ['alice', 'bob'] }), 'no'],
    ['no by a weaker rule', withRelease({ atLeast: 1 }), 'no'],
    ['no by nobody', withRelease({}, []), 'no'],
    ['no where none is shown', report, 'no'],
  ])('is answered %s', (_, of, answer) => expect(ask(of, 'release: 2 of 3').is).toBe(answer))

  test('is not met by one key under two names, or by names outside the rule', () => {
    const [alice, bob] = report.machines[0]?.steps[1]?.deeds[0]?.agreed ?? []
    if (!alice || !bob) throw new Error('both signed')
    const twin = { name: 'carol', signers: alice.signers }
    expect(ask(withRelease({}, [alice, twin]), 'release: 2 of 3').is).toBe('no')
    expect(ask(withRelease({}, [alice, { ...bob, name: 'zoe' }]), 'release: 2 of 3').is).toBe('no')
    expect(ask(withRelease({}, [alice, bob, twin]), 'release: 2 of 3').is).toBe('yes')
  })

  test('is run by the logic: one of two does not get that far', () => {
    const hold = {
      is: 'hold',
      machine: parcel.id,
      id: ID,
      rule: { atLeast: 2, of: ['alice', 'bob'] },
    } as const
    const release = { ...hold, is: 'release', fields: [] } as const
    const held = stepOn(begun.after, [on(hold)])
    const bundle = { steps: [begun.step, held.step, stepOn(held.after, [on(release)]).step] }
    expect(answers(bundle, 'release: 2 of 2')).toBe('yes')
    expect(answers(bundle, 'release: 1 of 2')).toBe('yes')
    expect(answers(bundle, 'release: 2 of 3')).toBe('no at 3')
    expect(answers({ ...lastWithheld }, 'release: 2 of 2')).toBe('open at 3')
  })
})

describe('fields', () => {
  const hidden = { steps, openings: openings.filter((one) => one.name !== 'price') }

  test.each<[string, Partial<Bundle>, string]>([
    ['field origin: shown', whole, 'yes'],
    ['field origin: shown', { steps }, 'no at 1'],
    ['field price: shown', { steps, openings: openings.slice(0, 2) }, 'no at 2'],
    ['field price: shown', whole, 'yes'],
    ['field weight: shown', whole, 'no'],
    ['field price: withheld', hidden, 'yes'],
    ['field price: withheld', { steps, openings: openings.slice(0, 2) }, 'no at 1'],
    ['field weight: withheld', whole, 'no'],
    ['no field price', hidden, 'yes'],
    ['no field price', whole, 'no at 1'],
    ['no field weight', whole, 'yes'],
    ['field weight: shown', lastWithheld, 'open at 3'],
  ])('%s', (text, bundle, answer) => expect(answers(bundle, text)).toBe(answer))
})

test('a step that lost to another one counts for nothing', () => {
  const values = salted({ price: '1' })
  const rival = stepOn(begun.after, [on(handing('alice', 'bob', fieldsFrom(place, values)))], {
    by: ['alice'],
    values,
  })
  const bundle = { steps: [...steps, rival.step], openings: rival.openings }
  expect(answers(bundle, 'every custody change: 2 parties')).toBe('yes')
  expect(answers(bundle, 'no field price')).toBe('yes')
  expect(on(opening()).machine).toBe(parcel.id)
})
