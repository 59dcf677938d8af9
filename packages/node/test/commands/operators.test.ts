/**
 * An operator is replaced and stopped for good, and payments go on: an account and a machine of two, under the operators of `tally dev`
 * and a fifth, by the real commands.
 */
import { copyFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hexFromBytes } from 'tallystick/base'
import { createNativeEngine } from 'tallystick/engine-native'
import { type Ended, type Running, start, tally } from './spawn.ts'

type Up = {
  readonly operators: readonly { readonly name: string; readonly pid: number }[]
}

type Result = {
  readonly error?: string
  readonly files?: readonly { readonly path: string; readonly is: string }[]
  readonly certified?: readonly string[]
  readonly accepted?: readonly string[]
  readonly operators?: readonly string[]
  readonly waiting?: readonly { readonly name: string }[]
  readonly claimed?: readonly { readonly from: string; readonly amount: string }[]
  readonly holdings?: readonly { readonly holder: string; readonly free: string }[]
  readonly head?: { readonly sequence: string }
  readonly next?: string
}

type Listed = { readonly name: string; readonly [field: string]: unknown }
type DirectoryJson = { readonly operators: readonly Listed[]; readonly [field: string]: unknown }

const PATIENCE_MS = 600_000
const cwd = mkdtempSync(join(tmpdir(), 'tallystick-operators-'))
const town = join(cwd, '.tally-dev')
const extra: Running[] = []
const engine = createNativeEngine()
let dev: Running
let up: Up

const json = async (...args: readonly string[]): Promise<Result & Ended> => {
  const ended = await tally({ cwd, home: join(town, 'home') }, '--json', ...args)
  return { ...ended, ...(ended.out === '' ? {} : (JSON.parse(ended.out) as Result)) }
}

const at = (name: string): readonly string[] => ['--dir', join('.tally-dev', name)]
const keyed = ['--passphrase-file', join('.tally-dev', 'passphrase')] as const

/** A command of one of the two in their machine. */
const between = (name: 'alice' | 'bob', verb: string, ...args: readonly string[]) =>
  json(verb, ...args, '--dir', name === 'alice' ? 'a-purse' : 'b-purse', ...keyed)

/** Files of alice and then of bob go to and fro, until nothing is left to hand over. */
const carry = async (result: Result): Promise<void> => {
  let now = result
  for (let count = 0; (now.files ?? []).length > 0 && count < 4; count++) {
    const paths = (now.files ?? []).map((one) => one.path)
    now = await between(count % 2 === 0 ? 'bob' : 'alice', 'accept', ...paths, '--yes')
  }
}

const gone = new Set<string>()
const kill = (name: string): void => {
  if (gone.has(name)) return
  gone.add(name)
  const pid = up.operators.find((one) => one.name === name)?.pid
  if (pid === undefined) throw new Error('no such operator')
  process.kill(pid, 'SIGKILL')
}

const directory = (): DirectoryJson =>
  JSON.parse(readFileSync(join(town, 'directory.json'), 'utf8')) as DirectoryJson

const writeDirectory = (path: string, operators: readonly Listed[]): void =>
  writeFileSync(join(cwd, path), JSON.stringify({ ...directory(), operators }), { mode: 0o600 })

/** A fifth operator, as a directory file names it. */
const startCenter = async (): Promise<Listed> => {
  const flags = ['--data', 'center', '--name', 'center', '--suite', 'classic', '--port', '0']
  const center = start(cwd, 'serve', 'directory', ...flags, '--init', '--unsealed')
  extra.push(center)
  await center.until(/next:/)
  const card = JSON.parse(readFileSync(join(cwd, 'center/operator.json'), 'utf8')) as Listed
  const { name, scheme, publicKey, url } = card
  return {
    name,
    scheme,
    publicKey,
    url,
    token: readFileSync(join(cwd, 'center/token'), 'utf8').trim(),
  }
}

