/** Two people with files between them, and an oracle that knows nothing of them: its word and its time are premises of their steps. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ended, tally } from './spawn.ts'

const TIMEOUT = 300_000
const WAIT_MS = 3_000

const BET = JSON.stringify({
  id: 'wager',
  initial: 'open',
  context: { said: '' },
  meta: { nsm: { custody: 'bilateral' } },
  states: {
    open: {
      on: {
        QUOTE: {
          guard: {
            type: 'expr',
            params: { cel: 'get(get(event.answers, "north", {}), "who won?", "") != ""' },
          },
          actions: {
            type: 'assign',
            params: { set: { said: 'event.answers["north"]["who won?"]' } },
          },
          target: 'decided',
        },
      },
      after: { [WAIT_MS]: 'refund' },
    },
    decided: { type: 'final' },
    refund: { type: 'final' },
  },
})

type Result = Ended & {
  readonly error?: string
  readonly files?: readonly { readonly path: string; readonly is: string }[]
  readonly chart?: { readonly value: string; readonly context: Readonly<Record<string, unknown>> }
}

const root = mkdtempSync(join(tmpdir(), 'tallystick-two-'))
afterAll(() => rmSync(root, { recursive: true }))

const placeOf = (name: string) => ({ cwd: join(root, name), home: join(root, name, 'home') })
type Person = 'alice' | 'bob'
const passphrase = join(root, 'passphrase')
const signed = ['--passphrase-file', passphrase]

const json = async (name: string, ...args: readonly string[]): Promise<Result> => {
  const ended = await tally(placeOf(name), '--json', ...args)
  return { ...ended, ...(JSON.parse(ended.out) as Partial<Result>) }
}

const hand = (from: string, to: string, path: string): string => {
  copyFileSync(join(root, from, path), join(root, to, basename(path)))
  return basename(path)
}

/** Hands files over until neither has one left. The last refusal, if there is one. */
const settle = async (from: Person, result: Result): Promise<string | undefined> => {
  let [now, giver, taker]: [Result, Person, Person] = [
    result,
    from,
    from === 'alice' ? 'bob' : 'alice',
  ]
  for (let at = 0; (now.files ?? []).length > 0; at++) {
    if (at > 8) throw new Error('the two do not come to rest')
    const isOver = (now.files ?? []).every((one) => one.is === 'ack')
    const names = (now.files ?? []).map(({ path }) => hand(giver, taker, path))
    now = await json(taker, 'accept', ...names, '--yes', ...signed)
    if (isOver || now.error !== undefined) return now.error
    ;[giver, taker] = [taker, giver]
  }
  return now.error
}

beforeAll(async () => {
  writeFileSync(passphrase, 'a long passphrase of the two\n')
  for (const name of ['alice', 'bob', 'oracle']) {
    mkdirSync(join(root, name), { recursive: true })
  }
  for (const name of ['alice', 'bob']) {
    await tally(placeOf(name), 'id', 'new', '--name', name, '--suite', 'classic', ...signed)
    await tally(placeOf(name), 'id', 'card')
  }
  await tally(
    placeOf('oracle'),
    'oracle',
    '--data',
    'north',
    '--name',
    'north',
    '--init',
    '--unsealed',
  )
  hand('oracle', 'alice', 'north.tally')
  writeFileSync(join(root, 'alice', 'bet.json'), BET)
}, TIMEOUT)

/** Begins another bet; who begins names the oracle, and lets it tell the time. */
const begin = async (dir: string): Promise<void> => {
  hand('bob', 'alice', 'bob.card.tally')
  const begun = await json(
    'alice',
    'new',
    '--with',
    'bob.card.tally',
    '--definition',
    'bet.json',
    '--turn',
    'leader',
    '--dir',
    dir,
    '--oracle',
    'north=north.tally',
    '--clock',
    'north.tally',
  )
  expect(begun.error).toBeUndefined()
  hand('alice', 'bob', join(dir, 'out', 'invite.tally'))
  const taken = await tally(placeOf('bob'), 'accept', 'invite.tally', '--yes', '--dir', dir)
  expect(taken.err).toBe('')
}

