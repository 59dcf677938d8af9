/** Payment mode M1 from account to account: set aside while online, paid within a relationship offline, and sent home again. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ended, type Running, start, tally } from '../commands/spawn.ts'

const cwd = mkdtempSync(join(tmpdir(), 'tallystick-allocate-'))
const PATIENCE_MS = 120_000
let dev: Running

const begin = async (): Promise<void> => {
  dev = start(cwd, 'dev', '--port', '0', '--json')
  await dev.until(/\n\}\n/)
}

const end = async (): Promise<void> => {
  dev.process.kill('SIGINT')
  await dev.ended
}

beforeAll(async () => {
  process.env['TALLY_HOME'] = join(cwd, '.tally-dev', 'home')
  await begin()
}, PATIENCE_MS)
afterAll(async () => {
  await end()
  delete process.env['TALLY_HOME']
  rmSync(cwd, { recursive: true, force: true })
}, PATIENCE_MS)

const SIGNED = ['--passphrase-file', '.tally-dev/passphrase'] as const

const done = async (...args: readonly string[]): Promise<Ended> => {
  const ended = await tally(cwd, ...args)
  expect(ended, `${args.join(' ')}: ${ended.err}`).toMatchObject({ code: 0 })
  return ended
}

/** Hands the newest file of a kind from one of the two to the other. */
const hand = async (from: string, to: string, kind: string): Promise<void> => {
  const files = readdirSync(join(cwd, from, 'out')).filter((one) => one.includes(kind))
  const file = files.sort().at(-1) ?? ''
  await done('accept', join(from, 'out', file), '--dir', to, '--yes', ...SIGNED)
}

/** From alice's offer to both being done with it. */
const agree = async (): Promise<void> => {
  await hand('alice-bob', 'bob-alice', 'offer')
  await hand('bob-alice', 'alice-bob', 'accept')
  await hand('alice-bob', 'bob-alice', 'confirm')
}

test('money is set aside, paid on while no operator is there, and taken home as what it is', async () => {
  await done('id', 'card', '--as', 'bob', '-o', 'bob.card.tally')
  const together = ['--with', 'bob.card.tally', '--as', 'alice', '--turn', 'leader']
  await done('new', ...together, '--network', 'dev', '--ledger', 'CHIP', '--dir', 'alice-bob')
  await done('accept', 'alice-bob/out/invite.tally', '--yes', '--dir', 'bob-alice', ...SIGNED)
  await done('propose', 'allocate bob 20', '--into', 'alice-bob', '--dir', '.tally-dev/alice')
  await end()

  await done('propose', 'take alice-step2.tally', '--dir', 'alice-bob', ...SIGNED)
  await agree()
  for (const amount of [5, 3]) {
    await done('propose', `pay bob ${amount} TICK`, '--dir', 'alice-bob', ...SIGNED)
    await agree()
  }
  await done('account', 'card', '--dir', '.tally-dev/bob', '-o', 'bob.account.tally')
  await done('propose', 'send bob.account.tally 6 TICK', '--dir', 'bob-alice', ...SIGNED)
  await hand('bob-alice', 'alice-bob', 'request')
  await agree()
  await done('bundle', '--dir', 'bob-alice', '-o', 'home.tally')
  await done('verify', 'home.tally')

  await begin()
  const taken = await done('accept', 'home.tally', '--dir', '.tally-dev/bob')
  expect(taken.out).toContain('6.00 TICK from bob, provisional (M2, 6.00 TICK at risk)')
  const shown = await done('show', '--dir', '.tally-dev/bob')
  expect(shown.out).toContain('106.00 TICK')
  expect(shown.out).toMatch(/6\.00 TICK .* provisional/)
  await done('bundle', '--dir', '.tally-dev/bob', '-o', 'bob.tally')
  const verified = await done('verify', 'bob.tally')
  expect(verified.out).toContain('rests on step 4 of alice–bob')
})
