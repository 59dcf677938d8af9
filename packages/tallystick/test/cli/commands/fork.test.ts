/** `tally fork`, run as a user would, on the files that the demo leaves behind. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createUser } from '../spawn.ts'

const user = createUser()
afterAll(() => rmSync(join(user.home, '..'), { recursive: true }))

beforeAll(async () => {
  await user.run('demo', 'market', '--suite', 'classic')
  await user.run('demo', 'market', '--cheat', '--suite', 'classic')
}, 60_000)

describe('tally fork show', () => {
  test('says who signed twice and what each step promised, and ends with 1', async () => {
    const { code, out } = await user.run('fork', 'show', 'cheat.tally', '-o', 'proof.tally')
    expect(code).toBe(1)
    expect(out).toContain('alice signed for two different steps at one place')
    expect(out).toMatch(/promised to +bob +18\.00 TICK/)
    expect(out).toMatch(/promised to +carol +18\.00 TICK/)
    expect(out).toContain('convicted: alice; nobody else')
    const written = readFileSync(join(user.cwd, 'proof.tally'))
    expect(written.length).toBeLessThan(600)
    expect((await user.run('verify', 'proof.tally')).out).toContain('convicted: key')
  })

  test('shows the written evidence, which knows the key and not the name', async () => {
    const { code, out } = await user.run('--json', 'fork', 'show', 'proof.tally')
    expect(code).toBe(1)
    const told = JSON.parse(out) as { forks: { kind: string; name?: string }[] }
    expect(told.forks.map((one) => [one.kind, one.name])).toEqual([['fork', undefined]])
  })

  test('ends with 0 where nobody is convicted and everything holds', async () => {
    const { code, out } = await user.run('fork', 'show', 'market.tally')
    expect(code).toBe(0)
    expect(out).toContain('no key is shown to have signed two steps')
  })

  test('ends with 2 where nobody is, and something false stood in the way', async () => {
    const proof = readFileSync(join(user.cwd, 'proof.tally'))
    proof[proof.length - 1] = (proof.at(-1) ?? 0) ^ 1
    writeFileSync(join(user.cwd, 'bent.tally'), proof)
    const { code, out } = await user.run('fork', 'show', 'bent.tally')
    expect(code).toBe(2)
    expect(out).toContain('evidence/bad-signature')
  })

  test('names the file that it cannot read, and the flag that is missing', async () => {
    writeFileSync(join(user.cwd, 'text.tally'), 'no file of ours')
    const { code, err } = await user.run('fork', 'show', 'market.tally', 'text.tally')
    expect(code).toBe(1)
    expect(err).toContain('text.tally')
    expect((await user.run('fork', 'show')).code).toBe(3)
  })
}, 60_000)
