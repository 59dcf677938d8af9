import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { sharingDerivations } from '../../../tallystick/src/cli/key-file.ts'
import { runCommandLine } from '../../../tallystick/src/cli/program.ts'
import { writeDirectoryFile } from '../../src/account/directory-file.ts'
import { type RunningOperator, startOperator } from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'

type Ended = { readonly code: number; readonly out: string; readonly err: string }

type User = {
  readonly cwd: string
  readonly home: string
  readonly passphraseFile: string
  readonly run: (...args: readonly (string | readonly string[])[]) => Promise<Ended>
}

const base = mkdtempSync(join(tmpdir(), 'tally-id-'))
// What a passphrase gives is worked out once for all of them, which nothing here depends on and takes most of the time.
const over = Promise.withResolvers<void>()
beforeAll(() => void sharingDerivations(() => over.promise))
afterAll(() => over.resolve())
let users = 0

/** A user with a home of its own. The command runs in this process: starting it so often would cost more than what it does. */
const createUser = (): User => {
  const cwd = join(base, `user-${users++}`)
  mkdirSync(cwd)
  const home = join(cwd, 'home')
  const passphraseFile = join(base, 'passphrase')
  writeFileSync(passphraseFile, 'correct horse battery staple\n', { mode: 0o600 })
  const run: User['run'] = async (...args) => {
    const said = { out: '', err: '' }
    const hear = (to: 'out' | 'err') => (text: unknown) => {
      said[to] += String(text)
      return true
    }
    vi.stubEnv('TALLY_HOME', home)
    const spies = [
      vi.spyOn(process.stdout, 'write').mockImplementation(hear('out')),
      vi.spyOn(process.stderr, 'write').mockImplementation(hear('err')),
    ]
    try {
      const code = await runCommandLine(args.flat())
      return { code, ...said }
    } finally {
      for (const one of spies) one.mockRestore()
      vi.unstubAllEnvs()
    }
  }
  return { cwd, home, passphraseFile, run }
}

let running: RunningOperator[] = []
const ann = createUser()
const path = (of: User, name: string): string => join(of.cwd, name)
const pass = (of: User): readonly string[] => ['--passphrase-file', of.passphraseFile]
const directory = path(ann, 'directory.json')
const words = path(ann, 'words')
const backup = path(ann, 'ann.backup')
let made: Ended
let identity = ''

const jsonOf = <Shape>(ended: Ended): Shape => {
  if (ended.out === '') throw new Error(ended.err)
  return JSON.parse(ended.out) as Shape
}
const identityOf = async (of: User): Promise<string> => {
  const shown = jsonOf<{ identities: { identity: string }[] }>(await of.run('id', 'show', '--json'))
  return shown.identities[0]?.identity ?? ''
}

beforeAll(async () => {
  running = await Promise.all(
    ['north', 'east', 'south', 'west'].map((name) =>
      startOperator({ name, store: createMemoryStore() }),
    ),
  )
  const operators = running.map(({ card: { name, scheme, publicKey } }) => ({
    name,
    scheme,
    publicKey,
  }))
  writeDirectoryFile(directory, {
    network: 'test',
    suite: 'classic',
    policy: { operators, threshold: 3, faulty: 1 },
    addresses: running.map(({ card, url, token }) => ({ name: card.name, url, token })),
  })
  await ann.run('id', 'new', '--name', 'ann', '--suite', 'classic', ...pass(ann))
  made = await ann.run(
    ['id', 'backup', '--words-out', words, '-o', backup, '--directory', directory],
    ['--json', ...pass(ann)],
  )
  identity = await identityOf(ann)
}, 120_000)
afterAll(async () => {
  await Promise.all(running.map((one) => one.close()))
  rmSync(base, { recursive: true })
})

describe('tally id backup', () => {
  test('names the words, seals the keys, and has it certified', () => {
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(jsonOf(made)).toMatchObject({ certified: true, file: backup, words })
    const typed = readFileSync(words, 'utf8').trim()
    expect(typed.split(' ')).toHaveLength(24)
    for (const file of [words, backup]) expect(statSync(file).mode & 0o077).toBe(0)
    for (const said of [made.out, readFileSync(backup, 'utf8')]) expect(said).not.toContain(typed)
  })

  test('does not change who may recover without those who may', async () => {
    const again = await ann.run('id', 'backup', ...pass(ann))
    expect(again.code).toBe(3)
    expect(again.err).toContain('only they change that')
    expect(again.err).toContain('--words-file')
  })
})

