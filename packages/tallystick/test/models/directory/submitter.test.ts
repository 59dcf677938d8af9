import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { isFault } from '../../../src/base/fault.ts'
import { PATIENCE_DOUBLINGS_MAX, PATIENCE_MS } from '../../../src/base/limits.ts'
import { convict } from '../../../src/kernel/evidence.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { type Transition, transitionId } from '../../../src/kernel/transition.ts'
import {
  certificateFrom,
  directory,
  directoryCertificate,
} from '../../../src/models/directory/certificate.ts'
import { type Receipt, receiptVote } from '../../../src/models/directory/evidence.ts'
import type { OwnerState } from '../../../src/models/directory/owner.ts'
import type { Answer, Submission } from '../../../src/models/directory/submission.ts'
import {
  beginSubmitter,
  blockOf,
  createSubmitter,
  forkOf,
  type SubmitterInput,
  type SubmitterState,
} from '../../../src/models/directory/submitter.ts'
import { charter, engine, env, freshOwner, genesis, operators, policy, taken } from './town.ts'

const options = { charter, verifier: engine }
const role = createSubmitter(options)

const submissionAt = (state: OwnerState, at: number): Submission => {
  const step = state.steps[at]
  if (!step?.signature) throw new Error('no signed step there')
  return {
    transition: step.transition,
    parent: state.steps[at - 1]?.transition ?? genesis().head,
    interaction: step.interaction,
    consents: [],
    proposal: step.signature,
  }
}

const first = (word = 'one'): Submission => submissionAt(taken(freshOwner(), word), 0)

const receiptFrom = (operator: number, of: Transition, by = operator): Receipt => {
  const time = 1000n + BigInt(operator)
  const digest = statementDigest('classic', receiptVote(of, time))
  const secret = operators[by]?.secret ?? new Uint8Array(32)
  return { operator, time, signature: engine.sign('ed25519', secret, digest) }
}

const idOf = (of: Submission) => transitionId('classic', of.transition)

const answered = (operator: number, about: Submission, answer: Answer): SubmitterInput => ({
  is: 'answered',
  operator,
  about: idOf(about),
  answer,
})

const receipted = (operator: number, of: Submission): SubmitterInput =>
  answered(operator, of, { is: 'receipt', receipt: receiptFrom(operator, of.transition) })

const fed = (inputs: readonly SubmitterInput[], from = beginSubmitter()): SubmitterState =>
  inputs.reduce((state, input) => role.step(state, input, env()), from)

const take = (submission: Submission): SubmitterInput => ({ is: 'take', submission })

const asked = (state: SubmitterState): readonly number[] =>
  role.outstanding(state).flatMap((one) => (one.is === 'submit' ? [one.operator] : []))

const certificates = (state: SubmitterState) =>
  role.outstanding(state).flatMap((one) => (one.is === 'certified' ? [one] : []))

const isFinal = (of: Submission, certificate: Uint8Array): boolean =>
  directory.judge({
    terms: charter.terms,
    policy,
    anchor: {},
    transition: of.transition,
    certificate: directoryCertificate.decode(certificate),
    known: { verifier: engine, now: undefined, read: () => ({ is: 'unknown' }) },
  }).is === 'final'

const namesIn = (state: SubmitterState): readonly string[] =>
  role.waitingFor(state).flatMap((one) => (one.is === 'signers' ? one.names : []))

