/** Two voters on one head, whose ballots commute: the real commands, and real custodians over a relay. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { nostrInputFrom } from 'tallystick/nostr'
import { afterAll, describe, expect, test } from 'vitest'
import { type Ended, giveKeys, tally } from '../commands/spawn.ts'
import { definedBy } from '../../src/custodian/definition.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { keptEvents, readRelayedFolder } from '../../src/relayed/folder.ts'
import { KEEPERS, startKeeper } from '../custodian/scene.ts'
import { engine } from '../relay/people.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-commute-'))
const keyed = ['--passphrase-file', 'passphrase'] as const
const relay = await startLocalRelay(engine)
const keepers: Awaited<ReturnType<typeof startKeeper>>[] = []

afterAll(async () => {
  for (const one of keepers) await one.stop()
  await relay.close()
  rmSync(cwd, { recursive: true, force: true })
})

type Name = 'alice' | 'bob'
const run = (name: Name, ...args: readonly string[]): Promise<Ended> =>
  tally({ cwd, home: join(cwd, `home-${name}`) }, ...args)

const POLL = {
  id: 'poll',
  initial: 'open',
  context: { votes: 0 },
  meta: { nsm: { commute: ['VOTE'] } },
  states: {
    open: {
      on: {
        VOTE: { actions: { type: 'assign', params: { set: { votes: 'context.votes + 1' } } } },
        CLOSE: { target: 'closed' },
      },
    },
    closed: { type: 'final' },
  },
}

describe('ballots that commute', { timeout: 300_000 }, () => {
  test('are both certified though both were signed on one head, and neither is signed again', async () => {
    writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
    writeFileSync(join(cwd, 'poll.json'), JSON.stringify(POLL))
    for (const name of ['alice', 'bob'] as const) {
      giveKeys(join(cwd, `home-${name}`), name, {
        suite: 'nostr',
        passphrase: 'a long enough passphrase',
      })
    }
    const custodians = KEEPERS.flatMap(({ key }, at) => ['--custodian', `keeper${at}=${key}`])
    const given = ['--definition', 'poll.json', '--relay', relay.url, ...custodians]
    const made = await run('alice', 'new', ...given, '--dir', 'alice', '--json', ...keyed)
    expect(made.code, made.err).toBe(0)
    const { link } = JSON.parse(made.out) as { readonly link: string }
    const joined = await run('bob', 'accept', link, '--yes', '--dir', 'bob')
    expect(joined.code, joined.err).toBe(0)
    const { definition } = readRelayedFolder(join(cwd, 'alice'))
    const defined = definedBy(definition, { verifier: engine, logics: STANDARD_LOGICS })
    if (isFault(defined)) throw defined
    const vote = (name: Name, ...more: readonly string[]): Promise<Ended> =>
      run(name, 'propose', 'VOTE', '--dir', name, ...keyed, ...more)
    // Both sign before anybody certifies: nobody is there yet.
    const early = await Promise.all([vote('alice', '--wait', '1'), vote('bob', '--wait', '1')])
    expect(early.map((one) => one.code)).toEqual([2, 2])
    for (const one of KEEPERS.slice(0, 3))
      keepers.push(await startKeeper(defined, one, [relay.url]))
    const both = await Promise.all(
      (['alice', 'bob'] as const).map((name) =>
        run(name, 'resend', '--dir', name, '--wait', '90', ...keyed),
      ),
    )
    expect(
      both.map((one) => one.code),
      both.map((one) => one.err + one.out).join(),
    ).toEqual([0, 0])
    const shown = await run('alice', 'show', '--dir', 'alice', '--json')
    const { chart } = JSON.parse(shown.out) as { readonly chart: { readonly context: unknown } }
    expect(chart.context).toEqual({ votes: 2 })
    for (const name of ['alice', 'bob'] as const) {
      const { key, path } = readRelayedFolder(join(cwd, name))
      const own = [...keptEvents({ path }).values()].filter(
        (one) => one.kind === 7501 && one.pubkey === key,
      )
      expect(own.map((one) => nostrInputFrom(one).parent)).toEqual([undefined])
    }
  })
})
