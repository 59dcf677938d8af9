import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { signedKeyEvent, statementDigest } from 'tallystick/kernel'
import {
  type Answer,
  certificateFrom,
  certified,
  certifiedHeader,
  directoryCertificate,
  type Receipt,
  receiptVote,
  signedCheckpoint,
  type Submission,
} from 'tallystick/models'
import { createOperatorClient } from '../../src/client/operator.ts'
import { platformSurroundings } from '../../src/client/surroundings.ts'
import { heal, type HealReport, type Peer, rememberSetBack } from '../../src/server/heal.ts'
import type { PeerAddress } from '../../src/server/peers.ts'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { VOWS } from '../../src/server/steps.ts'
import { guardStore, type GuardedStore } from '../../src/store/guard.ts'
import { openSqliteStore, STORE_FILE } from '../../src/store/sqlite.ts'
import { inception } from '../identity-sample.ts'
import {
  ask,
  bytesOf,
  charterFor,
  engine,
  openAt,
  refusalOf,
  startsForTests,
  stepsOf,
  submitAt,
} from './town.ts'

const start = startsForTests()

const NAMES = ['north', 'east', 'south', 'west'] as const
type Name = (typeof NAMES)[number]
const seedOf = (name: Name): Uint8Array => new Uint8Array(32).fill(60 + NAMES.indexOf(name))
const keyOf = (name: Name) => ({
  scheme: 'ed25519' as const,
  publicKey: engine.fromSeed('ed25519', seedOf(name)).publicKey,
})
const AHEAD = 4
/** Steps of a machine; the guard holds the last few of them. */
const COUNT = 16
const limits = { checkpointMs: 0, peerAuditMs: 0, vowsAhead: AHEAD }
/** n = 4, k = 3, f = 1. */
const charter = charterFor(NAMES.map((name) => ({ name, ...keyOf(name), url: '' })))

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** The operator that is set back: over a database and a guard with little room. */
const victimOver = async (
  folder: string,
  peers: readonly PeerAddress[] = [],
): Promise<{
  readonly north: RunningOperator
  readonly store: GuardedStore
  readonly close: () => Promise<void>
}> => {
  const store = await guardStore(await openSqliteStore(folder), {
    path: join(folder, 'guard'),
    journal: VOWS,
    areaBytes: 2048,
  })
  const north = await start({ name: 'north', seed: seedOf('north'), store, limits, peers })
  let isOpen = true
  const close = async (): Promise<void> => {
    if (!isOpen) return
    isOpen = false
    await north.close()
    await store.close()
  }
  closing.push(close)
  return { north, store, close }
}

type Town = {
  readonly folder: string
  readonly others: readonly RunningOperator[]
  readonly steps: readonly Submission[]
  readonly receipts: ReadonlyMap<bigint, Receipt>
  readonly certificates: ReadonlyMap<bigint, Uint8Array>
}

const receiptOf = (answer: Answer | undefined): Receipt => {
  if (answer?.is !== 'receipt')
    throw new Error(JSON.stringify(answer, (_, it: unknown) => String(it)))
  return answer.receipt
}

/**
 * An operator that has forgotten: its database is the copy that was made after `before` steps. Of the later ones each
 * is in a certificate that the others keep, with its receipt where `isIn` says so.
 */
