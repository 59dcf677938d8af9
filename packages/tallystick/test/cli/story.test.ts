/** Two people carry a machine between two folders by files alone, with the real command. */
import { spawn } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createUser, type Ended, giveKeys, MAIN, PASSPHRASE, type Tally } from './spawn.ts'

type Result = {
  readonly error?: string
  readonly step?: string
  readonly party?: string
  readonly head?: { readonly sequence: string; readonly id: string }
  readonly holdings?: readonly { readonly holder: string; readonly free: string }[]
  readonly files?: readonly { readonly path: string; readonly is: string }[]
  readonly next?: string
}

const people = { alice: createUser(), bob: createUser() }
const { alice, bob } = people
afterAll(() => {
  for (const one of [alice, bob]) rmSync(join(one.home, '..'), { recursive: true })
})

const signed = (of: Tally): readonly string[] => ['--passphrase-file', of.passphraseFile]

const json = async (of: Tally, ...args: readonly string[]): Promise<Result & Ended> => {
  const ended = await of.run('--json', ...args)
  return { ...ended, ...(JSON.parse(ended.out) as Result) }
}

/** Copies the files that a command wrote to the other person, as somebody with a stick would. */
const carry = (result: Result, from: Tally, to: Tally): readonly string[] =>
  (result.files ?? []).map(({ path }) => {
    copyFileSync(join(from.cwd, path), join(to.cwd, basename(path)))
    return basename(path)
  })

/** One person takes what the other has written. */
const take = async (
  by: Tally,
  from: Tally,
  result: Result,
  ...options: readonly string[]
): Promise<Result & Ended> =>
  json(by, 'accept', ...carry(result, from, by), ...options, ...signed(by))

const freeOf = (result: Result): readonly string[] =>
  (result.holdings ?? []).map((one) => `${one.holder} ${one.free}`)

/** A step from the words to both being done with it. */
const pay = async (by: Tally, to: Tally, words: string): Promise<Result> => {
  const offer = await json(by, 'propose', words, ...signed(by))
  const accepted = await take(to, by, offer, '--yes')
  const confirmed = await take(by, to, accepted)
  const acknowledged = await take(to, by, confirmed)
  await take(by, to, acknowledged)
  return acknowledged
}

beforeAll(async () => {
  for (const [name, one] of Object.entries(people)) giveKeys(one, name)
  await bob.run('id', 'card')
  copyFileSync(join(bob.cwd, 'bob.card.tally'), join(alice.cwd, 'bob.card.tally'))
  const made = await alice.run('new', '--with', 'bob.card.tally', '--logic', 'vault')
  expect(made).toMatchObject({ code: 0, err: '' })
  copyFileSync(join(alice.cwd, 'alice-bob/out/invite.tally'), join(bob.cwd, 'invite.tally'))
  const terms = await bob.run('show', 'invite.tally')
  expect(terms.out).toContain('alice 100 TICK, bob 100 TICK')
  const unanswered = await bob.run('accept', 'invite.tally')
  expect(unanswered.code).toBe(3)
  expect(existsSync(join(bob.cwd, 'bob-alice'))).toBe(false)
  expect((await bob.run('accept', 'invite.tally', '--yes')).code).toBe(0)
}, 60_000)

