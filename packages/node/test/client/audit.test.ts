import { afterEach, describe, expect, test } from 'vitest'
import { isFault } from 'tallystick/base'
import { type Charter, signerOf } from 'tallystick/kernel'
import {
  convictOperator,
  createAuditor,
  type Heard,
  type Submission,
  type Watched,
} from 'tallystick/models'
import { type Audit, audit, type ReceiptedStep } from '../../src/client/audit.ts'
import { decodeAudit, encodeAudit } from '../../src/client/audit-record.ts'
import { createDirectoryClient, type DirectoryClient } from '../../src/client/directory.ts'
import { platformSurroundings, type Surroundings } from '../../src/client/surroundings.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import type { Store } from '../../src/store/store.ts'
import { charterFor, engine, openAt, startTest, stepsOf, submitAt } from '../server/town.ts'

const NAMES = ['north', 'east', 'south', 'west'] as const
type Name = (typeof NAMES)[number]

const running: RunningOperator[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((one) => one.close()))
})

/** A clock that no two vows read alike: which of them a checkpoint covers is then the same on every machine. */
const steadyClock = (): (() => bigint) => {
  let last = 0n
  return () => {
    const now = BigInt(Date.now())
    last = now > last ? now : last + 1n
    return last
  }
}

const start = async (name: Name, store: Store): Promise<RunningOperator> => {
  const seed = new Uint8Array(32).fill(10 + NAMES.indexOf(name))
  const clock = steadyClock()
  const one = await startTest({ name, store, seed, clock, limits: { checkpointMs: 0 } })
  running.push(one)
  return one
}

const stop = async (one: RunningOperator): Promise<void> => {
  running.splice(running.indexOf(one), 1)
  await one.close()
}

type Town = { readonly operators: readonly RunningOperator[]; readonly charter: Charter }

const found = async (): Promise<Town> => {
  const operators = await Promise.all(NAMES.map((name) => start(name, createMemoryStore())))
  const charter = charterFor(operators.map((one) => one.card))
  for (const one of operators) await openAt(one, charter)
  return { operators, charter }
}

const directoryOf = (
  operators: readonly RunningOperator[],
  surroundings: Partial<Surroundings> = {},
): DirectoryClient =>
  createDirectoryClient(
    operators.map(({ card, url, token }) => ({ name: card.name, url, token })),
    { surroundings: { ...platformSurroundings(), ...surroundings }, verifier: engine },
  )

const watchedOf = (operators: readonly RunningOperator[]): readonly Watched[] =>
  operators.map(({ card }) => ({
    name: card.name,
    scheme: card.scheme,
    publicKey: card.publicKey,
    suite: 'classic',
  }))

/** Hands steps to all, and returns them with the receipts. */
const submitted = async (
  operators: readonly RunningOperator[],
  steps: readonly Submission[],
): Promise<readonly ReceiptedStep[]> => {
  const all = await Promise.all(operators.map((one) => submitAt(one, steps)))
  return steps.map(({ transition }, at) => ({
    transition,
    receipts: operators.flatMap(({ card }, by) => {
      const answer = all[by]?.[at]
      if (answer?.is !== 'receipt') throw new Error('there is a receipt')
      const { time, signature } = answer.receipt
      return [{ operator: signerOf('classic', card), time, signature }]
    }),
  }))
}

type Options = {
  readonly steps?: readonly ReceiptedStep[]
  readonly heard?: readonly Heard[]
  readonly waitMs?: number
  readonly surroundings?: Partial<Surroundings>
}

/** A network that never brings an answer from where addresses contain this. */
const hanging =
  (part: string): Surroundings['http'] =>
  (request) =>
    request.url.includes(part)
      ? new Promise((_, reject) => {
          request.signal.addEventListener('abort', () => reject(new Error('aborted')))
        })
      : platformSurroundings().http(request)

/** An audit by somebody who remembers another, as far as a file does. */
const audited = (
  operators: readonly RunningOperator[],
  last: Audit | undefined,
  { steps = [], heard = [], waitMs = 5_000, surroundings = {} }: Options = {},
): Promise<Audit> => {
  const watched = watchedOf(operators)
  const fresh = createAuditor({ operators: watched, verifier: engine }).begin()
  const memory = last && decodeAudit(encodeAudit(last.memory), fresh)
  return audit(directoryOf(operators, surroundings), {
    operators: watched,
    memory,
    steps,
    heard,
    waitMs,
  })
}

const states = (of: Audit): Record<string, string> =>
  Object.fromEntries(of.operators.map((one) => [one.name, one.is]))

