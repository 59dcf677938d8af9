import { copyFileSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createUser, giveKeys } from '../spawn.ts'

const user = createUser()
const pass = ['--passphrase-file', user.passphraseFile]
const at = (name: string): string => join(user.cwd, name)
const read = (name: string): string => readFileSync(at(name)).toString('latin1')
const NONCE = '0123456789abcdef'
const to = ['--audience', 'yard', '--nonce', NONCE]
const credential = (...args: readonly string[]) => user.run('credential', ...args)
let id = ''

beforeAll(async () => {
  for (const name of ['school', 'bob']) {
    giveKeys(user, name)
  }
  await user.run('id', 'card', '--as', 'bob')
  const fields = ['--field', 'class=B', '--field', 'born=1990-04-01']
  const about = ['--to', 'bob.card.tally', '--about', 'forklift licence', ...fields]
  const made = await credential('issue', ...about, '--as', 'school', '--json', ...pass)
  expect(made.code).toBe(0)
  id = (JSON.parse(made.out) as { record: string }).record
  const shown = await credential(
    'present',
    'bob.credential.tally',
    '--as',
    'bob',
    '--show',
    'class',
    ...to,
    ...pass,
  )
  expect(shown.code).toBe(0)
}, 60_000)
afterAll(() => rmSync(join(user.home, '..'), { recursive: true }))

const check = (...more: readonly string[]) =>
  credential('check', 'bob.presentation.tally', ...to, ...more)

describe('tally credential', () => {
  test('shows what the holder chose, from one file, offline', async () => {
    const { code, out } = await check()
    expect(code).toBe(0)
    expect(out).toMatch(/^valid {2}signed by the holder for yard\n/)
    expect(out).toMatch(/class +B/)
    expect(out).toContain('nothing newer was looked at')
    expect(out).not.toContain('1990')
  })

  test('writes over no credential that stands where it would write, and issues nothing then', async () => {
    const again = ['--to', 'bob.card.tally', '--about', 'other', '--as', 'school', ...pass]
    const refused = await credential('issue', ...again)
    expect(refused.code).toBe(3)
    expect(refused.err).toContain('bob.credential.tally')
    const elsewhere = await credential('issue', ...again, '-o', 'other.credential.tally')
    expect(elsewhere.code, elsewhere.err).toBe(0)
  })

  test('keeps values out of all but the holder’s own file', () => {
    expect(read('bob.credential.tally')).toContain('1990-04-01')
    expect(statSync(at('bob.credential.tally')).mode & 0o077).toBe(0)
    for (const file of ['bob.presentation.tally', 'issuer.tally']) {
      expect(read(file)).not.toContain('1990')
    }
  })

  test('refuses a replay, another audience and another holder', async () => {
    const replay = await credential(
      'check',
      'bob.presentation.tally',
      '--audience',
      'yard',
      '--nonce',
      'f'.repeat(16),
    )
    expect(replay).toMatchObject({ code: 1 })
    expect(replay.err).toContain('credential/other-nonce')
    const away = await credential(
      'check',
      'bob.presentation.tally',
      '--audience',
      'shop',
      '--nonce',
      NONCE,
    )
    expect(away.err).toContain('credential/other-audience')
    const stolen = await credential(
      'present',
      'bob.credential.tally',
      '--as',
      'school',
      ...to,
      ...pass,
    )
    expect(stolen).toMatchObject({ code: 3 })
    expect(stolen.err).toContain('for another key')
  })

  test('is compared with the issuer that the verifier knows', async () => {
    const { out } = await check('--json')
    const { issuer } = JSON.parse(out) as { issuer: string }
    expect((await check('--issuer', issuer)).code).toBe(0)
    expect((await check('--issuer', issuer.slice(0, 16))).code).toBe(0)
    expect((await check('--issuer', issuer.slice(0, 15))).code).toBe(3)
    expect((await check('--issuer', 'f'.repeat(16))).code).toBe(3)
  })

  test('is refused once it is revoked, by whoever has the newer state', async () => {
    const good = await credential('status', id, '--as', 'school', '-o', 'good.tally', ...pass)
    expect(good.code).toBe(0)
    expect((await check('--status', 'good.tally')).out).toContain('1 newer state looked at')
    const short = await credential('revoke', id.slice(0, 7), '--as', 'school', ...pass)
    expect(short.code).toBe(3)
    const revoked = await credential('revoke', id.slice(0, 8), '--as', 'school', ...pass)
    expect(revoked.code).toBe(0)
    const status = `${id.slice(0, 8)}.status.tally`
    expect((await check('--status', status)).err).toContain('credential/revoked')
    expect((await check('--status', 'good.tally', '--status', status)).code).toBe(1)
    // Without it nobody can know.
    expect((await check()).code).toBe(0)
    const again = await credential('revoke', id, '--as', 'school', ...pass)
    expect(again.err).toContain('record/ended')
    expect((await user.run('verify', 'issuer.tally')).code).toBe(0)
  })

  test('names its files to who asks, and verifies them nowhere else', async () => {
    const { out } = await user.run('show', 'bob.credential.tally')
    expect(out).toContain('a credential of')
    expect(out).toContain('class, born')
    expect(out).not.toContain('1990')
    expect((await user.run('verify', 'bob.presentation.tally')).code).toBe(3)
    expect((await credential('check', 'bob.credential.tally', ...to)).err).toContain(
      'file/other-kind',
    )
  })

  test('takes no step of an issuer whose key lies elsewhere, and none out of a spoiled file', async () => {
    const foreign = await credential('revoke', id, '--as', 'bob', ...pass)
    expect(foreign.code).toBe(3)
    copyFileSync(at('bob.card.tally'), at('odd.tally'))
    const odd = await credential('revoke', id, '--as', 'school', '--issuer', 'odd.tally', ...pass)
    expect(odd.code).toBe(1)
    const twice = ['--field', 'a=1', '--field', 'a=2']
    const about = ['--to', 'bob.card.tally', '--about', 'x', ...twice]
    expect((await credential('issue', ...about, '--as', 'school', ...pass)).code).toBe(3)
  })
}, 120_000)
