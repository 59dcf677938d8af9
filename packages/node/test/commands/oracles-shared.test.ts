/** A machine of two that operators certify takes what an oracle has said as a premise, from either of the two alone. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ended, type Running, start, tally } from './spawn.ts'

const PATIENCE_MS = 600_000
const WAGER = JSON.stringify({
  id: 'wager',
  initial: 'open',
  context: { said: '' },
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
    },
    decided: { type: 'final' },
  },
})

type Result = Ended & {
  readonly error?: string
  readonly files?: readonly { readonly path: string; readonly is: string }[]
  readonly certified?: readonly string[]
}

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-shared-'))
const homes = { alice: join(cwd, 'home-alice'), bob: join(cwd, 'home-bob') } as const
type Name = keyof typeof homes
let dev: Running

const as = async (name: Name, ...args: readonly string[]): Promise<Result> => {
  const ended = await tally({ cwd, home: homes[name] }, '--json', ...args)
  return { ...ended, ...(ended.out === '' ? {} : (JSON.parse(ended.out) as Partial<Result>)) }
}
/** Time for operators on a busy machine. */
const LONG = ['--wait', '60'] as const
const keyed = ['--passphrase-file', 'passphrase'] as const
const run = (name: Name, verb: string, ...args: readonly string[]): Promise<Result> =>
  as(name, verb, ...args, '--dir', `of-${name}`, ...keyed)

const carry = async (from: Name, result: Result): Promise<void> => {
  let [now, by]: [Result, Name] = [result, from]
  for (let isOver = false; !isOver && (now.files ?? []).length > 0;) {
    isOver = (now.files ?? []).every((one) => one.is === 'ack')
    by = by === 'alice' ? 'bob' : 'alice'
    now = await run(by, 'accept', ...(now.files ?? []).map((one) => one.path), '--yes')
  }
}

beforeAll(async () => {
  dev = start(cwd, 'dev', '--port', '0', '--suite', 'classic', '--json')
  const { folder } = JSON.parse(await dev.until(/\n\}\n/)) as { readonly folder: string }
  const directory = join(folder, 'directory.json')
  writeFileSync(join(cwd, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 })
  writeFileSync(join(cwd, 'wager.json'), WAGER)
  for (const name of ['alice', 'bob'] as const) {
    await as(name, 'id', 'new', '--name', name, '--suite', 'classic', ...keyed)
  }
  await as('bob', 'id', 'card')
  await as('alice', 'oracle', '--data', 'north', '--name', 'north', '--init', '--unsealed')
  const begun = await as(
    'alice',
    'new',
    '--with',
    'bob.card.tally',
    '--definition',
    'wager.json',
    '--dir',
    'of-alice',
    '--oracle',
    'north=north.tally',
  )
  expect(begun.error).toBeUndefined()
  copyFileSync(join(cwd, 'of-alice/out/invite.tally'), join(cwd, 'invite.tally'))
  await as('bob', 'accept', 'invite.tally', '--yes', '--dir', 'of-bob')
  await carry('alice', await run('alice', 'handover', '--directory', directory))
  for (const name of ['alice', 'bob'] as const) {
    expect((await run(name, 'handover', '--directory', directory, ...LONG)).code).toBe(0)
  }
}, PATIENCE_MS)
afterAll(async () => {
  dev.process.kill('SIGINT')
  await dev.ended
  rmSync(cwd, { recursive: true, force: true })
}, PATIENCE_MS)

test(
  'an answer is quoted from its file, and nothing that the file does not show',
  async () => {
    const quote = (answer: string, ...more: readonly string[]): Promise<Result> =>
      run('bob', 'propose', 'QUOTE', '--answer', `north:who won?=${answer}`, ...LONG, ...more)
    const attached = ['--attach', 'north.tally'] as const
    expect((await quote('home', ...attached)).error).toBe('bundle/missing-fact')
    await as('alice', 'oracle', 'who won?', 'home', '--data', 'north')
    expect((await quote('home')).error).toBe('bundle/missing-fact')
    expect((await quote('away', ...attached)).error).toBe('premise/false')
    const good = await quote('home', ...attached)
    expect(good).toMatchObject({ code: 0 })
    expect(good.certified).toHaveLength(1)
    await as('bob', 'bundle', '--dir', 'of-bob', '-o', 'wager.tally')
    const verified = await tally(cwd, 'verify', 'wager.tally')
    expect(verified.out).toContain('as north answers "who won?" with "home"')
    expect(verified.code).toBe(0)
  },
  PATIENCE_MS,
)
