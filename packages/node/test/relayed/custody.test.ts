/** The commands of a participant, and four real custodians over a relay of ours. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { afterAll, describe, expect, test } from 'vitest'
import { giveKeys, start, tally } from '../commands/spawn.ts'
import { definedBy } from '../../src/custodian/definition.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { readRelayedFolder } from '../../src/relayed/folder.ts'
import { COUNTER, KEEPERS, startKeeper } from '../custodian/scene.ts'
import { engine } from '../relay/people.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-custody-'))
const home = join(cwd, 'home')
const keyed = ['--passphrase-file', 'passphrase'] as const
const keepers: Awaited<ReturnType<typeof startKeeper>>[] = []
const relay = await startLocalRelay(engine)

afterAll(async () => {
  for (const one of keepers) await one.stop()
  await relay.close()
  rmSync(cwd, { recursive: true, force: true })
})

const run = async (
  ...args: readonly string[]
): Promise<{ code: number; err: string; out: string }> => tally({ cwd, home }, ...args)

describe('four custodians and a participant', { timeout: 240_000 }, () => {
  test('certify what is proposed, are watched, and leave a bundle that holds', async () => {
    writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
    writeFileSync(join(cwd, 'counter.json'), COUNTER)
    giveKeys(home, 'alice', { suite: 'nostr', passphrase: 'a long enough passphrase' })
    const custodians = KEEPERS.flatMap(({ key }, at) => ['--custodian', `keeper${at}=${key}`])
    const made = await run(
      'new',
      '--definition',
      'counter.json',
      '--relay',
      relay.url,
      ...custodians,
      ...keyed,
    )
    expect(made.code, made.err).toBe(0)
    const { definition } = readRelayedFolder(join(cwd, 'counter'))
    const defined = definedBy(definition, { verifier: engine, logics: STANDARD_LOGICS })
    if (isFault(defined)) throw defined
    for (const one of KEEPERS.slice(0, 3))
      keepers.push(await startKeeper(defined, one, [relay.url]))
    const data = JSON.stringify({ by: 2 })
    const pushed = await run('propose', 'PUSH', '--data', data, '--wait', '60', ...keyed)
    expect(pushed.code, pushed.err).toBe(0)
    expect(pushed.out).toMatch(/PUSH .*by you .*certified by keeper0/)
    const watching = start(cwd, 'watch', '--dir', 'counter', '--json')
    expect(await watching.until(/"type":"PUSH"/)).toContain('"sequence":"1"')
    watching.process.kill('SIGINT')
    expect(await watching.ended).toBe(0)
    const bundle = await run('bundle', '-o', 'counter.tally')
    expect(bundle.code, bundle.err).toBe(0)
    const verified = await run('verify', 'counter.tally')
    expect(verified.code, verified.err).toBe(0)
  })
})