describe('tally id recover', () => {
  test('brings the identity back from the words and the directory, and ends the keys that were lost', async () => {
    const phone = createUser()
    const ended = await phone.run(
      ['id', 'recover', '--name', 'ann', '--identity', identity, '--directory', directory],
      ['--words-file', words, '--device', 'phone', '--json', ...pass(phone)],
    )
    expect(ended).toMatchObject({ code: 0, err: '' })
    expect(jsonOf(ended)).toMatchObject({
      recovered: true,
      certified: true,
      identity,
      devices: [{ name: 'phone' }],
    })
    await ann.run('id', 'devices', 'add', 'thief', ...pass(ann))
    const thief = await ann.run('id', 'publish', '--directory', directory)
    expect(thief.code).toBe(1)
    expect(thief.out).toContain('another one first')
    // A backup from before is behind now, which is noticed; and its device was revoked since.
    const tablet = createUser()
    const stale = await tablet.run(
      ['id', 'recover', '--name', 'ann', '--backup', backup, '--directory', directory],
      ['--words-file', words, '--device', 'tablet', ...pass(tablet)],
    )
    expect(stale).toMatchObject({ code: 0, err: '' })
    expect(stale.out).toContain('The backup is 1 events old')
    expect(stale.out).toMatch(/device +tablet/)
    expect(stale.out).not.toMatch(/device +(first|phone)/)
  }, 120_000)

  test('changes nothing with other words, or without a directory', async () => {
    const other = createUser()
    const recover = ['id', 'recover', '--name', 'ann', '--identity', identity, ...pass(other)]
    const wrong = path(other, 'wrong')
    const typed = readFileSync(words, 'utf8').trim().split(' ')
    writeFileSync(wrong, typed.toSpliced(3, 1).join(' '), { mode: 0o600 })
    const short = await other.run(...recover, '--directory', directory, '--words-file', wrong)
    expect(short.code).toBe(1)
    expect(short.err).toContain('words/wrong-count')
    const alone = await other.run(...recover, '--words-file', words)
    expect(alone.code).toBe(3)
    expect(alone.err).toContain('--directory')
    expect(existsSync(join(other.home, 'identities', 'ann'))).toBe(false)
  }, 120_000)

  test('with a backup brings the keys of its devices back', async () => {
    const bea = createUser()
    const [file, sheet] = [path(bea, 'bea.backup'), path(bea, 'words')]
    await bea.run('id', 'new', '--name', 'bea', '--suite', 'classic', ...pass(bea))
    await bea.run('id', 'backup', '--words-out', sheet, '-o', file, ...pass(bea))
    const before = await bea.run('id', 'devices', '--json')
    const again = createUser()
    const back = await again.run(
      ['id', 'recover', '--name', 'bea', '--backup', file, '--alone', '--words-file', sheet],
      ['--json', ...pass(again)],
    )
    expect(back).toMatchObject({ code: 0, err: '' })
    const keyOf = (ended: Ended): unknown =>
      jsonOf<{ devices: { key: unknown; note: string }[] }>(ended).devices
    expect(keyOf(back)).toEqual(keyOf(before))
    expect(JSON.stringify(keyOf(back))).toContain('lies here')
  }, 120_000)
})

describe('tally id guardians', () => {
  test('splits a way among people, any three of whom recover', async () => {
    const bob = createUser()
    await bob.run('id', 'new', '--name', 'bob', '--suite', 'classic', ...pass(bob))
    const split = await bob.run(
      ['id', 'guardians', '--dir', path(bob, 'shares'), '--directory', directory],
      ['--json', ...pass(bob)],
    )
    expect(split).toMatchObject({ code: 0, err: '' })
    const { shares } = jsonOf<{ shares: string[] }>(split)
    expect(shares).toHaveLength(5)
    const bobs = await identityOf(bob)
    const begin = ['id', 'recover', '--name', 'bob', '--identity', bobs, '--directory', directory]
    const recover = (...of: readonly number[]): readonly string[] => [
      ...begin,
      ...of.flatMap((at) => ['--share', shares[at] ?? '']),
    ]
    const phone = createUser()
    const few = await phone.run(...recover(0, 3), ...pass(phone))
    expect(few.err).toContain('share/too-few')
    const twice = await phone.run(...recover(0, 3, 3), ...pass(phone))
    expect(twice.err).toContain('share 4 stands twice')
    const back = await phone.run(...recover(4, 0, 2), '--json', ...pass(phone))
    expect(back).toMatchObject({ code: 0, err: '' })
    expect(jsonOf(back)).toMatchObject({ recovered: true, identity: bobs })
  }, 120_000)

  test('and the others say in their help how they are used', async () => {
    for (const name of ['backup', 'guardians', 'publish', 'recover']) {
      const help = await ann.run('id', name, '--help')
      expect([name, help.code]).toEqual([name, 0])
      expect(help.out).toContain('Examples:')
    }
    expect((await ann.run('id', '--help')).out).toMatch(/recover .*put your identity in place/)
  }, 120_000)
})

test('recovery waits for a read quorum, and nothing is made meanwhile', async () => {
  await Promise.all(running.slice(2).map((one) => one.close()))
  const other = createUser()
  const ended = await other.run(
    ['id', 'recover', '--name', 'ann', '--identity', identity, '--directory', directory],
    ['--words-file', words, '--json', ...pass(other)],
  )
  expect(ended.code).toBe(2)
  expect(jsonOf(ended)).toMatchObject({ recovered: false, waitingFor: ['south', 'west'] })
  expect(existsSync(join(other.home, 'identities', 'ann'))).toBe(false)
}, 120_000)
