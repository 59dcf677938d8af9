/**
 * A machine of two is handed over to operators, goes on under them and comes back: the real commands, files between two folders,
 * and the four operator processes of `tally dev`.
 */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ended, giveKeys, type Running, start, tally } from './spawn.ts'

type Up = {
  readonly folder: string
  readonly operators: readonly {
    readonly name: string
    readonly pid: number
    readonly restart: string
  }[]
}

type Result = {
  readonly error?: string
  readonly files?: readonly { readonly path: string; readonly is: string }[]
  readonly accepted?: readonly string[]
  readonly certified?: readonly string[]
  readonly waiting?: readonly { readonly name: string; readonly why: string }[]
  readonly holdings?: readonly { readonly holder: string; readonly free: string }[]
  readonly steps?: readonly { readonly sequence: string; readonly vouchers?: readonly string[] }[]
  readonly head?: { readonly sequence: string }
  readonly returned?: boolean
  readonly next?: string
}

const PATIENCE_MS = 600_000
const cwd = mkdtempSync(join(tmpdir(), 'tallystick-handover-'))
const homes = { alice: join(cwd, 'home-alice'), bob: join(cwd, 'home-bob') } as const
type Name = keyof typeof homes
const extra: Running[] = []
let dev: Running
let up: Up
let directory = ''

const as = async (name: Name, ...args: readonly string[]): Promise<Result & Ended> => {
  const ended = await tally({ cwd, home: homes[name] }, '--json', ...args)
  return { ...ended, ...(ended.out === '' ? {} : (JSON.parse(ended.out) as Result)) }
}

const keyed = ['--passphrase-file', 'passphrase'] as const
const dirs = { alice: 'a-purse', bob: 'b-purse' } as const
const other = (name: Name): Name => (name === 'alice' ? 'bob' : 'alice')

/** A command in the own folder, with the own key. */
const run = (name: Name, verb: string, ...args: readonly string[]): Promise<Result & Ended> =>
  as(name, verb, ...args, '--dir', dirs[name], ...keyed)

/** The same, with time for operators on a busy machine. */
const runLong = (name: Name, verb: string, ...args: readonly string[]): Promise<Result & Ended> =>
  run(name, verb, ...args, '--wait', '60')

/** Files go to and fro until an acknowledgement ends it, or nothing is left to hand over. */
const carry = async (from: Name, result: Result): Promise<Result> => {
  let [now, by] = [result, from]
  for (let isOver = false; !isOver && (now.files ?? []).length > 0;) {
    isOver = (now.files ?? []).every((one) => one.is === 'ack')
    by = other(by)
    now = await run(by, 'accept', ...(now.files ?? []).map((one) => one.path), '--yes')
  }
  return now
}

const kill = (name: string): void => {
  const pid = up.operators.find((one) => one.name === name)?.pid
  if (pid === undefined) throw new Error('no such operator')
  process.kill(pid, 'SIGKILL')
}

const freeOf = (result: Result): readonly string[] =>
  (result.holdings ?? []).map((one) => `${one.holder} ${one.free}`)

beforeAll(async () => {
  dev = start(cwd, 'dev', '--port', '0', '--suite', 'classic', '--json')
  up = JSON.parse(await dev.until(/\n\}\n/)) as Up
  directory = join(up.folder, 'directory.json')
  writeFileSync(join(cwd, 'passphrase'), 'correct horse battery staple\n', { mode: 0o600 })
  for (const name of ['alice', 'bob'] as const) {
    giveKeys(homes[name], name, { suite: 'classic', passphrase: 'correct horse battery staple' })
  }
  await as('bob', 'id', 'card')
  expect((await as('alice', 'new', '--with', 'bob.card.tally', '--dir', 'a-purse')).code).toBe(0)
  copyFileSync(join(cwd, 'a-purse/out/invite.tally'), join(cwd, 'invite.tally'))
  expect((await as('bob', 'accept', 'invite.tally', '--yes', '--dir', 'b-purse')).code).toBe(0)
  await carry('alice', await run('alice', 'propose', 'pay bob 10'))
}, PATIENCE_MS)
afterAll(async () => {
  for (const one of [...extra, dev]) {
    one.process.kill('SIGINT')
    await one.ended
  }
  rmSync(cwd, { recursive: true, force: true })
}, PATIENCE_MS)

