import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identityOf, type SignedKeyEvent } from 'tallystick/kernel'
import type { DirectoryPolicy } from 'tallystick/models'
import { createDirectoryClient, type DirectoryClient } from '../../src/client/directory.ts'
import { fetchKeyLog, handInKeyLog } from '../../src/client/identities.ts'
import { platformSurroundings } from '../../src/client/surroundings.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { adding, inception, rotating } from '../identity-sample.ts'
import { engine, startTest } from '../server/town.ts'

const NAMES = ['north', 'east', 'south', 'west']
let running: RunningOperator[] = []
let directory: DirectoryClient
let policy: DirectoryPolicy

beforeEach(async () => {
  running = await Promise.all(NAMES.map((name) => startTest({ name })))
  const addresses = running.map(({ url, token, card }) => ({ url, token, name: card.name }))
  // Operators that are gone are not asked again and again in a test.
  const surroundings = { ...platformSurroundings(), random: () => new Uint8Array(32) }
  directory = createDirectoryClient(addresses, { surroundings, verifier: engine })
  policy = {
    operators: running.map(({ card: { name, scheme, publicKey } }) => ({
      name,
      scheme,
      publicKey,
    })),
    threshold: 3,
    faulty: 1,
  }
})
afterEach(async () => {
  await Promise.all(running.map((one) => one.close()))
})

const ann = inception('ann')
const log = rotating(adding(ann, 'desk', 'ann 1'), 'ann')
const idOf = ([first]: readonly SignedKeyEvent[]) => {
  if (!first) throw new Error('no event')
  return identityOf(first.event)
}
const stop = async (...at: readonly number[]): Promise<void> => {
  await Promise.all(running.filter((_, one) => at.includes(one)).map((one) => one.close()))
}

describe('a key log at a directory', () => {
  test('is handed in, certified, and fetched again by anybody', async () => {
    expect((await handInKeyLog(directory, policy, log)).is).toBe('certified')
    const { found, newest, silent } = await fetchKeyLog(directory, policy, idOf(log))
    expect(found).toMatchObject({ is: 'known', log, pending: [] })
    expect([newest, silent]).toEqual([log, []])
  })

  test('is certified without one operator, which is caught up later', async () => {
    await stop(3)
    const begun = await handInKeyLog(directory, policy, ann)
    expect(begun.is).toBe('certified')
    expect((await handInKeyLog(directory, policy, log)).is).toBe('certified')
  })

  test('waits with too few operators, and says who is silent', async () => {
    await stop(2, 3)
    const handed = await handInKeyLog(directory, policy, log)
    expect(handed).toMatchObject({ is: 'waiting', fetched: { silent: ['south', 'west'] } })
    expect(handed.is === 'waiting' ? handed.fetched.newest : []).toBeUndefined()
  })

  test('shows a certified event that a quorum of others has not all seen', async () => {
    await handInKeyLog(directory, policy, ann)
    const three = { ...directory, operators: directory.operators.slice(0, 3) }
    expect((await handInKeyLog(three, policy, log)).is).toBe('certified')
    const others = { ...directory, operators: directory.operators.slice(1) }
    const { found, newest } = await fetchKeyLog(others, policy, idOf(log))
    expect(found).toMatchObject({ is: 'known', log: ann, pending: log.slice(1) })
    expect(newest).toEqual(log)
  })

  test('is said to be taken where a thief was first, and a rotation goes on from there', async () => {
    const thiefs = adding(ann, 'thief', 'ann 1')
    expect((await handInKeyLog(directory, policy, thiefs)).is).toBe('certified')
    const handed = await handInKeyLog(directory, policy, log)
    expect(handed).toMatchObject({ is: 'taken', by: thiefs[1], instead: log[1] })
    const back = rotating(thiefs, 'ann')
    expect((await handInKeyLog(directory, policy, back)).is).toBe('certified')
    const later = adding(back, 'thief again', 'ann 1')
    await expect(handInKeyLog(directory, policy, later)).rejects.toMatchObject({
      code: 'key-log/bad-signature',
    })
  })

  test('nobody has is none', async () => {
    const { found, newest } = await fetchKeyLog(directory, policy, idOf(inception('bob')))
    expect(found.is).toBe('none')
    expect(newest).toEqual([])
  })
})
