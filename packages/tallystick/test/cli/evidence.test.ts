/** What the command makes of a party that signs two things which exclude each other. */
import { cpSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createUser, giveKeys, type Tally } from './spawn.ts'

const people = { alice: createUser(), bob: createUser() }
const { alice, bob } = people
const twin = createUser()
afterAll(() => {
  for (const one of [alice, bob, twin]) rmSync(join(one.home, '..'), { recursive: true })
})

const signed = ['--passphrase-file', alice.passphraseFile] as const

const outOf = (of: Tally, folder: string, kind: string): string => {
  const name = readdirSync(join(of.cwd, folder, 'out')).find((one) => one.includes(kind))
  return join(of.cwd, folder, 'out', name ?? 'nothing')
}

beforeAll(async () => {
  for (const [name, one] of Object.entries(people)) giveKeys(one, name)
  await bob.run('id', 'card')
  await alice.run('new', '--with', join(bob.cwd, 'bob.card.tally'))
  await bob.run('accept', join(alice.cwd, 'alice-bob/out/invite.tally'), '--yes')
  cpSync(join(bob.home, '..'), join(twin.home, '..'), { recursive: true })
  await alice.run('propose', 'pay bob 10', ...signed)
}, 60_000)

describe('a party with a twin that signs otherwise', () => {
  test('is caught by whoever gets both, with a proof that anybody can check', async () => {
    const offer = outOf(alice, 'alice-bob', '-offer')
    await bob.run('accept', offer, '--yes', ...signed)
    await twin.run('accept', offer, '--no', ...signed)
    const abort = await alice.run('accept', outOf(twin, 'bob-alice', '-abort'), ...signed)
    expect(abort.code).toBe(0)
    const caught = await alice.run('accept', outOf(bob, 'bob-alice', '-accept'), ...signed)
    expect(caught.code).toBe(1)
    expect(caught.out).toContain('bob broke its word, and there is proof.')
    expect(caught.out).toContain('next: tally bundle --evidence')
  })

  test('gets no further signature', async () => {
    const refused = await alice.run('propose', 'pay bob 1', ...signed)
    expect(refused.code).toBe(1)
    expect(refused.err).toContain('party/stopped')
    expect((await alice.run('show')).out).toContain('proof that bob broke its word')
  })

  test('is named by the proof and by the bundle', async () => {
    const written = await alice.run('bundle', '--evidence')
    expect(written.out).toContain('proof-against-bob.tally')
    const proof = await alice.run('verify', 'proof-against-bob.tally')
    expect(proof.code).toBe(0)
    expect(proof.out).toContain('aborted a round and committed in it')
    const key = /convicted: key ([0-9a-f ]+) /.exec(proof.out)?.[1] ?? 'none'
    expect((await bob.run('id', 'show')).out).toContain(key.trim())
    await alice.run('bundle', '-o', 'deal.tally')
    const bundle = await alice.run('verify', 'deal.tally')
    expect(bundle.out).toContain('convicted: bob')
    const none = await bob.run('bundle', '--evidence')
    expect(none.code).toBe(3)
  })
}, 60_000)