const everybody = (is: string): Record<string, string> =>
  Object.fromEntries(NAMES.map((name) => [name, is]))

const convicted = (of: Audit): readonly string[] =>
  of.operators.flatMap(({ name, signer, accusation }) => {
    if (accusation?.is !== 'log') return []
    const conviction = convictOperator(accusation.evidence, engine)
    if (isFault(conviction)) throw conviction
    expect(conviction.signer).toBe(signer)
    return [name]
  })

const heardBy = (of: Audit): readonly Heard[] =>
  [...of.memory.state.accounts].flatMap(([operator, { held }]) =>
    held ? [{ operator, signed: held }] : [],
  )

/** The operators of a town with another in the place of the first. */
const withFirst = (of: Town, first: RunningOperator): readonly RunningOperator[] => [
  first,
  ...of.operators.slice(1),
]

describe('an audit', () => {
  test('finds honest operators new, and consistent from then on, with every receipt accounted for', async () => {
    const { operators, charter } = await found()
    const steps = stepsOf(charter, 7)
    const first = await submitted(operators, steps.slice(0, 3))
    const one = await audited(operators, undefined, { steps: first })
    expect(states(one)).toEqual(everybody('new'))
    const second = await submitted(operators, steps.slice(3))
    const two = await audited(operators, one, { steps: second })
    expect(states(two)).toEqual(everybody('consistent'))
    // The newest vow has the time of the checkpoint, and is accounted for with the next one.
    for (const { receipts } of two.memory.state.accounts.values()) {
      expect(receipts.every((it) => it.transition.sequence > 5n)).toBe(true)
    }
    expect(two.memory.upTo).toBe(7n)
    expect(convicted(two)).toEqual([])
  })

  test('does not accuse operators that started again over their stores', async () => {
    const stores = NAMES.map(() => createMemoryStore())
    const startAll = () => Promise.all(NAMES.map((name, at) => start(name, stores[at] as Store)))
    const before = await startAll()
    const charter = charterFor(before.map((one) => one.card))
    for (const one of before) await openAt(one, charter)
    const steps = stepsOf(charter, 6)
    const one = await audited(before, undefined, {
      steps: await submitted(before, steps.slice(0, 4)),
    })
    for (const it of before) await stop(it)
    const after = await startAll()
    const two = await audited(after, one)
    expect(states(two)).toEqual(everybody('consistent'))
    const more = await submitted(after, steps.slice(4))
    expect(states(await audited(after, two, { steps: more }))).toEqual(everybody('consistent'))
  })

  test('convicts an operator that answers from two stores with one key, and nobody else', async () => {
    const town = await found()
    const { operators, charter } = town
    await submitted(operators, stepsOf(charter, 4))
    const other = await start('north', createMemoryStore())
    await openAt(other, charter)
    await submitted([other], stepsOf(charter, 4, 'another story'))
    const one = await audited(operators, undefined)
    const two = await audited(withFirst(town, other), one)
    expect(states(two)).toEqual({ ...everybody('consistent'), north: 'two-stories' })
    expect(convicted(two)).toEqual(['north'])
    // Evidence is kept, whatever is answered later.
    expect(convicted(await audited(operators, two))).toEqual(['north'])
  })

  test.each([3, 4, 6])(
    'by somebody who saw one story, with what somebody else saw of another of %i steps, convicts within one exchange',
    async (count) => {
      const town = await found()
      const { operators, charter } = town
      await submitted(operators, stepsOf(charter, 4))
      const other = await start('north', createMemoryStore())
      await openAt(other, charter)
      await submitted([other], stepsOf(charter, count, 'another story'))
      const [alice, bob] = [
        await audited(operators, undefined),
        await audited(withFirst(town, other), undefined),
      ]
      expect([convicted(alice), convicted(bob)]).toEqual([[], []])
      // Each asks the operator it knows; the one whose story is longer gets nodes that convict, the other one no answer.
      const [atAlice, atBob] = [
        await audited(operators, alice, { heard: heardBy(bob) }),
        await audited(withFirst(town, other), bob, { heard: heardBy(alice) }),
      ]
      expect([...convicted(atAlice), ...convicted(atBob)]).toContain('north')
      for (const it of [atAlice, atBob]) {
        const { north, ...others } = states(it)
        expect(['two-stories', 'withholding']).toContain(north)
        expect(others).toEqual({ east: 'consistent', south: 'consistent', west: 'consistent' })
      }
    },
  )

  test('names an operator that was put back to an older store, and convicts it when it goes on', async () => {
    const town = await found()
    const { operators, charter } = town
    const steps = stepsOf(charter, 6)
    const one = await audited(operators, undefined, { steps: await submitted(operators, steps) })
    const older = await start('north', createMemoryStore())
    await openAt(older, charter)
    const empty = await audited(withFirst(town, older), one)
    expect(states(empty)).toEqual({ ...everybody('consistent'), north: 'withholding' })
    await submitted([older], steps.slice(0, 2))
    const two = await audited(withFirst(town, older), empty)
    expect(states(two)).toMatchObject({ east: 'consistent', south: 'consistent' })
    expect(convicted(two)).toEqual(['north'])
  })

  test('takes silence for silence, and goes on when the operator is there again', async () => {
    const stores = NAMES.map(() => createMemoryStore())
    const operators = await Promise.all(NAMES.map((name, at) => start(name, stores[at] as Store)))
    const charter = charterFor(operators.map((one) => one.card))
    for (const one of operators) await openAt(one, charter)
    const steps = await submitted(operators, stepsOf(charter, 2))
    const one = await audited(operators, undefined, { steps })
    const [north] = operators
    if (!north) throw new Error('there is one')
    await stop(north)
    const two = await audited(operators, one)
    expect(states(two)).toEqual({ ...everybody('consistent'), north: 'silent' })
    const again = await start('north', stores[0] as Store)
    expect(states(await audited([again, ...operators.slice(1)], two))).toEqual(
      everybody('consistent'),
    )
  })

  test('names an operator whose checkpoint another key has signed', async () => {
    const town = await found()
    const { operators, charter } = town
    await submitted(operators, stepsOf(charter, 1))
    const one = await audited(operators, undefined)
    const impostor = await startTest({ name: 'north', limits: { checkpointMs: 0 } })
    running.push(impostor)
    await openAt(impostor, charterFor([impostor.card]))
    const [north, ...others] = operators
    if (!north) throw new Error('there is one')
    const two = await audited([{ ...impostor, card: north.card }, ...others], one)
    expect(states(two)).toEqual({ ...everybody('consistent'), north: 'withholding' })
    expect(convicted(two)).toEqual([])
  })

  test('ends in time when nobody answers, and accuses nobody', async () => {
    const { operators, charter } = await found()
    const steps = await submitted(operators, stepsOf(charter, 1))
    const one = await audited(operators, undefined, { steps })
    const begun = performance.now()
    const two = await audited(operators, one, { waitMs: 200, surroundings: { http: hanging('/') } })
    expect(performance.now() - begun).toBeLessThan(4_000)
    expect(states(two)).toEqual(everybody('silent'))
    expect(new Set(two.operators.map(({ why }) => why))).toEqual(new Set(['no answer in time']))
  })

  test('names after a while who shows checkpoints and never the growth between them', async () => {
    const { operators, charter } = await found()
    const steps = stepsOf(charter, 5)
    await submitted(operators, steps.slice(0, 2))
    const one = await audited(operators, undefined)
    await submitted(operators, steps.slice(2))
    const [north] = operators
    const http = hanging(`${north?.url}/v1/consistency`)
    const two = await audited(operators, one, { waitMs: 1_500, surroundings: { http } })
    expect(states(two)).toEqual({ ...everybody('consistent'), north: 'silent' })
    const now = () => BigInt(Date.now() + 60_000)
    const three = await audited(operators, two, { waitMs: 1_500, surroundings: { http, now } })
    expect(states(three)).toEqual({ ...everybody('consistent'), north: 'withholding' })
    expect(three.operators[0]?.why).toBe('how its log grew from 2 to 5')
    expect(convicted(three)).toEqual([])
    expect(states(await audited(operators, three))).toEqual(everybody('consistent'))
  })

  test('does not name an operator for questions that it was not asked yet', async () => {
    const { operators, charter } = await found()
    const steps = await submitted(operators, stepsOf(charter, 50))
    const away = { waitMs: 3_000, surroundings: { http: hanging(`${operators[0]?.url}/`) } }
    const one = await audited(operators, undefined, { ...away, steps: steps.slice(0, 25) })
    const two = await audited(operators, one, { ...away, steps: steps.slice(25) })
    expect(states(two)).toEqual({ ...everybody('consistent'), north: 'silent' })
    const now = () => BigInt(Date.now() + 60_000)
    const three = await audited(operators, two, { surroundings: { now } })
    expect(states(three)).toEqual({ ...everybody('consistent'), north: 'new' })
    const four = await audited(operators, three, { surroundings: { now } })
    expect(states(four)).toEqual(everybody('consistent'))
    for (const { receipts } of four.memory.state.accounts.values()) {
      expect(receipts.every((it) => it.transition.sequence > 48n)).toBe(true)
    }
  })
})
