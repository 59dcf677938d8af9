/** `tally fork`, run as a user would, on the files that the demo leaves behind. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bytesFromHex } from '../../../src/base/bytes.ts'
import { ledgerOperation } from '../../../src/logic/ledger-operation.ts'
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

describe('tally fork claim', () => {
  test('writes a claim for a victim, and the operation for whoever keeps the bond', async () => {
    const claimed = await user.run('fork', 'claim', 'cheat.tally', '--for', 'carol')
    expect(claimed.code).toBe(0)
    expect(claimed.out).toContain('claim-carol.tally')
    // Bob was paid by the step that the directory certified, so he has nothing to claim.
    const whole = await user.run('fork', 'claim', 'cheat.tally', '--for', 'bob')
    expect([whole.code, whole.out]).toEqual([2, expect.stringContaining('no send to bob is shown')])
    const paid = await user.run('fork', 'claim', 'claim-carol.tally', '--bond', 'cheat.tally')
    expect(paid.code).toBe(0)
    expect(paid.out).toContain('a bond of 12.00 TICK for the conduct of alice')
    expect(paid.out).toMatch(/carol +12\.00 TICK +of 18\.00 TICK/)
    expect(paid.out).toContain('bob is whole')
    const written = JSON.parse(readFileSync(join(user.cwd, 'slash.json'), 'utf8')) as {
      operations: { logic: number; argument: string }[]
    }
    expect(written.operations.map((one) => one.logic)).toEqual([0])
    const operation = ledgerOperation.decode(bytesFromHex(written.operations[0]?.argument ?? ''))
    expect(operation.is === 'slash' && operation.victims).toHaveLength(1)
  })

  test('waits for so many claims or for a step, as the keeper has said', async () => {
    const pay = ['fork', 'claim', 'cheat.tally', '--bond', 'cheat.tally', '-o', 'later.json']
    const early = await user.run(...pay, '--claims', '2', '--until', '9')
    expect([early.code, early.out]).toEqual([
      2,
      expect.stringContaining('1 of 2 claims are there, and the machine is at step 2 of 9'),
    ])
    expect(existsSync(join(user.cwd, 'later.json'))).toBe(false)
    expect((await user.run(...pay, '--claims', '2', '--until', '2')).code).toBe(0)
    expect((await user.run(...pay, '--claims', 'all')).code).toBe(3)
  })

  test('writes nothing where nothing is owed, no bond is shown or nobody is convicted', async () => {
    for (const [args, says] of [
      [['cheat.tally', '--for', 'dave'], 'no send to dave is shown'],
      [['proof.tally'], 'no send to anybody is shown'],
      [['claim-carol.tally', '--bond', 'market.tally'], 'shows no bond'],
    ] as const) {
      const { code, out } = await user.run('fork', 'claim', ...args)
      expect([code, out]).toEqual([2, expect.stringContaining(says)])
    }
    const none = await user.run('fork', 'claim', 'market.tally')
    expect([none.code, none.out]).toEqual([0, expect.stringContaining('no key is shown')])
  })

  test('hands the evidence to operators with a token, and names the one that is not there', async () => {
    const asked: unknown[] = []
    const operator = createServer((request, response) => {
      const body: Buffer[] = []
      request.on('data', (one: Buffer) => body.push(one))
      request.on('end', () => {
        const { method, url, headers } = request
        asked.push([method, url, headers.authorization, Buffer.concat(body).length])
        response.end('{}')
      })
    })
    await new Promise<void>((resolve) => operator.listen(0, '127.0.0.1', resolve))
    const { port } = operator.address() as AddressInfo
    writeFileSync(join(user.cwd, 'token'), 'open-sesame\n')
    const { code, out } = await user.run(
      'fork',
      'claim',
      'cheat.tally',
      '--token-file',
      'token',
      '--operator',
      `http://127.0.0.1:${port}`,
      'http://127.0.0.1:1',
    )
    operator.close()
    expect(asked).toEqual([['POST', '/v1/evidence', 'Bearer open-sesame', 547]])
    expect(out).toContain(`http://127.0.0.1:${port} serves alice no more`)
    expect(out).toContain('http://127.0.0.1:1 was not reached')
    expect(code).toBe(2)
    const odd = await user.run('fork', 'claim', 'cheat.tally', '--operator', 'nowhere')
    expect(odd.code).toBe(3)
  })
}, 60_000)