describe('a live machine', () => {
  test(
    'is handed over by both, and goes on when a quorum of the operators has accepted',
    async () => {
      await carry('alice', await run('alice', 'handover', '--directory', directory))
      const stuck = await run('alice', 'propose', 'pay bob 1')
      expect(stuck.code).toBe(1)
      const shown = await as('alice', 'show', '--dir', 'a-purse')
      expect(shown.next).toContain('tally handover --directory')
      kill('west')
      kill('south')
      const early = await run('alice', 'handover', '--directory', directory, '--wait', '1')
      expect(early).toMatchObject({ code: 2, accepted: ['north', 'east'] })
      expect(early.next).toContain('tally handover --directory')
      await restart('south')
      const taken = await runLong('alice', 'handover', '--directory', directory)
      expect(taken).toMatchObject({ code: 0, accepted: ['north', 'east', 'south'] })
      const again = await run('alice', 'handover', '--directory', directory)
      expect(again.code).toBe(3)
      await as('alice', 'bundle', '--dir', 'a-purse', '-o', 'taken.tally')
      expect(await as('alice', 'verify', 'taken.tally')).toMatchObject({ code: 0 })
    },
    PATIENCE_MS,
  )

  test(
    'takes steps of either party alone, each on top of the other’s',
    async () => {
      const paid = await runLong('alice', 'propose', 'pay bob 20')
      expect(paid).toMatchObject({ code: 0, certified: ['3'], waiting: [] })
      expect(freeOf(paid)).toEqual(['alice 70', 'bob 130'])
      const taken = await runLong('bob', 'handover', '--directory', directory)
      expect(taken.code).toBe(0)
      const back = await runLong('bob', 'propose', 'pay alice 5')
      expect(back).toMatchObject({ code: 0, certified: ['4'] })
      expect(freeOf(back)).toEqual(['alice 75', 'bob 125'])
      const poor = await run('bob', 'propose', 'pay alice 1000')
      expect(poor).toMatchObject({ code: 1, error: 'ledger/insufficient' })
      const seen = await runLong('alice', 'resend')
      expect(seen).toMatchObject({ code: 0, head: { sequence: '4' } })
    },
    PATIENCE_MS,
  )

  test(
    'waits by name where too few operators are there, and completes the same step later',
    async () => {
      kill('east')
      const waiting = await run('alice', 'propose', 'pay bob 7', '--wait', '2')
      expect(waiting.code).toBe(2)
      expect(waiting.waiting?.map((one) => one.name)).toEqual(expect.arrayContaining(['east']))
      expect(waiting.next).toBe('tally resend --dir a-purse')
      const busy = await run('alice', 'propose', 'pay bob 1')
      expect(busy.code).toBe(3)
      await restart('west')
      const done = await run('alice', 'resend', '--wait', '60')
      expect(done).toMatchObject({ code: 0, certified: ['5'] })
      expect(freeOf(done)).toEqual(['alice 68', 'bob 132'])
      await restart('east')
    },
    PATIENCE_MS,
  )

  test(
    'comes back when both want it, the operators have certified it and both have accepted',
    async () => {
      const wanted = await runLong('alice', 'handover', '--back')
      expect(wanted.code).toBe(0)
      const [file] = wanted.files ?? []
      const unanswered = await run('bob', 'accept', file?.path ?? '')
      expect(unanswered.code).toBe(3)
      const agreed = await runLong('bob', 'accept', file?.path ?? '', '--yes')
      expect(agreed).toMatchObject({ code: 2, returned: false })
      const both = await run('alice', 'accept', agreed.files?.[0]?.path ?? '')
      expect(both).toMatchObject({ code: 0, returned: true })
      const done = await run('bob', 'accept', both.files?.[0]?.path ?? '')
      expect(done).toMatchObject({ code: 0, returned: true })
    },
    PATIENCE_MS,
  )

  test(
    'goes on between the two, and one file shows all of it',
    async () => {
      const last = await carry('alice', await run('alice', 'propose', 'pay bob 3'))
      expect(freeOf(last)).toEqual(['alice 65', 'bob 135'])
      const bundled = await as('bob', 'bundle', '--dir', 'b-purse', '-o', 'whole.tally')
      expect(bundled.code).toBe(0)
      expect(await as('bob', 'verify', 'whole.tally')).toMatchObject({ code: 0 })
      const away = await carry('alice', await run('alice', 'handover', '--directory', directory))
      expect(away.head?.sequence).toBe('8')
      const taken = await runLong('alice', 'handover', '--directory', directory)
      expect(taken.code).toBe(0)
      const paid = await runLong('alice', 'propose', 'pay bob 1')
      expect(paid).toMatchObject({ code: 0, certified: ['9'] })
      await as('alice', 'bundle', '--dir', 'a-purse', '-o', 'twice.tally')
      expect(await as('alice', 'verify', 'twice.tally')).toMatchObject({ code: 0 })
    },
    PATIENCE_MS,
  )
})

const restart = async (name: string): Promise<void> => {
  const command = up.operators.find((one) => one.name === name)?.restart ?? ''
  const [, ...args] = command.split(' ')
  const back = start(cwd, ...args)
  extra.push(back)
  await back.until(/next:/)
}
