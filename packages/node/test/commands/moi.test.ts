/** `tally moi` against `tally serve guardian --dev`, both as in a terminal. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../store/temporary.ts'
import { type Ended, type Running, start, tally } from './spawn.ts'

const manifest = join(import.meta.dirname, '../../../../examples/moi-sdk/tokenledger.json')
const STRANGER = `0x00000000${'12'.repeat(24)}00000000`

let folder: string
let guardian: Running
let url: string
let ids: readonly string[]

beforeAll(async () => {
  folder = temporaryFolder()
  const argv = ['serve', 'guardian', '--dev', '--port', '0', '--data', 'data', '--json']
  guardian = start(folder, ...argv)
  const said = JSON.parse(await guardian.until(/\}\n$/)) as Served
  url = said.url
  ids = said.accounts.map(({ id }) => id)
}, 60_000)
afterAll(async () => {
  guardian.process.kill('SIGTERM')
  await guardian.ended
  rmSync(folder, { recursive: true, force: true })
})

type Served = { readonly url: string; readonly accounts: readonly { readonly id: string }[] }

const moi = (...args: readonly string[]): Promise<Ended> =>
  tally(folder, 'moi', ...args, '--url', url)
const json = async (...args: readonly string[]): Promise<Record<string, unknown>> =>
  JSON.parse((await moi(...args, '--json')).out) as Record<string, unknown>

const expectEnd = (ended: Ended, code: number, text: string): void => {
  expect(ended.out + ended.err).toContain(text)
  expect(ended.code).toBe(code)
}

describe('tally moi', () => {
  test('lists accounts and what they have, and moves some of it', async () => {
    const [, alice = '', bob = ''] = ids
    const listed = await json('accounts', '--dev', '--count', '3')
    expect(listed['accounts']).toMatchObject([{}, { id: alice }, { id: bob, number: 2 }])
    const sent = await moi('transfer', bob, '250', '--dev', '-n', '1')
    expectEnd(sent, 0, 'done, for 100 KMOI')
    expect(await json('balance', bob)).toMatchObject({ balance: '1000000000250' })
  })

  test('tells identifiers and public keys of words and of a key file, and asks nobody', async () => {
    const nobody = ['--url', 'http://127.0.0.1:9'] as const
    const listed = ['moi', 'accounts', '--keys', '--json', ...nobody] as const
    const of = await tally(folder, ...listed, '--dev', '--count', '2')
    const publicKey = expect.stringMatching(/^0[23][0-9a-f]{64}$/) as unknown
    expect(JSON.parse(of.out)).toMatchObject({
      accounts: [
        { id: ids[0], publicKey },
        { id: ids[1], publicKey },
      ],
    })
    writeFileSync(join(folder, 'pass'), 'a long enough passphrase', { mode: 0o600 })
    const home = { cwd: folder, home: join(folder, 'home') }
    const secret = ['--passphrase-file', 'pass'] as const
    const made = await tally(home, 'id', 'new', '--name', 'alice', '--suite', 'evm', ...secret)
    expect(made.code, made.err).toBe(0)
    const key = join(folder, 'home', 'identities', 'alice', 'root.key.json')
    const own = await tally(folder, ...listed, '--key', key, ...secret)
    const { accounts } = JSON.parse(own.out) as { accounts: { id: string; publicKey: string }[] }
    const [{ id, publicKey: new_ } = { id: '', publicKey: '' }] = accounts
    expect(id).toBe(`0x00000000${new_.slice(2, 50)}00000000`)
    expect(await moi('transfer', new_, '9', '--dev', '-n', '5')).toMatchObject({ code: 0 })
    expect(await moi('transfer', ids[0] ?? '', '1', '--key', key, ...secret)).toMatchObject({
      code: 1,
    })
    const { interaction } = await json('faucet', id)
    expect(String(interaction)).toMatch(/^0x[0-9a-f]{64}$/)
  })

  test('registers a public key with what it begins with', async () => {
    const key = `02${'79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798'}`
    expect(await moi('transfer', key, '5000', '--dev')).toMatchObject({ code: 0 })
    const id = `0x00000000${key.slice(2, 50)}00000000`
    expect(await json('balance', id)).toMatchObject({ balance: '5000' })
    const { interaction } = await json('faucet', id, '7')
    expect((await moi('receipt', String(interaction), '--wait', '30')).code).toBe(0)
    expect(await json('balance', id)).toMatchObject({ balance: '5007' })
  })

  test('shows a balance with a proof that is checked offline', async () => {
    const [, , , carol = ''] = ids
    const proven = await moi('balance', carol, '--proof', '-o', 'balance.tally')
    expect(proven, proven.err).toMatchObject({ code: 0 })
    expect(proven.out).toContain('1000000000000 KMOI')
    const checked = await tally(folder, 'verify', 'balance.tally')
    expectEnd(checked, 0, '1000000000000 of asset')
    // A proof that somebody keeps is not written over.
    const again = await moi('balance', carol, '--proof', '-o', 'balance.tally')
    expectEnd(again, 3, 'balance.tally exists\n')
  })

  test('keeps a history that is run again offline', async () => {
    const [, , , , dora = ''] = ids
    expect(await moi('transfer', dora, '3', '--dev', '-n', '1')).toMatchObject({ code: 0 })
    const kept = await json('history', dora, '-o', 'dora.tally')
    expect(kept).toMatchObject({ account: dora, file: 'dora.tally' })
    const checked = await tally(folder, 'verify', 'dora.tally')
    expectEnd(checked, 0, dora)
    const proven = await moi('balance', dora, '--proof', '-o', 'dora-balance.tally')
    expect(proven.code, proven.err).toBe(0)
    const forks = await tally(folder, 'fork', 'show', 'dora.tally', 'dora-balance.tally')
    expectEnd(forks, 0, 'no guardian is shown')
  })

  test('deploys a logic, invokes it, asks it, and tells what it throws', async () => {
    const [, alice = '', bob = ''] = ids
    const key = ['--dev', '-n', '1'] as const
    const deployed = await json('deploy', manifest, 'Seed', 'symbol=MOI', 'supply=1000', ...key)
    const { receipt } = deployed as { receipt: { operations: { data: { logic_id: string } }[] } }
    const logic = receipt.operations[0]?.data.logic_id ?? ''
    expect(await moi('invoke', logic, 'Transfer', '250', bob, ...key)).toMatchObject({ code: 0 })
    const asked = await json('invoke', logic, 'BalanceOf', alice, '--call', ...key)
    expect(asked['outputs']).toEqual({ balance: '750' })
    const thrown = await moi('invoke', logic, 'Transfer', '751', bob, ...key)
    expectEnd(thrown, 1, 'insufficient balance')
    const unknown = await moi('invoke', logic, 'Steal', ...key)
    expectEnd(unknown, 3, 'BalanceOf, Transfer')
  })

  test('tells of tesseracts as they come, and of receipts', async () => {
    const [, , bob = ''] = ids
    const watching = start(folder, 'moi', 'watch', bob, '--count', '1', '--url', url)
    await watching.until(/tesseracts of/)
    const sent = await json('transfer', bob, '1', '--dev', '-n', '3')
    expect(await watching.ended).toBe(0)
    const { tesseract } = sent['receipt'] as { tesseract: string }
    expect(watching.out()).toContain(tesseract)
    const receipt = await moi('receipt', String(sent['interaction']))
    expectEnd(receipt, 0, tesseract)
  })

  test('ends by what went wrong: refused, missing, or typed wrongly', async () => {
    const refused = await moi('transfer', STRANGER, '1', '--dev')
    expectEnd(refused, 1, 'account not found')
    const none = await moi('receipt', `0x${'ab'.repeat(32)}`)
    expectEnd(none, 2, 'no receipt')
    const nobody = await tally(folder, 'moi', 'balance', STRANGER, '--url', 'http://127.0.0.1:9')
    expectEnd(nobody, 2, 'no guardian answers')
    expect(nobody.err).toContain('fix: start one with tally serve guardian --dev')
    const wrong = await moi('transfer', '0x12', '1', '--dev')
    expectEnd(wrong, 3, 'no identifier of MOI')
  })
})
