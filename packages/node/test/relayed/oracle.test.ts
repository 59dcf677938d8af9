/** An oracle, a participant and four real custodians: the real commands, from a key to a file that anybody can check. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isFault } from 'tallystick/base'
import { STANDARD_LOGICS } from 'tallystick'
import { afterAll, describe, expect, test } from 'vitest'
import { type Ended, giveKeys, tally } from '../commands/spawn.ts'
import { definedBy } from '../../src/custodian/definition.ts'
import { startLocalRelay } from '../../src/relay/local-relay.ts'
import { readRelayedFolder } from '../../src/relayed/folder.ts'
import { KEEPERS, startKeeper } from '../custodian/scene.ts'
import { engine } from '../relay/people.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-oracle-'))
const home = join(cwd, 'home')
const keyed = ['--passphrase-file', 'passphrase'] as const
const keepers: Awaited<ReturnType<typeof startKeeper>>[] = []
const relay = await startLocalRelay(engine)

afterAll(async () => {
  for (const one of keepers) await one.stop()
  await relay.close()
  rmSync(cwd, { recursive: true, force: true })
})

const run = (...args: readonly string[]): Promise<Ended> => tally({ cwd, home }, ...args)

const BET = {
  id: 'bet',
  initial: 'open',
  states: {
    open: {
      on: {
        CLAIM: {
          target: 'home',
          guard: {
            type: 'expr',
            params: { cel: 'get(event.answers, "north", {})["who won?"] == "home"' },
          },
        },
      },
    },
    home: { type: 'final' },
  },
}

describe('an oracle by commands', { timeout: 240_000 }, () => {
  test('is named, asked, quoted with its file, and checked in a bundle by anybody', async () => {
    writeFileSync(join(cwd, 'passphrase'), 'a long enough passphrase', { mode: 0o600 })
    writeFileSync(join(cwd, 'bet.json'), JSON.stringify(BET))
    const begun = await run('oracle', '--data', 'n', '--name', 'north', '--init', '--unsealed')
    expect(begun.code, begun.err).toBe(0)
    giveKeys(home, 'alice', { suite: 'nostr', passphrase: 'a long enough passphrase' })
    const custodians = KEEPERS.flatMap(({ key }, at) => ['--custodian', `keeper${at}=${key}`])
    const made = await run(
      'new',
      '--definition',
      'bet.json',
      '--relay',
      relay.url,
      ...custodians,
      '--oracle',
      'north=north.tally',
      '--dir',
      'bet',
      ...keyed,
    )
    expect(made.code, made.err).toBe(0)
    expect(made.out).toContain('north, on machine')
    const defined = definedBy(readRelayedFolder(join(cwd, 'bet')).definition, {
      verifier: engine,
      logics: STANDARD_LOGICS,
    })
    if (isFault(defined)) throw defined
    expect(made.out).toContain(`definition  ${defined.event.id}\n`)
    expect(made.out).toContain(`machine     ${defined.genesis.id}\n`)
    for (const one of KEEPERS) keepers.push(await startKeeper(defined, one, [relay.url]))
    const claim = (...more: readonly string[]): Promise<Ended> =>
      run('propose', 'CLAIM', '--dir', 'bet', '--wait', '60', ...keyed, ...more)
    const quoting = ['--answer', 'north:who won?=home'] as const
    const early = await claim(...quoting, '--attach', 'north.tally')
    expect(early.code).toBe(1)
    expect(early.err).toContain('nothing here shows that north has answered')
    const said = await run('oracle', '--data', 'n', 'who won?', 'home')
    expect(said.code, said.err).toBe(0)
    const twice = await run('oracle', '--data', 'n', 'who won?', 'away')
    expect(twice.code).toBe(1)
    expect(twice.err).toContain('oracle/answered')
    expect((await claim()).code).toBe(1)
    expect((await claim('--answer', 'north:who won?=away', '--attach', 'north.tally')).code).toBe(1)
    const won = await claim(...quoting)
    expect(won.code, won.err + won.out).toBe(0)
    await run('bundle', '--dir', 'bet', '-o', 'bet.tally')
    const checked = await run('verify', 'bet.tally')
    expect(checked.code, checked.err).toBe(0)
    expect(checked.out).toContain('valid')
    expect(checked.out).toContain('north answers "who won?" with "home"')
  })
})
