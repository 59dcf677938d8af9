import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isFault } from '../../../src/base/fault.ts'
import { signerOf } from '../../../src/kernel/controller.ts'
import {
  type AuditorInput,
  type AuditorState,
  createAuditor,
} from '../../../src/models/directory/auditor.ts'
import { convictOperator } from '../../../src/models/directory/evidence.ts'
import {
  gossip,
  type Gossip,
  gossipFrom,
  inputsFrom,
  joinGossip,
  NO_GOSSIP,
} from '../../../src/models/directory/gossip.ts'
import { checkpointOf, keys, logOf, signedAs, stepOf, SUITE, type Vowed } from './books.ts'
import { engine, env, operators } from './town.ts'

const [, second] = operators
if (!second) throw new Error('two operators')
const oda = { suite: SUITE, scheme: 'ed25519', publicKey: keys.publicKey, name: 'oda' } as const
const kim = { suite: SUITE, scheme: 'ed25519', publicKey: second.publicKey, name: 'kim' } as const
const [odaId, kimId] = [oda, kim].map((one) => signerOf(SUITE, one))
if (!odaId || !kimId) throw new Error('two ids')
const auditor = createAuditor({ operators: [oda, kim], verifier: engine })

const vowsOf = (count: number, story: string, from: number): readonly Vowed[] =>
  Array.from({ length: count }, (_, at): Vowed => ({
    step: stepOf(at, at < from ? 'child' : story),
    time: BigInt(100 + at),
  }))

const fed = (state: AuditorState, inputs: readonly AuditorInput[]): AuditorState =>
  inputs.reduce((next, input) => auditor.step(next, input, env(1000n)), state)

const told = (state: AuditorState, by: Gossip): AuditorState =>
  fed(state, inputsFrom(gossip.decode(gossip.encode(by))))

/** Oda tells this reader the story; kim tells everybody the same. */
const readerOf = (story: readonly Vowed[]): AuditorState =>
  fed(auditor.begin(), [
    { is: 'checkpoint', operator: odaId, signed: checkpointOf(story, 500n) },
    {
      is: 'checkpoint',
      operator: kimId,
      signed: signedAs(checkpointOf(vowsOf(3, 'child', 3), 500n).checkpoint, second.secret),
    },
  ])

/** What oda answers a reader about the growth of the story that it tells this one. */
const answered = (state: AuditorState, story: readonly Vowed[]): AuditorState =>
  fed(
    state,
    auditor.outstanding(state).flatMap((one): readonly AuditorInput[] => {
      if (one.is !== 'ask' || one.question.is !== 'growth') return []
      const { from, to } = one.question
      if (one.operator !== odaId || to > BigInt(story.length)) return []
      const nodes = logOf(story).prefix(Number(from), Number(to))
      return [{ is: 'growth', operator: odaId, from, to, nodes }]
    }),
  )

const accusedIn = (state: AuditorState): readonly string[] =>
  auditor.outstanding(state).flatMap((one) => {
    if (one.is !== 'accuse') return []
    const conviction = convictOperator(one.evidence, engine)
    return isFault(conviction) ? ['worthless'] : [conviction.signer]
  })

describe('gossip', () => {
  test('H7: two readers of two stories, or whoever hears both, find the liar in two exchanges and nobody else', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 8 }),
        (countA, countB, common) => {
          fc.pre(common < countA && common < countB)
          const [storyA, storyB] = [vowsOf(countA, 'child', 9), vowsOf(countB, 'other', common)]
          // In between stands somebody to whom oda says nothing.
          let between = auditor.begin()
          const [a, b] = [readerOf(storyA), readerOf(storyB)]
          between = told(told(between, gossipFrom(a)), gossipFrom(b))
          const first = [told(a, gossipFrom(between)), told(b, gossipFrom(between))] as const
          const then = [answered(first[0], storyA), answered(first[1], storyB)] as const
          const found = [...then.flatMap(accusedIn), ...accusedIn(between)]
          expect(new Set(found)).toEqual(new Set([odaId]))
        },
      ),
    )
  })

  test('changes nothing that was made up, or that nobody signed', () => {
    const honest = readerOf(vowsOf(4, 'child', 9))
    const foreign = checkpointOf(vowsOf(4, 'other', 0), 500n)
    const bent: Gossip = {
      checkpoints: [
        // Signed by oda and said to be kim's, and the other way round.
        { operator: kimId, signed: foreign },
        { operator: odaId, signed: signedAs(foreign.checkpoint, second.secret) },
      ],
      accusations: [],
    }
    const after = told(honest, bent)
    expect(after.accounts).toEqual(honest.accounts)
    expect(after.refusals.map((one) => one.code)).toEqual([
      'checkpoint/bad-signature',
      'checkpoint/bad-signature',
    ])
    const lie = { is: 'split-log', first: foreign, second: foreign, nodes: [] } as const
    const accusing: Gossip = {
      checkpoints: [],
      accusations: [{ is: 'log', evidence: { ...oda, lie } }],
    }
    expect(told(honest, accusing).accounts).toEqual(honest.accounts)
  })

  test('hands on what convicts, so that who hears it needs nothing else', () => {
    const liar = fed(readerOf(vowsOf(4, 'child', 9)), [
      { is: 'checkpoint', operator: odaId, signed: checkpointOf(vowsOf(4, 'other', 0), 500n) },
    ])
    expect(accusedIn(liar)).toEqual([odaId])
    expect(accusedIn(told(auditor.begin(), gossipFrom(liar)))).toEqual([odaId])
  })

  test('of several people is all of it, and of nobody nothing', () => {
    const one = gossipFrom(readerOf(vowsOf(2, 'child', 9)))
    const joined = joinGossip([one, NO_GOSSIP, one])
    expect(joined.checkpoints).toEqual([...one.checkpoints, ...one.checkpoints])
    expect(gossipFrom(auditor.begin())).toEqual(NO_GOSSIP)
  })
})
