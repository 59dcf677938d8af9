import { describe, expect, test } from 'vitest'
import { hexFromBytes, isFault } from 'tallystick/base'
import { STANDARD_MODELS } from 'tallystick'
import {
  type Charter,
  consentDigest,
  interactionId,
  machineId,
  soleController,
} from 'tallystick/kernel'
import { operationOnVault, STANDARD_LOGICS } from 'tallystick/logic'
import {
  type AgreedStep,
  agreedSteps,
  applicationAt,
  beginFollowing,
  type Candidate,
  follow,
  memberMessage,
  type MemberMessage,
} from 'tallystick/models'
import { createMemoryStore } from '../../src/store/memory.ts'
import { createToken, type RunningOperator } from '../../src/server/start-operator.ts'
import { freePort } from '../../../tallystick/test/free-port.ts'
import {
  ask,
  bytesOf,
  charterFor,
  engine,
  genesisOf,
  openAt,
  ownerPair,
  refusalOf,
  startsForTests,
  stepsOf,
  submitAt,
} from './town.ts'

const start = startsForTests()

const NAMES = ['north', 'east', 'south', 'west'] as const
const options = { logics: STANDARD_LOGICS, models: STANDARD_MODELS, verifier: engine }

/** A machine that anybody among its one participant may move. */
const sharedCharter = (four: readonly RunningOperator[]): Charter => {
  const charter = charterFor(four.map((one) => one.card))
  const controller = soleController('ed25519', ownerPair.publicKey)
  return {
    ...charter,
    terms: {
      ...charter.terms,
      participants: [{ name: 'alice', controller }],
      turn: { is: 'anyone' },
    },
  }
}

const candidateOn = (charter: Charter, steps: readonly AgreedStep[], word: string): Candidate => {
  let followed = beginFollowing(genesisOf(charter))
  for (const step of steps) {
    const next = follow(options, followed, step)
    if (isFault(next)) throw next
    followed = next
  }
  const { machine } = followed
  const subject = new Uint8Array(32)
  subject.set(new TextEncoder().encode(word))
  const operation = operationOnVault(
    { machine: machine.id, logic: 0 },
    { is: 'publish', machine: machine.id, party: 'alice', subject, value: subject },
  )
  const interaction = applicationAt(machine, { operations: [operation], beside: [] })
  const digest = consentDigest('classic', interactionId(interaction))
  const signature = engine.sign('ed25519', ownerPair.secret, digest)
  const consents = [{ machine: machine.id, party: 0, key: 0, form: 'raw' as const, signature }]
  return { interaction, consents, beside: [], attachments: [] }
}

const messageOf = (charter: Charter, candidates: readonly Candidate[]): MemberMessage => ({
  machine: machineId(charter),
  newest: undefined,
  casts: [],
  candidates,
})

const tell = async (
  of: RunningOperator,
  message: MemberMessage,
): Promise<MemberMessage | undefined> => {
  const response = await ask(of, '/v1/casts', { body: memberMessage.encode(message) })
  if (response.status === 204) return undefined
  if (response.status !== 200) throw new Error(await response.text())
  return memberMessage.decode(await bytesOf(response))
}

const agreedAt = async (of: RunningOperator, charter: Charter): Promise<readonly AgreedStep[]> =>
  agreedSteps.decode(await bytesOf(await ask(of, `/v1/machines/${machineId(charter)}/agreed`)))

/** Carries what operators say to the others until nobody says anything new. */
const carry = async (four: readonly RunningOperator[], first: MemberMessage): Promise<void> => {
  let pending = four.map((one) => ({ to: one, message: first }))
  const told = new Set<string>()
  for (let round = 0; round < 20 && pending.length > 0; round++) {
    const said: { from: RunningOperator; message: MemberMessage }[] = []
    for (const { to, message } of pending) {
      const answer = await tell(to, message)
      if (answer) said.push({ from: to, message: answer })
    }
    pending = said.flatMap(({ from, message }) => {
      const name = hexFromBytes(memberMessage.encode(message))
      if (told.has(name)) return []
      told.add(name)
      return four.filter((one) => one !== from).map((to) => ({ to, message }))
    })
  }
}