describe('two people with two folders', () => {
  let firstOffer: Result

  test('agree a step by four files', async () => {
    firstOffer = await json(alice, 'propose', 'pay bob 10', ...signed(alice))
    expect(firstOffer.files?.map((one) => one.is)).toEqual(['offer'])
    const unanswered = await take(bob, alice, firstOffer)
    expect(unanswered.code).toBe(3)
    const accepted = await take(bob, alice, firstOffer, '--yes')
    expect(accepted.files?.map((one) => one.is)).toEqual(['accept'])
    expect(freeOf(accepted)).toEqual(['alice 100', 'bob 100'])
    const confirmed = await take(alice, bob, accepted)
    expect(confirmed.files?.map((one) => one.is)).toEqual(['confirm'])
    expect(freeOf(confirmed)).toEqual(['alice 90', 'bob 110'])
    const done = await take(bob, alice, confirmed)
    expect(done.files?.map((one) => one.is)).toEqual(['ack'])
    expect(done.head).toEqual(confirmed.head)
    const last = await take(alice, bob, done)
    expect(last).toMatchObject({ code: 0, files: [] })
  })

  test('ask for a step when it is the other’s turn', async () => {
    const request = await json(alice, 'propose', 'pay bob 5', ...signed(alice))
    expect(request.files?.map((one) => one.is)).toEqual(['request'])
    const text = await alice.run('show')
    expect(text.out).toContain('it is bob’s turn')
    const offer = await take(bob, alice, request, '--yes')
    expect(offer.files?.map((one) => one.is)).toEqual(['offer'])
    // She asked for it herself, so nobody asks her again.
    const accepted = await take(alice, bob, offer)
    const confirmed = await take(bob, alice, accepted)
    const done = await take(alice, bob, confirmed)
    expect(freeOf(done)).toEqual(['alice 85', 'bob 115'])
  })

  test('decline, and go on in the next round', async () => {
    const offer = await json(alice, 'propose', 'pay bob 50', ...signed(alice))
    const declined = await take(bob, alice, offer, '--no')
    expect(declined.files?.map((one) => one.is)).toEqual(['abort'])
    await take(alice, bob, declined)
    const done = await pay(alice, bob, 'pay bob 1')
    expect(freeOf(done)).toEqual(['alice 84', 'bob 116'])
  })

  test('withdraw an offer that the other has signed by then: nothing of it counts', async () => {
    const offer = await json(bob, 'propose', 'pay alice 9', ...signed(bob))
    const accepted = await take(alice, bob, offer, '--yes')
    const withdrawn = await json(bob, 'abort', ...signed(bob))
    expect(withdrawn.files?.map((one) => one.is)).toEqual(['abort'])
    const late = await take(bob, alice, accepted)
    expect(late).toMatchObject({ code: 1, error: 'message/aborted-round', step: '4' })
    const left = await take(alice, bob, withdrawn)
    expect(left.head).toMatchObject({ sequence: '3' })
    expect(freeOf(await pay(bob, alice, 'pay alice 6'))).toEqual(['alice 90', 'bob 110'])
  })

  test('set money aside and pay it out', async () => {
    await pay(alice, bob, 'lock bob 30')
    const shown = await json(alice, 'show')
    expect(freeOf(shown)).toEqual(['alice 60', 'bob 110'])
    const vaults = JSON.parse(shown.out) as { vaults: readonly { id: string }[] }
    const id = vaults.vaults[0]?.id.slice(0, 8) ?? ''
    const refused = await json(bob, 'propose', 'release 00000000', ...signed(bob))
    expect(refused.code).toBe(3)
    expect(freeOf(await pay(bob, alice, `release ${id}`))).toEqual(['alice 60', 'bob 140'])
  })

  test('refuse what nobody has, in words that help, and begin nothing', async () => {
    const refused = await alice.run('propose', 'pay bob 61', ...signed(alice))
    expect(refused.code).toBe(1)
    expect(refused.err).toMatch(/^ +step: 7$/m)
    expect(refused.err).toMatch(/^ +party: alice$/m)
    expect(refused.err).toMatch(/^ +fix: propose less/m)
    const shown = await json(alice, 'show')
    expect(JSON.parse(shown.out)).not.toHaveProperty('pending')
  })

  test('refuse an old file, naming the step and the sender', async () => {
    const stale = await take(bob, alice, firstOffer)
    expect(stale).toMatchObject({
      code: 1,
      error: 'message/stale-head',
      step: '1',
      party: 'alice',
    })
    expect(freeOf(await json(bob, 'show'))).toEqual(['alice 60', 'bob 140'])
  })

  test('refuse a file of another machine, and one of their own', async () => {
    const [file = ''] = carry(firstOffer, alice, bob)
    const other = await alice.run('new', '--with', 'bob.card.tally', '--dir', 'other')
    expect(other.code).toBe(0)
    copyFileSync(join(alice.cwd, 'other/out/invite.tally'), join(bob.cwd, 'other.tally'))
    await bob.run('accept', 'other.tally', '--yes', '--dir', 'second')
    const wrong = await json(bob, 'accept', file, '--dir', 'second')
    expect(wrong).toMatchObject({ code: 1, error: 'message/other-machine', step: '1' })
    const own = await json(alice, 'accept', firstOffer.files?.[0]?.path ?? '', '--dir', 'alice-bob')
    expect(own).toMatchObject({ code: 1, error: 'message/not-from-peer' })
    const which = await alice.run('show')
    expect(which.code).toBe(3)
    expect(which.err).toContain('alice-bob, other')
    for (const path of [join(alice.cwd, 'other'), join(bob.cwd, 'second')]) {
      rmSync(path, { recursive: true })
    }
  })

  test('do not open a folder with somebody else’s home', async () => {
    const folder = join(alice.cwd, 'alice-bob')
    const wrong = await bob.run('show', '--dir', folder)
    expect(wrong.code).toBe(3)
    expect(wrong.err).toContain('TALLY_HOME')
    expect((await alice.run('show')).out).not.toContain('older copy')
  })

  test('refuse a message with any byte changed', async () => {
    const offer = await json(alice, 'propose', 'pay bob 2', ...signed(alice))
    const [file = ''] = carry(offer, alice, bob)
    const bytes = readFileSync(join(bob.cwd, file))
    for (const at of [8, 9, 50, 120, 200, bytes.length - 5]) {
      const bad = Uint8Array.from(bytes)
      bad[at] = (bad[at] ?? 0) ^ 1
      writeFileSync(join(bob.cwd, 'bad.tally'), bad)
      const refused = await json(bob, 'accept', 'bad.tally', '--yes', ...signed(bob))
      expect([at, refused.code]).toEqual([at, 1])
    }
    const accepted = await take(bob, alice, offer, '--yes')
    await take(bob, alice, await take(alice, bob, accepted))
    expect(freeOf(await json(bob, 'show'))).toEqual(['alice 58', 'bob 142'])
  })

  test('killed after storing and before writing, go on where they were', async () => {
    const offer = await json(bob, 'propose', 'pay alice 4', ...signed(bob))
    const [file = ''] = carry(offer, bob, alice)
    const journal = join(alice.cwd, 'alice-bob/desk/journal')
    const before = statSync(journal).size
    const folder = join(alice.cwd, 'alice-bob/out')
    const written = readdirSync(folder)
    const child = spawn(process.execPath, [MAIN, 'accept', file, '--yes', ...signed(alice)], {
      cwd: alice.cwd,
      env: { ...process.env, TALLY_HOME: alice.home },
      stdio: 'ignore',
    })
    const ended = new Promise((resolve) => child.on('exit', (_, signal) => resolve(signal)))
    const isRunning = (): boolean => child.exitCode === null
    while (isRunning() && statSync(journal).size === before) {
      await new Promise((next) => setTimeout(next, 1))
    }
    child.kill('SIGKILL')
    expect(await ended).toBe('SIGKILL')
    expect(readdirSync(folder)).toEqual(written)
    const again = await json(alice, 'accept', file, '--yes', ...signed(alice))
    expect(again.files?.map((one) => one.is)).toEqual(['accept'])
    // What was written is lost on the way as well: it is written again, the same.
    const path = join(alice.cwd, again.files?.[0]?.path ?? '')
    const bytes = readFileSync(path)
    rmSync(path)
    const resent = await json(alice, 'resend')
    expect(readFileSync(path)).toEqual(bytes)
    const confirmed = await take(bob, alice, resent)
    expect(freeOf(await take(alice, bob, confirmed))).toEqual(['alice 62', 'bob 138'])
  })

  test('put back from an old copy, sign nothing until the other has answered', async () => {
    const copy = new Map(
      ['journal', 'history'].map((name) => {
        const path = join(bob.cwd, 'bob-alice/desk', name)
        return [path, readFileSync(path)]
      }),
    )
    await pay(alice, bob, 'pay bob 3')
    for (const [path, bytes] of copy) writeFileSync(path, bytes)
    const refused = await json(bob, 'propose', 'pay alice 100', ...signed(bob))
    expect(refused).toMatchObject({ code: 1, error: 'party/quarantined' })
    const asks = await json(bob, 'resend')
    expect(asks.files?.map((one) => one.is)).toEqual(['catchup'])
    const steps = await take(alice, bob, asks)
    expect(steps.files?.map((one) => one.is)).toContain('steps')
    const back = await take(bob, alice, steps)
    expect(freeOf(back)).toEqual(['alice 59', 'bob 141'])
    expect((await bob.run('show')).out).not.toContain('older copy')
  })

  test('hand out one file that anybody can check, and that shows where it was changed', async () => {
    const bundle = await bob.run('bundle', '-o', 'deal.tally')
    expect(bundle).toMatchObject({ code: 0, err: '' })
    const path = join(bob.cwd, 'deal.tally')
    const checked = await alice.run('verify', path)
    expect(checked.code).toBe(0)
    expect(checked.out).toMatch(/^ {2}1 {2}alice pays bob 10 TICK +final +cosigned by alice, bob$/m)
    const bytes = readFileSync(path)
    bytes[bytes.length - 60] = (bytes[bytes.length - 60] ?? 0) ^ 1
    writeFileSync(path, bytes)
    const bad = await alice.run('verify', path)
    expect(bad.code).toBe(1)
    expect(bad.out).toMatch(/^ +step +9$/m)
    expect(bad.out).toMatch(/^ +party +(alice|bob)\b/m)
  })

  test('close the machine, so that a file shows by itself that nothing follows', async () => {
    const closing = await json(bob, 'propose', 'close', ...signed(bob))
    const [file = ''] = carry(closing, bob, alice)
    const asked = await alice.run('accept', file, '--yes', ...signed(alice))
    expect(asked.out).toContain('no further step can become final')
    const accepted = await json(alice, 'resend')
    await take(alice, bob, await take(bob, alice, accepted))
    expect(await json(alice, 'propose', 'pay bob 1', ...signed(alice))).toMatchObject({
      code: 1,
      error: 'party/closed',
    })
    expect((await alice.run('show')).out).toContain('The machine is closed.')
    await alice.run('bundle', '-o', 'closed.tally')
    const checked = await bob.run('verify', join(alice.cwd, 'closed.tally'))
    expect(checked.code).toBe(0)
    expect(checked.out).toMatch(/^ +head: step 10, final, cosigned; closed$/m)
  })

  test('leave nothing that others may read, and no secret', () => {
    for (const { home, cwd } of [alice, bob]) {
      const folder = join(cwd, cwd === alice.cwd ? 'alice-bob' : 'bob-alice')
      for (const below of [home, folder]) {
        for (const name of readdirSync(below, { recursive: true, encoding: 'utf8' })) {
          const path = join(below, name)
          expect([path, statSync(path).mode & 0o077]).toEqual([path, 0])
          if (statSync(path).isFile()) expect(readFileSync(path)).not.toContain(PASSPHRASE)
        }
      }
    }
  })
}, 120_000)
