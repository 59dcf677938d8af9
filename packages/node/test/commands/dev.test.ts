/** The story of `tally dev`, as the second terminal sees it. */
import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listAt, textAt } from '../guardian/look.ts'
import { callAt, hexId, LATEST, resultAt } from '../guardian/town.ts'
import { type Ended, type Running, start, startFromSources, tally } from './spawn.ts'

type Up = {
  readonly folder: string
  readonly ms: number
  readonly operators: readonly {
    readonly name: string
    readonly url: string
    readonly pid: number
    readonly restart: string
  }[]
  readonly accounts: readonly { readonly name: string; readonly folder: string }[]
  readonly commands: readonly string[]
  readonly guardian: { readonly url: string; readonly pid: number }
  readonly next: string
}

type Result = {
  readonly certified?: readonly string[]
  readonly waiting?: readonly { readonly name: string; readonly why: string }[]
  readonly claimed?: readonly {
    readonly from: string
    readonly amount: string
    readonly state: { readonly is: string }
  }[]
  readonly holdings?: readonly { readonly free: string }[]
  readonly steps?: readonly { readonly sequence: string; readonly state: string }[]
  readonly error?: string
  readonly next?: string
}

const PATIENCE_MS = 120_000
const cwd = mkdtempSync(join(tmpdir(), 'tallystick-dev-'))
const extra: Running[] = []
let dev: Running
let up: Up

const begin = async (): Promise<void> => {
  dev = start(cwd, 'dev', '--port', '0', '--guardian', '--json')
  up = JSON.parse(await dev.until(/\n\}\n/)) as Up
}

const json = async (...args: readonly string[]): Promise<Result & Ended> => {
  const ended = await tally(cwd, '--json', ...args)
  return { ...ended, ...(JSON.parse(ended.out) as Result) }
}

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const kill = (name: string): void => {
  const pid = up.operators.find((one) => one.name === name)?.pid
  if (pid === undefined) throw new Error('no such operator')
  process.kill(pid, 'SIGKILL')
}

beforeAll(begin, PATIENCE_MS)
afterAll(async () => {
  for (const one of [...extra, dev]) {
    one.process.kill('SIGINT')
    await one.ended
  }
  rmSync(cwd, { recursive: true, force: true })
}, PATIENCE_MS)

