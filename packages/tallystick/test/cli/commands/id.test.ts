import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createUser, type Ended, PASSPHRASE } from '../spawn.ts'

const user = createUser()
const pass = ['--passphrase-file', user.passphraseFile] as const
let made: Ended

beforeAll(async () => {
  made = await user.run('id', 'new', '--name', 'alice', '--suite', 'classic', ...pass)
}, 60_000)
afterAll(() => rmSync(join(user.home, '..'), { recursive: true }))

const filesBelow = (folder: string): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name))

describe('tally id', () => {
  test('makes an identity whose files are its owner’s alone, and says what is next', () => {
    expect(made).toMatchObject({ code: 0, err: '' })
    expect(made.out).toMatch(/^alice {2}([0-9a-f]{4} ){7}[0-9a-f]{4}\n/)
    expect(made.out.trimEnd().split('\n').at(-1)).toBe('next: tally id card')
    for (const path of filesBelow(user.home)) {
      expect([path, statSync(path).mode & 0o077]).toEqual([path, 0])
    }
  })

  test('says and stores nothing secret', () => {
    const said =
      made.out +
      filesBelow(user.home)
        .filter((one) => one.endsWith('.json'))
        .map((one) => readFileSync(one, 'utf8'))
        .join('')
    expect(said).not.toContain(PASSPHRASE)
  })

  test('refuses a second identity of one name, and a weak passphrase, with the fix', async () => {
    const again = await user.run('id', 'new', '--name', 'alice', '--suite', 'classic', ...pass)
    expect(again).toMatchObject({ code: 1, out: '' })
    expect(again.err).toContain('identity/exists')
    expect(again.err).toMatch(/^ +fix: choose another --name/m)
    const weak = join(user.cwd, 'weak')
    writeFileSync(weak, 'short')
    const refused = await user.run('id', 'new', '--name', 'b', '--passphrase-file', weak)
    expect(refused.err).toContain('keystore/weak-passphrase')
    expect(existsSync(join(user.home, 'identities', 'b'))).toBe(false)
  })

  test('asks for a passphrase nowhere but at a terminal', async () => {
    const ended = await user.run('id', 'rotate')
    expect(ended.code).toBe(3)
    expect(ended.err).toContain('--passphrase-file')
  })

  test('writes a card that others can read, and that changed in one byte is refused', async () => {
    const card = await user.run('id', 'card', '-o', 'a.card.tally')
    expect(card).toMatchObject({ code: 0, err: '' })
    const identity = made.out.split('\n')[0] ?? ''
    const shown = await user.run('id', 'show', 'a.card.tally')
    expect(shown.out).toContain(identity)
    expect(shown.out).toContain('signs steps')
    expect((await user.run('verify', 'a.card.tally')).code).toBe(0)
    const path = join(user.cwd, 'a.card.tally')
    const bytes = readFileSync(path)
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1
    writeFileSync(path, bytes)
    const refused = await user.run('id', 'show', 'a.card.tally')
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('key-log/bad-signature')
    expect(refused.err).toContain('party: alice')
  })

  test('adds, lists and removes devices, and rotates the root', async () => {
    const added = await user.run('id', 'devices', 'add', 'phone', ...pass)
    expect(added.out).toMatch(/device +phone +ed25519 +key .* lies here/)
    const removed = await user.run('id', 'devices', 'remove', 'phone', ...pass)
    expect(removed.out).not.toContain('phone')
    const before = JSON.parse((await user.run('id', 'show', '--json')).out) as Identities
    const rotated = await user.run('id', 'rotate', '--json', ...pass)
    const after = JSON.parse(rotated.out) as Identities['identities'][number]
    expect(after.identity).toBe(before.identities[0]?.identity)
    expect(after.keys).not.toEqual(before.identities[0]?.keys)
    expect(after.sequence).toBe(3)
  })

  test('wants to know which one is meant where there are several', async () => {
    await user.run('id', 'new', '--name', 'bob', '--suite', 'classic', ...pass)
    const card = await user.run('id', 'card')
    expect(card.code).toBe(3)
    expect(card.err).toContain('alice, bob')
    expect((await user.run('id', 'card', '--as', 'bob')).code).toBe(0)
    expect((await user.run('id', 'show')).out).toMatch(/^alice [^]*^bob /m)
  })

  test('says which suites there are when it is given another', async () => {
    const ended = await user.run('id', 'new', '--suite', 'rsa', '--json')
    expect(ended.code).toBe(3)
    expect(JSON.parse(ended.out)).toMatchObject({ error: 'usage' })
    expect(ended.out).toContain('quantum, classic, nostr, evm')
  })
}, 60_000)

type Identities = {
  readonly identities: readonly {
    readonly identity: string
    readonly keys: unknown
    readonly sequence: number
  }[]
}
