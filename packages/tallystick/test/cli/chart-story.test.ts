/** Two people declare a process, and move it with the real command. */
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createUser, type Ended, giveKeys, type Tally } from './spawn.ts'

type Result = {
  readonly error?: string
  readonly files?: readonly { readonly path: string; readonly is: string }[]
  readonly pictures?: readonly string[]
  readonly problems?: readonly {
    readonly path: string
    readonly code: string
    readonly fix: string
  }[]
  readonly lints?: readonly { readonly code: string }[]
  readonly chart?: {
    readonly value: string
    readonly status: string
    readonly context: Readonly<Record<string, unknown>>
    readonly head: { readonly at: number; readonly height: number }
    readonly next: readonly { readonly event: string }[]
  }
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

const SALE = {
  id: 'sale',
  initial: 'open',
  context: { price: 0, by: 'alice' },
  meta: { nsm: { custody: 'bilateral' } },
  states: {
    open: {
      on: {
        OFFER: {
          guard: {
            type: 'expr',
            params: {
              cel: 'event.data.price > context.price && event.sender in machine.roles.buyer',
            },
          },
          actions: {
            type: 'assign',
            params: { set: { price: 'event.data.price', by: 'event.sender' } },
          },
        },
        TAKE: {
          guard: { type: 'expr', params: { cel: '!(event.sender in machine.roles.buyer)' } },
          target: 'sold',
        },
      },
      after: { '86400000': 'over' },
    },
    sold: { type: 'final' },
    over: { type: 'final' },
  },
}

/** Hands files over until neither has one left. */
const settle = async (to: Tally, from: Tally, result: Result): Promise<void> => {
  let [now, taker, giver] = [result, to, from]
  for (let at = 0; (now.files ?? []).length > 0; at++) {
    if (at > 8) throw new Error('the two do not come to rest')
    const isOver = (now.files ?? []).every((one) => one.is === 'ack')
    const names = (now.files ?? []).map(({ path }) => {
      copyFileSync(join(giver.cwd, path), join(taker.cwd, basename(path)))
      return basename(path)
    })
    now = await json(taker, 'accept', ...names, '--yes', ...signed(taker))
    if (isOver) return
    ;[taker, giver] = [giver, taker]
  }
}

beforeAll(async () => {
  for (const [name, one] of Object.entries(people)) giveKeys(one, name)
  await bob.run('id', 'card')
  copyFileSync(join(bob.cwd, 'bob.card.tally'), join(alice.cwd, 'bob.card.tally'))
  writeFileSync(join(alice.cwd, 'sale.json'), JSON.stringify(SALE, undefined, 2))
}, 60_000)

describe('a definition with mistakes', () => {
  const trying = async (definition: unknown): Promise<Result & Ended> => {
    writeFileSync(join(alice.cwd, 'bad.json'), JSON.stringify(definition))
    return json(
      alice,
      'new',
      '--with',
      'bob.card.tally',
      '--definition',
      'bad.json',
      '--role',
      'buyer=bob',
      '--dir',
      'bad',
    )
  }

  test('is refused with the place of each, and a fix', async () => {
    const bad = await trying({ ...SALE, initial: 'shut', colour: 'red' })
    expect(bad.code).toBe(1)
    expect(bad.error).toBe('statechart/bad-definition')
    expect(bad.problems?.map((one) => one.path).toSorted()).toEqual(['$.colour', '$.initial'])
    expect(bad.problems?.every((one) => one.fix.length > 0)).toBe(true)
    const said = await alice.run('new', '--with', 'bob.card.tally', '--definition', 'bad.json')
    expect(said.err).toContain('2 problems')
    expect(said.err).toMatch(/^\$\.initial {2}/m)
    expect(said.err).toContain('fix: ')
  }, 120_000)

  test('is refused for other certifiers than two parties', async () => {
    const other = await trying({ ...SALE, meta: { nsm: { custody: 'custodians' } } })
    expect([other.code, other.error]).toEqual([1, 'statechart/other-custody'])
  }, 120_000)
})

describe('a process of two', () => {
  test('is declared in a file, moved by both, and shows where it stands', async () => {
    const role = ['--role', 'buyer=bob']
    const options = ['--definition', 'sale.json', '--dir', 'a-sale', ...role]
    const begun = await alice.run('new', '--with', 'bob.card.tally', ...options)
    expect({ code: begun.code, err: begun.err }).toEqual({ code: 0, err: '' })
    expect(begun.out).toContain('sale, with events OFFER, TAKE')
    expect(begun.out).toContain('within 86400 seconds')
    expect(begun.out).not.toContain('TICK')
    copyFileSync(join(alice.cwd, 'a-sale/out/invite.tally'), join(bob.cwd, 'invite.tally'))
    const taken = await bob.run('accept', 'invite.tally', '--dir', 'b-sale', '--yes')
    expect(taken.code).toBe(0)

    const shown = await alice.run('show')
    expect(shown.out).toMatch(/state +open/)
    expect(shown.out).toMatch(/can come +OFFER +stays +if event\.data\.price/)
    expect(shown.out).toMatch(/can come +nsm\.tick +to sale\.over +from 20/)
    expect(shown.out).toContain('next: tally propose OFFER')

    const wrong = await alice.run('propose', 'OFFER', '--data', '{"price":5}', ...signed(alice))
    expect(wrong.code).toBe(1)
    expect(wrong.err).toContain('statechart/guard-failed')
    expect(wrong.err).toContain('event.sender in machine.roles.buyer')
    // It is Alice's turn, so Bob's event is a request that she proposes.
    const offered = await json(
      bob,
      'propose',
      'b-sale',
      'OFFER',
      '--data',
      '{"price": 5}',
      ...signed(bob),
    )
    expect(offered.code).toBe(0)
    await settle(alice, bob, offered)
    const { chart } = await json(bob, 'show')
    expect(chart).toMatchObject({ value: 'open', context: { price: 5, by: 'bob' } })
    expect(chart?.head.height).toBe(1)
    expect(Math.abs((chart?.head.at ?? 0) - Date.now())).toBeLessThan(600_000)

    const sold = await json(alice, 'propose', 'TAKE', ...signed(alice))
    expect(sold.code).toBe(0)
    await settle(bob, alice, sold)
    const end = await json(alice, 'show')
    expect(end.chart).toMatchObject({ value: 'sold', status: 'done', next: [] })
    const late = await json(bob, 'propose', 'OFFER', '--data', '{"price": 9}', ...signed(bob))
    expect([late.code, late.error]).toEqual([1, 'statechart/final-state'])

    await alice.run('bundle', '-o', 'sale.tally')
    const judged = await alice.run('verify', 'sale.tally')
    expect(judged.code).toBe(0)
    expect(judged.out).toContain('bob sends OFFER {"price":5}')
    expect(judged.out).toContain('alice sends TAKE')

    const drawn = await json(alice, 'show', 'sale.tally', '--mermaid', 'sale')
    expect([drawn.code, drawn.error, drawn.err]).toEqual([0, undefined, ''])
    expect(drawn.pictures).toEqual(['sale-chart.mmd', 'sale-steps.mmd'])
    const picture = (name: string): string => readFileSync(join(alice.cwd, name), 'utf8')
    // "sold" is where the machine stands, and it alone is marked.
    const drawing = picture('sale-chart.mmd')
    const [, name] = /state "sold" as (s\d+)/.exec(drawing) ?? []
    expect(drawing.match(/^ {2}class .*$/gm)).toEqual([`  class ${name} now`])
    expect(picture('sale-steps.mmd')).toMatch(/step 2 : .*TAKE.* : final by alice, bob/)
    const card = await alice.run('show', 'bob.card.tally', '--mermaid', 'bob')
    expect([card.code, card.err.includes('bundles are drawn')]).toEqual([3, true])
  }, 300_000)
})