describe('tally dev', () => {
  test('says who is there, and what to type in a second terminal', () => {
    expect(up.operators.map((one) => one.name)).toEqual(['north', 'east', 'south', 'west'])
    expect(up.accounts.map((one) => one.name)).toEqual(['mint', 'alice', 'bob', 'carol'])
    expect(up.commands[0]).toBe('tally propose "pay bob 10" --dir .tally-dev/alice')
    expect(up.next).toBe(up.commands[0])
    for (const name of [
      'passphrase',
      'directory.json',
      'alice/account.json',
      'alice/directory.json',
    ]) {
      expect(statSync(join(cwd, '.tally-dev', name)).mode & 0o077).toBe(0)
    }
  })

  test(
    'has operators that know one another, once all of them are there',
    async () => {
      const [north] = up.operators
      const card = join(cwd, '.tally-dev/operators/north')
      const token = readFileSync(join(card, 'token'), 'utf8').trim()
      const { url } = JSON.parse(readFileSync(join(card, 'operator.json'), 'utf8')) as {
        readonly url: string
      }
      const known = async (): Promise<readonly string[]> => {
        const answer = await fetch(`${url}/v1/peers`, {
          headers: { authorization: `Bearer ${token}` },
        })
        const { peers } = (await answer.json()) as {
          readonly peers: readonly { readonly name: string }[]
        }
        return peers.map((one) => one.name)
      }
      await expect.poll(known, { timeout: 30_000 }).toEqual(['east', 'south', 'west'])
      expect(statSync(join(card, 'peers.json')).mode & 0o077).toBe(0)
      expect(north?.restart).toContain('operators/north/peers.json')
    },
    PATIENCE_MS,
  )

  test(
    'is there once for a folder',
    async () => {
      const second = await tally(cwd, 'dev', '--port', '0')
      expect(second.code).toBe(3)
      expect(second.err).toContain('tally dev already runs here')
      expect(second.err).toContain('use a second terminal for the printed commands')
    },
    PATIENCE_MS,
  )

  test(
    'lets a payment through with one operator gone, waits for two by name, and completes when one is back',
    async () => {
      const first = await json('propose', 'pay bob 10', '--dir', '.tally-dev/alice')
      expect(first).toMatchObject({ code: 0, certified: ['2'], waiting: [] })
      kill('west')
      const second = await json('propose', 'pay bob 5', '--dir', '.tally-dev/alice')
      expect(second).toMatchObject({ code: 0, certified: ['3'] })
      kill('south')
      const third = await tally(
        cwd,
        'propose',
        'pay bob 1',
        '--dir',
        '.tally-dev/alice',
        '--wait',
        '2',
      )
      expect(third.code).toBe(2)
      expect(third.out).toContain('it waits for south and west')
      expect(third.out).toMatch(/south +nobody listens there/)
      expect(third.out.trim().split('\n').at(-1)).toBe('next: tally resend --dir .tally-dev/alice')
      const shown = await json('show', '--dir', '.tally-dev/alice')
      expect(shown.steps?.map((one) => one.state)).toEqual([
        'certified',
        'certified',
        'certified',
        'proposed',
      ])
      const restart = up.operators.find((one) => one.name === 'south')?.restart ?? ''
      const [, ...args] = restart.split(' ')
      const back = start(cwd, ...args)
      extra.push(back)
      await back.until(/next:/)
      const resent = await json('resend', '--dir', '.tally-dev/alice')
      expect(resent).toMatchObject({ code: 0, certified: ['4'], waiting: [] })
      const taken = await json('accept', '--dir', '.tally-dev/bob')
      expect(taken).toMatchObject({ code: 0 })
      expect(taken.claimed).toMatchObject([
        { from: 'alice', amount: '10.00 TICK', state: { is: 'certified' } },
        { from: 'alice', amount: '5.00 TICK', state: { is: 'certified' } },
        { from: 'alice', amount: '1.00 TICK', state: { is: 'certified' } },
      ])
      expect(taken.holdings).toMatchObject([{ free: '116.00' }])
    },
    PATIENCE_MS,
  )

  test(
    'leaves a file that anybody can check, and says what happened line by line',
    async () => {
      const bundled = await json('bundle', '--dir', '.tally-dev/bob', '-o', 'bob.tally')
      expect(bundled).toMatchObject({ code: 0, next: 'tally verify bob.tally' })
      expect((await tally(cwd, 'verify', 'bob.tally')).code).toBe(0)
      const watched = await tally(cwd, 'watch', '--once', '--dir', '.tally-dev/bob', '--json')
      const lines = watched.out
        .trim()
        .split('\n')
        .map((one) => JSON.parse(one) as { readonly event: string; readonly name?: string })
      expect(lines.filter((one) => one.event === 'step')).toHaveLength(4)
      expect(lines.filter((one) => one.event === 'operator').map((one) => one.name)).toEqual([
        'west',
      ])
    },
    PATIENCE_MS,
  )

  test(
    'refuses what cannot be, with the fix',
    async () => {
      const poor = await json('propose', 'pay bob 1000000', '--dir', '.tally-dev/carol')
      expect(poor).toMatchObject({ code: 1, error: 'ledger/insufficient' })
      const stranger = await tally(cwd, 'propose', 'pay dave 1', '--dir', '.tally-dev/carol')
      expect(stranger.code).toBe(3)
      expect(stranger.err).toContain('you know alice, bob, mint')
    },
    PATIENCE_MS,
  )

  test(
    'starts a guardian beside the operators, whose printed commands work',
    async () => {
      const guardian: unknown = up.guardian
      const [id = ''] = listAt(guardian, 'accounts').map(String)
      const [list = '', give = '', curl = ''] = listAt(guardian, 'commands').map(String)
      const typed = (line: string): Promise<Ended> => tally(cwd, ...line.split(' ').slice(1))
      const listed = await typed(list)
      expect(listed.out).toContain(id)
      const given = await typed(give)
      expect(given.code, given.err).toBe(0)
      const [, interaction = ''] = /interaction (0x[0-9a-f]{64})/.exec(given.out) ?? []
      expect(await settledAt(up.guardian.url, interaction)).toMatchObject({ status: 0 })
      const { stdout } = await promisify(execFile)('sh', ['-c', curl], { cwd })
      expect(await settledAt(up.guardian.url, textAt(JSON.parse(stdout), 'result'))).toMatchObject({
        status: 0,
      })
    },
    PATIENCE_MS,
  )

  test('refuses a port for it that is none, and starts nothing', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallystick-dev-moi-'))
    const wrong = await tally(folder, 'dev', '--guardian', '70000')
    expect(wrong.code).toBe(3)
    expect(wrong.err).toContain('70000 is no port')
    expect(existsSync(join(folder, '.tally-dev'))).toBe(false)
    rmSync(folder, { recursive: true, force: true })
  })

  test(
    'says that the guardian’s port is taken, and stops the operators',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'tallystick-dev-moi-'))
      const { port } = new URL(up.operators[0]?.url ?? '')
      const ended = await tally(folder, 'dev', '--port', '0', '--guardian', port)
      expect(ended.code).toBe(3)
      expect(ended.err).toContain(`port ${port} of 127.0.0.1 is taken`)
      rmSync(folder, { recursive: true, force: true })
    },
    PATIENCE_MS,
  )

  test(
    'that is killed leaves no process behind, and has everything again on the next start',
    async () => {
      for (const one of extra.splice(0)) {
        one.process.kill('SIGTERM')
        await one.ended
      }
      const [id = ''] = listAt(up.guardian, 'accounts').map(String)
      const pids = [up.guardian, ...up.operators].map((one) => one.pid)
      expect(pids).toHaveLength(5)
      // Who is killed cannot tell its processes to stop, and they stop all the same.
      dev.process.kill('SIGKILL')
      await dev.ended
      await expect.poll(() => pids.filter(isThere), { timeout: 20_000 }).toEqual([])
      dev = start(cwd, 'dev', '--port', '0', '--guardian')
      const said = await dev.until(/\nnext: /)
      const shown = await json('show', '--dir', '.tally-dev/bob')
      expect(shown.holdings).toMatchObject([{ free: '116.00' }])
      const paid = await json('propose', 'pay alice 1', '--dir', '.tally-dev/bob')
      expect(paid).toMatchObject({ code: 0, waiting: [] })
      const [, url = ''] = /guardian of a MOI network answers at (\S+)/.exec(said) ?? []
      const params = { id, asset_id: KMOI, options: LATEST }
      // Twice 50,000 beside what the genesis gave.
      expect(await resultAt(url, 'moi.Balance', params)).toBe(
        `0x${(1_000_000_000_000n + 100_000n).toString(16)}`,
      )
    },
    PATIENCE_MS,
  )

  test(
    'stops everybody in order on Ctrl-C, also when it is told twice, and reports nobody as lost',
    async () => {
      const pids = [...dev.out().matchAll(/[ (]process (\d+)/g)].map(([, pid]) => Number(pid))
      expect(pids).toHaveLength(5)
      // As a terminal and whoever started it do, both of which tell it.
      dev.process.kill('SIGINT')
      dev.process.kill('SIGINT')
      expect(await dev.ended).toBe(0)
      expect(dev.out()).toMatch(/Stopping …\s*$/)
      expect(pids.filter(isThere)).toEqual([])
      expect(existsSync(join(up.folder, 'lock'))).toBe(false)
    },
    PATIENCE_MS,
  )
})

describe('scripts/run.mjs tally', () => {
  // `test/slow/dev-run.test.ts` shows the same of `tally dev` and its operators.
  test(
    'passes SIGTERM on to a command that goes on until it is told',
    async () => {
      const run = startFromSources(cwd, 'serve', 'relay', '--dev')
      await run.until(/\nnext: /)
      run.process.kill('SIGTERM')
      expect(await run.ended).toBe(0)
    },
    PATIENCE_MS,
  )
})

const KMOI = hexId('108000004cd973c4eb83cdb8870c0de209736270491b7acc99873da100000000')

const settledAt = async (url: string, hash: string): Promise<unknown> => {
  for (;;) {
    const { result } = await callAt(url, 'moi.InteractionReceipt', { hash })
    if (result !== undefined) return result
  }
}
