import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { isFault } from 'tallystick/base'
import { createOutput } from 'tallystick/command'
import { type Charter, machineId, transitionId } from 'tallystick/kernel'
import { withOffice } from '../../src/account/office.ts'
import { restoreAccount, type Restoring } from '../../src/account/restore.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { charterFor, openAt, ownerPair, startTest, stepsOf, submitAt } from '../server/town.ts'

const base = mkdtempSync(join(tmpdir(), 'tally-restore-'))
afterAll(() => rmSync(base, { recursive: true }))

let running: RunningOperator[] = []
let charter: Charter
let place = ''
let count = 0

beforeEach(async () => {
  place = join(base, `${count++}`, 'account')
  vi.stubEnv('TALLY_HOME', join(base, `${count}`, 'home'))
  running = await Promise.all(['north', 'east', 'south', 'west'].map((name) => startTest({ name })))
  charter = charterFor(running.map((one) => one.card))
  await Promise.all(running.map((one) => openAt(one, charter)))
})
afterEach(async () => {
  vi.unstubAllEnvs()
  await Promise.all(running.map((one) => one.close()))
})

const wanted = (more: Partial<Restoring> = {}): Restoring => ({
  directory: {
    network: 'test',
    suite: 'classic',
    policy: {
      operators: running.map(({ card: { name, scheme, publicKey } }) => ({
        name,
        scheme,
        publicKey,
      })),
      threshold: 3,
      faulty: 1,
    },
    addresses: running.map(({ card, url, token }) => ({ name: card.name, url, token })),
  },
  machine: machineId(charter),
  path: place,
  identity: 'alice',
  device: 'first',
  key: { scheme: 'ed25519', publicKey: ownerPair.publicKey },
  isQuorumEnough: false,
  ...more,
})
const output = createOutput({ json: true })
const restore = (more?: Partial<Restoring>) => restoreAccount(output, wanted(more))

describe('an account whose folder is lost', () => {
  test('comes back at the newest step that anybody has seen, certified or not', async () => {
    const steps = stepsOf(charter, 3)
    await Promise.all(running.map((one) => submitAt(one, steps.slice(0, 2))))
    const [, , , west] = running
    if (!west) throw new Error('four operators')
    await submitAt(west, steps)
    expect(await restore()).toMatchObject({ is: 'restored', steps: 3 })
    const [, , last] = steps
    if (!last) throw new Error('three steps')
    await withOffice(output, place, {}, async ({ desk }) => {
      expect(desk.isForgetful()).toBe(false)
      expect(desk.state().machine.headId).toBe(transitionId('classic', last.transition))
      await Promise.resolve()
    })
    expect(readdirSync(join(place, '..'))).not.toContain('account.restoring')
  })

  test('waits for an operator that may have seen more, unless a quorum is enough', async () => {
    await Promise.all(running.map((one) => submitAt(one, stepsOf(charter, 1))))
    await running[3]?.close()
    expect(await restore()).toEqual({ is: 'waiting', names: ['west'] })
    expect(existsSync(place)).toBe(false)
    expect(await restore({ isQuorumEnough: true })).toMatchObject({ is: 'restored', steps: 1 })
  })

  test('is nobody’s who has another key, and none that nobody knows', async () => {
    const codeOf = async (more: Partial<Restoring>): Promise<string> => {
      try {
        return (await restore(more)).is
      } catch (error) {
        return isFault(error) ? error.code : String(error)
      }
    }
    const other = { scheme: 'ed25519', publicKey: new Uint8Array(32).fill(9) } as const
    expect(await codeOf({ key: other })).toBe('account/other-key')
    const unknown = machineId({ ...charter, nonce: new Uint8Array(32).fill(9) })
    expect(await codeOf({ machine: unknown })).toBe('account/unknown')
    expect(existsSync(place)).toBe(false)
    expect(await codeOf({})).toBe('restored')
    expect(await codeOf({})).toContain('exists')
  })
})