describe('a submitter', () => {
  test('asks every operator, and has a certificate that holds when three have answered', () => {
    const one = first()
    const begun = fed([take(one)])
    expect(asked(begun)).toEqual([0, 1, 2, 3])
    const two = fed([receipted(3, one), receipted(1, one)], begun)
    expect(certificates(two)).toEqual([])
    expect(namesIn(two)).toEqual(['operator-0', 'operator-2'])
    const done = fed([receipted(0, one)], two)
    const [certified] = certificates(done)
    expect(isFinal(one, certified?.certificate ?? new Uint8Array(0))).toBe(true)
    expect(role.waitingFor(done)).toEqual([])
    expect(certificates(fed([{ is: 'stored', sequence: 1n }], done))).toEqual([])
  })

  test('counts an operator once, however often it answers', () => {
    const one = first()
    const state = fed([take(one), receipted(0, one), receipted(0, one), receipted(0, one)])
    expect(certificates(state)).toEqual([])
    expect(asked(state)).toEqual([1, 2, 3])
  })

  test('submits the next step when the one before is certified', () => {
    const owner = taken(taken(freshOwner(), 'one'), 'two')
    const [one, two] = [submissionAt(owner, 0), submissionAt(owner, 1)]
    const begun = fed([take(one), take(two)])
    const sequences = (state: SubmitterState) =>
      new Set(
        role
          .outstanding(state)
          .flatMap((each) => (each.is === 'submit' ? [each.submission.transition.sequence] : [])),
      )
    expect(sequences(begun)).toEqual(new Set([1n]))
    const next = fed(
      [0, 1, 2].map((at) => receipted(at, one)),
      begun,
    )
    expect(sequences(next)).toEqual(new Set([2n]))
  })

  test('refuses a second step with one number, before and after it is certified', () => {
    const [one, rival] = [first('one'), first('two')]
    const begun = fed([take(one)])
    for (const state of [
      begun,
      fed(
        [0, 1, 2].map((at) => receipted(at, one)),
        begun,
      ),
    ]) {
      const after = fed([take(rival)], state)
      expect(after.queue).toEqual(state.queue)
      expect(after.refusals.at(-1)?.code).toBe('submitter/second-child')
      expect(fed([take(one)], state)).toEqual(state)
    }
  })

  test('refuses a step that does not follow the last', () => {
    const far = submissionAt(taken(taken(taken(freshOwner(), 'a'), 'b'), 'c'), 2)
    expect(fed([take(first('a')), take(far)]).refusals.at(-1)?.code).toBe('submitter/not-next')
  })

  test('refuses a step that the owner has not signed', () => {
    const proposal = new Uint8Array(64)
    expect(fed([take({ ...first(), proposal })]).refusals.at(-1)?.code).toBe(
      'operator/not-the-owner',
    )
  })

  test('asks again with growing patience, up to a bound, and not those who answered', () => {
    const one = first()
    let state = fed([take(one), receipted(2, one)])
    const waits: number[] = []
    for (let attempt = 0; attempt < PATIENCE_DOUBLINGS_MAX + 3; attempt++) {
      const effects = role.outstanding(state)
      const wait = effects.find((each) => each.is === 'wait')
      if (wait?.is !== 'wait') throw new Error('a wait is outstanding')
      waits.push(wait.ms)
      expect(effects.map((each) => each.id)).toContain(`submit ${idOf(one)} 0 ${attempt}`)
      state = fed([{ is: 'patience', attempt: wait.attempt }], state)
    }
    const base = PATIENCE_MS * 0.75
    expect(waits.slice(0, 3)).toEqual([base, base * 2, base * 4])
    expect(waits.at(-1)).toBe(base * 2 ** PATIENCE_DOUBLINGS_MAX)
    expect(asked(state)).toEqual([0, 1, 3])
    expect(fed([{ is: 'patience', attempt: 0 }], state)).toEqual(state)
  })

  test('spreads its patience by the random byte that it is handed', () => {
    const msWith = (byte: number): number => {
      const random = new Uint8Array(32).fill(byte)
      const state = role.step(
        fed([take(first())]),
        { is: 'patience', attempt: 0 },
        {
          ...env(),
          random,
        },
      )
      const wait = role.outstanding(state).find((one) => one.is === 'wait')
      return wait?.is === 'wait' ? wait.ms : 0
    }
    expect(msWith(0)).toBe(PATIENCE_MS * 2 * 0.75)
    expect(msWith(255)).toBeGreaterThan(PATIENCE_MS * 2 * 1.24)
  })

  test('takes no receipt that another operator has signed', () => {
    const one = first()
    const forged = receiptFrom(0, one.transition, 1)
    const state = fed([take(one), answered(0, one, { is: 'receipt', receipt: forged })])
    expect(state.receipts).toEqual([])
    expect(state.refusals.at(-1)?.code).toBe('submitter/false-answer')
    expect(state.refusals.at(-1)?.place.party).toBe('operator-0')
  })

  test('takes no receipt for another step, or from a seat that is not the sender’s', () => {
    const [one, rival] = [first('one'), first('two')]
    const other = receiptFrom(0, rival.transition)
    const elsewhere = receiptFrom(1, one.transition)
    for (const receipt of [other, elsewhere]) {
      const state = fed([take(one), answered(0, one, { is: 'receipt', receipt })])
      expect(state.receipts).toEqual([])
      expect(state.refusals.at(-1)?.code).toBe('submitter/false-answer')
    }
  })

  test('ignores a late answer about a step that has passed', () => {
    const owner = taken(taken(freshOwner(), 'one'), 'two')
    const [one, two] = [submissionAt(owner, 0), submissionAt(owner, 1)]
    const state = fed([take(one), take(two), ...[0, 1, 2].map((at) => receipted(at, one))])
    expect(fed([receipted(3, one)], state)).toEqual(state)
  })

  test('forms its certificate from one that somebody else shows, as far as it holds', () => {
    const one = first()
    const good = [0, 1, 2].map((at) => receiptFrom(at, one.transition))
    const shown = (receipts: readonly Receipt[]): SubmitterInput => ({
      is: 'shown',
      sequence: 1n,
      certificate: directoryCertificate.encode(certificateFrom(receipts)),
    })
    expect(certificates(fed([take(one), shown(good)]))).toHaveLength(1)
    const spoilt = [...good.slice(0, 2), receiptFrom(2, first('two').transition)]
    const state = fed([take(one), shown(spoilt)])
    expect(certificates(state)).toEqual([])
    expect(state.receipts).toHaveLength(2)
    const torn: SubmitterInput = { is: 'shown', sequence: 1n, certificate: Uint8Array.of(1) }
    expect(fed([take(one), torn]).refusals).toHaveLength(1)
  })
})