beforeAll(async () => {
  dev = start(cwd, 'dev', '--port', '0', '--json')
  up = JSON.parse(await dev.until(/\n\}\n/)) as Up
  const center = await startCenter()
  // West goes, and nobody keeps the place that it had.
  const stay = directory().operators.filter((one) => one.name !== 'west')
  writeDirectory('next.json', [center, ...stay])
  // The fifth under the name of one that it does not know.
  const others = directory().operators.filter((one) => one.name !== 'south')
  writeDirectory('named.json', [...others, { ...center, name: 'south' }])
  const nobody = (name: string): Listed => {
    const { publicKey } = engine.fromSeed('ed25519', new Uint8Array(32).fill(name.length))
    return { ...center, name, publicKey: hexFromBytes(publicKey), url: 'http://127.0.0.1:9' }
  }
  writeDirectory('empty.json', [center, ...stay.slice(0, 1), nobody('one'), nobody('seven')])
}, PATIENCE_MS)
afterAll(async () => {
  for (const one of [...extra, dev]) {
    one.process.kill('SIGINT')
    await one.ended
  }
  rmSync(cwd, { recursive: true, force: true })
}, PATIENCE_MS)

describe('a machine of two', () => {
  test(
    'is under operators, and others are to follow when both have signed and these have certified it',
    async () => {
      await json('id', 'card', '--as', 'bob')
      const made = await json(
        'new',
        '--with',
        'bob.card.tally',
        '--as',
        'alice',
        '--dir',
        'a-purse',
      )
      expect(made.code).toBe(0)
      copyFileSync(join(cwd, 'a-purse/out/invite.tally'), join(cwd, 'invite.tally'))
      await json('accept', 'invite.tally', '--as', 'bob', '--yes', '--dir', 'b-purse')
      await carry(await between('alice', 'handover', '--directory', '.tally-dev/directory.json'))
      for (const name of ['alice', 'bob'] as const) {
        const taken = await between(name, 'handover', '--directory', '.tally-dev/directory.json')
        expect(taken.code).toBe(0)
      }
      expect(await between('alice', 'propose', 'pay bob 20')).toMatchObject({ certified: ['2'] })
      const early = await between('alice', 'operators', 'change', '--directory', 'empty.json')
      expect(early).toMatchObject({ code: 2, waiting: [{ name: 'one' }, { name: 'seven' }] })
      const wanted = await between('alice', 'operators', 'change', '--directory', 'next.json')
      expect(wanted).toMatchObject({ code: 0, files: [{ is: 'wanted' }] })
      const agreed = await between('bob', 'accept', wanted.files?.[0]?.path ?? '', '--yes')
      expect(agreed).toMatchObject({ code: 0, certified: ['3'] })
      expect(agreed.next).toContain('tally operators change --directory')
      const stuck = await between('bob', 'propose', 'pay alice 1')
      expect(stuck.code).toBe(3)
      expect(`${stuck.out}${stuck.err}`).toContain('tally operators change --directory')
    },
    PATIENCE_MS,
  )

  test(
    'goes on without the operator that was replaced, which is stopped for good',
    async () => {
      kill('west')
      const other = await between(
        'bob',
        'operators',
        'change',
        '--directory',
        '.tally-dev/directory.json',
      )
      expect(other.code).toBe(3)
      const taken = await between('bob', 'operators', 'change', '--directory', 'next.json')
      expect(taken.code).toBe(0)
      expect(taken.accepted).not.toContain('west')
      const paid = await between('bob', 'propose', 'pay alice 5')
      expect(paid).toMatchObject({ code: 0, certified: ['4'] })
      const follows = await between('alice', 'operators', 'change', '--directory', 'next.json')
      expect(follows.code).toBe(0)
      const back = await between('alice', 'propose', 'pay bob 1')
      expect(back).toMatchObject({ code: 0, certified: ['5'] })
      const shown = await json('operators', '--dir', 'a-purse')
      expect(shown.operators).toEqual(['center', 'north', 'east', 'south'])
      await json('bundle', '--dir', 'a-purse', '-o', 'purse.tally')
      expect(await json('verify', 'purse.tally')).toMatchObject({ code: 0 })
    },
    PATIENCE_MS,
  )
})

