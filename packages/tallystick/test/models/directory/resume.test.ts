import { describe, expect, test } from 'vitest'
import { hexFromBytes } from '../../../src/base/bytes.ts'
import { statementDigest } from '../../../src/kernel/statement.ts'
import { transitionId } from '../../../src/kernel/transition.ts'
import { receiptVote } from '../../../src/models/directory/evidence.ts'
import type { OwnerState, OwnerStep } from '../../../src/models/directory/owner.ts'
import type { HeadReport } from '../../../src/models/directory/recovery.ts'
import {
  beginResuming,
  createResuming,
  type ResumeInput,
  resumeFault,
  type ResumeState,
} from '../../../src/models/directory/resume.ts'
import { directoryTerms } from '../../../src/models/directory/policy.ts'
import { servedFrom } from '../../../src/models/directory/served.ts'
import type { KeptStep } from '../../../src/models/directory/submission.ts'
import { STANDARD_LOGICS } from '../../../src/logic/registry.ts'
import { createStreams } from '../../../src/sim/random.ts'
import {
  charter,
  engine,
  env,
  freshOwner,
  genesis,
  operators,
  ownerRole,
  policy,
  stranger,
  taken,
  wishOf,
} from './town.ts'

const { eras } = servedFrom(charter)
const options = { charter, logics: STANDARD_LOGICS, verifier: engine }
const role = createResuming(options)

/** A step of an owner, by position, as an operator keeps it. */
const kept = (state: OwnerState, at: number, operator: number): KeptStep => {
  const step = state.steps[at]
  if (!step?.signature) throw new Error('no signed step')
  const digest = statementDigest('classic', receiptVote(step.transition, 7n))
  const secret = operators[operator]?.secret ?? new Uint8Array(32)
  return {
    submission: {
      transition: step.transition,
      parent: state.steps[at - 1]?.transition ?? genesis().head,
      interaction: step.interaction,
      consents: [],
      proposal: step.signature,
    },
    receipt: { operator, time: 7n, signature: engine.sign('ed25519', secret, digest) },
    certificate: new Uint8Array(0),
  }
}
const ownStep = ({ submission }: KeptStep): OwnerStep => ({
  interaction: submission.interaction,
  transition: submission.transition,
  consents: [],
  signature: submission.proposal,
  certificate: undefined,
})

const knows = (operator: number, state: OwnerState): HeadReport => ({
  operator,
  vowed: kept(state, state.steps.length - 1, operator),
})
const knowsNothing = (operator: number): HeadReport => ({ operator, vowed: undefined })
const fed = (state: ResumeState, ...inputs: readonly ResumeInput[]): ResumeState =>
  inputs.reduce((before, input) => role.step(before, input, env()), state)
const report = (...reports: readonly HeadReport[]): ResumeInput => ({ is: 'reported', reports })
const adopt = (state: OwnerState, at: number): ResumeInput => ({
  is: 'adopt',
  step: ownStep(kept(state, at, 0)),
  beside: [],
})
const asked = (state: ResumeState): readonly string[] =>
  role.outstanding(state).map((one) => one.is)

const one = taken(freshOwner(), 'one')
const two = taken(one, 'two')
const stale = beginResuming(options, one)
const all = [0, 1, 2, 3].map((at) => report(knows(at, two)))

