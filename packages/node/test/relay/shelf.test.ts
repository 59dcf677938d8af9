import { describe, expect, test } from 'vitest'
import { CANDIDATE_ATTACHMENT_BYTES_MAX, isFault, PROOF_FILE_BYTES_MAX } from 'tallystick/base'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import type { Charter } from 'tallystick/kernel'
import { convict } from 'tallystick/kernel'
import type { NostrEvent } from 'tallystick/nostr'
import { type Clock, statechartParams } from 'tallystick/statechart'
import { bundleFromFile, createProver, fileFromBundle } from 'tallystick/verify'
import { openOracle, type RunningOracle } from '../../src/custodian/oracle.ts'
import { createShelf, partsOfFile, type Shelf, type Support } from '../../src/relay/shelf.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { COUNTER, defineMachine, inputBy, wishFor } from '../custodian/scene.ts'
import { alice, engine, person } from './people.ts'

const oracleOf = (name: string, clock: () => bigint = () => 1_000n): Promise<RunningOracle> =>
  openOracle({ store: createMemoryStore(), name, signer: person(name), verifier: engine, clock })

const charterWith = (oracle: RunningOracle, clock?: Clock): Charter => {
  const { charter } = defineMachine(
    wishFor(COUNTER, [], {
      oracles: [{ name: 'ost', machine: oracle.machine().id, suite: 'nostr', logic: 0 }],
    }),
  )
  const [use] = charter.logics
  if (!use || !clock) return charter
  const params = statechartParams.encode({ ...statechartParams.decode(use.params), clock })
  return { ...charter, logics: [{ ...use, params }] }
}

const quote = (question: string, answer: string, oracle = 'ost'): NostrEvent =>
  inputBy(alice, {
    machine: 'ab'.repeat(32),
    type: 'QUOTE',
    answers: [{ oracle, question, answer }],
  })

const supportOf = (shelf: Shelf, event: NostrEvent, last = 0) =>
  shelf.supportFor(event, { now: 7n, last })
const codeOf = (shelf: Shelf, event: NostrEvent): string => {
  const found = supportOf(shelf, event)
  return isFault(found) ? found.code : 'shown'
}
const shown = (shelf: Shelf, event: NostrEvent, last = 0): Support => {
  const found = supportOf(shelf, event, last)
  if (isFault(found)) throw found
  return found
}
const prove = createProver({ logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine })

