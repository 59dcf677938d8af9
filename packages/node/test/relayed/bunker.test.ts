/** A participant whose key is in a bunker: the real commands, a bunker and custodians over a relay. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { afterAll, describe, expect, test } from 'vitest'
import { type Ended, tally } from '../commands/spawn.ts'
import { definedBy } from '../../src/custodian/definition.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { readRelayedFolder } from '../../src/relayed/folder.ts'
import { COUNTER, keeperClient, KEEPERS, startKeeper } from '../custodian/scene.ts'
import { bunkerKey, serveBunker } from '../relay/bunker.ts'
import { alice, engine } from '../relay/people.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-bunker-'))
const relay = await startLocalRelay(engine)
const client = keeperClient()
const keepers: Awaited<ReturnType<typeof startKeeper>>[] = []

afterAll(async () => {
  for (const one of keepers) await one.stop()
  client.close()
  await relay.close()
  rmSync(cwd, { recursive: true, force: true })
})

const run = (...args: readonly string[]): Promise<Ended> =>
  tally({ cwd, home: join(cwd, 'home') }, ...args)

describe('a folder whose key is in a bunker', { timeout: 300_000 }, () => {
  test('begins a machine, proposes, and never has the key', async () => {
    const asked = await serveBunker(client, relay.url, alice)
    const uri = `bunker://${bunkerKey.key}?relay=${encodeURIComponent(relay.url)}&secret=once`
    writeFileSync(join(cwd, 'counter.json'), COUNTER)
    const custodians = KEEPERS.flatMap(({ key }, at) => ['--custodian', `keeper${at}=${key}`])
    const given = ['--definition', 'counter.json', '--relay', relay.url, ...custodians]
    const made = await run('new', ...given, '--bunker', uri)
    expect(made.code, made.err).toBe(0)
    const { definition, key } = readRelayedFolder(join(cwd, 'counter'))
    expect([definition.pubkey, key]).toEqual([alice.key, alice.key])
    expect(readFileSync(join(cwd, 'counter', 'bunker.json'), 'utf8')).not.toContain(
      Buffer.from(alice.secret).toString('hex'),
    )
    const defined = definedBy(definition, { verifier: engine, logics: STANDARD_LOGICS })
    if (isFault(defined)) throw defined
    for (const one of KEEPERS.slice(0, 3))
      keepers.push(await startKeeper(defined, one, [relay.url]))
    const before = asked.filter((one) => one === 'connect').length
    const pushed = await run('propose', 'PUSH', '--data', '{"by":1}', '--wait', '60')
    expect(pushed.code, pushed.err + pushed.out).toBe(0)
    expect(pushed.out).toContain('by you')
    // The session goes on: its secret was for once.
    expect(asked.filter((one) => one === 'connect').length).toBe(before)
    const change = await run('custodians', 'change', ...custodians.slice(0, 6))
    expect(change.code).toBe(3)
    expect(change.err).toContain('a bunker signs events, and this is none')
  })

  test('is not begun by a text that is no bunker, nor by two keys', async () => {
    const given = [
      '--definition',
      'counter.json',
      '--relay',
      relay.url,
      '--custodian',
      `a=${alice.key}`,
    ]
    const odd = await run('new', ...given, '--bunker', 'bunker:nobody', '--dir', 'x')
    expect([odd.code, odd.err]).toEqual([3, expect.stringContaining('is no bunker')])
    const two = await run('new', ...given, '--bunker', 'bunker://x', '--as', 'alice', '--dir', 'x')
    expect([two.code, two.err]).toEqual([3, expect.stringContaining('one key signs')])
  })
})