describe('a submitter whose place is taken', () => {
  const [one, rival] = [first('one'), first('two')]
  const takenBy = (operator: number, by = rival): SubmitterInput =>
    answered(operator, one, {
      is: 'taken',
      by,
      receipt: receiptFrom(operator, by.transition),
    })

  test('goes on with the others, and has proof that the key signed twice', () => {
    const state = fed([take(one), takenBy(1)])
    expect(asked(state)).toEqual([0, 2, 3])
    expect(namesIn(state)).toEqual(['operator-0', 'operator-2', 'operator-3'])
    expect(blockOf(options, state)).toBeUndefined()
    const fork = forkOf(options, state)
    if (!fork) throw new Error('there is proof')
    const conviction = convict(fork, engine)
    expect(isFault(conviction) ? conviction.code : conviction.kind).toBe('fork')
    const done = fed(
      [0, 2, 3].map((at) => receipted(at, one)),
      state,
    )
    expect(certificates(done)).toHaveLength(1)
  })

  test('stops asking when too many operators took the other step, and says so', () => {
    const state = fed([take(one), takenBy(1), takenBy(2)])
    expect(blockOf(options, state)?.code).toBe('submitter/taken')
    expect(role.outstanding(state)).toEqual([])
  })

  test('does not believe it without the owner’s signature under the other step', () => {
    const forged = { ...rival, proposal: new Uint8Array(64) }
    const state = fed([take(one), takenBy(1, forged), takenBy(2, one)])
    expect(state.complaints.size).toBe(0)
    expect(state.refusals.map((each) => each.code)).toEqual([
      'submitter/false-answer',
      'submitter/false-answer',
    ])
    expect(forkOf(options, state)).toBeUndefined()
  })

  test('remembers it when the operator says something else later', () => {
    const refusal = answered(1, one, {
      is: 'refused',
      code: 'operator/second-child',
      text: 'later',
    })
    const state = fed([take(one), takenBy(1), refusal])
    expect(state.complaints.get(1)?.is).toBe('taken')
  })
})

test('a submitter that too many operators refuse names the first and why, and asks on', () => {
  const one = first()
  const refusal = (at: number): SubmitterInput =>
    answered(at, one, { is: 'refused', code: 'operator/not-served', text: 'no such machine' })
  const some = fed([take(one), refusal(0)])
  expect(blockOf(options, some)).toBeUndefined()
  const many = fed([refusal(3)], some)
  expect(blockOf(options, many)?.code).toBe('submitter/refused')
  expect(blockOf(options, many)?.place.party).toBe('operator-0')
  expect(asked(many)).toEqual([0, 1, 2, 3])
  expect(blockOf(options, fed([receipted(0, one)], many))).toBeUndefined()
})

test('answers lost, repeated and out of order never bring out a second step or a false certificate', () => {
  const owner = ['a', 'b', 'c'].reduce(taken, freshOwner())
  const steps = [0, 1, 2].map((at) => submissionAt(owner, at))
  const rivals = [0, 1, 2].map((at) =>
    submissionAt(taken(['a', 'b', 'c'].slice(0, at).reduce(taken, freshOwner()), 'rival'), at),
  )
  const event = fc.record({
    kind: fc.constantFrom('receipt', 'forged', 'refused', 'patience', 'rival', 'stored', 'again'),
    step: fc.nat({ max: 2 }),
    operator: fc.nat({ max: 3 }),
  })
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), (events) => {
      let state = fed(steps.map(take))
      const out = new Map<bigint, string>()
      const look = (): void => {
        for (const effect of role.outstanding(state)) {
          if (effect.is === 'wait') continue
          const { sequence } = effect.submission.transition
          const id = hexFromBytes(new TextEncoder().encode(idOf(effect.submission)))
          expect(out.get(sequence) ?? id).toBe(id)
          out.set(sequence, id)
          if (effect.is === 'certified') {
            expect(isFinal(effect.submission, effect.certificate)).toBe(true)
          }
        }
      }
      for (const { kind, step, operator } of events) {
        const [own, other] = [steps[step], rivals[step]]
        if (!own || !other) throw new Error('three steps each')
        const inputs: Readonly<Record<string, SubmitterInput>> = {
          receipt: receipted(operator, own),
          forged: answered(operator, own, {
            is: 'receipt',
            receipt: receiptFrom(operator, other.transition),
          }),
          refused: answered(operator, own, { is: 'refused', code: 'operator/busy', text: '' }),
          patience: { is: 'patience', attempt: state.attempt },
          rival: take(other),
          stored: { is: 'stored', sequence: own.transition.sequence },
          again: take(own),
        }
        const input = inputs[kind]
        if (input) state = role.step(state, input, env())
        look()
      }
      // Whatever came before, everybody answering once more brings it to the end.
      for (const own of steps) {
        state = fed(
          [0, 1, 2, 3].map((at) => receipted(at, own)),
          state,
        )
        look()
      }
      expect(state.queue).toEqual([])
    }),
    { numRuns: 150 },
  )
})
