/** The command at a terminal, which `script` of Linux pretends to be: what a person is asked, and what each key does. */
import { spawn } from 'node:child_process'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createUser, type Ended, giveKeys, MAIN, PASSPHRASE, type Tally } from './spawn.ts'

const SCRIPT = '/usr/bin/script'
const people = { alice: createUser(), bob: createUser() }
const { alice, bob } = people
afterAll(() => {
  for (const one of [alice, bob]) rmSync(join(one.home, '..'), { recursive: true })
})

const signed = ['--passphrase-file', alice.passphraseFile] as const

/** Runs a command at a terminal and types each answer once its question is there. */
const typed = (
  by: Tally,
  args: readonly string[],
  answers: readonly (readonly [question: string, keys: string])[],
): Promise<Ended> =>
  new Promise((resolve) => {
    const command = [process.execPath, MAIN, ...args].map((one) => `'${one}'`).join(' ')
    const env = { ...process.env, TALLY_HOME: by.home, TERM: 'xterm', COLUMNS: '100' }
    const child = spawn(SCRIPT, ['-qec', command, '/dev/null'], { cwd: by.cwd, env })
    const left = [...answers]
    let out = ''
    let seen = 0
    child.stdout.on('data', (bytes: Buffer) => {
      out += bytes.toString()
      const [next] = left
      const at = next === undefined ? -1 : out.indexOf(next[0], seen)
      if (next === undefined || at < 0) return
      left.shift()
      seen = at + next[0].length
      child.stdin.write(next[1])
    })
    child.on('close', (code) => resolve({ code: code ?? -1, out, err: '' }))
  })

describe.skipIf(!existsSync(SCRIPT) || process.platform !== 'linux')(
  'at a terminal',
  () => {
    let offer = ''

    beforeAll(async () => {
      for (const [name, one] of Object.entries(people)) giveKeys(one, name)
      await bob.run('id', 'card')
      await alice.run('new', '--with', join(bob.cwd, 'bob.card.tally'))
      const made = await alice.run('--json', 'propose', 'pay bob 10', ...signed)
      const { files } = JSON.parse(made.out) as { files: { path: string }[] }
      offer = join(alice.cwd, files[0]?.path ?? '')
    }, 60_000)

    test('an invitation is kept on a yes, and on nothing else', async () => {
      const invite = join(alice.cwd, 'alice-bob/out/invite.tally')
      const left = await typed(bob, ['accept', invite], [['[y/N]', '\r']])
      expect(left.code).toBe(0)
      expect(existsSync(join(bob.cwd, 'bob-alice'))).toBe(false)
      const kept = await typed(bob, ['accept', invite], [['[y/N]', 'y\r']])
      expect(kept.out).toContain('\u001b[')
      expect(existsSync(join(bob.cwd, 'bob-alice'))).toBe(true)
    })

    test.each([
      ['Enter', '\r'],
      ['Ctrl-C', '\u0003'],
      ['Ctrl-D', '\u0004'],
      ['another word', 'maybe\r'],
    ])('%s leaves a question open and signs nothing', async (_, keys) => {
      const { code, out } = await typed(bob, ['accept', offer], [['later]', keys]])
      expect(code).toBe(2)
      expect(out).toContain('waits for your answer')
      expect(out).not.toContain('passphrase')
    })

    test('a yes is signed with the passphrase, which is not shown', async () => {
      const wrong = await typed(
        bob,
        ['accept', offer],
        [
          ['later]', 'y\r'],
          ['passphrase of bob', 'a wrong passphrase\r'],
        ],
      )
      expect(wrong.code).toBe(1)
      expect(wrong.out).toContain('keystore/wrong-passphrase')
      const { code, out } = await typed(
        bob,
        ['accept'],
        [
          ['later]', 'y\r'],
          ['passphrase of bob', `${PASSPHRASE}\r`],
        ],
      )
      expect(code).toBe(0)
      expect(out).toContain('you have signed')
      expect(out).not.toContain(PASSPHRASE)
    })
  },
  60_000,
)
