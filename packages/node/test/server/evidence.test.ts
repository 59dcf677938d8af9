import { describe, expect, test } from 'vitest'
import { hexFromBytes, type SignerKey } from 'tallystick/base'
import {
  type KeyEvidence,
  keyEvidenceFrom,
  machineId,
  signedKeyEvent,
  signerOf,
  statementDigest,
} from 'tallystick/kernel'
import {
  accusation,
  type Accusation,
  type Checkpoint,
  checkpointDigest,
  type KeptAccusation,
  keptAccusations,
  receiptVote,
  type SignedCheckpoint,
} from 'tallystick/models'
import type { RunningOperator } from '../../src/server/start-operator.ts'
import { createMemoryStore } from '../../src/store/memory.ts'
import { adding, inception, stateOf } from '../identity-sample.ts'
import {
  ask,
  bytesOf,
  charterFor,
  engine,
  openAt,
  ownerPair,
  refusalOf,
  startsForTests,
  stepsOf,
  submitAt,
} from './town.ts'

const start = startsForTests()

const pairOf = (fill: number) => engine.fromSeed('ed25519', new Uint8Array(32).fill(fill))
const liar = pairOf(91)
const liarId = signerOf('classic', { scheme: 'ed25519', publicKey: liar.publicKey })

const checkpointOf = (root: string, secret: Uint8Array): SignedCheckpoint => {
  const checkpoint = {
    size: 1n,
    time: 5n,
    logRoot: root.repeat(32),
    mapRoot: '00'.repeat(32),
  } as unknown as Checkpoint
  const digest = checkpointDigest('classic', checkpoint)
  return { checkpoint, signature: engine.sign('ed25519', secret, digest) }
}

/** Two roots of one size, signed by a key. */
const splitLog = (pair = liar): Accusation => ({
  is: 'log',
  evidence: {
    suite: 'classic',
    scheme: 'ed25519',
    publicKey: pair.publicKey,
    name: 'liar',
    lie: {
      is: 'split-log',
      first: checkpointOf('11', pair.secret),
      second: checkpointOf('22', pair.secret),
      nodes: [],
    },
  },
})

/** Receipts of a key for two children of one parent. */
const twoReceipts = (one: RunningOperator): Accusation => {
  const charter = charterFor([one.card])
  const halves = ['left', 'right'].map((word) => {
    const transition = stepsOf(charter, 1, word)[0]?.transition
    if (!transition) throw new Error('a step')
    const statement = receiptVote(transition, 5n)
    const signature = engine.sign('ed25519', liar.secret, statementDigest('classic', statement))
    return { statement, signature }
  })
  const [first, second] = halves
  if (!first || !second) throw new Error('two children')
  const { publicKey } = liar
  return {
    is: 'statements',
    evidence: { suite: 'classic', scheme: 'ed25519', publicKey, first, second },
  }
}

const begun = inception('ann')
const [mine, thiefs] = ['desk', 'thief'].map((name) => adding(begun, name, 'ann 1')[1])
const twoEvents = (): KeyEvidence => {
  const [evidence] = mine && thiefs ? keyEvidenceFrom(mine, thiefs, stateOf(begun).keys) : []
  if (!evidence) throw new Error('evidence')
  return evidence
}

const accuseAt = (of: RunningOperator, what: Accusation): Promise<Response> =>
  ask(of, '/v1/evidence', { body: accusation.encode(what) })

const keptAt = async (of: RunningOperator, path = ''): Promise<readonly KeptAccusation[]> =>
  keptAccusations.decode(await bytesOf(await ask(of, `/v1/evidence${path}`)))

