/**
 * F11: processes that serve for a while: honest work, garbage, connections that break off in the middle, and followers who leave without a
 * word, all at once. Nothing that goes wrong with one of them may come to a place where nobody catches it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { bytesFromHex, signerId } from 'tallystick/base'
import { machineId } from 'tallystick/kernel'
import { followRequest } from 'tallystick/models'
import { afterEach, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { callAt, hexId, LATEST, partyAt, payment, resultAt, send } from '../guardian/town.ts'
import { type Below, belowFrom, pourNoise } from '../server/noise.ts'
import { ask, charterFor, openAt, ownerPair, stepsOf, submitAt } from '../server/town.ts'
import { withFolder } from '../store/temporary.ts'
import { MAIN } from './spawn.ts'

const IS_SLOW = process.env['TALLYSTICK_SLOW'] === '1'
const ROUNDS = IS_SLOW ? 3000 : 25
const children: ChildProcess[] = []
afterEach(() => {
  for (const one of children.splice(0)) one.kill('SIGKILL')
})

type Served = {
  readonly told: Readonly<Record<string, unknown>>
  readonly url: string
  readonly port: number
  /** Ends it as an operator of the process does; its log until then. */
  readonly stop: () => Promise<{ readonly code: number | null; readonly log: string }>
}

const serve = async (...args: readonly string[]): Promise<Served> => {
  const child = spawn(process.execPath, [MAIN, 'serve', ...args, '--port', '0', '--json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  let [out, log] = ['', '']
  child.stderr.on('data', (data: Buffer) => (log += data.toString()))
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  const told = await new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
    child.stdout.on('data', (data: Buffer) => {
      out += data.toString()
      if (out.endsWith('}\n')) resolve(JSON.parse(out) as Readonly<Record<string, unknown>>)
    })
    void exit.then(() => reject(new Error(`it has ended: ${out} ${log}`)))
  })
  const url = String(told['url'])
  return {
    told,
    url,
    port: Number(new URL(url).port),
    stop: async () => {
      child.kill('SIGTERM')
      return { code: await exit, log }
    },
  }
}

/** A request whose body ends too early, or comes too late. */
const breakOff = (of: Pick<Served, 'port'>, head: readonly string[], below: Below): Promise<void> =>
  new Promise((resolve) => {
    const socket = connect(of.port, '127.0.0.1', () => {
      socket.write(
        [...head, `Content-Length: ${1 + below(4000)}`, '', 'x'.repeat(below(900))].join('\r\n'),
      )
      setTimeout(() => socket.destroy(), below(10))
    })
    socket.once('error', () => undefined)
    socket.once('close', () => resolve())
  })

/** A socket that asks for something and is gone, perhaps in the middle of the answer. */
const leave = (
  url: string,
  of: {
    readonly headers?: Record<string, string>
    readonly says: readonly (string | Uint8Array)[]
  },
  below: Below,
): Promise<void> =>
  new Promise((resolve) => {
    const socket = new WebSocket(url.replace('http', 'ws'), { headers: of.headers ?? {} })
    socket.once('error', () => undefined)
    socket.once('close', () => resolve())
    socket.once('open', () => {
      for (const one of of.says) socket.send(one)
      if (below(3) === 0) socket.terminate()
      else setTimeout(() => socket.terminate(), below(10))
    })
  })

const garbage = (below: Below): Uint8Array =>
  Uint8Array.from({ length: below(300) }, () => below(256))

/** Bytes that the process holds, by its own measure. */
const residentAt = async (of: Served, token?: string): Promise<number> => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const text = await (await fetch(`${of.url}/metrics`, { headers })).text()
  const [, bytes] = /^tally_resident_memory_bytes(?:\{[^}]*\})? ([0-9.e+]+)$/m.exec(text) ?? []
  return Number(bytes)
}

/** What a process that is attacked may hold; what a heap grows by before it is looked through is part of it. */
const RESIDENT_BYTES_MAX = 512 * 1024 * 1024

/** Again, where too much was asked for at once. */
const paid = async (act: () => Promise<void>): Promise<void> => {
  for (;;) {
    try {
      return await act()
    } catch (error) {
      if (!String(error).includes('request/too-many')) throw error
      await pause(100)
    }
  }
}

/** Ended when it was told to, and not before; nothing was left to nobody. */
const expectWhole = async (one: Served): Promise<void> => {
  const { code, log } = await one.stop()
  expect(log).not.toMatch(/unhandled|uncaught/i)
  expect(code).toBe(0)
}

