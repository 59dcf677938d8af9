/** A9: what the command shows to whoever is asked to sign, and when. */
import { copyFileSync, existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createUser, giveKeys, type Tally } from './spawn.ts'

const people = { alice: createUser(), bob: createUser() }
const { alice, bob } = people
afterAll(() => {
  for (const one of [alice, bob]) rmSync(join(one.home, '..'), { recursive: true })
})

const signed = (of: Tally): readonly string[] => ['--passphrase-file', of.passphraseFile]
const give = (path: string, from: Tally, to: Tally): string => {
  copyFileSync(join(from.cwd, path), join(to.cwd, basename(path)))
  return basename(path)
}

beforeAll(async () => {
  for (const [name, one] of Object.entries(people)) giveKeys(one, name)
  await bob.run('id', 'card')
  const card = give('bob.card.tally', bob, alice)
  await alice.run('new', '--with', card, '--logic', 'vault')
  const invite = give('alice-bob/out/invite.tally', alice, bob)
  expect((await bob.run('accept', invite, '--yes')).code).toBe(0)
}, 60_000)

test('A9: who is asked to sign sees the step in words, its parties, amounts and what a line cuts short in full, before anything is signed', async () => {
  const offered = await alice.run('--json', 'propose', 'lock bob 30', ...signed(alice))
  const { files } = JSON.parse(offered.out) as { files: readonly { readonly path: string }[] }
  const offer = give(files[0]?.path ?? '', alice, bob)
  const out = join(bob.cwd, 'bob-alice/out')
  const before = existsSync(out) ? readdirSync(out) : []
  const asked = await bob.run('accept', offer, ...signed(bob))
  // Nobody is at the terminal, so nothing is signed.
  expect(asked.code).toBe(3)
  expect(existsSync(out) ? readdirSync(out) : []).toEqual(before)
  const line = /alice locks 30 TICK for bob, lock ([0-9a-f]{8})…, as logic 1 decides\n/
  const [, lock] = line.exec(asked.out) ?? []
  expect(asked.out).toMatch(line)
  expect(asked.out).toMatch(new RegExp(`^ +${lock}… is ${lock}[0-9a-f]{56}$`, 'm'))
  expect(asked.out).toMatch(/alice +100 TICK +→ +70 TICK, 30 set aside/)
  const agreed = await bob.run('--json', 'accept', offer, '--yes', ...signed(bob))
  const said = JSON.parse(agreed.out) as {
    readonly asked: { readonly inFull: readonly { readonly short: string }[] }
  }
  expect(said.asked.inFull.map((one) => one.short)).toContain(`${lock}…`)
})