describe('an owner whose memory comes from a backup', () => {
  test('asks first: it takes no wish, and lets no signature out that the backup left open', () => {
    const unsigned = ownerRole.step(one, wishOf('left open'), env())
    expect(ownerRole.outstanding(unsigned).some((effect) => effect.is === 'sign')).toBe(true)
    const resumed = beginResuming(options, unsigned)
    expect(asked(resumed)).toEqual(['ask'])
    const wished = fed(stale, wishOf('too soon'))
    expect(wished.owner.steps).toHaveLength(1)
    expect(wished.owner.refusals.at(-1)?.code).toBe('resume/not-caught-up')
    const digest = hexFromBytes(new Uint8Array(32))
    expect(
      fed(stale, { is: 'signed', digest, signature: new Uint8Array(64) }).owner.refusals.at(-1)
        ?.code,
    ).toBe('resume/not-caught-up')
  })

  test('opens when it has the newest step of all operators, and signs its child', () => {
    const told = fed(stale, ...all)
    expect(asked(told)).toEqual(['fetch'])
    expect(told.isOpen).toBe(false)
    const caughtUp = fed(told, adopt(two, 1))
    expect(caughtUp.isOpen).toBe(true)
    const wished = fed(caughtUp, wishOf('three'))
    expect(wished.owner.machine.head.sequence).toBe(3n)
    expect(asked(wished)).toContain('sign')
  })

  test('adopts a step that one operator alone has seen', () => {
    const told = fed(stale, report(knows(0, one)), report(knows(1, two)))
    const read = fed(told, report(knows(2, one)), report(knows(3, one)))
    expect(read.isOpen).toBe(false)
    expect(fed(read, adopt(two, 1)).isOpen).toBe(true)
  })

  test('waits for every operator, unless somebody says that a quorum is enough', () => {
    const three = fed(stale, ...all.slice(0, 3), adopt(two, 1))
    expect(three.isOpen).toBe(false)
    expect(role.waitingFor(three)).toEqual([{ is: 'signers', names: ['operator-3'] }])
    expect(fed(three, { is: 'quorum is enough' }).isOpen).toBe(true)
    const twoOnly = fed(stale, ...all.slice(0, 2), { is: 'quorum is enough' }, adopt(two, 1))
    expect(twoOnly.isOpen).toBe(false)
  })

  test('opens at once where nobody knows of more than the backup', () => {
    const same = [0, 1, 2, 3].map((at) => report(knows(at, one)))
    expect(fed(stale, ...same).isOpen).toBe(true)
    const none = [0, 1, 2, 3].map((at) => report(knowsNothing(at)))
    expect(fed(beginResuming(options, freshOwner()), ...none).isOpen).toBe(true)
    // Steps that were signed and never handed over are the backup's own.
    expect(fed(stale, ...none).isOpen).toBe(true)
  })

  test('never opens where the key has signed two steps with one number', () => {
    const rival = taken(one, 'rival')
    const reported = fed(stale, ...all.slice(0, 3), report(knows(3, rival)))
    expect(resumeFault(options, reported)?.code).toBe('resume/forked')
    expect(asked(reported)).toEqual([])
    const inBackup = fed(beginResuming(options, rival), ...all)
    expect(resumeFault(options, inBackup)?.code).toBe('resume/forked')
    expect(fed(inBackup, adopt(two, 1), { is: 'quorum is enough' }).isOpen).toBe(false)
    expect(resumeFault(options, fed(stale, ...all))).toBeUndefined()
  })

  test('asks those who certify after a change of terms, and none of before', () => {
    const kept = policy.operators.slice(1)
    const names = ['operator-1', 'operator-2', 'operator-3', 'stranger']
    const other = { name: 'stranger', scheme: 'ed25519', publicKey: stranger.publicKey } as const
    const terms = {
      ...charter.terms,
      policy: directoryTerms({ ...policy, operators: [...kept, other] }),
    }
    const by = transitionId('classic', one.machine.head)
    const moved = { ...options, served: { charter, eras: [...eras, { from: 2n, terms, by }] } }
    const after = createResuming(moved)
    expect(after.waitingFor(beginResuming(moved, one))).toEqual([{ is: 'signers', names }])
    const told = [0, 1, 2].reduce(
      (state, at) => after.step(state, report(knowsNothing(at)), env()),
      beginResuming(moved, one),
    )
    expect(after.waitingFor(told)).toEqual([{ is: 'signers', names: ['stranger'] }])
    expect(after.step(told, report(knowsNothing(3)), env()).isOpen).toBe(true)
  })

  test('does not count a report that its operator has not signed', () => {
    const foreign = report({ operator: 3, vowed: kept(two, 1, 2) })
    const told = fed(stale, ...all.slice(0, 3), foreign, adopt(two, 1))
    expect(told.isOpen).toBe(false)
    expect(role.waitingFor(told)).toEqual([{ is: 'signers', names: ['operator-3'] }])
  })
})

/** What operators hold, what was ever handed to one of them, and the memories of the device that were backed up. */
type Life = {
  readonly held: readonly Map<bigint, KeptStep>[]
  readonly released: Map<bigint, Set<string>>
  /** Positions at which a step was handed out after another one had been certified there. */
  readonly broken: Set<bigint>
  readonly backups: OwnerState[]
}

type Restores = {
  readonly restores: number
  /** Positions at which two different steps were handed out. */
  readonly doubles: number
  readonly broken: number
  readonly opened: number
  readonly forked: number
  /** Restores of a memory that was behind what operators had. */
  readonly stale: number
}

type Manner = 'all' | 'quorum' | 'careless'

const RESTORES = 10_000
const LIFE = 25