describe('an account', () => {
  test(
    'signs nothing while too few of those who are to follow are there',
    async () => {
      const early = await json('operators', 'change', '--directory', 'empty.json', ...at('alice'))
      expect(early).toMatchObject({ code: 2, waiting: [{ name: 'one' }, { name: 'seven' }] })
      expect(early.head?.sequence).toBe('1')
      // Nor for those who certify it as it is: nobody is asked, and it says that nothing changes.
      const listed = ['--directory', '.tally-dev/directory.json', ...at('alice')]
      const where = { cwd, home: join(town, 'home') }
      const same = await tally(where, 'operators', 'change', ...listed)
      expect(same).toMatchObject({
        code: 0,
        out: expect.stringContaining('Nothing changes') as string,
      })
      expect(await json('show', ...at('alice'))).toMatchObject({ head: { sequence: '1' } })
    },
    PATIENCE_MS,
  )

  test(
    'goes to other operators under the certificate of the old ones, and pays on without one of these',
    async () => {
      cpSync(join(town, 'alice'), join(cwd, 'alice-before'), { recursive: true })
      const moved = await json('operators', 'change', '--directory', 'next.json', ...at('alice'))
      expect(moved).toMatchObject({ code: 0, certified: ['2'] })
      expect(moved.operators).toEqual(['center', 'north', 'east', 'south'])
      const again = await json('operators', 'change', '--directory', 'next.json', ...at('alice'))
      expect(again).toMatchObject({ code: 0, certified: [] })
      kill('west')
      const paid = await json('propose', 'pay bob 5', ...at('alice'))
      expect(paid).toMatchObject({ code: 0, certified: ['3'] })
      await json('bundle', ...at('alice'), '-o', 'alice.tally')
      expect(await json('verify', 'alice.tally')).toMatchObject({ code: 0 })
      const audited = await json('audit', ...at('alice'))
      expect(audited.out).not.toContain('"west"')
    },
    PATIENCE_MS,
  )

  test(
    'of somebody who has not moved takes in what it is paid by one who has',
    async () => {
      const claimed = await json('accept', ...at('bob'))
      expect(claimed).toMatchObject({ code: 0, claimed: [{ from: 'alice', amount: '5.00 TICK' }] })
      await json('bundle', ...at('bob'), '-o', 'bob.tally')
      expect(await json('verify', 'bob.tally')).toMatchObject({ code: 0 })
    },
    PATIENCE_MS,
  )

  test(
    'goes to an operator that has the name of one in office, and asks each at its own address',
    async () => {
      const moved = await json('operators', 'change', '--directory', 'named.json', ...at('carol'))
      expect(moved).toMatchObject({ code: 0, waiting: [] })
      const { operators } = JSON.parse(
        readFileSync(join(town, 'carol/directory.json'), 'utf8'),
      ) as DirectoryJson
      const souths = operators.filter((one) => one.name === 'south')
      expect(new Set(souths.map((one) => one['publicKey'])).size).toBe(2)
      expect(await json('propose', 'pay alice 1', ...at('carol'))).toMatchObject({ code: 0 })
      // Somebody who knows the old operators alone leaves it with them.
      expect(await json('propose', 'pay carol 2', ...at('bob'))).toMatchObject({ code: 0 })
      const claimed = await json('accept', ...at('carol'))
      expect(claimed).toMatchObject({ code: 0, claimed: [{ from: 'bob', amount: '2.00 TICK' }] })
    },
    PATIENCE_MS,
  )

  test(
    'is certified by those who follow alone, where two of the old ones are gone',
    async () => {
      kill('south')
      const paid = await json('propose', 'pay bob 2', ...at('alice'))
      expect(paid).toMatchObject({ code: 0, certified: ['4'] })
      const waits = await json('propose', 'pay alice 1', ...at('bob'), '--wait', '1')
      expect(waits.waiting?.map((one) => one.name)).toEqual(['south', 'west'])
    },
    PATIENCE_MS,
  )

  test(
    'put back from a copy made before, finds out who follows, and takes over what it signed since',
    async () => {
      rmSync(join(town, 'alice'), { recursive: true })
      cpSync(join(cwd, 'alice-before'), join(town, 'alice'), { recursive: true })
      const addresses = join(town, 'alice', 'directory.json')
      const { operators } = JSON.parse(
        readFileSync(join(cwd, 'next.json'), 'utf8'),
      ) as DirectoryJson
      writeFileSync(addresses, JSON.stringify({ operators }))
      const waits = await json('resend', ...at('alice'))
      expect(waits).toMatchObject({ code: 2, waiting: [{ name: 'south' }] })
      const back = await json('resend', '--quorum', ...at('alice'))
      expect(back).toMatchObject({ code: 0, head: { sequence: '4' } })
      const paid = await json('propose', 'pay bob 3', ...at('alice'))
      expect(paid).toMatchObject({ code: 0, certified: ['5'] })
    },
    PATIENCE_MS,
  )
})
