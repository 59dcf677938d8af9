import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { signerOf } from '../../../src/kernel/controller.ts'
import {
  type AuditorEffect,
  type AuditorInput,
  type AuditorState,
  createAuditor,
} from '../../../src/models/directory/auditor.ts'
import { convictOperator } from '../../../src/models/directory/evidence.ts'
import { anId } from '../../kernel/sample.ts'
import {
  checkpointOf,
  childIn,
  inclusionIn,
  keys,
  logOf,
  receiptFor,
  stepOf,
  SUITE,
  type Vowed,
} from './books.ts'
import { engine, env } from './town.ts'

const oda = { suite: SUITE, scheme: 'ed25519', publicKey: keys.publicKey, name: 'oda' } as const
const signer = signerOf(SUITE, oda)
const auditor = createAuditor({ operators: [oda], verifier: engine })

const vowsOf = (count: number, story = 'child', from = 0): readonly Vowed[] =>
  Array.from({ length: count }, (_, at): Vowed => ({
    step: stepOf(at, at < from ? 'child' : story),
    time: BigInt(100 + at),
  }))

/** How an operator behaves: which vows it shows, as of which time, or that it shows nothing. */
type Story = { readonly vowed: readonly Vowed[]; readonly time: bigint } | undefined

/** What an operator that tells this story answers. It knows its own log and no other. */
const answered = (story: Story, effect: AuditorEffect): readonly AuditorInput[] => {
  if (!story || effect.is !== 'ask') return []
  const { vowed, time } = story
  const { question } = effect
  switch (question.is) {
    case 'checkpoint':
      return [{ is: 'checkpoint', operator: signer, signed: checkpointOf(vowed, time) }]
    case 'growth': {
      const [from, to] = [Number(question.from), Number(question.to)]
      if (to > vowed.length) return []
      const { from: a, to: b } = question
      return [
        { is: 'growth', operator: signer, from: a, to: b, nodes: logOf(vowed).prefix(from, to) },
      ]
    }
    case 'inclusion': {
      const index = vowed.findIndex((one) => one.step === question.of)
      if (index < 0) return []
      return [{ is: 'inclusion', operator: signer, answer: inclusionIn(vowed, index, time) }]
    }
    case 'child': {
      const answer = childIn(vowed, question.of, time)
      return [{ is: 'child', operator: signer, parent: question.of.parent, answer }]
    }
  }
}

const fed = (state: AuditorState, inputs: readonly AuditorInput[], now = 1000n): AuditorState =>
  inputs.reduce((next, input) => auditor.step(next, input, env(now)), state)

/** One exchange with the operator: it answers everything that is asked. */
const exchanged = (state: AuditorState, story: Story): AuditorState =>
  fed(
    state,
    auditor.outstanding(state).flatMap((effect) => answered(story, effect)),
  )

/** One exchange between auditors: each is told what the other has. */
const gossiped = ([a, b]: readonly [AuditorState, AuditorState]): readonly [
  AuditorState,
  AuditorState,
] => {
  const toldBy = (state: AuditorState): readonly AuditorInput[] =>
    auditor.outstanding(state).flatMap((effect): readonly AuditorInput[] => {
      if (effect.is === 'tell') return [{ ...effect, is: 'checkpoint' }]
      return effect.is === 'accuse' ? [{ is: 'evidence', evidence: effect.evidence }] : []
    })
  return [fed(a, toldBy(b)), fed(b, toldBy(a))]
}

const accusedBy = (state: AuditorState): boolean =>
  auditor
    .outstanding(state)
    .some((one) => one.is === 'accuse' && !isFault(convictOperator(one.evidence, engine)))

const shownBy = (story: Story): AuditorState =>
  fed(
    auditor.begin(),
    story
      ? [{ is: 'checkpoint', operator: signer, signed: checkpointOf(story.vowed, story.time) }]
      : [],
  )