test(
  `F11: an operator of a directory goes through ${ROUNDS} rounds of all at once, and leaves no mistake to nobody`,
  { timeout: 3_600_000 },
  () =>
    withFolder(async (folder) => {
      const data = join(folder, 'north')
      const init = ['--init', '--unsealed', '--suite', 'classic', '--name', 'north']
      const one = await serve('directory', '--data', data, ...init)
      const token = readFileSync(join(data, 'token'), 'utf8').trim()
      const to = { url: one.url, token }
      const publicKey = bytesFromHex(String(one.told['publicKey']))
      const seat = { name: 'north', scheme: 'ed25519', publicKey, url: one.url } as const
      const device = signerId('classic', 'ed25519', ownerPair.publicKey)
      const below = belowFrom(11)
      const authorization = `Bearer ${token}`
      const head = [
        'POST /v1/steps HTTP/1.1',
        `Host: 127.0.0.1:${one.port}`,
        `Authorization: ${authorization}`,
        'Content-Type: application/vnd.tallystick',
      ]
      const looks = ['checkpoint', 'log?from=0&limit=50', 'evidence?from=0', 'gossip', 'peers']
      for (let round = 0; round < ROUNDS; round++) {
        // Some machines again and again: what is known is asked for too.
        const charter = charterFor([seat], { nonce: round % 200 })
        const machine = machineId(charter)
        const topic = { is: 'machine', machine } as const
        const inbox = { is: 'inbox', device } as const
        const honest = async (): Promise<void> => {
          await openAt(to, charter)
          const given = await submitAt(to, stepsOf(charter, 3))
          expect(given.map((answer) => answer.is)).toEqual(['receipt', 'receipt', 'receipt'])
          const shown = await ask(to, `/v1/machines/${machine}/steps?from=0`)
          if (shown.status !== 200) throw new Error(await shown.text())
        }
        const anyhow = ['steps', 'charters', 'certificates', 'evidence', 'gossip', 'casts', 'terms']
        await Promise.all([
          paid(honest),
          pourNoise(one.port, { token, below, count: 20 }),
          pourNoise(one.port, { token: 'none', below, count: 5 }),
          breakOff(one, head, below),
          leave(
            `${one.url}/v1/follow`,
            {
              headers: { authorization },
              says: [
                followRequest.encode({ is: 'subscribe', id: 1, topic, from: 0n }),
                followRequest.encode({ is: 'subscribe', id: 2, topic: inbox, from: 0n }),
                ...(round % 3 === 0 ? [garbage(below)] : []),
              ],
            },
            below,
          ),
          ask(to, `/v1/${anyhow[round % anyhow.length] ?? ''}`, { body: garbage(below) }),
          ask(to, `/v1/inbox/${device}`, { body: garbage(below) }),
          ask(to, `/v1/${looks[round % looks.length] ?? ''}`),
        ])
      }
      expect(await residentAt(one, token)).toBeLessThan(RESIDENT_BYTES_MAX)
      await expectWhole(one)
    }),
)

test(
  `F11: a guardian goes through ${ROUNDS} rounds of all at once, and leaves no mistake to nobody`,
  { timeout: 3_600_000 },
  () =>
    withFolder(async (folder) => {
      const one = await serve('guardian', '--dev', '--data', join(folder, 'guardian'))
      const { url } = one
      const [alice, bob] = [partyAt(0), partyAt(1)]
      const below = belowFrom(12)
      const head = [
        'POST / HTTP/1.1',
        `Host: 127.0.0.1:${one.port}`,
        'Content-Type: application/json',
      ]
      const asked = (method: string, params: unknown): string =>
        JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [params] })
      for (let round = 0; round < ROUNDS; round++) {
        const paying = payment(alice, bob.id, 1n, BigInt(round))
        const honest = async (): Promise<void> => {
          expect((await send(url, paying)).error).toBeUndefined()
          for (;;) {
            const { result } = await callAt(url, 'moi.InteractionReceipt', {
              hash: `0x${paying.hash}`,
            })
            if (result !== undefined) return
          }
        }
        const cut = asked('moi.SendInteractions', { ix_args: 'ff', signatures: '00' })
        await Promise.all([
          honest(),
          pourNoise(one.port, { token: 'none', below, count: 20 }),
          breakOff(one, head, below),
          leave(
            url,
            {
              says: [
                asked('moi.Subscribe', 'newTesseracts'),
                asked('moi.GetLogs', { id: hexId(alice.id), start_height: 0, end_height: 3 }),
                ...(round % 3 === 0 ? [cut.slice(0, below(cut.length))] : []),
              ],
            },
            below,
          ),
          callAt(url, 'moi.AccountState', { id: hexId(bob.id), options: LATEST }),
          callAt(url, 'moi.SendInteractions', {
            ix_args: '0e',
            signatures: Buffer.from(garbage(below)).toString('hex'),
          }),
          callAt(url, 'moi.Tesseract', {
            id: hexId(bob.id),
            options: { tesseract_number: below(40) },
          }),
        ])
      }
      expect(await residentAt(one)).toBeLessThan(RESIDENT_BYTES_MAX)
      const counted = { id: hexId(alice.id), key_id: 0, options: LATEST }
      expect(Number(await resultAt(url, 'moi.InteractionCount', counted))).toBe(ROUNDS)
      await expectWhole(one)
    }),
)
