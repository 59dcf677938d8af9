/** Two people keep records with the real command: goods that go from hand to hand, with a price that nobody else sees. */
import { copyFileSync, readFileSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundleFromFile } from '../../src/verify/bundle.ts'
import { createUser, type Ended, giveKeys, type Tally } from './spawn.ts'

type Result = {
  readonly error?: string
  readonly files?: readonly { readonly path: string; readonly is: string }[]
  readonly asked?: { readonly fields: Readonly<Record<string, string>> }
  readonly records?: readonly {
    readonly id: string
    readonly about: string
    readonly holder: string
    readonly stands: string
  }[]
}

const people = { alice: createUser(), bob: createUser() }
const { alice, bob } = people
afterAll(() => {
  for (const one of [alice, bob]) rmSync(join(one.home, '..'), { recursive: true })
})

const signed = (of: Tally): readonly string[] => ['--passphrase-file', of.passphraseFile]

const json = async (of: Tally, ...args: readonly string[]): Promise<Result & Ended> => {
  const ended = await of.run('--json', ...args)
  return { ...ended, ...(JSON.parse(ended.out) as Result) }
}

/** Hands files to the other until neither has one left, and gives what the other was asked. */
const carry = async (
  to: Tally,
  from: Tally,
  result: Result,
  dirs: readonly [string, string],
): Promise<Result> => {
  let [now, taker, giver, at] = [result, to, from, 0]
  let asked: Result = result
  // An acknowledgement ends it: whoever gets one may acknowledge in turn.
  for (let isOver = false; !isOver && (now.files ?? []).length > 0;) {
    isOver = (now.files ?? []).every((one) => one.is === 'ack')
    const names = (now.files ?? []).map(({ path }) => {
      copyFileSync(join(giver.cwd, path), join(taker.cwd, basename(path)))
      return basename(path)
    })
    const dir = dirs[at % 2] ?? ''
    now = await json(taker, 'accept', ...names, '--dir', dir, '--yes', ...signed(taker))
    if (now.asked) asked = now
    ;[taker, giver, at] = [giver, taker, at + 1]
  }
  return asked
}

const step = async (by: Tally, words: string, name = 'goods'): Promise<Result> => {
  const to = by === alice ? bob : alice
  const dirs =
    by === alice ? ([`b-${name}`, `a-${name}`] as const) : ([`a-${name}`, `b-${name}`] as const)
  const offered = await json(by, 'propose', words, '--dir', dirs[1], ...signed(by))
  if (offered.code !== 0) return offered
  return carry(to, by, offered, dirs)
}

const recordsOf = async (of: Tally, dir: string): Promise<NonNullable<Result['records']>> =>
  (await json(of, 'show', '--dir', dir)).records ?? []

const begin = async (name: string): Promise<void> => {
  await alice.run('new', '--with', 'bob.card.tally', '--logic', 'record', '--dir', `a-${name}`)
  copyFileSync(join(alice.cwd, `a-${name}/out/invite.tally`), join(bob.cwd, 'invite.tally'))
  const { code } = await bob.run('accept', 'invite.tally', '--yes', '--dir', `b-${name}`)
  expect(code).toBe(0)
}

beforeAll(async () => {
  for (const [name, one] of Object.entries(people)) giveKeys(one, name)
  await bob.run('id', 'card')
  copyFileSync(join(bob.cwd, 'bob.card.tally'), join(alice.cwd, 'bob.card.tally'))
  await begin('goods')
  await begin('road')
}, 120_000)