const setBack = async (of: {
  readonly before: number
  readonly steps: number
  readonly isIn: (step: number) => boolean
}): Promise<Town> => {
  const folder = mkdtempSync(join(tmpdir(), 'tallystick-heal-'))
  closing.push(() => rmSync(folder, { recursive: true, force: true }))
  const { north, store, close } = await victimOver(folder)
  const others = await Promise.all(
    NAMES.slice(1).map((name) => start({ name, seed: seedOf(name), limits })),
  )
  for (const one of [north, ...others]) await openAt(one, charter)
  const steps = stepsOf(charter, of.steps)
  const receipts = new Map<bigint, Receipt>()
  const certificates = new Map<bigint, Uint8Array>()
  for (const [at, step] of steps.entries()) {
    if (at === of.before) await store.backup(join(folder, 'copy'))
    const own = receiptOf((await submitAt(north, [step]))[0])
    const given = await Promise.all(
      others.map(async (one) => receiptOf((await submitAt(one, [step]))[0])),
    )
    const { machine, sequence } = step.transition
    receipts.set(sequence, own)
    const all = of.isIn(at + 1) ? [own, ...given.slice(1)] : given
    const certificate = directoryCertificate.encode(certificateFrom(all))
    certificates.set(sequence, certificate)
    const body = certified.encode({ machine, sequence, certificate })
    for (const one of [north, ...others]) {
      expect((await ask(one, '/v1/certificates', { body })).status).toBe(204)
    }
  }
  await close()
  for (const end of ['', '-wal', '-shm'])
    rmSync(join(folder, `${STORE_FILE}${end}`), { force: true })
  copyFileSync(join(folder, 'copy'), join(folder, STORE_FILE))
  return { folder, others, steps, receipts, certificates }
}

const peersFrom = (others: readonly RunningOperator[]): readonly Peer[] =>
  others.map(({ card, url, token }) => ({
    client: createOperatorClient({ name: card.name, url, token }, platformSurroundings()),
    key: { scheme: card.scheme, publicKey: card.publicKey },
  }))

const healed = (
  { north, store }: { readonly north: RunningOperator; readonly store: GuardedStore },
  others: readonly RunningOperator[],
): Promise<HealReport> => heal({ operator: north.operator, store, peers: peersFrom(others) })

const readiness = async (of: RunningOperator): Promise<readonly [number, string, number]> => {
  const ready = await fetch(`${of.url}/readyz`)
  return [ready.status, (await ready.text()).trim(), (await fetch(`${of.url}/healthz`)).status]
}

/** Another child in the place of a step, signed by the same owner. */
const rivalOf = (step: Submission): Submission => {
  const rival = stepsOf(charter, Number(step.transition.sequence), 'rival').at(-1)
  if (!rival) throw new Error('a step')
  return rival
}

const codeAt = async (of: RunningOperator, step: Submission): Promise<string> => {
  const [answer] = await submitAt(of, [step])
  return answer?.is === 'refused' ? answer.code : (answer?.is ?? 'nothing')
}

/** Shows how far the machine has got, so that nothing is refused for being too far ahead. */
const showLast = async (of: RunningOperator, { steps, certificates }: Town): Promise<void> => {
  const transition = steps.at(-1)?.transition
  const certificate = transition && certificates.get(transition.sequence)
  if (!transition || !certificate) throw new Error('a certified step')
  const body = certifiedHeader.encode({ transition, certificate })
  expect((await ask(of, '/v1/certified', { body })).status).toBe(204)
}

/** Whether a receipt is of the operator for the step. */
const isReceiptFor = (step: Submission, { time, signature }: Receipt): boolean =>
  engine.verify(
    'ed25519',
    keyOf('north').publicKey,
    statementDigest('classic', receiptVote(step.transition, time)),
    signature,
  )

