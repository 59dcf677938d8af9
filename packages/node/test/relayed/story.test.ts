/** Two people run a machine that four custodians hold, over two relays of a third party: the real commands, in folders of their own. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ended, giveKeys, tally } from '../commands/spawn.ts'
import { startTestRelay, type TestRelay } from '../relay/test-relay.ts'
import { readRelayedFolder } from '../../src/relayed/folder.ts'
import { type Custody, holdMachine, KEYHOLDERS, NAMES } from './custodians.ts'

type Result = {
  readonly error?: string
  readonly link?: string
  readonly definition?: string
  readonly relays?: readonly { readonly relay: string; readonly outcome: string }[]
  readonly outcome?: string
  readonly input?: string
  readonly waitingFor?: readonly string[]
  readonly rejections?: readonly {
    readonly name: string
    readonly code: string
    readonly detail: string
  }[]
  readonly chart?: { readonly value: unknown; readonly context: unknown }
  readonly steps?: readonly {
    readonly sequence: string
    readonly type: string
    readonly input: string
    readonly custodians: readonly string[]
  }[]
  readonly head?: { readonly sequence: string }
  readonly restored?: { readonly lacked: number; readonly taken: number }
  readonly next?: string
  readonly identities?: readonly {
    readonly devices: readonly { readonly key: { readonly publicKey: string } }[]
  }[]
}

const STORY_MS = 240_000
const cwd = mkdtempSync(join(tmpdir(), 'tallystick-relayed-'))
const homes = { alice: join(cwd, 'home-alice'), bob: join(cwd, 'home-bob') } as const
type Name = keyof typeof homes
const dirs = { alice: 'a-deal', bob: 'b-deal' } as const
const keyed = ['--passphrase-file', 'passphrase'] as const

const as = async (name: Name, ...args: readonly string[]): Promise<Result & Ended> => {
  const ended = await tally({ cwd, home: homes[name] }, '--json', ...args)
  return { ...ended, ...(ended.out === '' ? {} : (JSON.parse(ended.out) as Result)) }
}
const run = (name: Name, verb: string, ...args: readonly string[]): Promise<Result & Ended> =>
  as(name, verb, ...args, '--dir', dirs[name])

const DEFINITION = {
  id: 'deal',
  initial: 'open',
  context: { price: 0 },
  states: {
    open: {
      on: {
        OFFER: {
          target: 'offered',
          guard: {
            type: 'expr',
            params: { cel: 'event.sender in machine.roles.trader && event.data.price > 0' },
          },
          actions: { type: 'assign', params: { set: { price: 'event.data.price' } } },
        },
      },
    },
    offered: {
      on: {
        COUNTER: {
          target: 'open',
          guard: { type: 'expr', params: { cel: 'event.sender in machine.roles.trader' } },
        },
        AGREE: {
          target: 'agreed',
          guard: { type: 'expr', params: { cel: 'event.sender in machine.roles.trader' } },
        },
      },
    },
    agreed: { type: 'final' },
  },
}

const relays: TestRelay[] = []
const relayOptions = (): readonly string[] => relays.flatMap(({ url }) => ['--relay', url])
const custodianOptions = KEYHOLDERS.flatMap(({ key }, at) => [
  '--custodian',
  `${NAMES[at] ?? ''}=${key}`,
])
let custody: Custody | undefined
let link = ''
const urls = (): readonly string[] => relays.map((one) => one.url)
const sign = (seats: readonly number[]): void => {
  if (!custody) throw new Error('nobody holds the machine yet')
  custody.seats = seats
}
const keys: Record<Name, string> = { alice: '', bob: '' }

beforeAll(async () => {
  relays.push(await startTestRelay(), await startTestRelay())
  writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
  writeFileSync(join(cwd, 'deal.json'), JSON.stringify(DEFINITION))
  for (const name of ['alice', 'bob'] as const) {
    giveKeys(homes[name], name, { suite: 'nostr', passphrase: 'a long enough passphrase' })
    keys[name] = (await as(name, 'id', 'show')).identities?.[0]?.devices[0]?.key.publicKey ?? ''
  }
}, STORY_MS)

afterAll(async () => {
  custody?.stop()
  for (const one of relays) await one.close()
  rmSync(cwd, { recursive: true, force: true })
})

describe('a machine that custodians hold', { timeout: STORY_MS }, () => {
  test('is made, signed and published by one command, which prints the invitation', async () => {
    const made = await as(
      'alice',
      'new',
      '--definition',
      'deal.json',
      '--dir',
      dirs.alice,
      '--role',
      `trader=me,${keys.bob}`,
      ...custodianOptions,
      ...relayOptions(),
      ...keyed,
    )
    expect(made.code, made.err).toBe(0)
    expect(made.relays?.map((one) => one.outcome)).toEqual(['stored', 'stored'])
    expect(made.link).toMatch(/^nostr:nevent1/)
    expect(made.next).toContain(`tally show --dir ${dirs.alice}`)
    link = made.link ?? ''
    const { definition } = readRelayedFolder(join(cwd, dirs.alice))
    expect(definition.id).toBe(made.definition)
    custody = holdMachine(urls(), definition)
  })

  test('is joined by its link alone, after its terms were shown', async () => {
    const shown = await as('bob', 'accept', link, '--dir', dirs.bob)
    expect(shown.code).toBe(2)
    const joined = await as('bob', 'accept', link, '--dir', dirs.bob, '--yes')
    expect(joined.code, joined.err).toBe(0)
    expect(readRelayedFolder(join(cwd, dirs.bob)).key).toBe(keys.bob)
  })

  test('refuses an input before anything is signed', async () => {
    const refused = await run('alice', 'propose', 'OFFER', '--data', '{"price":0}', ...keyed)
    expect([refused.code, refused.error]).toEqual([1, 'statechart/guard-failed'])
    expect(readFileSync(join(cwd, dirs.alice, 'events.jsonl'), 'utf8')).not.toContain('"kind":7501')
  })

  test('takes an input once three of four custodians gave receipts', async () => {
    const done = await run('alice', 'propose', 'OFFER', '--data', '{"price":30}', ...keyed)
    expect(done.code, done.err).toBe(0)
    expect(done.outcome).toBe('certified')
    const seen = await run('bob', 'show')
    expect(seen.chart).toMatchObject({ value: 'offered', context: { price: 30 } })
  })

  test('waits by name while custodians are silent, and a retry hands out the same input', async () => {
    sign([0, 1])
    const waiting = await run('bob', 'propose', 'COUNTER', '--wait', '3', ...keyed)
    expect([waiting.code, waiting.outcome, waiting.waitingFor]).toEqual([
      2,
      'waiting',
      ['cat', 'dan'],
    ])
    expect(waiting.next).toBe(`tally resend --dir ${dirs.bob}`)
    const other = await run('bob', 'propose', 'AGREE', '--wait', '1', ...keyed)
    expect([other.code, other.error]).toEqual([3, 'usage'])
    const again = await run('bob', 'propose', 'COUNTER', '--wait', '1', ...keyed)
    expect([again.code, again.input]).toEqual([2, waiting.input])
  })

  test('is completed by custodians that come back, with the input that was kept', async () => {
    custody?.complete([2, 3])
    const done = await run('bob', 'resend', ...keyed)
    expect([done.code, done.outcome], done.err).toEqual([0, 'certified'])
    expect(done.steps?.map((one) => one.type)).toEqual(['OFFER', 'COUNTER'])
  })

  test('tells what custodians say against an input, and ends with 1 when too few are left', async () => {
    const [one] = custody?.refuseNext([2, 3], 'GUARD_FAILED', 'we saw another guard') ?? []
    expect(one).toBe(2)
    const refused = await run('alice', 'propose', 'OFFER', '--data', '{"price":7}', ...keyed)
    expect([refused.code, refused.error, refused.outcome]).toEqual([1, 'GUARD_FAILED', 'refused'])
    expect(refused.rejections?.map((of) => of.name).toSorted()).toEqual(['cat', 'dan'])
    expect(refused.rejections?.[0]?.detail).toBe('we saw another guard')
  })

  test('keeps its history when a relay loses everything, and gives it back', async () => {
    for (const one of relays) await one.close()
    expect((await run('bob', 'resend')).code).toBe(2)
    for (const [at, relay] of relays.entries()) {
      relays[at] = await startTestRelay({ port: Number(new URL(relay.url).port) })
    }
    const [lost] = relays
    const seen = await run('bob', 'show')
    expect([seen.head?.sequence, seen.chart?.value], seen.err).toEqual(['2', 'open'])
    const given = await run('bob', 'resend')
    expect(given.restored?.lacked, given.err).toBeGreaterThan(8)
    expect(given.restored?.taken, given.err).toBe(given.restored?.lacked)
    expect(lost?.events.has(seen.definition ?? '')).toBe(true)
    const stranger = await as(
      'alice',
      'accept',
      seen.definition ?? '',
      '--relay',
      lost?.url ?? '',
      '--yes',
      '--dir',
      'again',
    )
    expect(stranger.code, stranger.err).toBe(0)
    expect((await as('alice', 'show', '--dir', 'again')).head?.sequence).toBe('2')
  })

  test('is a bundle that anybody can check, and pictures', async () => {
    const bundle = await run('bob', 'bundle', '-o', 'deal.tally')
    expect(bundle.code, bundle.err).toBe(0)
    const verified = await as('alice', 'verify', 'deal.tally')
    expect(verified.code, verified.err).toBe(0)
    const drawn = await run('bob', 'show', '--svg', 'deal')
    expect(drawn.code, drawn.err).toBe(0)
    expect(readFileSync(join(cwd, 'deal-chart.svg'), 'utf8')).toContain('<svg')
  })

  test('is watched, one line for each thing that happened', async () => {
    const watched = await tally({ cwd, home: homes.bob }, 'watch', '--once', '--dir', dirs.bob)
    expect(watched.out).toMatch(/1 {2}OFFER .*certified by ann, ben/)
    expect(watched.out).toMatch(/2 {2}COUNTER/)
  })
})