describe('records in words', () => {
  let id = ''

  test('begin with hidden values that the other party is shown, and go from hand to hand', async () => {
    const opened = await step(alice, 'open 20 sacks of coffee with price=900 EUR grade=A')
    expect(opened.asked?.fields).toEqual({ price: '900 EUR', grade: 'A' })
    const [record] = await recordsOf(bob, 'b-goods')
    expect(record).toMatchObject({ about: '20 sacks of coffee', holder: 'alice', stands: '' })
    id = record?.id ?? ''
    const notHis = await step(bob, `hand ${id.slice(0, 6)} to alice`)
    expect(notHis.error).toBe('record/not-holder')
    const handed = await step(alice, `hand ${id.slice(0, 6)} to bob with price=950 EUR`)
    expect(handed.asked?.fields).toEqual({ price: '950 EUR' })
    expect(await recordsOf(alice, 'a-goods')).toMatchObject([{ holder: 'bob' }])
  }, 120_000)

  test('leave a file that shows the values, and one that does not', async () => {
    const whole = await bob.run('bundle', '--dir', 'b-goods', '-o', 'goods.tally')
    expect(whole.code).toBe(0)
    const cut = await bob.run('bundle', 'goods.tally', '--hide', 'price', '-o', 'cut.tally')
    expect(cut.code).toBe(0)
    const shown = ['goods.tally', 'cut.tally'].map((name) => {
      const file = new Uint8Array(readFileSync(join(bob.cwd, name)))
      return bundleFromFile(file)
        .openings.map((one) => one.value)
        .sort()
    })
    expect(shown).toEqual([['900 EUR', '950 EUR', 'A'], ['A']])
    for (const name of ['goods.tally', 'cut.tally']) {
      expect((await bob.run('verify', name)).code).toBe(0)
    }
  }, 120_000)

  test('are kept back, and released by those who were named', async () => {
    await step(bob, `hold ${id.slice(0, 6)} until 2 of alice,bob`)
    expect(await recordsOf(bob, 'b-goods')).toMatchObject([
      { stands: 'kept back until 2 of (alice, bob) agree' },
    ])
    const refused = await step(bob, `hand ${id.slice(0, 6)} to alice`)
    expect(refused.error).toBe('record/held')
    await step(alice, `release ${id.slice(0, 6)} with temperature=4`)
    expect(await recordsOf(bob, 'b-goods')).toMatchObject([{ holder: 'bob', stands: '' }])
  }, 120_000)

  test('are handed over in another machine, and that is taken in with proof', async () => {
    await step(bob, `entrust ${id.slice(0, 6)} to alice in b-road`)
    const early = await step(bob, `hand ${id.slice(0, 6)} to bob`)
    expect(early.error).toBeDefined()
    await bob.run('bundle', '--dir', 'b-road', '-o', 'early.tally')
    const unsaid = await bob.run(
      'propose',
      `settle ${id.slice(0, 6)} with early.tally`,
      '--dir',
      'b-goods',
      ...signed(bob),
    )
    expect(unsaid.code).toBe(3)
    expect(unsaid.err).toContain('shows no agreement about it')
    const agreed = await step(bob, `agree ${id.slice(0, 6)} of b-goods to alice with km=7`, 'road')
    expect(agreed.asked?.fields).toEqual({ km: '7' })
    expect(await recordsOf(bob, 'b-goods')).toMatchObject([{ holder: 'bob' }])
    await bob.run('bundle', '--dir', 'b-road', '-o', 'road.tally')
    await step(bob, `settle ${id.slice(0, 6)} with road.tally`)
    expect(await recordsOf(alice, 'a-goods')).toMatchObject([{ holder: 'alice', stands: '' }])
    const bundled = await alice.run('bundle', '--dir', 'a-goods', '-o', 'settled.tally')
    expect(bundled.code).toBe(0)
    expect((await alice.run('verify', 'settled.tally')).code).toBe(0)
  }, 180_000)

  test('end, and are told apart from what nobody understands', async () => {
    await step(alice, `end ${id.slice(0, 6)}`)
    expect(await recordsOf(bob, 'b-goods')).toMatchObject([{ stands: 'ended' }])
    const ended = await step(alice, `hand ${id.slice(0, 6)} to bob`)
    expect(ended.error).toBe('record/ended')
    const at = ['--dir', 'a-goods', ...signed(alice)]
    for (const [words, says] of [
      ['hand 000000 to bob', 'there is no record 000000'],
      [`hand ${id} to carol`, 'carol is no party'],
      ['hold x', 'say "hold RECORD until N of NAME,NAME"'],
      ['open grain with price', '"price" is no field'],
      ['open grain with price=1 price=2', 'said twice'],
    ] as const) {
      const refused = await alice.run('propose', words, ...at)
      expect(refused.code).toBe(3)
      expect(refused.err).toContain(says)
    }
  }, 120_000)
})
