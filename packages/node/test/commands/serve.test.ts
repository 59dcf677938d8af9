import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bytesFromHex } from 'tallystick/base'
import { afterEach, describe, expect, test } from 'vitest'
import { charterFor, openAt, startTest, stepsOf, submitAt } from '../server/town.ts'
import { MAIN } from './spawn.ts'

const folders: string[] = []
const children: ChildProcess[] = []
afterEach(() => {
  for (const one of children.splice(0)) one.kill('SIGKILL')
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true })
})

const fresh = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'tally-serve-'))
  folders.push(folder)
  return folder
}

type Card = { readonly url: string; readonly name: string; readonly publicKey: string }

const cardFrom = (text: string): Card => JSON.parse(text) as Card

type Served = {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly exit: Promise<number | null>
  /** Once the command has printed its card. */
  readonly card: Promise<Card>
}

const tally = (...args: readonly string[]): Served => {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let [out, err] = ['', '']
  const exit = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const card = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (data) => {
      out += data
      if (out.endsWith('}\n')) resolve(out)
    })
    child.stderr.on('data', (data) => {
      err += data
    })
    void exit.then(() => reject(new Error(`no card: ${out} ${err}`)))
  }).then(cardFrom)
  card.catch(() => undefined)
  return { child, out: () => out, err: () => err, exit, card }
}

const open = ['--init', '--unsealed', '--suite', 'classic', '--name', 'north', '--json']

