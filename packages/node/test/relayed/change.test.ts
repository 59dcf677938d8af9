/** Two participants move a live machine from four custodians to others: the real commands, and real custodians over a relay. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { afterAll, describe, expect, test } from 'vitest'
import { type Ended, giveKeys, tally } from '../commands/spawn.ts'
import { type Defined, definedBy } from '../../src/custodian/definition.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { readRelayedFolder } from '../../src/relayed/folder.ts'
import { COUNTER, KEEPERS, startKeeper } from '../custodian/scene.ts'
import { engine, type Person, person } from '../relay/people.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-change-'))
const keyed = ['--passphrase-file', 'passphrase'] as const
const keepers = new Map<Person, Awaited<ReturnType<typeof startKeeper>>>()
const relay = await startLocalRelay(engine)
const uma = person('uma')

afterAll(async () => {
  for (const one of keepers.values()) await one.stop()
  await relay.close()
  rmSync(cwd, { recursive: true, force: true })
})

type Name = 'alice' | 'bob'
const run = (name: Name, ...args: readonly string[]): Promise<Ended> =>
  tally({ cwd, home: join(cwd, `home-${name}`) }, ...args)
const inFolder = (name: Name, ...args: readonly string[]): Promise<Ended> =>
  run(name, ...args, '--dir', name)
const keyOf = async (name: Name): Promise<string> => {
  giveKeys(join(cwd, `home-${name}`), name, {
    suite: 'nostr',
    passphrase: 'a long enough passphrase',
  })
  const shown = JSON.parse((await run(name, 'id', 'show', '--json')).out) as {
    readonly identities: readonly {
      readonly devices: readonly { readonly key: { readonly publicKey: string } }[]
    }[]
  }
  return shown.identities[0]?.devices[0]?.key.publicKey ?? ''
}
const seat = async (defined: Defined, one: Person): Promise<void> => {
  keepers.set(one, await startKeeper(defined, one, [relay.url]))
}
const leave = async (one: Person | undefined): Promise<void> => {
  if (one) await keepers.get(one)?.stop()
  if (one) keepers.delete(one)
}
const named = (people: readonly Person[]): readonly string[] =>
  people.flatMap(({ key }, at) => ['--custodian', `keeper${at}=${key}`])
const push = (name: Name): Promise<Ended> =>
  inFolder(name, 'propose', 'PUSH', '--data', '{"by":1}', '--wait', '60', ...keyed)

describe('a change of custodians over relays', { timeout: 300_000 }, () => {
  test('takes everybody, is accepted by those who come, and the machine goes on with them', async () => {
    writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
    writeFileSync(join(cwd, 'counter.json'), COUNTER)
    const [, bob] = [await keyOf('alice'), await keyOf('bob')]
    const begun = await run(
      'alice',
      'new',
      '--definition',
      'counter.json',
      '--relay',
      relay.url,
      ...named(KEEPERS),
      '--role',
      `player=me,${bob}`,
      '--dir',
      'alice',
      '--json',
      ...keyed,
    )
    expect(begun.code, begun.err).toBe(0)
    const { link } = JSON.parse(begun.out) as { readonly link: string }
    const { definition } = readRelayedFolder(join(cwd, 'alice'))
    const defined = definedBy(definition, { verifier: engine, logics: STANDARD_LOGICS })
    if (isFault(defined)) throw defined
    for (const one of KEEPERS) await seat(defined, one)
    await seat(defined, uma)
    const joined = await run('bob', 'accept', link, '--yes', '--dir', 'bob')
    expect(joined.code, joined.err).toBe(0)
    expect((await push('alice')).code).toBe(0)
    const same = await inFolder('alice', 'custodians', 'change', ...named(KEEPERS), ...keyed)
    expect(same.code, same.err + same.out).toBe(0)
    expect(same.out).toContain('Nothing changes')
    // Two leave, Uma comes.
    const next = [...KEEPERS.slice(0, 2), uma]
    const asked = await inFolder('alice', 'custodians', 'change', ...named(next), ...keyed)
    expect(asked.code, asked.err + asked.out).toBe(2)
    expect(asked.out).toContain(`it waits for ${bob.slice(0, 8)}`)
    const shown = await inFolder('bob', 'custodians', 'agree', '--no')
    expect(shown.code).toBe(0)
    expect(shown.out).toContain(uma.key.slice(0, 8))
    const agreed = await inFolder('bob', 'custodians', 'agree', '--yes', '--wait', '60', ...keyed)
    expect(agreed.code, agreed.err + agreed.out).toBe(0)
    expect(agreed.out).toContain('certified by 2 of')
    // Those who left are not needed any more, and one of the others may be silent.
    for (const one of KEEPERS.slice(2)) await leave(one)
    await leave(KEEPERS[0])
    const pushed = await push('bob')
    expect(pushed.code, pushed.err + pushed.out).toBe(0)
    expect(pushed.out).toContain(uma.key.slice(0, 8))
    const bundled = await inFolder('alice', 'bundle', '-o', 'counter.tally')
    expect(bundled.code, bundled.err).toBe(0)
    const checked = await run('alice', 'verify', 'counter.tally')
    expect(checked.code, checked.out + checked.err).toBe(0)
  })
})
