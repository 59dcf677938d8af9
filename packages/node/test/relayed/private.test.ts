/** A machine that is told to its members alone: the real commands, and custodians over a relay that sees nothing of it. */
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { takeLock } from 'tallystick/command'
import { STANDARD_LOGICS } from 'tallystick'
import { KINDS } from 'tallystick/nostr'
import { afterAll, describe, expect, test } from 'vitest'
import { type Ended, giveKeys, start, tally } from '../commands/spawn.ts'
import { definedBy } from '../../src/custodian/definition.ts'
import type { RunningCustodian } from '../../src/custodian/start-custodian.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { createKeyRing, enter, packsFor, privateTools } from '../../src/relay/membership.ts'
import { newEpochKeys } from '../../src/relay/private.ts'
import { createPrivateClient } from '../../src/relay/private-client.ts'
import { keySigner } from '../../src/relay/signer.ts'
import { COUNTER, keeperClient, KEEPERS, startKeeper } from '../custodian/scene.ts'
import { engine, type Person, person } from '../relay/people.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-private-'))
const keyed = ['--passphrase-file', 'passphrase'] as const
const relay = await startLocalRelay(engine)
const client = keeperClient()
const children: ChildProcess[] = []
const keepers: Awaited<ReturnType<typeof startKeeper>>[] = []

afterAll(async () => {
  for (const one of children) one.kill('SIGKILL')
  for (const one of keepers) await one.stop()
  client.close()
  await relay.close()
  rmSync(cwd, { recursive: true, force: true })
})

type Name = 'alice' | 'bob' | 'mallory'
const run = (name: Name, ...args: readonly string[]): Promise<Ended> =>
  tally({ cwd, home: join(cwd, `home-${name}`) }, ...args)
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
const entered = async (who: Person, machine: string) => {
  const member = { pubkey: who.key, secret: who.secret }
  return enter(client, [relay.url], { member, machine, engine })
}