/** Lives of a device that is restored again and again, from any of its last backups, at any moment. */
const simulate = (manner: Manner, restores: number, seed: number): Restores => {
  const random = createStreams(seed)(manner)
  const counts = { restores: 0, doubles: 0, broken: 0, opened: 0, forked: 0, stale: 0 }
  while (counts.restores < restores) {
    const life: Life = {
      held: operators.map(() => new Map<bigint, KeptStep>()),
      released: new Map(),
      broken: new Set(),
      backups: [freshOwner()],
    }
    for (let at = 0; at < LIFE && counts.restores < restores; at++) {
      counts.restores += 1
      const memory = random.pick(life.backups.slice(-6)) ?? freshOwner()
      const restored = restore(life, memory, { manner, random })
      if (restored === 'forked') counts.forked += 1
      if (typeof restored === 'string') continue
      counts.opened += 1
      if (restored.machine.head.sequence > memory.machine.head.sequence) counts.stale += 1
      live(life, restored, { word: `${at}`, random })
    }
    counts.broken += life.broken.size
    counts.doubles += [...life.released.values()].filter((ids) => ids.size > 1).length
  }
  return counts
}

type Chance = { readonly random: ReturnType<ReturnType<typeof createStreams>> }

/** The memory after resuming; why not, if it may not go on. */
const restore = (
  life: Life,
  memory: OwnerState,
  { manner, random }: Chance & { readonly manner: Manner },
): OwnerState | 'forked' | 'waiting' => {
  if (manner === 'careless') return memory
  const silent = manner === 'quorum' ? random.below(4) : -1
  let state = beginResuming(options, memory)
  if (manner === 'quorum') state = fed(state, { is: 'quorum is enough' })
  const reports = life.held.flatMap((held, operator): readonly HeadReport[] => {
    const [newest] = [...held.keys()].sort((a, b) => (a > b ? -1 : 1))
    const vowed = newest === undefined ? undefined : held.get(newest)
    return operator === silent ? [] : [{ operator, vowed }]
  })
  state = fed(state, report(...reports))
  if (resumeFault(options, state)) return 'forked'
  for (const effect of role.outstanding(state)) {
    if (effect.is !== 'fetch') continue
    const upTo = effect.upTo.transition.sequence
    for (let next = memory.machine.head.sequence + 1n; next <= upTo; next++) {
      const found = life.held.flatMap((held) => held.get(next) ?? [])[0]
      if (found) state = fed(state, { is: 'adopt', step: ownStep(found), beside: [] })
    }
  }
  return state.isOpen ? state.owner : 'waiting'
}

/** Signs a step or two, hands each to some operators, and stops anywhere; backs up now and then. */
const live = (
  life: Life,
  begun: OwnerState,
  { word, random }: Chance & { readonly word: string },
): void => {
  let state = begun
  for (let turn = 0; turn < 1 + random.below(2); turn++) {
    state = taken(state, `${word}-${turn}`)
    if (random.chance(50)) life.backups.push(state)
    const reached = random.below(5)
    const first = random.below(4)
    for (let nth = 0; nth < reached; nth++) handOver(life, state, (first + nth) % 4)
    // The next step waits until this one is certified.
    if (reached < 3) return
  }
  if (random.chance(50)) life.backups.push(state)
}

/** An operator keeps the first child of a parent that it is given. */
const handOver = (life: Life, state: OwnerState, operator: number): void => {
  const at = state.steps.length - 1
  const last = state.steps[at]
  const held = life.held[operator]
  if (!last || !held) return
  const { sequence } = last.transition
  const id = transitionId('classic', last.transition)
  const others = life.held.filter((one) => {
    const there = one.get(sequence)?.submission.transition
    return there && transitionId('classic', there) !== id
  })
  if (others.length >= 3) life.broken.add(sequence)
  const ids = life.released.get(sequence) ?? new Set<string>()
  ids.add(id)
  life.released.set(sequence, ids)
  if (!held.has(sequence)) held.set(sequence, kept(state, at, operator))
}

describe('H4: a device that is restored from backups, most of them stale', () => {
  test('never hands out two steps with one number in 10,000 restores that ask every operator', () => {
    const counts = simulate('all', RESTORES, 4)
    expect(counts).toMatchObject({ restores: RESTORES, doubles: 0 })
    // The restores are what they are to be: most go on, and most of those were behind.
    expect(counts.opened).toBeGreaterThan(RESTORES / 3)
    expect(counts.stale).toBeGreaterThan(RESTORES / 10)
  }, 60_000)

  test('does hand out two where nothing is asked, and now and then where a quorum is enough', () => {
    expect(simulate('careless', 200, 4).doubles).toBeGreaterThan(10)
    expect(simulate('quorum', 400, 4).doubles).toBeGreaterThan(0)
  }, 60_000)

  test('never hands out a second child beside a certified one where a quorum is enough', () => {
    expect(simulate('quorum', 400, 4).broken).toBe(0)
    expect(simulate('careless', 200, 4).broken).toBeGreaterThan(0)
  }, 60_000)
})