describe('operators of a shared machine', () => {
  test('agree on steps when a participant carries their messages, and show them', async () => {
    const four = await Promise.all(NAMES.map((name) => start({ name })))
    const charter = sharedCharter(four)
    await Promise.all(four.map((one) => openAt(one, charter)))
    const [north] = four
    if (!north) throw new Error('there are four')
    for (const [at, word] of ['one', 'two'].entries()) {
      const candidate = candidateOn(charter, await agreedAt(north, charter), word)
      await carry(four, messageOf(charter, [candidate]))
      const agreed = await Promise.all(four.map((one) => agreedAt(one, charter)))
      expect(agreed.map((steps) => steps.length)).toEqual(four.map(() => at + 1))
      expect(agreed[3]?.[at]?.transition).toEqual(agreed[0]?.[at]?.transition)
    }
  })

  test('agree by themselves when they know each other, also after one was started again', async () => {
    const ports = await Promise.all(NAMES.map(freePort))
    const tokens = NAMES.map((name) => createToken(name))
    const stores = NAMES.map(() => createMemoryStore())
    const startOne = (at: number): Promise<RunningOperator> =>
      start({
        name: NAMES[at] ?? '',
        seed: new Uint8Array(32).fill(at + 50),
        port: ports[at] ?? 0,
        tokens: tokens.slice(at, at + 1),
        store: stores[at] ?? createMemoryStore(),
        limits: { roundMs: 300 },
        peers: NAMES.flatMap((name, other) =>
          other === at
            ? []
            : [
                {
                  name,
                  url: `http://127.0.0.1:${ports[other]}`,
                  token: tokens[other]?.token ?? '',
                },
              ],
        ),
      })
    const four = await Promise.all(NAMES.map((_, at) => startOne(at)))
    const charter = sharedCharter(four)
    await Promise.all(four.map((one) => openAt(one, charter)))
    const [north, , , west] = four
    if (!north || !west) throw new Error('there are four')
    await tell(north, messageOf(charter, [candidateOn(charter, [], 'one')]))
    await expect
      .poll(async () => (await agreedAt(west, charter)).length, { timeout: 30_000 })
      .toBe(1)

    await west.close()
    const again = await startOne(3)
    // The first request may go out on a connection to the process before.
    await agreedAt(again, charter).catch(() => [])
    const steps = await agreedAt(again, charter)
    expect(steps).toHaveLength(1)
    await tell(again, messageOf(charter, [candidateOn(charter, steps, 'two')]))
    await expect
      .poll(async () => (await agreedAt(north, charter)).length, { timeout: 30_000 })
      .toBe(2)
  })

  test('keep one line of vows between two processes of one operator', async () => {
    const store = createMemoryStore()
    const seed = new Uint8Array(32).fill(9)
    const [one, twin] = [await start({ store, seed }), await start({ store, seed })]
    const others = await Promise.all(NAMES.slice(1).map((name) => start({ name })))
    const charter = sharedCharter([one, ...others])
    await Promise.all([one, ...others].map((each) => openAt(each, charter)))
    const [first, second] = [candidateOn(charter, [], 'one'), candidateOn(charter, [], 'two')]
    await tell(one, messageOf(charter, [first]))
    await tell(twin, messageOf(charter, [second]))
    await carry([one, twin, ...others], messageOf(charter, [first]))
    const agreed = await Promise.all([one, twin].map((each) => agreedAt(each, charter)))
    expect(agreed[0]).toHaveLength(1)
    expect(agreed[1]).toEqual(agreed[0])
    for (const each of others) {
      expect((await agreedAt(each, charter))[0]?.transition).toEqual(agreed[0]?.[0]?.transition)
    }
  })

  test('refuse a candidate that nobody has consented to, and messages about owned machines', async () => {
    const one = await start()
    const charter = sharedCharter([one])
    const owned = charterFor([one.card])
    await openAt(one, charter)
    await openAt(one, owned)
    const candidate = { ...candidateOn(charter, [], 'one'), consents: [] }
    const refusedOf = async (message: MemberMessage) =>
      (await refusalOf(await ask(one, '/v1/casts', { body: memberMessage.encode(message) })))[1]
    expect(await refusedOf(messageOf(charter, [candidate]))).toBe('candidate/no-consent')
    expect(await refusedOf(messageOf(owned, []))).toBe('operator/not-shared')
    const [step] = stepsOf(owned, 1)
    if (!step) throw new Error('there is a step')
    const moved = { ...step.transition, machine: machineId(charter) }
    expect(await submitAt(one, [{ ...step, transition: moved }])).toMatchObject([
      { code: 'operator/not-served' },
    ])
  })
})