describe('a private machine', { timeout: 600_000 }, () => {
  test('is served and joined by its members, and the relay sees wraps alone', async () => {
    writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
    writeFileSync(join(cwd, 'counter.json'), COUNTER)
    const [, bob, mallory] = [await keyOf('alice'), await keyOf('bob'), await keyOf('mallory')]
    const served = await tally(
      cwd,
      'serve',
      'custodian',
      '--data',
      'n',
      '--name',
      'n',
      '--init',
      '--unsealed',
      '--json',
    )
    const { key: ours } = JSON.parse(served.out) as { readonly key: string }
    const custodians = [...KEEPERS.slice(0, 2).map((one) => one.key), ours]
    const given = [
      '--definition',
      'counter.json',
      '--relay',
      relay.url,
      '--role',
      `player=me,${bob}`,
    ]
    const named = custodians.flatMap((key, at) => ['--custodian', `keeper${at}=${key}`])
    const made = await run(
      'alice',
      'new',
      ...given,
      ...named,
      '--private',
      '--dir',
      'alice',
      '--json',
      ...keyed,
    )
    expect(made.code, made.err).toBe(0)
    const { link, definition } = JSON.parse(made.out) as Record<'link' | 'definition', string>
    const told = await run(
      'alice',
      'new',
      ...given,
      ...named,
      '--private',
      '--dir',
      'told',
      ...keyed,
    )
    expect(told.out).toContain('This machine is private')
    expect(told.out).toMatch(/tally accept LINK --private\n/)
    expect(told.out).toMatch(/tally serve custodian --data FOLDER --definition LINK --private\n/)
    // A stranger's pack for the same machine leads nobody astray.
    const tools = privateTools(engine)
    const stranger = person('stranger')
    const of = {
      keys: newEpochKeys(tools),
      members: [KEEPERS[0]?.key ?? ''],
      title: '',
      machine: definition,
    }
    for (const one of await packsFor(of, keySigner(stranger), tools))
      await client.publish([relay.url], one)
    for (const one of KEEPERS.slice(0, 2)) {
      const found = await entered(one, definition)
      if (!found) throw new Error('it was let in')
      expect(found.keys).toHaveLength(1)
      const defined = definedBy(found.definition, { verifier: engine, logics: STANDARD_LOGICS })
      if (isFault(defined)) throw defined
      const outside = keeperClient()
      const begun: { running?: RunningCustodian } = {}
      const ring = createKeyRing({
        member: { pubkey: one.key, secret: one.secret },
        machine: definition,
        engine,
        keys: found.keys,
        initiator: found.definition.pubkey,
        onMore: () => void begun.running?.listen(),
      })
      const kept = await startKeeper(defined, one, [relay.url], {
        client: createPrivateClient(outside, ring, tools),
      })
      begun.running = kept
      ring.follow(outside, [relay.url])
      keepers.push(kept)
    }
    expect(await entered(stranger, definition)).toBeUndefined()
    const bare = await tally(cwd, 'serve', 'custodian', '--data', 'n', '--definition', link)
    expect(bare.err).toContain('if it is a private machine: --private')
    const serving = start(
      cwd,
      'serve',
      'custodian',
      '--data',
      'n',
      '--definition',
      link,
      '--private',
    )
    children.push(serving.process)
    await serving.until(/custodian 3 of 3/)
    const openly = await run('bob', 'accept', link, '--yes', '--dir', 'openly', ...keyed)
    expect(openly.code).toBe(3)
    expect(openly.err).toContain('if it is a private machine: --private')
    const barred = await run(
      'mallory',
      'accept',
      link,
      '--private',
      '--yes',
      '--dir',
      'mallory',
      ...keyed,
    )
    expect(barred.code).toBe(3)
    expect(barred.err).toContain('no relay has keys of this machine for you')
    const joined = await run('bob', 'accept', link, '--private', '--yes', '--dir', 'bob', ...keyed)
    expect(joined.code, joined.err).toBe(0)
    const data = JSON.stringify({ by: 2 })
    const pushed = await run(
      'bob',
      'propose',
      'PUSH',
      '--data',
      data,
      '--dir',
      'bob',
      '--wait',
      '90',
      ...keyed,
    )
    expect(pushed.code, pushed.err + pushed.out).toBe(0)
    const shown = await run('alice', 'show', '--dir', 'alice')
    expect(shown.out).toMatch(/1 +PUSH/)
    await run('alice', 'bundle', '--dir', 'alice', '-o', 'counter.tally')
    expect((await run('alice', 'verify', 'counter.tally')).code).toBe(0)
    // Mallory is let in, reads from the beginning, and is put out again.
    const inAs = (name: Name, ...args: readonly string[]) =>
      run(name, ...args, '--dir', name, ...keyed)
    const foreign = await inAs('bob', 'readers', 'add', mallory)
    expect(foreign.code).toBe(3)
    expect(foreign.err).toContain('from who defined the machine')
    const added = await inAs('alice', 'readers', 'add', mallory)
    expect(added.code, added.err).toBe(0)
    expect(added.out).toContain(`tally accept ${link} --private\n`)
    const entry = await inAs('mallory', 'accept', link, '--private', '--yes')
    expect(entry.code, entry.err).toBe(0)
    expect((await run('mallory', 'show', '--dir', 'mallory')).out).toMatch(/1 +PUSH/)
    const busy = await inAs('alice', 'readers', 'remove', bob)
    expect(busy.code).toBe(3)
    const release = takeLock(join(cwd, 'alice', 'lock'))
    const held = await inAs('alice', 'readers', 'renew')
    expect(held.err).toContain('desk/locked')
    release()
    const removed = await inAs('alice', 'readers', 'remove', mallory)
    expect(removed.out, removed.err).toContain('Epoch 1 has begun; 5 have its key.')
    const more = await inAs('bob', 'propose', 'PUSH', '--data', data, '--wait', '120')
    expect(more.code, more.err + more.out).toBe(0)
    expect((await inAs('alice', 'resend')).out).toMatch(/2 +PUSH|Nothing of yours/)
    expect((await run('alice', 'show', '--dir', 'alice')).out).toMatch(/2 +PUSH/)
    const closed = await run('mallory', 'show', '--dir', 'mallory')
    expect(closed.out).not.toMatch(/2 +PUSH/)
    expect(closed.out).toMatch(/messages are under keys that are not here/)
    serving.process.kill('SIGTERM')
    await serving.ended
    const { events } = await client.fetch([relay.url], {})
    const kinds = new Set<number>(events.map((one) => one.kind))
    expect([...kinds].sort((a, b) => a - b)).toEqual([KINDS.giftWrap, KINDS.keyPack])
    const seen = JSON.stringify(events)
    for (const word of ['PUSH', 'counting', definition]) expect(seen).not.toContain(word)
  })
})
