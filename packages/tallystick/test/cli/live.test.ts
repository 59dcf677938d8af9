/** Live exchanges and QR codes with the real command, between two homes. */
import { spawn } from 'node:child_process'
import { copyFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { portFrom } from '../../src/cli/live.ts'
import { createUser, giveKeys, MAIN, type Tally } from './spawn.ts'

const people = { alice: createUser(), bob: createUser() }
const { alice, bob } = people
afterAll(() => {
  for (const one of [alice, bob]) rmSync(join(one.home, '..'), { recursive: true })
})

const signed = (of: Tally): readonly string[] => ['--passphrase-file', of.passphraseFile]

beforeAll(async () => {
  for (const [name, one] of Object.entries(people)) giveKeys(one, name)
  await bob.run('id', 'card')
  copyFileSync(join(bob.cwd, 'bob.card.tally'), join(alice.cwd, 'bob.card.tally'))
  await alice.run('new', '--with', 'bob.card.tally')
  await bob.run('accept', join(alice.cwd, 'alice-bob/out/invite.tally'), '--yes')
}, 60_000)

type Listening = { readonly port: string; readonly ended: Promise<string> }

/** Starts a listener and waits until it says on which port. */
const listening = (by: Tally, answer: string): Promise<Listening> =>
  new Promise((resolve) => {
    const child = spawn(process.execPath, [MAIN, 'listen', '--once', answer, ...signed(by)], {
      cwd: by.cwd,
      env: { ...process.env, TALLY_HOME: by.home, NO_COLOR: '1' },
    })
    let said = ''
    const ended = new Promise<string>((done) => child.on('close', () => done(said)))
    child.stdout.on('data', (bytes: Buffer) => {
      said += bytes.toString()
      const port = /127\.0\.0\.1:([0-9]+)/.exec(said)?.[1]
      if (port !== undefined) resolve({ port, ended })
    })
  })

describe('a live exchange', () => {
  test('makes a step final on both sides in one go', async () => {
    const { port, ended } = await listening(bob, '--yes')
    const done = await alice.run(
      'propose',
      'pay bob 10',
      '--to',
      `127.0.0.1:${port}`,
      ...signed(alice),
    )
    expect(done).toMatchObject({ code: 0, err: '' })
    expect(done.out).toContain('Step 1 is final')
    expect(await ended).toContain('Step 1 is final')
  })

  test('asks for a step whose turn is the other’s', async () => {
    const { port, ended } = await listening(bob, '--yes')
    const done = await alice.run('propose', 'pay bob 5', '--to', port, ...signed(alice))
    expect(done.code).toBe(0)
    expect(done.out).toContain('Step 2 is final')
    expect(await ended).toContain('asks you to propose step 2')
  })

  test('ends a step that is declined', async () => {
    const { port, ended } = await listening(bob, '--no')
    const done = await alice.run('propose', 'pay bob 5', '--to', port, ...signed(alice))
    expect(done.out).toContain('Step 3 came to nothing: bob ended it')
    expect(await ended).toContain('Step 3 came to nothing: you ended it')
  })

  test('with nobody there leaves the files, and says how to try again', async () => {
    const { port, ended } = await listening(bob, '--no')
    await alice.run('resend', '--to', port, ...signed(alice))
    await ended
    const alone = await alice.run('propose', 'pay bob 1', '--to', port, ...signed(alice))
    expect(alone.code).toBe(3)
    expect(alone.err).toContain(`tally resend --to ${port}`)
    expect(alone.out).toContain('-offer.tally')
  })

  test('goes on as QR codes in pictures', async () => {
    const shown = await alice.run('resend', '--qr', 'codes')
    expect(shown.code).toBe(0)
    const pictures = readdirSync(join(alice.cwd, 'codes'))
      .filter((one) => one.endsWith('.png'))
      .map((one) => join(alice.cwd, 'codes', one))
    expect(pictures.length).toBeGreaterThan(0)
    const answered = await bob.run(
      'accept',
      ...pictures.toReversed(),
      '--yes',
      '--qr',
      'codes',
      ...signed(bob),
    )
    expect(answered.code).toBe(0)
    const back = readdirSync(join(bob.cwd, 'codes'))
      .filter((one) => one.endsWith('.png'))
      .map((one) => join(bob.cwd, 'codes', one))
    const done = await alice.run('accept', ...back, ...signed(alice))
    expect(done.out).toContain('Step 3 is final')
    const narrow = await alice.run('resend', '--qr')
    expect(narrow.code).toBe(3)
    expect(narrow.err).toContain('--qr FOLDER')
  })
}, 60_000)

describe('a port', () => {
  test('is one of this machine', () => {
    expect(['4567', '127.0.0.1:4567', 'localhost:4567'].map(portFrom)).toEqual([4567, 4567, 4567])
    for (const other of ['10.0.0.1:4567', 'example.org:80', '65536', '', '0x10', '1:2']) {
      expect(() => portFrom(other)).toThrow('no port of this machine')
    }
  })
})