describe('an auditor', () => {
  const story = { vowed: vowsOf(8), time: 300n }
  const [one] = vowsOf(8).slice(2)
  if (!one) throw new Error('a vow')
  const vowed = story.vowed.map((it, at) => (at === 2 ? one : it))
  const honest = { ...story, vowed }
  const receipt: AuditorInput = {
    is: 'receipt',
    operator: signer,
    transition: one.step,
    receipt: receiptFor(one),
  }

  test('is satisfied by an honest operator, in one exchange once there is a checkpoint', () => {
    const begun = fed(auditor.begin(), [receipt])
    expect(auditor.waitingFor(begun)).toEqual([{ is: 'signers', names: ['oda'] }])
    const settled = exchanged(exchanged(begun, honest), honest)
    expect(auditor.waitingFor(settled)).toEqual([])
    expect(settled.refusals).toEqual([])
  })

  test('names who withholds, once its patience is over and not before', () => {
    const begun = fed(shownBy(honest), [receipt])
    expect(auditor.withholders(begun, 1500n, 600n)).toEqual([])
    const owed = auditor.withholders(begun, 1700n, 600n)
    expect(owed.map((debt) => [debt.operator.name, debt.question.is])).toEqual([
      ['oda', 'inclusion'],
      ['oda', 'child'],
    ])
    expect(accusedBy(begun)).toBe(false)
  })

  test('accuses an operator that shows a map without the receipt', () => {
    const hiding = { ...honest, vowed: vowed.filter((it) => it !== one) }
    const caught = exchanged(fed(shownBy(hiding), [receipt]), hiding)
    expect(accusedBy(caught)).toBe(true)
    expect(auditor.outstanding(caught).filter((it) => it.is === 'ask')).toEqual([])
  })

  test('asks again when it is told to, under another name', () => {
    const begun = fed(auditor.begin(), [receipt])
    const again = fed(begun, [{ is: 'resend' }])
    const ids = [begun, again].map((state) => auditor.outstanding(state).map((it) => it.id))
    expect(new Set(ids.flat()).size).toBe(ids.flat().length)
  })

  test('refuses what is told of others', () => {
    const told: AuditorInput = {
      is: 'checkpoint',
      operator: anId('nobody'),
      signed: checkpointOf(vowed, 1n),
    }
    expect(fed(auditor.begin(), [told]).refusals.at(-1)?.code).toBe('audit/unknown-operator')
  })
})

describe('H7: two stories', () => {
  const left: Story = { vowed: vowsOf(6, 'left', 2), time: 300n }

  test.each([
    ['of one size', { vowed: vowsOf(6, 'right', 2), time: 300n }],
    ['of which the longer is the older', { vowed: vowsOf(9, 'right', 2), time: 200n }],
    ['of which the longer is the later', { vowed: vowsOf(9, 'right', 2), time: 400n }],
    ['of which the shorter is the older', { vowed: vowsOf(4, 'right', 2), time: 200n }],
  ])('%s are evidence within two exchanges, if the operator answers', (_, right) => {
    let pair = gossiped([shownBy(left), shownBy(right)])
    // Each asks as it would: of the instance that it is shown.
    pair = [exchanged(pair[0], left), exchanged(pair[1], right)]
    expect(pair.some(accusedBy)).toBe(true)
    pair = gossiped(pair)
    expect(pair.every(accusedBy)).toBe(true)
  })

  test('are at least withheld within two exchanges, if it does not', () => {
    const right: Story = { vowed: vowsOf(9, 'right', 2), time: 400n }
    const pair = gossiped([shownBy(left), shownBy(right)])
    const silent = pair.map((state) => exchanged(state, undefined))
    for (const state of silent) {
      expect(accusedBy(state)).toBe(false)
      const debts = auditor.withholders(state, 9000n, 1000n)
      expect(debts.map((debt) => debt.question)).toEqual([{ is: 'growth', from: 6n, to: 9n }])
      expect(debts[0]?.operator.name).toBe('oda')
    }
  })

  test('of an honest operator there are none: prefixes of one log are no two stories', () => {
    const short: Story = { vowed: vowsOf(4), time: 200n }
    const long: Story = { vowed: vowsOf(9), time: 400n }
    const pair = gossiped([shownBy(short), shownBy(long)])
    const after = pair.map((state) => exchanged(state, long))
    expect(after.some(accusedBy)).toBe(false)
    expect(after.flatMap((state) => auditor.waitingFor(state))).toEqual([])
  })
})

test('H9: nothing that is lost, repeated or reordered makes an honest operator look dishonest', () => {
  const long = vowsOf(9)
  const stories = [3, 5, 9].map((size) => ({
    vowed: long.slice(0, size),
    time: BigInt(100 + size),
  }))
  const [held] = long
  if (!held) throw new Error('a vow')
  const receipt: AuditorInput = {
    is: 'receipt',
    operator: signer,
    transition: held.step,
    receipt: receiptFor(held),
  }
  const acts = fc.array(fc.nat(7), { minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(acts, (chosen) => {
      let state = fed(auditor.begin(), [receipt])
      for (const act of chosen) {
        const story = stories[act % 3]
        if (act < 3)
          state = fed(
            state,
            story
              ? [
                  {
                    is: 'checkpoint',
                    operator: signer,
                    signed: checkpointOf(story.vowed, story.time),
                  },
                ]
              : [],
          )
        else if (act < 6) state = exchanged(state, story)
        else state = fed(state, [{ is: 'resend' }])
        expect(accusedBy(state)).toBe(false)
      }
      state = exchanged(exchanged(exchanged(state, stories[2]), stories[2]), stories[2])
      expect(auditor.waitingFor(state)).toEqual([])
    }),
    { numRuns: 60 },
  )
})