const chartOf = async (name: Person, dir: string) => (await json(name, 'show', '--dir', dir)).chart

const propose = (dir: string, ...args: readonly string[]): Promise<Result> =>
  json('alice', 'propose', ...args, '--dir', dir, ...signed)
const quoting = (answer: string): readonly string[] => ['--answer', `north:who won?=${answer}`]
const ATTACH = ['--attach', 'north.tally'] as const

describe('two people', () => {
  test(
    'take an oracle’s word as a premise, from its file, and nothing that the file does not show',
    { timeout: TIMEOUT },
    async () => {
      await begin('wager')
      expect((await propose('wager', 'QUOTE', ...quoting('home'), ...ATTACH)).error).toBe(
        'bundle/missing-fact',
      )
      await tally(placeOf('oracle'), 'oracle', 'who won?', 'home', '--data', 'north')
      hand('oracle', 'alice', 'north.tally')
      expect((await propose('wager', 'QUOTE', ...quoting('home'))).error).toBe(
        'bundle/missing-fact',
      )
      const foreign = ['--answer', 'south:who won?=home']
      expect((await propose('wager', 'QUOTE', ...foreign, ...ATTACH)).error).toBe(
        'statechart/unknown-oracle',
      )
      expect((await propose('wager', 'QUOTE', ...quoting('away'), ...ATTACH)).error).toBe(
        'premise/false',
      )
      expect((await chartOf('alice', 'wager'))?.value).toBe('open')
      const good = await propose('wager', 'QUOTE', ...quoting('home'), ...ATTACH)
      expect(good.error).toBeUndefined()
      expect(await settle('alice', good)).toBeUndefined()
      for (const name of ['alice', 'bob'] as const) {
        expect(await chartOf(name, 'wager')).toMatchObject({
          value: 'decided',
          context: { said: 'home' },
        })
      }
      await tally(placeOf('bob'), 'bundle', '--dir', 'wager', '--output', 'wager.tally')
      const verified = await tally(placeOf('bob'), 'verify', 'wager.tally')
      expect(verified.out).toContain('as north answers "who won?" with "home"')
      expect(verified.code).toBe(0)
    },
  )

  test(
    'let a deadline pass by what an oracle’s certificates attest, and not by their own clocks',
    { timeout: TIMEOUT },
    async () => {
      await begin('late')
      await pause(WAIT_MS + 1_000)
      // Their own clocks say that it is over; nothing shows it.
      expect((await propose('late', 'nsm.tick')).error).toBeDefined()
      expect((await propose('late', 'nsm.tick', ...ATTACH)).error).toBeDefined()
      expect((await chartOf('alice', 'late'))?.value).toBe('open')
      await tally(placeOf('oracle'), 'oracle', '--tick', '--data', 'north')
      hand('oracle', 'alice', 'north.tally')
      const due = await propose('late', 'nsm.tick', ...ATTACH)
      expect(due.error).toBeUndefined()
      expect(await settle('alice', due)).toBeUndefined()
      expect((await chartOf('bob', 'late'))?.value).toBe('refund')
    },
  )

  test('are told what a premise belongs to', { timeout: TIMEOUT }, async () => {
    await begin('words')
    const odd = await tally(
      placeOf('alice'),
      'propose',
      'pay bob 1',
      ...quoting('home'),
      ...ATTACH,
      '--dir',
      'words',
      ...signed,
    )
    expect(odd.code).toBe(3)
    expect(odd.err).toContain('events alone rest on what oracles say')
    const bare = await tally(
      placeOf('alice'),
      'propose',
      'QUOTE',
      '--answer',
      'north',
      ...ATTACH,
      '--dir',
      'words',
      ...signed,
    )
    expect(bare.err).toContain('use ORACLE:QUESTION=ANSWER')
  })
})