describe('an operator that is handed evidence', () => {
  test('keeps every kind of it, in order, beyond its own life, and shows it', async () => {
    const store = createMemoryStore()
    const one = await start({ store })
    const all: readonly [Accusation, string][] = [
      [splitLog(), 'directory/split-log'],
      [{ is: 'keys', evidence: twoEvents() }, 'duplicity'],
      [twoReceipts(one), 'fork'],
    ]
    for (const [what, kind] of all) {
      expect(await (await accuseAt(one, what)).json()).toMatchObject({ kind })
      // A second time it changes nothing.
      expect((await accuseAt(one, what)).status).toBe(200)
    }
    const listed = all.map(([what], at) => ({ index: BigInt(at), accusation: what }))
    expect(await keptAt(one)).toEqual(listed)
    expect(await keptAt(one, '?from=2')).toEqual(listed.slice(2))
    expect(await keptAt(one, '?from=3')).toEqual([])
    expect((await keptAt(one, `/${liarId}`)).map((kept) => kept.accusation.is)).toEqual([
      'statements',
      'log',
    ])
    const metrics = await (await ask(one, '/metrics')).text()
    for (const [, kind] of all) expect(metrics).toContain(`kind="${kind}"`)
    const again = await start({ store })
    expect(await keptAt(again)).toEqual(listed)
  })

  test('keeps nothing that convicts nobody', async () => {
    const one = await start()
    const bent = splitLog()
    if (bent.is !== 'log' || bent.evidence.lie.is !== 'split-log') throw new Error('a split log')
    const { lie } = bent.evidence
    const same = { ...bent.evidence, lie: { ...lie, second: lie.first } }
    const other: SignerKey = { scheme: 'ed25519', publicKey: pairOf(92).publicKey }
    for (const [what, code] of [
      [{ is: 'log', evidence: same }, 'evidence/no-conflict'],
      [{ is: 'log', evidence: { ...bent.evidence, ...other } }, 'evidence/bad-signature'],
      [{ is: 'keys', evidence: { ...twoEvents(), ...other } }, 'key-evidence/bad-signature'],
    ] as const) {
      expect(await refusalOf(await accuseAt(one, what))).toEqual([400, code])
    }
    expect(await keptAt(one)).toEqual([])
    expect(await refusalOf(await ask(one, `/v1/evidence/${liarId}`))).toEqual([
      404,
      'operator/not-accused',
    ])
  })

  test('freezes a key that has signed two statements, and no other', async () => {
    const one = await start()
    const charter = charterFor([one.card])
    await openAt(one, charter)
    // The owner's key tells two stories as if it were an operator's, which is no reason to refuse its steps.
    expect((await accuseAt(one, splitLog(ownerPair))).status).toBe(200)
    const [receipt] = await submitAt(one, stepsOf(charter, 1))
    expect(receipt?.is).toBe('receipt')
    await submitAt(one, stepsOf(charter, 1, 'other'))
    expect((await keptAt(one)).map((kept) => kept.accusation.is)).toEqual(['log', 'statements'])
    const [frozen] = await submitAt(one, stepsOf(charter, 2).slice(1))
    expect(frozen).toMatchObject({ is: 'refused', code: 'operator/frozen' })
  })

  test('has room for so much from others, and for what it finds or watches beyond that', async () => {
    const peer = {
      name: 'liar',
      url: 'http://127.0.0.1:1',
      token: 'x'.repeat(32),
      key: { scheme: 'ed25519', publicKey: liar.publicKey } as const,
    }
    const one = await start({ limits: { accusations: 1 }, peers: [peer] })
    expect((await accuseAt(one, splitLog(pairOf(93)))).status).toBe(200)
    expect(await refusalOf(await accuseAt(one, splitLog(pairOf(94))))).toEqual([
      409,
      'evidence/too-many',
    ])
    expect((await accuseAt(one, splitLog())).status).toBe(200)
    const charter = charterFor([one.card])
    await openAt(one, charter)
    await submitAt(one, stepsOf(charter, 1))
    await submitAt(one, stepsOf(charter, 1, 'other'))
    expect(await keptAt(one)).toHaveLength(3)
  })

  test('finds for itself that a key has signed two events, where the signatures are good', async () => {
    const one = await start()
    const handIn = (of: typeof mine) =>
      ask(one, '/v1/identities', { body: of ? signedKeyEvent.encode(of) : '' })
    for (const event of [begun[0], mine]) expect((await handIn(event)).status).toBe(200)
    if (!thiefs) throw new Error('an event')
    const signatures = thiefs.signatures.map((given) => ({
      ...given,
      signature: new Uint8Array(given.signature.length),
    }))
    expect((await handIn({ ...thiefs, signatures })).status).toBe(200)
    expect(await keptAt(one)).toEqual([])
    expect((await handIn(thiefs)).status).toBe(200)
    const [kept] = await keptAt(one)
    expect(kept?.accusation.is).toBe('keys')
    expect(hexFromBytes(kept?.accusation.evidence.publicKey ?? new Uint8Array())).toBe(
      hexFromBytes(twoEvents().publicKey),
    )
  })
})

test('machines of a frozen owner are told apart by nothing but its key', async () => {
  const one = await start()
  const [first, second] = [0, 1].map((nonce) => charterFor([one.card], { nonce }))
  if (!first || !second) throw new Error('two charters')
  expect(machineId(first)).not.toBe(machineId(second))
  for (const of of [first, second]) await openAt(one, of)
  await submitAt(one, stepsOf(first, 1))
  await submitAt(one, stepsOf(first, 1, 'other'))
  const [refused] = await submitAt(one, stepsOf(second, 1))
  expect(refused).toMatchObject({ is: 'refused', code: 'operator/frozen' })
})
