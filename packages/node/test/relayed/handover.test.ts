/**
 * Two participants hand a live machine from silent custodians to a directory, by the stand-ins of its terms, and back: the real commands,
 * real custodians over a relay, and operators that answer by HTTP.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Ended, tally } from '../commands/spawn.ts'
import { definedBy } from '../../src/custodian/definition.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { readRelayedFolder } from '../../src/relayed/folder.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { COUNTER, KEEPERS, startKeeper } from '../custodian/scene.ts'
import { engine, type Person, person } from '../relay/people.ts'
import { startDirectoryFor } from './directory-file.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-handed-'))
const keyed = ['--passphrase-file', 'passphrase'] as const
const keepers: Awaited<ReturnType<typeof startKeeper>>[] = []
const operators: RunningOperator[] = []
const relay = await startLocalRelay(engine)
const FIVE: readonly Person[] = [...KEEPERS, person('mid')]
const HELP: readonly Person[] = ['sue', 'tom'].map(person)
const LONG_MS = 600_000

afterAll(async () => {
  for (const one of keepers) await one.stop()
  for (const one of operators) await one.close()
  await relay.close()
  rmSync(cwd, { recursive: true, force: true })
}, LONG_MS)

type Name = 'alice' | 'bob'
const run = (name: Name, ...args: readonly string[]): Promise<Ended> =>
  tally({ cwd, home: join(cwd, `home-${name}`) }, ...args)
const inFolder = (name: Name, ...args: readonly string[]): Promise<Ended> =>
  run(name, ...args, '--dir', name)
const keyOf = async (name: Name): Promise<string> => {
  const made = await run(name, 'id', 'new', '--name', name, '--suite', 'nostr', ...keyed)
  expect(made.code, made.err).toBe(0)
  const shown = JSON.parse((await run(name, 'id', 'show', '--json')).out) as {
    readonly identities: readonly {
      readonly devices: readonly { readonly key: { readonly publicKey: string } }[]
    }[]
  }
  return shown.identities[0]?.devices[0]?.key.publicKey ?? ''
}
const push = (name: Name): Promise<Ended> =>
  inFolder(name, 'propose', 'PUSH', '--data', '{"by":1}', '--wait', '120', ...keyed)
const named = (option: string, people: readonly Person[]): readonly string[] =>
  people.flatMap(({ key }, at) => [`--${option}`, `${option}${at}=${key}`])
const good = (ended: Ended): string => {
  expect(ended.code, ended.out + ended.err).toBe(0)
  return ended.out
}

beforeAll(async () => {
  writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
  writeFileSync(join(cwd, 'counter.json'), COUNTER)
  await startDirectoryFor(
    join(cwd, 'directory.json'),
    ['north', 'east', 'south', 'west'],
    operators,
  )
  const [, bob] = [await keyOf('alice'), await keyOf('bob')]
  const begun = await run(
    'alice',
    'new',
    '--definition',
    'counter.json',
    '--relay',
    relay.url,
    ...named('custodian', FIVE),
    ...named('stand-in', HELP),
    '--after',
    '2',
    '--role',
    `player=me,${bob}`,
    '--dir',
    'alice',
    '--json',
    ...keyed,
  )
  const { link } = JSON.parse(good(begun)) as { readonly link: string }
  const { definition } = readRelayedFolder(join(cwd, 'alice'))
  const defined = definedBy(definition, { verifier: engine, logics: STANDARD_LOGICS })
  if (isFault(defined)) throw defined
  for (const one of [...FIVE.slice(0, 3), ...HELP]) {
    keepers.push(await startKeeper(defined, one, [relay.url], { roundMs: 1_000 }))
  }
  good(await run('bob', 'accept', link, '--yes', '--dir', 'bob'))
}, LONG_MS)

const handOver = ['handover', '--directory', 'directory.json', ...keyed] as const

describe('a machine on relays', { timeout: LONG_MS }, () => {
  test('is handed to a directory by everybody, and certified by stand-ins where custodians are silent', async () => {
    const asked = await inFolder('alice', ...handOver)
    expect(asked.code, asked.out + asked.err).toBe(2)
    expect(asked.out).toMatch(
      /wanted: 3 of north \([0-9a-f]{16}\), east .*, south .* and west .*, operators of a directory/,
    )
    const agreed = await inFolder('bob', 'custodians', 'agree', '--yes', '--wait', '120', ...keyed)
    expect(good(agreed)).toMatch(
      /From now on it is certified by 3 of north .*, east .*, south .* and west/,
    )
    const shown = good(await inFolder('alice', 'show'))
    expect(shown).toMatch(/held by 3 of north.*and by the stand-ins stand-in0 and stand-in1/)
    const early = await inFolder('alice', 'propose', 'PUSH', '--data', '{"by":1}', ...keyed)
    expect(early.code).toBe(3)
    expect(early.err).toContain('tally handover --directory FILE --dir alice')
    expect(good(await inFolder('alice', ...handOver))).toContain('have accepted')
  })

  test('takes steps of either participant there, which are seen over relays', async () => {
    expect(good(await push('alice'))).toMatch(/PUSH .*certified by (north|east|south)/)
    const seen = good(await inFolder('bob', 'show'))
    expect(seen).toMatch(/2 +PUSH .*certified by (north|east|south)/)
    expect(seen).toMatch(/Held by 3 of north \([0-9a-f]{16}\), east .*, south .* and west/)
    expect(good(await inFolder('bob', ...handOver))).toContain('have accepted')
    good(await push('bob'))
    good(await inFolder('alice', 'bundle', '-o', 'there.tally'))
    const verified = await run('alice', 'verify', 'there.tally')
    expect(good(verified)).toContain('and by the stand-ins')
  })

  test('comes back to its custodians when everybody wants it, and one file shows all of it', async () => {
    // What is signed is pinned at the head that is known here; a busy relay may show it late.
    const isSeen = async () => /3 +PUSH/.test(good(await inFolder('alice', 'show')))
    await expect.poll(isSeen, { timeout: 60_000, interval: 200 }).toBe(true)
    const asked = await inFolder('alice', 'handover', '--back', ...keyed)
    expect(asked.code, asked.out + asked.err).toBe(2)
    const agreed = await inFolder('bob', 'custodians', 'agree', '--yes', '--wait', '120', ...keyed)
    expect(good(agreed)).toContain('From now on it is certified by 4 of custodian0')
    expect(good(await push('alice'))).toMatch(/PUSH .*and by the stand-ins/)
    good(await inFolder('bob', 'bundle', '-o', 'back.tally'))
    const verified = await run('bob', 'verify', 'back.tally', '--json')
    const { report } = JSON.parse(good(verified)) as {
      readonly report: {
        readonly machines: readonly { readonly steps: readonly { readonly standing: string }[] }[]
      }
    }
    expect(report.machines[0]?.steps.map((one) => one.standing)).toEqual(Array(5).fill('final'))
  })
})
