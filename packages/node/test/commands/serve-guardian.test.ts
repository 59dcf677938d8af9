/** A guardian as a process: started, killed under load, stopped, started again. */
import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { at, listAt, textAt } from '../guardian/look.ts'
import {
  callAt,
  hexId,
  LATEST,
  partyAt,
  payment,
  resultAt,
  send,
  settle,
} from '../guardian/town.ts'
import { withFolder } from '../store/temporary.ts'
import { MAIN, tally } from './spawn.ts'

const children: ChildProcess[] = []
afterEach(() => {
  for (const one of children.splice(0)) one.kill('SIGKILL')
})

type Served = {
  readonly child: ChildProcess
  readonly exit: Promise<number | null>
  /** What it told as JSON once it was ready. */
  readonly told: unknown
  readonly url: string
}

const serve = async (cwd: string, ...args: readonly string[]): Promise<Served> => {
  const child = spawn(
    process.execPath,
    [MAIN, 'serve', 'guardian', '--port', '0', '--json', ...args],
    { cwd, env: process.env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  children.push(child)
  let [out, err] = ['', '']
  child.stderr.on('data', (data) => {
    err += data
  })
  const exit = new Promise<number | null>((resolve) => {
    child.once('close', resolve)
  })
  const told = await new Promise<unknown>((resolve, reject) => {
    child.stdout.on('data', (data) => {
      out += data
      if (out.endsWith('}\n')) resolve(JSON.parse(out))
    })
    void exit.then(() => reject(new Error(`it has ended: ${out} ${err}`)))
  })
  return { child, exit, told, url: textAt(told, 'url') }
}

const [alice, bob] = [partyAt(0), partyAt(1)]

describe('tally serve guardian --dev', () => {
  test('tells accounts whose keys come from the words, and gives each KMOI', async () => {
    await withFolder(async (folder) => {
      const { child, exit, told, url } = await serve(folder, '--dev')
      const accounts = listAt(told, 'accounts')
      expect(accounts).toHaveLength(11)
      expect(at(accounts[0], 'path')).toBe("m/44'/6174'/7020'/0/0")
      expect(at(accounts[0], 'id')).toBe(hexId(alice.id))
      expect(await settle(url, payment(alice, bob.id, 5n, 0n))).toMatchObject({ status: 0 })
      child.kill('SIGTERM')
      expect(await exit).toBe(0)
    })
  })

  test('is the only process in its folder, and leaves the port to who has it', async () => {
    await withFolder(async (folder) => {
      const { url } = await serve(folder, '--dev')
      const second = await tally(folder, 'serve', 'guardian', '--dev', '--port', '0')
      expect(second.code).not.toBe(0)
      expect(second.err).toContain('another process works in')
      const taken = await tally(
        folder,
        'serve',
        'guardian',
        '--dev',
        '--data',
        'other',
        '--port',
        new URL(url).port,
      )
      expect(taken.code).toBe(3)
      expect(taken.err).toContain('is taken')
    })
  }, 120_000)

  test('loses no receipt when it is killed under load, and contradicts none', async () => {
    await withFolder(async (folder) => {
      const receipts = new Map<string, string>()
      let sequence = 0n
      for (let round = 0; round < 3; round++) {
        const { child, exit, url } = await serve(folder, '--dev')
        // What was told before is told again, to the letter.
        for (const [hash, before] of receipts) {
          const again = await resultAt(url, 'moi.InteractionReceipt', { hash })
          expect(JSON.stringify(again)).toBe(before)
        }
        const counted = await resultAt(url, 'moi.InteractionCount', {
          id: hexId(alice.id),
          key_id: 0,
          options: LATEST,
        })
        expect(BigInt(String(counted))).toBeGreaterThanOrEqual(BigInt(receipts.size))
        sequence = BigInt(String(counted))
        // So many at once that it is killed in the middle of them.
        const load = Array.from({ length: 60 }, (_, place) => sequence + BigInt(place)).map(
          async (number) => {
            const one = payment(alice, bob.id, 1n, number)
            await send(url, one)
            const asked = { hash: `0x${one.hash}` }
            const { result } = await callAt(url, 'moi.InteractionReceipt', asked)
            if (result !== undefined) receipts.set(asked.hash, JSON.stringify(result))
            if (receipts.size >= (round + 1) * 20) child.kill('SIGKILL')
          },
        )
        await Promise.allSettled(load)
        child.kill('SIGKILL')
        await exit
      }
      expect(receipts.size).toBeGreaterThanOrEqual(60)
      const { url } = await serve(folder, '--dev')
      const balance = await resultAt(url, 'moi.Balance', {
        id: hexId(bob.id),
        asset_id: hexId('108000004cd973c4eb83cdb8870c0de209736270491b7acc99873da100000000'),
        options: LATEST,
      })
      const count = await resultAt(url, 'moi.InteractionCount', {
        id: hexId(alice.id),
        key_id: 0,
        options: LATEST,
      })
      // Each that was executed was executed once.
      expect(BigInt(String(balance)) - 1_000_000_000_000n).toBe(BigInt(String(count)))
    })
  }, 120_000)
})

describe('tally serve guardian', () => {
  test('begins with a genesis file, and needs none later', async () => {
    await withFolder(async (folder) => {
      const { writeFileSync } = await import('node:fs')
      const { hexFromBytes } = await import('tallystick/base')
      const file = {
        name: 'ours',
        guardians: { stake_min: 1000, withdrawal_seconds: 60, yearly_millionths: 50_000 },
        rewards: '1000000',
        participants: [
          {
            id: hexId(alice.id),
            keys: [{ public_key: `0x${hexFromBytes(alice.signer.publicKey)}`, weight: 1000 }],
            balance: '500000',
          },
        ],
      }
      writeFileSync(join(folder, 'genesis.json'), JSON.stringify(file))
      const own = ['--data', 'north']
      const none = await tally(
        folder,
        'serve',
        'guardian',
        ...own,
        '--init',
        '--name',
        'north',
        '--unsealed',
        '--port',
        '0',
      )
      expect(none.err).toContain('this folder holds no network yet')
      const first = await serve(folder, ...own, '--genesis', 'genesis.json')
      expect(await resultAt(first.url, 'debug.Accounts', null)).toHaveLength(3)
      const faucet = await callAt(first.url, 'dev.Faucet', { id: hexId(alice.id) })
      expect(faucet.error?.message).toBe('the method dev.Faucet does not exist/is not available')
      first.child.kill('SIGTERM')
      expect(await first.exit).toBe(0)
      const second = await serve(folder, ...own)
      expect(at(second.told, 'network')).toBe(at(first.told, 'network'))
      second.child.kill('SIGTERM')
      await second.exit
      writeFileSync(join(folder, 'genesis.json'), JSON.stringify({ ...file, rewards: '1' }))
      const other = await tally(
        folder,
        'serve',
        'guardian',
        ...own,
        '--genesis',
        'genesis.json',
        '--port',
        '0',
      )
      expect(other.err).toContain('another network')
    })
  }, 120_000)
})
