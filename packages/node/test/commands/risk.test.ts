/**
 * Paying at a risk (M2), as two terminals see it: money that its payer alone has signed, a second payment of the same money from a copy
 * of the payer's folder, the proof, the freeze, and what the bond pays.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ended, type Running, start, tally } from './spawn.ts'

type Up = {
  readonly folder: string
  readonly operators: readonly {
    readonly name: string
    readonly url: string
    readonly pid: number
    readonly restart: string
  }[]
}

type Result = {
  readonly error?: string
  readonly certified?: readonly string[]
  readonly claimed?: readonly { readonly from: string; readonly amount: string }[]
  readonly lost?: readonly { readonly proof: string }[]
  readonly provisional?: readonly { readonly from: string; readonly exposure?: string }[]
  readonly holdings?: readonly { readonly free: string }[]
  readonly operators?: readonly { readonly is: string }[]
  readonly shares?: readonly { readonly owed: string; readonly paid: string }[]
}

const PATIENCE_MS = 600_000
const cwd = mkdtempSync(join(tmpdir(), 'tallystick-risk-'))
const extra: Running[] = []
let dev: Running
let up: Up

const json = async (...args: readonly string[]): Promise<Result & Ended> => {
  const ended = await tally(cwd, '--json', ...args)
  return { ...ended, ...(ended.out === '' ? {} : (JSON.parse(ended.out) as Result)) }
}

const operator = (name: string): Up['operators'][number] => {
  const found = up.operators.find((one) => one.name === name)
  if (!found) throw new Error('no such operator')
  return found
}

const restart = async (name: string): Promise<void> => {
  const [, ...args] = operator(name).restart.split(' ')
  const back = start(cwd, ...args)
  extra.push(back)
  await back.until(/next:/)
}

const account = (name: string): readonly string[] => ['--dir', `.tally-dev/${name}`]

beforeAll(async () => {
  dev = start(cwd, 'dev', '--port', '0', '--json')
  up = JSON.parse(await dev.until(/\n\}\n/)) as Up
}, PATIENCE_MS)
afterAll(async () => {
  for (const one of [...extra, dev]) {
    one.process.kill('SIGINT')
    await one.ended
  }
  rmSync(cwd, { recursive: true, force: true })
}, PATIENCE_MS)

/** Alice's folder and keys as they were before, with no operator in reach. */
const copyOfAlice = (): string => {
  const copy = join(cwd, 'copy')
  for (const name of ['alice', 'home', 'passphrase']) {
    cpSync(join(up.folder, name), join(copy, name), { recursive: true })
  }
  return join(copy, 'alice')
}

test(
  'what was paid twice is provisional within the caps, and the bond pays whom it was taken from',
  async () => {
    const copy = copyOfAlice()
    process.kill(operator('west').pid, 'SIGKILL')
    process.kill(operator('south').pid, 'SIGKILL')

    const first = await json('propose', 'pay bob 60', ...account('alice'), '--wait', '1')
    expect(first.code).toBe(2)
    await json('bundle', ...account('alice'), '-o', 'first.tally')
    const addresses = readFileSync(join(copy, 'directory.json'), 'utf8')
    writeFileSync(
      join(copy, 'directory.json'),
      addresses.replaceAll(/"url": "[^"]*"/g, '"url": "http://127.0.0.1:9"'),
    )
    const second = await json('propose', 'pay carol 60', '--dir', copy, '--wait', '1')
    expect(second.code).toBe(2)
    writeFileSync(join(copy, 'directory.json'), addresses)
    await json('bundle', '--dir', copy, '-o', 'second.tally')

    const careful = await json('accept', 'first.tally', ...account('bob'))
    expect(careful).toMatchObject({ code: 1, error: 'payment/provisional' })
    const bob = await json('accept', 'first.tally', ...account('bob'), '--risk', '80')
    expect(bob).toMatchObject({ code: 2, claimed: [] })
    expect(bob.provisional).toMatchObject([{ from: 'alice', exposure: '60.00 TICK' }])
    const capped = await json('accept', 'second.tally', ...account('carol'), '--risk', '50')
    expect(capped).toMatchObject({ code: 1, error: 'payment/above-payer-cap' })
    const carol = await json('accept', 'second.tally', ...account('carol'), '--risk', '60')
    expect(carol.provisional).toHaveLength(1)

    await restart('west')
    await restart('south')
    expect(await json('resend', ...account('alice'))).toMatchObject({ code: 0, certified: ['2'] })
    const paid = await json('accept', ...account('bob'))
    expect(paid).toMatchObject({ code: 0, claimed: [{ from: 'alice', amount: '60.00 TICK' }] })
    const unpaid = await json('accept', ...account('carol'))
    expect(unpaid).toMatchObject({ code: 1, claimed: [], provisional: [] })
    const [proof] = (unpaid.lost ?? []).map((one) => one.proof)
    expect(proof).toContain('conflict-')

    expect((await json('fork', 'show', proof ?? '')).code).toBe(1)
    for (const name of ['north', 'east']) {
      const token = join(up.folder, 'operators', name, 'token')
      const against = ['fork', 'claim', proof ?? '', '--for', 'carol']
      const at = ['--operator', operator(name).url, '--token-file', token]
      const claim = await json(...against, '-o', 'claim.tally', ...at)
      expect(claim.operators).toMatchObject([{ is: 'frozen' }])
    }
    const frozen = await json('propose', 'pay bob 1', ...account('alice'), '--wait', '2')
    expect(frozen.code).not.toBe(0)
    expect(frozen.certified ?? []).toEqual([])

    await json('bundle', ...account('mint'), '-o', 'mint.tally')
    const slash = await json('fork', 'claim', 'claim.tally', '--bond', 'mint.tally')
    expect(slash).toMatchObject({ code: 0, shares: [{ owed: '60.00', paid: '50.00' }] })
    const payout = await json('propose', '--op', 'slash.json', ...account('mint'))
    expect(payout.code).toBe(0)
    const whole = await json('accept', ...account('carol'))
    expect(whole.claimed).toMatchObject([{ amount: '50.00 TICK' }])
    expect(whole.holdings).toMatchObject([{ free: '150.00' }])
    expect(whole.provisional).toEqual([])
    await json('bundle', ...account('carol'), '-o', 'carol.tally')
    expect((await tally(cwd, 'verify', 'carol.tally')).code).toBe(0)
  },
  PATIENCE_MS,
)
