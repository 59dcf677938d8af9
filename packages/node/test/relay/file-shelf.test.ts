import { describe, expect, test } from 'vitest'
import { STANDARD_LOGICS, STANDARD_MODELS } from 'tallystick'
import type { Premise } from 'tallystick/kernel'
import { answerKey, answerValue } from 'tallystick/logic'
import { bundleFromFile, createProver, EMPTY_BUNDLE, fileFromBundle } from 'tallystick/verify'
import { openOracle, type RunningOracle } from '../../src/custodian/oracle.ts'
import { createFileShelf } from '../../src/relay/file-shelf.ts'
import { FILE_AUTHORS_MAX, PROOFS_PER_AUTHOR_MAX } from '../../src/relay/limits.ts'
import { partsOfFile } from '../../src/relay/shelf.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { engine, person } from './people.ts'

const oracleOf = (name: string): Promise<RunningOracle> =>
  openOracle({
    store: createMemoryStore(),
    name,
    signer: person(name),
    verifier: engine,
    clock: () => 1_000n,
  })

const answered = (oracle: RunningOracle, question: string, answer: string): readonly Premise[] => {
  const { id, headId } = oracle.machine()
  const logic = { machine: id, logic: 0 }
  const key = answerKey({ suite: 'nostr', logic }, question)
  return [{ is: 'fact', machine: id, transition: headId, key, value: answerValue(answer) }]
}

const prove = createProver({ logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine })

describe('a shelf of files', () => {
  test('shows what any machine’s file shows, and nothing where nothing was taken', async () => {
    const ost = await oracleOf('ost')
    await ost.say('a', 'yes')
    const premises = answered(ost, 'a', 'yes')
    const shelf = createFileShelf(engine)
    expect(shelf.attachmentsFor(premises)).toEqual([])
    expect(shelf.take(await ost.file(), 'ann')).toEqual([ost.machine().id])
    expect(shelf.take(await ost.file(), 'ann')).toEqual([])
    expect(shelf.attachmentsFor([])).toEqual([])
    expect(prove(shelf.attachmentsFor(premises), premises)).toBeUndefined()
  })

  test(
    'puts parts together in any order, for each author apart',
    { timeout: 120_000 },
    async () => {
      const ost = await oracleOf('ost')
      for (let at = 0; at < 20; at++) await ost.say(`${at} ${'q'.repeat(100)}`, 'x'.repeat(1000))
      const parts = partsOfFile(await ost.file()).toReversed()
      expect(parts.length).toBeGreaterThan(1)
      const premises = answered(ost, `19 ${'q'.repeat(100)}`, 'x'.repeat(1000))
      const [whole, split] = [createFileShelf(engine), createFileShelf(engine)]
      for (const [at, one] of parts.entries()) {
        whole.take(one, 'ann')
        split.take(one, `author ${at}`)
      }
      expect(prove(whole.attachmentsFor(premises), premises)).toBeUndefined()
      expect(prove(split.attachmentsFor(premises), premises)).toBeDefined()
    },
  )

  test('lets no author spoil what another shows, and gives the spoilt one where there is no other', async () => {
    const ost = await oracleOf('ost')
    await ost.say('a', 'yes')
    const premises = answered(ost, 'a', 'yes')
    const good = await ost.file()
    const { charters, steps } = bundleFromFile(good)
    const spoilt = steps.map((one) => ({
      ...one,
      interaction: { ...one.interaction, operations: [] },
    }))
    const bad = fileFromBundle({ ...EMPTY_BUNDLE, charters, steps: spoilt })
    const shelf = createFileShelf(engine)
    shelf.take(bad, 'eve')
    expect(prove(shelf.attachmentsFor(premises), premises)).toBeDefined()
    shelf.take(good, 'ann')
    shelf.take(bad, 'mallory')
    expect(prove(shelf.attachmentsFor(premises), premises)).toBeUndefined()
    // Together they show nothing: that is what keeping them apart is for.
    expect(prove([bad, good], premises)).toBeDefined()
  })

  test(
    'holds so many files of so many authors, and no bytes that are no file',
    { timeout: 120_000 },
    async () => {
      const ost = await oracleOf('ost')
      const shelf = createFileShelf(engine)
      expect(shelf.take(Uint8Array.of(1, 2, 3), 'ann')).toEqual([])
      const files: Uint8Array[] = []
      for (let at = 0; at <= PROOFS_PER_AUTHOR_MAX; at++) {
        await ost.say(`${at}`, 'yes')
        files.push(await ost.file())
      }
      const taken = files.map((one) => shelf.take(one, 'ann').length)
      expect(taken.lastIndexOf(1)).toBe(PROOFS_PER_AUTHOR_MAX - 1)
      const [first = new Uint8Array()] = files
      for (let at = 0; at < FILE_AUTHORS_MAX; at++) shelf.take(first, `author ${at}`)
      // The oldest author had to go.
      const late = answered(ost, `${PROOFS_PER_AUTHOR_MAX - 1}`, 'yes')
      expect(prove(shelf.attachmentsFor(late), late)).toBeDefined()
    },
  )
})
