import { describe, expect, test } from 'vitest'
import { isFault } from 'tallystick/base'
import {
  convictKey,
  identityOf,
  keyEvidenceFrom,
  keyHeadFrom,
  keyReceiptMessage,
  type SignedKeyEvent,
  signedKeyEvent,
} from 'tallystick/kernel'
import { type KeyAnswer, keptKeyEvents, keyAnswer, type KeyStamp } from 'tallystick/models'
import { createIdentities } from '../../src/server/identities.ts'
import { DEFAULT_LIMITS } from '../../src/server/limits.ts'
import { operatorKeyFrom } from '../../src/server/operator-key.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { adding, inception, rotating, stateOf } from '../identity-sample.ts'
import { ask, bytesOf, engine, refusalOf, startsForTests } from './town.ts'

const start = startsForTests()

const handIn = async (
  of: RunningOperator,
  event: SignedKeyEvent | undefined,
): Promise<KeyAnswer> => {
  if (!event) throw new Error('no event')
  const response = await ask(of, '/v1/identities', { body: signedKeyEvent.encode(event) })
  if (response.status !== 200) throw new Error(await response.text())
  return keyAnswer.decode(await bytesOf(response))
}
const logAt = async (of: RunningOperator, event: SignedKeyEvent | undefined, from = 0) => {
  if (!event) throw new Error('no event')
  const path = `/v1/identities/${identityOf(event.event)}?from=${from}`
  return keptKeyEvents.decode(await bytesOf(await ask(of, path)))
}
const stampOf = (answer: KeyAnswer): KeyStamp => {
  if (answer.is !== 'kept') throw new Error('taken')
  return answer.stamp
}

const log = rotating(adding(inception('ann'), 'desk', 'ann 1'), 'ann')
const [first, second, third] = log

describe('an operator', () => {
  test('keeps a key log event by event, and signs each with its time', async () => {
    const one = await start({ clock: () => 5000n })
    for (const event of [first, second, third]) {
      const stamp = stampOf(await handIn(one, event))
      if (!event) throw new Error('no event')
      const message = keyReceiptMessage('classic', keyHeadFrom(event), stamp.time)
      const { scheme, publicKey } = one.card
      expect(engine.verify(scheme, publicKey, message, stamp.signature)).toBe(true)
      expect(stamp.time).toBe(5000n)
    }
    const kept = await logAt(one, first)
    expect(kept.map(({ signed }) => signed)).toEqual(log)
    expect((await logAt(one, first, 2)).map(({ signed }) => signed)).toEqual([third])
    expect(await logAt(one, first, 3)).toEqual([])
  })

  test('gives a repeat the same receipt, with the time of the first', async () => {
    let now = 1000n
    const one = await start({ clock: () => now })
    const before = stampOf(await handIn(one, first))
    now = 9000n
    expect(stampOf(await handIn(one, first))).toEqual(before)
  })

  test('answers a second event of a number with the first one, and the two convict the key', async () => {
    const one = await start()
    await handIn(one, first)
    await handIn(one, second)
    const rival = adding(inception('ann'), 'thief', 'ann 1')[1]
    const answer = await handIn(one, rival)
    if (answer.is !== 'taken' || !rival || !first) throw new Error('it was taken')
    expect(answer.by.signed).toEqual(second)
    const [evidence] = keyEvidenceFrom(answer.by.signed, rival, stateOf([first]).keys)
    const conviction = evidence && convictKey(evidence, engine)
    expect(conviction).toMatchObject({ kind: 'duplicity', sequence: 1 })
  })

  test('refuses what does not follow, what breaks the rules, and says 404 to what it has not', async () => {
    const one = await start()
    const refused = async (event: SignedKeyEvent | undefined) => {
      if (!event) throw new Error('no event')
      const body = signedKeyEvent.encode(event)
      return refusalOf(await ask(one, '/v1/identities', { body }))
    }
    expect(await refused(second)).toEqual([409, 'identity/not-next'])
    await handIn(one, first)
    expect(await refused(third)).toEqual([409, 'identity/not-next'])
    const forged = adding(inception('ann'), 'x', 'ann phone')[1]
    expect(await refused(forged)).toEqual([400, 'key-log/bad-signature'])
    const missing = await ask(one, `/v1/identities/${'0'.repeat(64)}`)
    expect(await refusalOf(missing)).toEqual([404, 'identity/unknown'])
  })

  test('remembers the log in its next life, and takes the event that follows', async () => {
    const store = createMemoryStore()
    const seed = new Uint8Array(32).fill(4)
    const one = await start({ store, seed })
    await handIn(one, first)
    await handIn(one, second)
    const next = await start({ store, seed })
    expect(await logAt(next, first)).toEqual(await logAt(one, first))
    expect((await handIn(next, third)).is).toBe('kept')
    const rival = adding(log.slice(0, 2), 'late', 'ann 1')[2]
    expect((await handIn(one, rival)).is).toBe('taken')
  })
})

test('two processes over one database keep one event of a number, whichever is first', async () => {
  const store = createMemoryStore()
  const key = operatorKeyFrom(engine, 'ed25519', new Uint8Array(32).fill(4))
  const parts = {
    store,
    key,
    verifier: engine,
    limits: DEFAULT_LIMITS,
    clock: () => 1n,
    accusations: { accuseKeys: async () => undefined },
    healing: { checkWhole: () => undefined },
  }
  const [a, b] = [createIdentities(parts), createIdentities(parts)]
  const begun = inception('ann')
  if (!first) throw new Error('no event')
  await a.take(first)
  const rivals = Array.from({ length: 8 }, (_, at) => adding(begun, `device ${at}`, 'ann 1')[1])
  const answers = await Promise.all(
    rivals.flatMap((event, at) => (event ? [(at % 2 === 0 ? a : b).take(event)] : [])),
  )
  expect(answers.filter((one) => one.is === 'kept')).toHaveLength(1)
  const kept = await b.logOf(identityOf(first.event), 0)
  expect(kept).toHaveLength(2)
  for (const one of answers) {
    if (one.is === 'taken') expect(one.by.signed).toEqual(kept[1]?.signed)
  }
})

test('there is an end to the identities that are kept, and those that are there go on', async () => {
  const key = operatorKeyFrom(engine, 'ed25519', new Uint8Array(32).fill(4))
  const store = createMemoryStore()
  const limits = { ...DEFAULT_LIMITS, identities: 2, identitiesKept: 1 }
  const identities = createIdentities({
    store,
    key,
    verifier: engine,
    limits,
    clock: () => 1n,
    accusations: { accuseKeys: async () => undefined },
    healing: { checkWhole: () => undefined },
  })
  const codeOf = async (event: SignedKeyEvent | undefined): Promise<string> => {
    try {
      if (!event) throw new Error('no event')
      return (await identities.take(event)).is
    } catch (error) {
      return isFault(error) ? error.code : String(error)
    }
  }
  expect(await codeOf(inception('ann')[0])).toBe('kept')
  expect(await codeOf(inception('bob')[0])).toBe('kept')
  expect(await codeOf(inception('carl')[0])).toBe('identity/too-many')
  expect(await codeOf(adding(inception('ann'), 'desk', 'ann 1')[1])).toBe('kept')
})