// Each starts several processes, which takes long where much else runs.
describe('tally serve directory', { timeout: 90_000 }, () => {
  test('opens as many machines as it was told to, and refuses a number that is none', async () => {
    const data = join(fresh(), 'north')
    const wrong = tally('serve', 'directory', '--data', data, ...open, '--machines', 'many')
    expect(await wrong.exit).toBe(3)
    expect(wrong.err() + wrong.out()).toContain('many is no number of machines')
    const one = tally('serve', 'directory', '--data', data, ...open, '--machines', '1')
    const { url, publicKey: key } = await one.card
    const token = readFileSync(join(data, 'token'), 'utf8').trim()
    const publicKey = bytesFromHex(key)
    const seat = { name: 'north', scheme: 'ed25519', publicKey, url } as const
    await openAt({ url, token }, charterFor([seat]))
    await expect(openAt({ url, token }, charterFor([seat], { nonce: 1 }))).rejects.toThrow(
      /no more than 1/,
    )
    one.child.kill('SIGTERM')
    expect(await one.exit).toBe(0)
  })

  test('makes an operator, answers, stops when told, and is the same one next time', async () => {
    const data = join(fresh(), 'north')
    const first = tally('serve', 'directory', '--data', data, ...open)
    const { url, name } = await first.card
    expect(name).toBe('north')
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    const token = readFileSync(join(data, 'token'), 'utf8').trim()
    expect(statSync(join(data, 'token')).mode & 0o777).toBe(0o600)
    expect(statSync(join(data, 'operator.open-key')).mode & 0o777).toBe(0o600)
    expect(statSync(data).mode & 0o777).toBe(0o700)
    const headers = { authorization: `Bearer ${token}` }
    expect((await fetch(`${url}/v1/checkpoint`, { headers })).status).toBe(200)
    const card = JSON.parse(readFileSync(join(data, 'operator.json'), 'utf8')) as { url: string }
    expect(card).toMatchObject({ name: 'north', suite: 'classic', scheme: 'ed25519', url })

    const second = tally('serve', 'directory', '--data', data, '--json')
    expect(await second.exit).not.toBe(0)
    expect(second.out() + second.err()).toMatch(/another process/)

    const startMs = performance.now()
    first.child.kill('SIGTERM')
    expect(await first.exit).toBe(0)
    expect(performance.now() - startMs).toBeLessThan(5000)
    for (const text of [first.out(), first.err()]) {
      expect(text).not.toContain(token)
      expect(text).not.toContain(readFileSync(join(data, 'operator.open-key'), 'utf8').trim())
    }

    const again = tally('serve', 'directory', '--data', data, '--json')
    expect(await again.card).toMatchObject({
      publicKey: cardFrom(first.out()).publicKey,
    })
    again.child.kill('SIGINT')
    expect(await again.exit).toBe(0)
  })

  test('seals the key under a passphrase, and opens it with that one and behind a closed token', async () => {
    const folder = fresh()
    const data = join(folder, 'north')
    const [right, wrong] = [join(folder, 'right'), join(folder, 'wrong')]
    writeFileSync(right, 'correct horse battery\n', { mode: 0o600 })
    writeFileSync(wrong, 'another passphrase\n', { mode: 0o600 })
    const args = ['serve', 'directory', '--data', data, '--json']
    const first = tally(...args, '--init', '--name', 'north', '--passphrase-file', right)
    await first.card
    first.child.kill('SIGTERM')
    expect(await first.exit).toBe(0)
    const refused = tally(...args, '--passphrase-file', wrong)
    expect(await refused.exit).toBe(1)
    expect(refused.out()).toContain('keystore/wrong-passphrase')
    chmodSync(join(data, 'token'), 0o644)
    const exposed = tally(...args, '--passphrase-file', right)
    expect(await exposed.exit).toBe(1)
    expect(exposed.out()).toContain('keystore/open-to-others')
  })

  test('heals with the help of the others what has lost its guard, and says so', async () => {
    const folder = fresh()
    const data = join(folder, 'north')
    const first = tally('serve', 'directory', '--data', data, ...open)
    const { publicKey } = await first.card
    const token = readFileSync(join(data, 'token'), 'utf8').trim()
    const north = {
      name: 'north',
      scheme: 'ed25519' as const,
      publicKey: new Uint8Array(Buffer.from(publicKey, 'hex')),
    }
    const others = await Promise.all(['east', 'south', 'west'].map((name) => startTest({ name })))
    const charter = charterFor([{ ...north, url: '' }, ...others.map((one) => one.card)])
    const all = [{ url: (await first.card).url, token }, ...others]
    for (const one of all) await openAt(one, charter)
    for (const one of all) await submitAt(one, stepsOf(charter, 3))
    first.child.kill('SIGTERM')
    await first.exit
    rmSync(join(data, 'guard'))
    const peers = join(folder, 'peers.json')
    const listed = others.map(({ card, url, token: secret }) => ({
      ...card,
      url,
      token: secret,
      publicKey: Buffer.from(card.publicKey).toString('hex'),
    }))
    writeFileSync(peers, JSON.stringify(listed), { mode: 0o600 })
    const alone = tally('serve', 'directory', '--data', data, '--json')
    const { url } = await alone.card
    expect([(await fetch(`${url}/readyz`)).status, (await fetch(`${url}/healthz`)).status]).toEqual(
      [503, 200],
    )
    alone.child.kill('SIGTERM')
    await alone.exit
    const healing = tally(
      'serve',
      'directory',
      '--data',
      data,
      '--json',
      '--peers',
      peers,
      '--heal',
    )
    const card = await healing.card
    await expect.poll(() => healing.out(), { timeout: 30_000 }).toContain('"state":"healed"')
    expect((await fetch(`${card.url}/readyz`)).status).toBe(200)
    const [again] = await submitAt({ url: card.url, token }, stepsOf(charter, 1))
    expect(again?.is).toBe('receipt')
    const [second] = await submitAt({ url: card.url, token }, stepsOf(charter, 4).slice(3))
    expect(second).toMatchObject({ is: 'refused', code: 'operator/healing' })
    healing.child.kill('SIGTERM')
    await healing.exit
    for (const one of others) await one.close()
    const nobody = tally('serve', 'directory', '--data', data, '--heal')
    expect(await nobody.exit).toBe(3)
  })

  test('says what is missing where there is no operator', async () => {
    const one = tally('serve', 'directory', '--data', join(fresh(), 'none'))
    expect(await one.exit).toBe(3)
    expect(one.err()).toMatch(/fix: add --init/)
  })
})