describe('an operator whose database was set back further than its guard reaches', () => {
  test('stays up, says that it is quarantined, and signs nothing new', async () => {
    const town = await setBack({ before: 4, steps: COUNT, isIn: () => true })
    const { north } = await victimOver(town.folder)
    expect(await readiness(north)).toEqual([503, 'quarantined', 200])
    const [, second] = town.steps
    if (!second) throw new Error('steps')
    // What it still has is answered.
    expect(await codeAt(north, second)).toBe('receipt')
    await expect(submitAt(north, town.steps.slice(5, 6))).rejects.toThrow('request/failed')
    const event = inception('ann')[0]
    if (!event) throw new Error('an event')
    const handed = await ask(north, '/v1/identities', { body: signedKeyEvent.encode(event) })
    expect(await refusalOf(handed)).toEqual([409, 'operator/healing'])
    // Nor does it show a part of its log as if it were all of it.
    expect(await refusalOf(await ask(north, '/v1/log'))).toEqual([409, 'operator/healing'])
  })

  test('gets everything back from the others where their certificates hold its receipts, and goes on as before', async () => {
    const town = await setBack({ before: 4, steps: COUNT, isIn: () => true })
    const back = await victimOver(town.folder)
    const report = await healed(back, town.others)
    expect(report).toMatchObject({ is: 'recovered', answered: ['east', 'south', 'west'] })
    expect(await readiness(back.north)).toEqual([200, 'ready', 200])
    for (const step of town.steps) {
      const receipt = receiptOf((await submitAt(back.north, [step]))[0])
      expect(receipt).toEqual(town.receipts.get(step.transition.sequence))
    }
    const last = town.steps.at(-1)
    if (!last) throw new Error('steps')
    expect(await codeAt(back.north, rivalOf(last))).toBe('taken')
    const signed = signedCheckpoint.decode(await bytesOf(await ask(back.north, '/v1/checkpoint')))
    expect(signed.checkpoint.size).toBe(BigInt(COUNT))
    // Nothing was in the guard's journal of key events and rounds, and nobody gives those back.
    const event = inception('ann')[0]
    if (!event) throw new Error('an event')
    const handed = await ask(back.north, '/v1/identities', { body: signedKeyEvent.encode(event) })
    expect(await refusalOf(handed)).toEqual([409, 'operator/healing'])
  })

  test('gets back what is proven, signs nowhere it may have signed before, and goes on past that', async () => {
    // Every third certificate was made without it.
    const town = await setBack({ before: 4, steps: COUNT, isIn: (step) => step % 3 !== 0 })
    const back = await victimOver(town.folder)
    const report = await healed(back, town.others)
    expect(report.is).toBe('healed')
    expect(report.vows).toBeGreaterThan(6)
    expect(report.lost).toBeGreaterThan(0n)
    await showLast(back.north, town)
    expect(await readiness(back.north)).toEqual([200, 'ready', 200])
    let again = 0
    for (const step of town.steps) {
      const { sequence } = step.transition
      const [answer] = await submitAt(back.north, [step])
      if (answer?.is === 'receipt') {
        again++
        expect(answer.receipt).toEqual(town.receipts.get(sequence))
        expect(isReceiptFor(step, answer.receipt)).toBe(true)
      } else {
        expect(answer).toMatchObject({ is: 'refused', code: 'operator/healing' })
        expect(await codeAt(back.north, rivalOf(step))).toBe('operator/healing')
      }
    }
    expect(again).toBe(4 + report.vows)
    // In the place of one that came back another child is taken for what it is.
    const last = town.steps.at(-1)
    if (!last) throw new Error('steps')
    expect(await codeAt(back.north, rivalOf(last))).toBe('taken')
  })

  test('takes no vow up to so many numbers above what the others show, and the next one', async () => {
    const town = await setBack({ before: 4, steps: COUNT, isIn: (step) => step % 3 !== 0 })
    const back = await victimOver(town.folder)
    expect((await healed(back, town.others)).is).toBe('healed')
    const more = stepsOf(charter, COUNT + AHEAD + 2)
    const at = (sequence: number): Submission => {
      const step = more[sequence - 1]
      if (!step) throw new Error('a step')
      return step
    }
    expect(await codeAt(back.north, at(COUNT + 1))).toBe('operator/too-far-ahead')
    // The others certify further steps; it is shown each, as clients show it.
    for (let sequence = COUNT + 1; sequence <= COUNT + AHEAD + 1; sequence++) {
      const step = at(sequence)
      const given = await Promise.all(
        town.others.map(async (one) => receiptOf((await submitAt(one, [step]))[0])),
      )
      const certificate = directoryCertificate.encode(certificateFrom(given))
      for (const one of [back.north, ...town.others]) {
        const body = certifiedHeader.encode({ transition: step.transition, certificate })
        expect((await ask(one, '/v1/certified', { body })).status).toBe(204)
      }
      // COUNT was the highest that anybody showed, and it may have vowed for AHEAD more.
      const is = sequence <= COUNT + AHEAD ? 'operator/healing' : 'receipt'
      expect([sequence, await codeAt(back.north, at(sequence))]).toEqual([sequence, is])
    }
  })

  test('signs no checkpoint above the part of its log that it had, in its next life too', async () => {
    const town = await setBack({ before: 4, steps: COUNT, isIn: (step) => step % 3 !== 0 })
    const back = await victimOver(town.folder)
    await healed(back, town.others)
    const sizeAt = async (of: RunningOperator) =>
      signedCheckpoint.decode(await bytesOf(await ask(of, '/v1/checkpoint'))).checkpoint.size
    expect(await sizeAt(back.north)).toBe(4n)
    expect(await refusalOf(await ask(back.north, '/v1/log'))).toEqual([409, 'operator/healing'])
    await back.close()
    const next = await victimOver(town.folder)
    expect(await readiness(next.north)).toEqual([200, 'ready', 200])
    expect(await sizeAt(next.north)).toBe(4n)
    await showLast(next.north, town)
    const third = town.steps[8]
    if (!third) throw new Error('a step')
    expect(await codeAt(next.north, rivalOf(third))).toBe('operator/healing')
  })

  test('stays in quarantine while too few of the others answer, and says who is missing', async () => {
    const town = await setBack({ before: 4, steps: COUNT, isIn: (step) => step % 3 !== 0 })
    const back = await victimOver(town.folder)
    const [east, south, west] = town.others
    if (!east || !south || !west) throw new Error('three others')
    await west.close()
    const report = await healed(back, town.others)
    expect(report).toMatchObject({ is: 'waiting', answered: ['east', 'south'] })
    expect([...report.silent.keys()]).toEqual(['west'])
    expect(await readiness(back.north)).toEqual([503, 'quarantined', 200])
    expect((await back.store.head(VOWS)).size).toBe(4n)
    const again = await start({
      name: 'west',
      seed: seedOf('west'),
      limits,
      store: west.operator.store,
    })
    expect((await healed(back, [east, south, again])).is).toBe('healed')
  })

  test('of which the guard is gone too heals in the same manner', async () => {
    const town = await setBack({ before: 4, steps: COUNT, isIn: (step) => step % 2 === 0 })
    rmSync(join(town.folder, 'guard'))
    const back = await victimOver(town.folder)
    expect(await readiness(back.north)).toEqual([503, 'quarantined', 200])
    expect(await healed(back, town.others)).toMatchObject({
      is: 'healed',
      vows: 6,
      lost: undefined,
    })
    const fifth = town.steps[4]
    if (!fifth) throw new Error('a step')
    expect(await codeAt(back.north, rivalOf(fifth))).toBe('operator/healing')
  })

  test('does not count operators that are no operators of its machines', async () => {
    const town = await setBack({ before: 4, steps: COUNT, isIn: () => false })
    const back = await victimOver(town.folder)
    const strangers = await Promise.all([1, 2, 3].map((at) => start({ name: `x${at}`, limits })))
    expect((await healed(back, strangers)).is).toBe('waiting')
  })
})

test('an operator whose guard has repaired the store takes no part in what the guard does not cover', async () => {
  const town = await setBack({ before: COUNT - 1, steps: COUNT, isIn: () => true })
  const { north, store } = await victimOver(town.folder)
  expect([store.status().is, store.wasSetBack()]).toEqual(['open', true])
  await rememberSetBack(north.operator)
  for (const step of town.steps) expect(await codeAt(north, step)).toBe('receipt')
  const event = inception('ann')[0]
  if (!event) throw new Error('an event')
  const handed = await ask(north, '/v1/identities', { body: signedKeyEvent.encode(event) })
  expect(await refusalOf(handed)).toEqual([409, 'operator/healing'])
})
