/** A private machine goes to a directory and comes back to its custodians: the real commands, and a relay that sees wraps alone. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { KINDS } from 'tallystick/nostr'
import { afterAll, expect, test } from 'vitest'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { type Ended, giveKeys, tally } from '../commands/spawn.ts'
import { COUNTER, keeperClient, KEEPERS } from '../custodian/scene.ts'
import { engine } from '../relay/people.ts'
import { startDirectoryFor } from '../relayed/directory-file.ts'
import { type PrivateKeeper, startPrivateKeeper } from '../relayed/private-keeper.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-private-handed-'))
const keyed = ['--passphrase-file', 'passphrase'] as const
const relay = await startLocalRelay(engine)
const client = keeperClient()
const keepers: PrivateKeeper[] = []
const operators: RunningOperator[] = []

afterAll(async () => {
  for (const one of [...keepers, ...operators]) await ('stop' in one ? one.stop() : one.close())
  client.close()
  await relay.close()
  rmSync(cwd, { recursive: true, force: true })
})

type Name = 'alice' | 'bob'
const run = (name: Name, ...args: readonly string[]): Promise<Ended> =>
  tally({ cwd, home: join(cwd, `home-${name}`) }, ...args)
const good = (ended: Ended): string => {
  expect(ended.code, ended.out + ended.err).toBe(0)
  return ended.out
}
const inAs = async (name: Name, ...args: readonly string[]): Promise<string> =>
  good(await run(name, ...args, '--dir', name, ...keyed))
const push = (name: Name): Promise<string> =>
  inAs(name, 'propose', 'PUSH', '--data', '{"by":1}', '--wait', '120')
const keyOf = async (name: Name): Promise<string> => {
  const home = join(cwd, `home-${name}`)
  giveKeys(home, name, { suite: 'nostr', passphrase: 'a long enough passphrase' })
  const shown = JSON.parse(good(await run(name, 'id', 'show', '--json'))) as {
    readonly identities: readonly {
      readonly devices: readonly { readonly key: { readonly publicKey: string } }[]
    }[]
  }
  return shown.identities[0]?.devices[0]?.key.publicKey ?? ''
}

test(
  'a private machine is handed to a directory and back, and goes on with its custodians',
  { timeout: 600_000 },
  async () => {
    writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
    writeFileSync(join(cwd, 'counter.json'), COUNTER)
    await startDirectoryFor(join(cwd, 'directory.json'), ['ann', 'ben', 'cat', 'dan'], operators)
    const [, bob] = [await keyOf('alice'), await keyOf('bob')]
    const chart = ['--definition', 'counter.json', '--relay', relay.url, '--private']
    const custody = KEEPERS.flatMap(({ key }, at) => ['--custodian', `keeper${at}=${key}`])
    const place = ['--role', `player=me,${bob}`, '--dir', 'alice', '--json']
    const made = await run('alice', 'new', ...chart, ...custody, ...place, ...keyed)
    const { link, definition } = JSON.parse(good(made)) as Record<'link' | 'definition', string>
    for (const one of KEEPERS) {
      keepers.push(await startPrivateKeeper(client, [relay.url], one, definition))
    }
    await inAs('bob', 'accept', link, '--private', '--yes')
    await push('bob')
    const there = ['handover', '--directory', 'directory.json'] as const
    expect((await run('alice', ...there, '--dir', 'alice', ...keyed)).code).toBe(2)
    expect(await inAs('bob', 'custodians', 'agree', '--yes', '--wait', '120')).toMatch(
      /From now on it is certified by 3 of ann/,
    )
    expect(await inAs('alice', ...there)).toContain('have accepted')
    expect(await push('alice')).toMatch(/PUSH .*certified by (?:ann|ben|cat)/)
    expect(await inAs('bob', ...there)).toContain('have accepted')
    const back = await run('alice', 'handover', '--back', '--dir', 'alice', ...keyed)
    expect(back.code, back.out + back.err).toBe(2)
    expect(await inAs('bob', 'custodians', 'agree', '--yes', '--wait', '120')).toMatch(
      /From now on it is certified by \d of keeper0/,
    )
    // The custodians took up what was certified while they had no say.
    expect(await push('bob')).toMatch(/PUSH .*certified by .*keeper/)
    expect(await push('alice')).toMatch(/PUSH .*certified by .*keeper/)
    good(await run('bob', 'bundle', '--dir', 'bob', '-o', 'back.tally'))
    const { report } = JSON.parse(good(await run('bob', 'verify', 'back.tally', '--json'))) as {
      readonly report: {
        readonly machines: readonly { readonly steps: readonly { readonly standing: string }[] }[]
      }
    }
    expect(report.machines[0]?.steps.map((one) => one.standing)).toEqual(Array(6).fill('final'))
    const { events } = await client.fetch([relay.url], {})
    expect([...new Set<number>(events.map((one) => one.kind))].sort((a, b) => a - b)).toEqual([
      KINDS.giftWrap,
      KINDS.keyPack,
    ])
    // In quotes: four letters alone come about in as much cipher text by chance.
    for (const word of [/"PUSH\\*"/, new RegExp(definition)]) {
      expect(word.test(JSON.stringify(events))).toBe(false)
    }
  },
)