describe('a shelf', () => {
  test('shows an answer at the step that gave it, whatever came later', async () => {
    const ost = await oracleOf('ost')
    const [one, other] = [
      createShelf(charterWith(ost), engine),
      createShelf(charterWith(ost), engine),
    ]
    expect(codeOf(one, quote('a', 'yes'))).toBe('bundle/missing-fact')
    await ost.say('a', 'yes')
    expect(one.take(await ost.file(), 'x')).toEqual([ost.machine().id])
    expect(one.take(await ost.file(), 'x')).toEqual([])
    await ost.say('b', 'no')
    other.take(await ost.file(), 'x')
    const [early, late] = [shown(one, quote('a', 'yes')), shown(other, quote('a', 'yes'))]
    expect(early).toEqual(late)
    expect(prove(early.attachments, early.premises)).toBeUndefined()
    expect(codeOf(one, quote('b', 'no'))).toBe('bundle/missing-fact')
    expect(codeOf(other, quote('b', 'no'))).toBe('shown')
    expect(codeOf(other, quote('b', 'yes'))).toBe('premise/false')
    expect(codeOf(other, quote('b', 'no', 'west'))).toBe('statechart/unknown-oracle')
  })

  test('puts a history together out of parts in any order', async () => {
    const ost = await oracleOf('ost')
    for (let at = 0; at < 20; at++) await ost.say(`${at} ${'q'.repeat(100)}`, 'x'.repeat(1000))
    const parts = partsOfFile(await ost.file())
    expect(parts.length).toBeGreaterThan(1)
    expect(parts.every((one) => one.length <= PROOF_FILE_BYTES_MAX)).toBe(true)
    const shelf = createShelf(charterWith(ost), engine)
    for (const one of parts.toReversed()) shelf.take(one, 'x')
    expect(codeOf(shelf, quote(`19 ${'q'.repeat(100)}`, 'x'.repeat(1000)))).toBe('shown')
  })

  test('shows nothing that is larger than a candidate may bring', async () => {
    const ost = await oracleOf('ost')
    for (let at = 0; at < 40; at++) await ost.say(`${at} ${'q'.repeat(100)}`, 'x'.repeat(1000))
    const file = await ost.file()
    expect(file.length).toBeGreaterThan(CANDIDATE_ATTACHMENT_BYTES_MAX)
    const shelf = createShelf(charterWith(ost), engine)
    for (const one of partsOfFile(file)) shelf.take(one, 'x')
    expect(codeOf(shelf, quote(`0 ${'q'.repeat(100)}`, 'x'.repeat(1000)))).toBe('shown')
    expect(codeOf(shelf, quote(`39 ${'q'.repeat(100)}`, 'x'.repeat(1000)))).toBe(
      'candidate/too-large',
    )
  })

  test('takes nothing that is not certified, nor of another machine', async () => {
    const [ost, west] = [await oracleOf('ost'), await oracleOf('west')]
    await ost.say('a', 'yes')
    await west.say('a', 'yes')
    const shelf = createShelf(charterWith(ost), engine)
    expect(shelf.take(await west.file(), 'x')).toEqual([])
    const bundle = bundleFromFile(await ost.file())
    const bare = bundle.steps.map((step) => ({
      ...step,
      legs: step.legs.map((leg) =>
        leg.is === 'written' ? { ...leg, certificate: new Uint8Array() } : leg,
      ),
    }))
    shelf.take(fileFromBundle({ ...bundle, steps: bare }), 'x')
    expect(codeOf(shelf, quote('a', 'yes'))).toBe('bundle/missing-fact')
    expect(shelf.take(new Uint8Array(9), 'x')).toEqual([])
    shelf.take(await ost.file(), 'x')
    expect(codeOf(shelf, quote('a', 'yes'))).toBe('shown')
  })

  test('quotes nobody who has answered twice, and says whom that convicts', async () => {
    const [ost, twin] = [await oracleOf('ost'), await oracleOf('ost')]
    await ost.say('a', 'yes')
    await twin.say('a', 'no')
    const shelf = createShelf(charterWith(ost), engine)
    shelf.take(await ost.file(), 'x')
    expect(codeOf(shelf, quote('a', 'yes'))).toBe('shown')
    shelf.take(await twin.file(), 'x')
    expect(codeOf(shelf, quote('a', 'yes'))).toBe('premise/contested')
    expect(codeOf(shelf, quote('a', 'no'))).toBe('premise/contested')
    const [found] = shelf.convictions()
    expect(found && isFault(convict(found.evidence, engine))).toBe(false)
  })

  test('looks at so many files of one author and no more', async () => {
    const ost = await oracleOf('ost')
    const shelf = createShelf(charterWith(ost), engine)
    await ost.say('a', 'yes')
    for (let at = 0; at < 40; at++) shelf.take(Uint8Array.of(at), 'mallory')
    expect(shelf.take(await ost.file(), 'mallory')).toEqual([])
    expect(shelf.take(await ost.file(), 'alice')).toEqual([ost.machine().id])
  })

  test("tells another machine's time, and never one that goes back", async () => {
    let now = 5_000n
    const ost = await oracleOf('ost', () => now)
    const shelf = createShelf(
      charterWith(ost, { is: 'machine', machine: ost.machine().id }),
      engine,
    )
    const plain = inputBy(alice, { machine: 'ab'.repeat(32), type: 'PUSH' })
    expect(shown(shelf, plain, 3).at).toBe(3n)
    await ost.tick()
    now = 9_000n
    await ost.tick()
    shelf.take(await ost.file(), 'x')
    const later = shown(shelf, plain, 3)
    expect(later.at).toBe(9_000n)
    expect(prove(later.attachments, later.premises)).toBeUndefined()
    expect(shown(shelf, plain, 9_001)).toMatchObject({ at: 9_001n, premises: [] })
  })
})
