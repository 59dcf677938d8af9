import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createNativeEngine } from '../../../src/engine/native.ts'
import { cardFromFile, fileFromCard } from '../../../src/verify/card.ts'
import { createUser, giveKeys, type Tally } from '../spawn.ts'

const people = { alice: createUser(), bob: createUser() }
const { alice, bob } = people
const signed = (of: Tally): readonly string[] => ['--passphrase-file', of.passphraseFile]
afterAll(() => {
  for (const one of [alice, bob]) rmSync(join(one.home, '..'), { recursive: true })
})

/** Bob's card under another name: a name is a label that anybody can write. */
const cardNamed = (name: string): string => {
  const file = new Uint8Array(readFileSync(join(bob.cwd, 'bob.card.tally')))
  const path = join(alice.cwd, 'named.card.tally')
  writeFileSync(path, fileFromCard({ ...cardFromFile(file, createNativeEngine()).card, name }))
  return path
}

beforeAll(async () => {
  for (const [name, one] of Object.entries(people)) giveKeys(one, name)
  await bob.run('id', 'card')
  copyFileSync(join(bob.cwd, 'bob.card.tally'), join(alice.cwd, 'bob.card.tally'))
}, 60_000)

const began = async (...options: readonly string[]): Promise<string> => {
  const { code, out, err } = await alice.run('new', '--with', 'bob.card.tally', ...options)
  expect({ code, err }).toEqual({ code: 0, err: '' })
  return out
}

describe('tally new', () => {
  test('needs nothing but a card, and says all terms and what is next', async () => {
    const out = await began()
    expect(out).toMatch(/^ +party +alice .* you$/m)
    expect(out).toMatch(/^ +party +bob .* identity ([0-9a-f]{4} ){7}[0-9a-f]{4}$/m)
    expect(out).toContain('alice 100 TICK, bob 100 TICK, nothing more is ever issued')
    expect(out.trimEnd().split('\n').at(-1)).toContain('hand alice-bob/out/invite.tally to bob')
    const again = await alice.run('new', '--with', 'bob.card.tally')
    expect(again.code).toBe(3)
    expect(again.err).toContain('--dir')
  })

  test('takes money, decimals, turn and vaults as they are wished', async () => {
    const options = ['--ledger', 'EUR', '--decimals', '2', '--give', 'alice=1.5', '--give', 'bob=0']
    const more = ['--turn', 'leader', '--logic', 'vault', '--call', 'robert', '--dir', 'deal']
    const mixed = await alice.run('new', '--with', 'bob.card.tally', ...options, ...more)
    expect(mixed.code).toBe(3)
    expect(mixed.err).toContain('--give bob=0 names nobody here')
    const out = await began(...options.slice(0, -2), ...more)
    expect(out).toContain('alice 1.50 EUR, nothing more is ever issued')
    expect(out).toContain('alice proposes every step')
    expect(out).toContain('money can be set aside')
    expect(out).toMatch(/^alice–robert /)
  })

  test.each([
    [['--give', 'alice=-1'], 1, 'amount/negative'],
    [['--give', 'alice=1.5'], 1, 'amount/too-precise'],
    [['--ledger', 'a b'], 1, 'ledger/bad-symbol'],
    [['--decimals', '39'], 3, 'from 0 to 38'],
    [['--turn', 'anyone'], 3, 'alternate, leader'],
    [['--logic', 'x'], 3, 'vault'],
    [['--call', 'alice'], 3, 'both of you are called alice'],
    [['--as', 'nobody'], 1, 'identity/unknown'],
  ] as const)('refuses %j and makes nothing', async (options, code, why) => {
    const ended = await alice.run('new', '--with', 'bob.card.tally', '--dir', 'no', ...options)
    expect(ended.code).toBe(code)
    expect(ended.err).toContain(why)
    expect(readdirSync(alice.cwd).filter((one) => /^no$|draft/.test(one))).toEqual([])
  })

  test('wants both to have keys of one suite', async () => {
    await alice.run('id', 'new', '--name', 'other', '--suite', 'nostr', ...signed(alice))
    const ended = await alice.run('new', '--with', 'bob.card.tally', '--as', 'other')
    expect(ended.code).toBe(3)
    expect(ended.err).toContain('tally id new --suite classic')
    rmSync(join(alice.home, 'identities', 'other'), { recursive: true })
  })

  test('is led nowhere by a name with dots, slashes or quotes in it', async () => {
    const out = await alice.run('new', '--with', cardNamed('../../x"; touch y; "'))
    expect(out.code).toBe(0)
    expect(existsSync(join(alice.cwd, 'alice-_x_touch_y_', 'machine.json'))).toBe(true)
    const shown = await alice.run('show', '--dir', 'alice-_x_touch_y_')
    expect(shown.out).toContain('tally propose "pay NAME 5"')
  })
}, 60_000)

describe('tally accept of an invitation', () => {
  test('is for those whose key it names, and shows whom it comes from', async () => {
    const path = join(alice.cwd, 'alice-bob/out/invite.tally')
    const own = await alice.run('accept', path, '--yes')
    expect(own.code).toBe(3)
    expect(own.err).toContain('none of your keys is named in it')
    const declined = await bob.run('accept', path, '--no')
    expect(declined.code).toBe(0)
    expect(existsSync(join(bob.cwd, 'bob-alice'))).toBe(false)
    const identity = /identity (.*)$/m.exec(declined.out)?.[1] ?? ''
    expect((await alice.run('id', 'show', '--as', 'alice')).out).toContain(identity)
    expect((await bob.run('accept', path, '--yes')).out).toContain('Nothing has been signed')
  })

  test('is refused with another key in the place of the inviter’s', async () => {
    const bytes = readFileSync(join(alice.cwd, 'alice-bob/out/invite.tally'))
    const key = cardFromFile(
      new Uint8Array(readFileSync(join(bob.cwd, 'bob.card.tally'))),
      createNativeEngine(),
    ).device.key.publicKey
    const own = JSON.parse((await alice.run('id', 'show', '--json')).out) as {
      identities: { devices: { key: { publicKey: string } }[] }[]
    }
    const hers = own.identities[0]?.devices[0]?.key.publicKey ?? ''
    bytes.set(key, bytes.indexOf(Buffer.from(hers, 'hex')))
    writeFileSync(join(bob.cwd, 'forged.tally'), bytes)
    const refused = await bob.run('accept', 'forged.tally', '--yes', '--dir', 'forged')
    expect(refused.code).toBe(1)
    expect(existsSync(join(bob.cwd, 'forged'))).toBe(false)
  })
}, 60_000)
